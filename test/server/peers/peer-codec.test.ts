import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteReader, ByteWriter, DecodeError } from '../../../src/kernel/bytes.ts'
import type { Ballot } from '../../../src/paxos/ballot.ts'
import type { Entry } from '../../../src/paxos/entry.ts'
import { slotOf } from '../../../src/paxos/entry.ts'
import { readPeerMessage, writePeerMessage } from '../../../src/server/peers/peer-codec.ts'
import type { PeerMessage } from '../../../src/server/peers/peer-message.ts'
import { lend } from '../../../src/sim/lend.ts'

const ballot = fc.nat(2 ** 31).map((value) => value as Ballot)
const slot = fc.maxSafeNat().map(slotOf)
const int = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const uint = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const flag = fc.boolean()
const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array))
const entries = fc.array(
  fc.record({
    kind: fc.constantFrom('opening' as const, 'command' as const),
    payload: bytes,
  }) satisfies fc.Arbitrary<Entry>,
  { maxLength: 5 },
)
const session = fc.record({ high: int, low: int, timeoutMs: int, connection: uint, grant: fc.maxSafeNat() })
const request = fc.record({
  requestNumber: fc.maxSafeNat(),
  sessionHigh: int,
  sessionLow: int,
  password: bytes,
  timeoutMs: int,
  connection: uint,
})
const kind = <K extends PeerMessage['kind']>(name: K) => fc.constant(name)

const message: fc.Arbitrary<PeerMessage> = fc.oneof(
  fc.record({ kind: kind('hello'), from: fc.integer({ min: 1, max: 255 }), ensemble: fc.string() }),
  fc.record({ kind: kind('forward'), ballot, number: fc.maxSafeNat(), command: bytes }),
  fc.record({
    kind: kind('refused'),
    requestNumber: fc.maxSafeNat(),
    refusal: fc.constantFrom('moved' as const, 'closing' as const),
  }),
  fc.record({ kind: kind('syncAsked'), ballot, requestNumber: fc.maxSafeNat() }),
  fc.record({ kind: kind('syncDone'), requestNumber: fc.maxSafeNat(), slot }),
  fc.record({ kind: kind('attachAsked'), ballot, request }),
  fc.record({ kind: kind('attachDone'), requestNumber: fc.maxSafeNat(), grant: fc.option(fc.maxSafeNat()) }),
  fc.record({ kind: kind('touches'), sessions: fc.array(int, { maxLength: 6 }) }),
  fc.record({ kind: kind('sessionReport'), ballot, sessions: fc.array(session, { maxLength: 4 }) }),
  fc.record({ kind: kind('snapshotWanted') }),
  fc.record({ kind: kind('snapshotPart'), slot, index: fc.nat(), bytes, isLast: flag }),
  fc.record({ kind: kind('snapshotTaken'), slot, index: fc.nat() }),
  fc.record({ kind: kind('digest'), slot, digest: uint }),
  fc.record({ kind: kind('ask'), attempt: fc.nat() }),
  fc.record({
    kind: kind('answer'),
    attempt: fc.nat(),
    hearsLeader: flag,
    isVoting: flag,
    isEmpty: flag,
    promised: ballot,
    logBallot: ballot,
    lastSlot: slot,
  }),
  fc.record({ kind: kind('prepare'), ballot }),
  fc.record({
    kind: kind('promise'),
    ballot,
    isVoting: flag,
    logBallot: ballot,
    startSlot: slot,
    lastSlot: slot,
    chosenSlot: slot,
  }),
  fc.record({ kind: kind('reject'), promised: ballot }),
  fc.record({ kind: kind('fetch'), ballot, after: slot }),
  fc.record({ kind: kind('fetched'), ballot, after: slot, lastSlot: slot, entries }),
  fc.record({
    kind: kind('install'),
    ballot,
    base: slot,
    after: slot,
    isLast: flag,
    chosenSlot: slot,
    openingSlot: slot,
    entries,
  }),
  fc.record({ kind: kind('accept'), ballot, after: slot, chosenSlot: slot, entries }),
  fc.record({ kind: kind('accepted'), ballot, slot }),
  fc.record({ kind: kind('gap'), ballot, lastSlot: slot }),
  fc.record({ kind: kind('chosen'), ballot, slot }),
  fc.record({ kind: kind('heartbeat'), ballot, round: fc.nat(), chosenSlot: slot }),
  fc.record({ kind: kind('heartbeatAck'), ballot, round: fc.nat(), slot }),
)

function encoded(value: PeerMessage): Buffer {
  const out = new ByteWriter(64)
  writePeerMessage(out, value)
  return out.take()
}

test('every record between servers reads back as it was written', () => {
  fc.assert(
    fc.property(message, (value) => {
      expect(readPeerMessage(new ByteReader(encoded(value)))).toEqual(value)
    }),
    { numRuns: 500 },
  )
})

test('a record that was cut or changed is either read or refused, and never costs more than its own size', () => {
  fc.assert(
    fc.property(message, fc.nat(), fc.nat(255), fc.nat(), (value, at, byte, cut) => {
      const hurt = Buffer.from(encoded(value))
      hurt[at % hurt.length] = byte
      const part = hurt.subarray(0, cut % (hurt.length + 1))
      try {
        readPeerMessage(new ByteReader(part))
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError)
      }
    }),
    { numRuns: 1000 },
  )
})

test('commands are copied: what they came in is written over', () => {
  const entries: Entry[] = [2, 1_000, 40_000].map((size) => ({ kind: 'command', payload: Buffer.alloc(size, 7) }))
  const accept: PeerMessage = {
    kind: 'accept',
    ballot: 1 as Ballot,
    after: slotOf(1),
    chosenSlot: slotOf(1),
    entries,
  }
  const read = lend(encoded(accept), (lent) => readPeerMessage(new ByteReader(lent)))
  expect(read).toEqual(accept)
})
