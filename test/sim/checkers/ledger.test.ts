import { expect, test } from 'vitest'
import { Ledger } from '../../../src/sim/checkers/ledger.ts'
import { NO_NODE, type Change, type Write } from '../../../src/sim/checkers/operation.ts'

const EPOCH_1 = 2 ** 32
const SET: Change = { kind: 'set', path: '/k', value: '', version: -1 }
const CREATE: Change = { kind: 'create', path: '/k', value: '', isEphemeral: false, isSequential: false }

/** A command by the table of offsets, with just what the ledger looks at. */
function command(type: number, session: number, requestNumber: number, text: string): Buffer {
  const bytes = Buffer.alloc(42 + text.length)
  bytes[0] = 1
  bytes[2] = 1
  bytes.writeInt32BE(type, 4)
  bytes.writeDoubleBE(requestNumber, 8)
  bytes.writeInt32BE(session, 24)
  bytes.write(text, 42, 'latin1')
  return bytes
}

function story() {
  const violations: string[] = []
  const ledger = new Ledger((violation) => violations.push(violation))
  let slot = 0
  let request = 0
  const apply = (replica: string, payload: Buffer | null, digest = 7): void => {
    ledger.onApplied(replica, ++slot, payload === null, payload ?? Buffer.alloc(0), digest)
  }
  const send = (client: string, order: number, change: Change, connection = 1): Write => {
    const id = `<${client}.${order}>`
    const changes = [change.kind === 'set' || change.kind === 'create' ? { ...change, value: id } : change]
    const write = { id, client, order, connection, changes, isMulti: false, floorZxid: ledger.ackedZxid }
    ledger.onSent(write)
    return write
  }
  const commandOf = (write: Write, session = 1): Buffer => command(5, session, ++request, write.id)
  /** Slot 1 opens the epoch, slot 2 the session 1, slot 3 creates /k by c1.1. */
  const begin = (): Write => {
    apply('r1', null)
    apply('r1', command(-10, 1, ++request, ''))
    const write = send('c1.1', 0, CREATE)
    apply('r1', commandOf(write))
    return write
  }
  return { ledger, violations, apply, send, commandOf, begin, at: (next: number) => (slot = next - 1) }
}

test('an honest story has no violation', () => {
  const { ledger, violations, apply, send, commandOf, begin } = story()
  const created = begin()
  ledger.onWriteAnswer(created, { error: 0, version: null, path: '/k' }, EPOCH_1 + 2)
  const set = send('c1.1', 1, SET)
  apply('r1', commandOf(set))
  ledger.onWriteAnswer(set, { error: 0, version: 1, path: null }, EPOCH_1 + 3)
  ledger.onReadAnswer('c1.1', { path: '/k', error: 0, value: set.id, version: 1, zxid: EPOCH_1 + 3 }, EPOCH_1 + 3)
  ledger.onReadAnswer('c2.1', { path: '/k', error: 0, value: created.id, version: 0, zxid: EPOCH_1 + 2 }, 0)
  ledger.onReadAnswer('c3.1', { path: '/k', error: NO_NODE, value: null, version: 0, zxid: EPOCH_1 + 1 }, 0)
  expect(violations).toEqual([])
})

test('an answer without a slot is a lost write', () => {
  const { ledger, violations, send, begin } = story()
  begin()
  ledger.onWriteAnswer(send('c1.1', 1, SET), { error: 0, version: 1, path: null }, EPOCH_1 + 3)
  expect(violations).toEqual(['<c1.1.1> was answered (0) and is in no slot'])
})

test('a wrong zxid, a wrong version and a wrong verdict are noticed', () => {
  const { ledger, violations, apply, send, commandOf, begin } = story()
  const created = begin()
  ledger.onWriteAnswer(created, { error: 0, version: null, path: '/k' }, EPOCH_1 + 1)
  const set = send('c1.1', 1, SET)
  apply('r1', commandOf(set))
  ledger.onWriteAnswer(set, { error: 0, version: 2, path: null }, EPOCH_1 + 3)
  ledger.onWriteAnswer(set, { error: -103, version: null, path: null }, EPOCH_1 + 3)
  expect(violations).toEqual([
    `<c1.1.0> was answered with zxid ${EPOCH_1 + 1}, it has ${EPOCH_1 + 2}`,
    '<c1.1.1> was answered version 2, the log makes it 1',
    '<c1.1.1> was answered -103, the log makes it 0',
  ])
})

test('a write after a missing one of its connection is noticed, and one in the wrong order', () => {
  const { violations, apply, send, commandOf, begin } = story()
  begin()
  const lost = send('c1.1', 1, SET)
  apply('r1', commandOf(send('c1.1', 2, SET)))
  apply('r1', commandOf(lost))
  expect(violations).toEqual([
    'slot 4 holds <c1.1.2> without <c1.1.1>, which went before it on its connection',
    'slot 5 holds <c1.1.1>, though a later write of its session came before',
  ])
})

