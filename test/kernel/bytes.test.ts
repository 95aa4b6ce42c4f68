import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteReader, ByteWriter, DecodeError } from '../../src/kernel/bytes.ts'

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const value = fc.oneof(
  fc.record({ kind: fc.constant('int32' as const), value: int32 }),
  fc.record({ kind: fc.constant('byte' as const), value: fc.nat(255) }),
  fc.record({ kind: fc.constant('boolean' as const), value: fc.boolean() }),
  fc.record({ kind: fc.constant('safeLong' as const), value: fc.maxSafeInteger() }),
  fc.record({ kind: fc.constant('float64' as const), value: fc.double() }),
  fc.record({ kind: fc.constant('long' as const), value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) }),
  fc.record({ kind: fc.constant('string' as const), value: fc.option(fc.string({ unit: 'grapheme' })) }),
  fc.record({
    kind: fc.constant('buffer' as const),
    value: fc.option(fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))),
  }),
)
type Value = typeof value extends fc.Arbitrary<infer T> ? T : never

function write(out: ByteWriter, item: Value): void {
  switch (item.kind) {
    case 'int32':
      out.int32(item.value)
      return
    case 'byte':
      out.byte(item.value)
      return
    case 'boolean':
      out.boolean(item.value)
      return
    case 'safeLong':
      out.safeLong(item.value)
      return
    case 'float64':
      out.float64(item.value)
      return
    case 'long':
      out.long(item.value)
      return
    case 'string':
      out.string(item.value)
      return
    case 'buffer':
      out.buffer(item.value)
  }
}

function read(from: ByteReader, kind: Value['kind']): unknown {
  return kind === 'string' ? from.nullableString('x') : from[kind]('x')
}

test('what is written reads back, over slabs that fill up and grow', () => {
  fc.assert(
    fc.property(fc.array(fc.array(value, { maxLength: 8 }), { maxLength: 8 }), (takes) => {
      const out = new ByteWriter(64)
      const taken = takes.map((items) => {
        for (const item of items) write(out, item)
        return { items, bytes: out.take() }
      })
      // Read only now: a later record must not have been written over an earlier one.
      for (const { items, bytes } of taken) {
        const from = new ByteReader(bytes)
        for (const item of items) expect(read(from, item.kind)).toEqual(item.value)
        expect(from.remaining).toBe(0)
      }
    }),
  )
})

test('a cut record is refused by the name of its field, with what is missing', () => {
  const from = new ByteReader(Buffer.from('000000', 'hex'))
  expect(() => from.int32('setData.version')).toThrow(
    'byte 0 of the frame: setData.version needs 4 bytes but 3 are left',
  )
})

test('a length that cannot be is refused before anything is allocated for it', () => {
  const huge = Buffer.from('7fffffff', 'hex')
  expect(() => new ByteReader(huge).buffer('data')).toThrow(DecodeError)
  expect(() => new ByteReader(huge).count('acl', 4)).toThrow(/claims 2147483647 elements in 0 bytes/)
  expect(() => new ByteReader(Buffer.from('fffffffe', 'hex')).buffer('data')).toThrow(/has the length -2/)
})

test('a count of -1 is null, and below it reads as empty, as in Apache', () => {
  expect(new ByteReader(Buffer.from('ffffffff', 'hex')).count('acl', 4)).toBe(-1)
  expect(new ByteReader(Buffer.from('fffffff0', 'hex')).count('acl', 4)).toBe(0)
})

test('null and empty are kept apart', () => {
  const out = new ByteWriter().buffer(null).buffer(Buffer.alloc(0)).string(null).string('')
  const from = new ByteReader(out.take())
  expect([from.buffer('a'), from.buffer('b')?.length, from.nullableString('c'), from.string('d')]).toEqual([
    null,
    0,
    null,
    '',
  ])
})

test('a 64-bit number that would lose a bit is refused by safeLong and bounded by clampedLong', () => {
  const bytes = Buffer.from('7fffffffffffffff', 'hex')
  expect(() => new ByteReader(bytes).safeLong('zxid')).toThrow(/zxid does not fit 53 bits/)
  expect(new ByteReader(bytes).clampedLong('zxid')).toBe(Number.MAX_SAFE_INTEGER)
  expect(new ByteReader(Buffer.from('8000000000000000', 'hex')).clampedLong('zxid')).toBe(Number.MIN_SAFE_INTEGER)
})

test('a record that failed half-way can be taken back, and a length patched in afterwards', () => {
  const out = new ByteWriter()
  const at = out.reserve(4)
  out.string('kept')
  const end = out.size
  out.string('dropped').truncate(end)
  out.patchInt32(at, 7)
  expect(out.take().toString('hex')).toBe('00000007' + '00000004' + Buffer.from('kept').toString('hex'))
})
