import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OpCode } from '../../src/protocol/op-code.ts'
import { WireError } from '../../src/protocol/wire-error.ts'
import {
  CommandHeader,
  encodeCommand,
  NO_IDS,
  patchCommandGrant,
  patchCommandTime,
  tryEncodeIds,
} from '../../src/tree/command.ts'
import { DataTree } from '../../src/tree/data-tree.ts'

const fields = {
  flags: 5,
  origin: 3,
  type: OpCode.delete,
  requestNumber: 2 ** 40 + 1,
  connection: 0xfffffffe,
  sessionHigh: 0x01020304,
  sessionLow: -2,
  cxid: 9,
  ids: tryEncodeIds([{ scheme: 'ip', id: '::1' }]) ?? NO_IDS,
}

test('a command is laid out field by field as documented', () => {
  const command = encodeCommand(fields, Buffer.from('abcd', 'hex'))
  patchCommandTime(command, 1_700_000_000_000)
  patchCommandGrant(command, 2 ** 40 + 1)
  expect(command.toString('hex')).toBe(
    ['01', '05', '03', '00', '00000002', '4270000000001000', 'fffffffe', '01020304', 'fffffffe', '00000009']
      .concat(['4278bcfe56800000', '4270000000001000', '000e', '01', '00000002', '6970', '00000003', '3a3a31', 'abcd'])
      .join(''),
  )
  expect(command.buffer.byteLength).toBe(command.length) // memory of its own, so a view of it retains nothing else
})

test('the header reads back what was written', () => {
  const command = encodeCommand(fields, Buffer.from('abcd', 'hex'))
  patchCommandTime(command, 1_700_000_000_001)
  patchCommandGrant(command, 2 ** 33)
  const header = new CommandHeader().reset(command)
  const { ids, ...rest } = fields
  expect(header).toMatchObject({ ...rest, timeMs: 1_700_000_000_001, grant: 2 ** 33, recordAt: 50 + ids.length })
  expect(header.ids).toEqual([{ scheme: 'ip', id: '::1' }])
  expect([header.isSuper, header.skipAcl, header.hasExtendedTypes]).toEqual([true, false, true])
})

test('ids that do not fit are not encoded', () => {
  const one = { scheme: 'digest', id: 'x' }
  expect(tryEncodeIds(new Array<typeof one>(255).fill(one))).not.toBeNull()
  expect(tryEncodeIds(new Array<typeof one>(256).fill(one))).toBeNull()
  expect(tryEncodeIds([{ scheme: 'digest', id: 'x'.repeat(65_536) }])).toBeNull()
})

test.each([
  ['is shorter than a header', (command: Buffer) => command.subarray(0, 49)],
  ['has ids beyond its end', (command: Buffer) => command.fill(0xff, 48, 50)],
  ['has another version', (command: Buffer) => command.fill(2, 0, 1)],
])('what %s is no command', (_what, spoil) => {
  const command = spoil(encodeCommand(fields, Buffer.alloc(0)))
  expect(() => new CommandHeader().reset(command)).toThrow('broken invariant')
})

test('any record under any type is applied or answered with an error, and takes one zxid, configure none', () => {
  const types = fc.constantFrom(...Object.values(OpCode))
  fc.assert(
    fc.property(types, fc.uint8Array({ maxLength: 60 }), fc.boolean(), (type, record, hasSession) => {
      const tree = new DataTree()
      const session = { ...fields, ids: NO_IDS }
      if (hasSession) tree.apply(encodeCommand({ ...session, type: OpCode.createSession }, Buffer.alloc(8)))
      const { lastZxid } = tree
      const { error } = tree.apply(encodeCommand({ ...session, type }, record))
      expect(tree.lastZxid).toBe(type === OpCode.configure ? lastZxid : lastZxid + 1)
      if (type === OpCode.setData && record.length < 12) {
        expect(error).toBe(hasSession ? WireError.marshallingError : WireError.sessionExpired)
      }
    }),
    { numRuns: 500 },
  )
})