test('a connection that broke may lose its last writes', () => {
  const { violations, apply, send, commandOf, begin } = story()
  begin()
  send('c1.1', 1, SET, 1)
  apply('r1', commandOf(send('c1.1', 2, SET, 2)))
  expect(violations).toEqual([])
})

test('a request that is executed twice is noticed', () => {
  const { violations, apply, send, commandOf, begin } = story()
  begin()
  const again = commandOf(send('c1.1', 1, SET))
  apply('r1', again)
  const stamped = Buffer.from(again)
  stamped.writeDoubleBE(5, 32)
  apply('r1', stamped)
  expect(violations).toContain('request 1:3 of slot 4 is executed again in slot 5')
})

test('a write of a closed session is noticed', () => {
  const { violations, apply, send, commandOf, begin } = story()
  begin()
  apply('r1', command(-11, 1, 99, ''))
  apply('r1', commandOf(send('c1.1', 1, SET)))
  expect(violations).toEqual(['slot 5 holds <c1.1.1> of a session that is closed'])
})

test('replicas whose trees differ after the same slot are noticed', () => {
  const { violations, apply, begin, at } = story()
  begin()
  at(1)
  apply('r2', null, 8)
  expect(violations).toEqual(['after slot 1 the tree of r2 differs from that of others'])
})

test('reads that go back in time, see another state, or come too early after a sync are noticed', () => {
  const { ledger, violations, begin } = story()
  const created = begin()
  const fresh = { path: '/k', error: 0, value: created.id, version: 0, zxid: EPOCH_1 + 2 }
  const stale = { path: '/k', error: NO_NODE, value: null, version: 0, zxid: EPOCH_1 + 1 }
  ledger.onReadAnswer('c1.1', fresh, 0)
  ledger.onReadAnswer('c1.1', stale, 0)
  ledger.onReadAnswer('c2.1', { ...fresh, version: 1 }, 0)
  ledger.onReadAnswer('c3.1', stale, EPOCH_1 + 2)
  ledger.onReadAnswer('c4.1', { ...fresh, zxid: EPOCH_1 + 3 }, 0)
  expect(violations).toEqual([
    `c1.1 reading /k: zxid ${EPOCH_1 + 1} was told to a session that had seen ${EPOCH_1 + 2}`,
    `c2.1 reading /k at zxid ${EPOCH_1 + 2} found <c1.1.0> version 1, the log has <c1.1.0> version 0`,
    `c3.1 reading /k after a sync is told zxid ${EPOCH_1 + 1}, though ${EPOCH_1 + 2} was answered before the sync`,
    `c4.1 reading /k is told zxid ${EPOCH_1 + 3}, which nobody has applied`,
  ])
})

test('a change that is seen before its watch fires is noticed', () => {
  const { ledger, violations, apply, send, commandOf, begin } = story()
  const created = begin()
  ledger.onWatchSet('c2.1', '/k', EPOCH_1 + 2)
  ledger.onWatchSet('c3.1', '/k', EPOCH_1 + 2)
  const set = send('c1.1', 1, SET)
  apply('r1', commandOf(set))
  ledger.onReadAnswer('c2.1', { path: '/k', error: 0, value: created.id, version: 0, zxid: EPOCH_1 + 2 }, 0)
  ledger.onWatchEvent('c3.1', '/k')
  for (const client of ['c2.1', 'c3.1']) ledger.onOtherAnswer(client, EPOCH_1 + 3, 'sync')
  ledger.onWatchEvent('c3.1', '/k')
  expect(violations).toEqual([
    `c2.1 sync: told zxid ${EPOCH_1 + 3} before the change of /k that c2.1 watches since ${EPOCH_1 + 2}`,
    'c3.1 is told of a change of /k, which it does not watch',
  ])
})

test('a write that is ordered before what was answered earlier is noticed', () => {
  const { ledger, violations, apply, send, commandOf, begin } = story()
  const created = begin()
  const early = send('c1.1', 1, SET)
  apply('r1', commandOf(early))
  ledger.onWriteAnswer(created, { error: 0, version: null, path: '/k' }, EPOCH_1 + 2)
  ledger.onWriteAnswer({ ...early, floorZxid: EPOCH_1 + 3 }, { error: 0, version: 1, path: null }, EPOCH_1 + 3)
  expect(violations).toEqual([
    `<c1.1.1> has zxid ${EPOCH_1 + 3}, though ${EPOCH_1 + 3} was answered before it was sent`,
  ])
})
