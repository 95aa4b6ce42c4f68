import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ZktuneError } from '../../../src/kernel/errors.ts'
import { Acceptor, NOTHING_RECOVERED } from '../../../src/paxos/acceptor.ts'
import { ballotOf } from '../../../src/paxos/ballot.ts'
import { Effects } from '../../../src/paxos/effects.ts'
import type { Entry } from '../../../src/paxos/entry.ts'
import { slotOf } from '../../../src/paxos/entry.ts'
import {
  appendRecord,
  installedRecord,
  preambleOf,
  recoverReplica,
} from '../../../src/server/replication/replica-log.ts'
import type { LogRecord } from '../../../src/storage/log-recovery.ts'
import type { WriteAheadLog } from '../../../src/storage/write-ahead-log.ts'

/** Takes what is appended as the log on disk would give it back. */
class Tape {
  readonly records: LogRecord[] = []
  readonly log = {
    append: (type: number, mark: number, payload: Uint8Array) => {
      this.records.push({ type, mark, payload: Buffer.from(payload) })
    },
  } as unknown as WriteAheadLog

  write(out: Effects): void {
    for (const record of out.persist) appendRecord(this.log, record)
    out.clear()
  }
}

const command = (text: string): Entry => ({ kind: 'command', payload: Buffer.from(text) })
const texts = (entries: readonly Entry[]): string[] => entries.map(({ payload }) => Buffer.from(payload).toString())

test('an empty log recovers as nothing', () => {
  expect(recoverReplica([], slotOf(0), 'log')).toEqual({ ...NOTHING_RECOVERED, lacksState: false, hasVote: false })
})

test('a replica finds again what it promised and accepted, through any sequence of ballots', () => {
  const step = fc.record({ ballots: fc.integer({ min: 0, max: 2 }), base: fc.nat(8), count: fc.nat(4) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const tape = new Tape()
      const acceptor = new Acceptor(NOTHING_RECOVERED, true)
      const out = new Effects()
      let round = 1
      let made = 0
      acceptor.switchTo(ballotOf(round, 1), slotOf(0), [], out)
      for (const { ballots, base, count } of steps) {
        const entries = Array.from({ length: count }, () => command(`${++made}`))
        if (ballots === 0) {
          acceptor.accept(acceptor.logBallot, acceptor.log.end, entries, out)
        } else {
          round += ballots
          acceptor.promise(ballotOf(round, 2), out)
          acceptor.switchTo(ballotOf(round, 2), slotOf(Math.min(base, acceptor.log.end)), entries, out)
        }
      }
      tape.write(out)
      const recovered = recoverReplica(tape.records, slotOf(0), 'log')
      expect(recovered.promised).toBe(acceptor.promised)
      expect(recovered.logBallot).toBe(acceptor.logBallot)
      expect(texts(recovered.entries)).toEqual(texts(acceptor.log.slice(slotOf(0), 1e9)))
    }),
  )
})

test('a switch that was not written whole leaves the old log', () => {
  const tape = new Tape()
  const acceptor = new Acceptor(NOTHING_RECOVERED, true)
  const out = new Effects()
  acceptor.switchTo(ballotOf(1, 1), slotOf(0), [command('a'), command('b')], out)
  tape.write(out)
  acceptor.switchTo(ballotOf(2, 2), slotOf(1), [command('c'), command('d')], out)
  tape.write(out)
  const torn = recoverReplica(tape.records.slice(0, -1), slotOf(0), 'log')
  expect(torn.logBallot).toBe(ballotOf(1, 1))
  expect(texts(torn.entries)).toEqual(['a', 'b'])
  const whole = recoverReplica(tape.records, slotOf(0), 'log')
  expect(whole.logBallot).toBe(ballotOf(2, 2))
  expect(texts(whole.entries)).toEqual(['a', 'c', 'd'])
})

test('entries up to the snapshot are ignored, and a log that ends before it continues from it', () => {
  const tape = new Tape()
  const acceptor = new Acceptor(NOTHING_RECOVERED, true)
  const out = new Effects()
  acceptor.switchTo(ballotOf(1, 1), slotOf(0), [command('a'), command('b'), command('c')], out)
  tape.write(out)
  expect(recoverReplica(tape.records, slotOf(2), 'log')).toMatchObject({ startSlot: 2, chosenSlot: 2 })
  expect(texts(recoverReplica(tape.records, slotOf(2), 'log').entries)).toEqual(['c'])
  expect(recoverReplica(tape.records, slotOf(9), 'log')).toMatchObject({ startSlot: 9, entries: [], chosenSlot: 9 })
})

test('a gap in the log is whole only where a snapshot covers it', () => {
  const tape = new Tape()
  appendRecord(tape.log, { kind: 'accept', slot: slotOf(1), entry: command('a') })
  appendRecord(tape.log, { kind: 'accept', slot: slotOf(5), entry: command('e') })
  expect(texts(recoverReplica(tape.records, slotOf(4), 'log').entries)).toEqual(['e'])
  expect(() => recoverReplica(tape.records, slotOf(3), 'the/folder')).toThrow(ZktuneError)
  expect(() => recoverReplica(tape.records, slotOf(3), 'the/folder')).toThrow(/the\/folder: slot 5 follows slot 1/)
})

const SEVENTH = { promised: ballotOf(7, 2), logBallot: ballotOf(6, 1), isVoting: true }

test('a log whose older segments are purged keeps its promise and its ballot', () => {
  const tape = new Tape()
  for (const { type, mark, payload } of preambleOf(SEVENTH)) tape.log.append(type, mark, payload)
  appendRecord(tape.log, { kind: 'accept', slot: slotOf(41), entry: command('a') })
  const recovered = recoverReplica(tape.records, slotOf(40), 'log')
  expect(recovered).toMatchObject({ promised: ballotOf(7, 2), logBallot: ballotOf(6, 1), startSlot: 40 })
  expect(() => recoverReplica(tape.records, slotOf(30), 'log')).toThrow(/begins after slot 40/)
})

test('the hint of what is chosen is believed only as far as the log reaches', () => {
  const tape = new Tape()
  const out = new Effects()
  new Acceptor(NOTHING_RECOVERED, true).switchTo(ballotOf(1, 1), slotOf(0), [command('a')], out)
  tape.write(out)
  appendRecord(tape.log, { kind: 'chosen', slot: slotOf(9) })
  expect(recoverReplica(tape.records, slotOf(0), 'log').chosenSlot).toBe(1)
})

test('a lost disk has no vote again before a whole log is on it', () => {
  const tape = new Tape()
  const out = new Effects()
  // A snapshot came first, so the log on disk begins with what the empty memory knows.
  for (const { type, mark, payload } of preambleOf({ ...NOTHING_RECOVERED, isVoting: false })) {
    tape.log.append(type, mark, payload)
  }
  new Acceptor(NOTHING_RECOVERED, false).switchTo(ballotOf(3, 1), slotOf(0), [command('a'), command('b')], out)
  tape.write(out)
  for (let count = 0; count < tape.records.length; count++) {
    expect(recoverReplica(tape.records.slice(0, count), slotOf(0), 'log').hasVote, `after ${count} records`).toBe(false)
  }
  expect(recoverReplica(tape.records, slotOf(0), 'log').hasVote).toBe(true)
})

test('an empty disk keeps the vote that it was given', () => {
  const tape = new Tape()
  appendRecord(tape.log, { kind: 'vote' })
  expect(recoverReplica(tape.records, slotOf(0), 'log').hasVote).toBe(true)
  for (const { type, mark, payload } of preambleOf({ ...NOTHING_RECOVERED, isVoting: true })) {
    tape.log.append(type, mark, payload)
  }
  expect(recoverReplica(tape.records.slice(1), slotOf(0), 'log').hasVote).toBe(true)
})

test('what a snapshot of a peer replaced is not joined with what followed it, when that snapshot is lost', () => {
  const tape = new Tape()
  const out = new Effects()
  const acceptor = new Acceptor(NOTHING_RECOVERED, true)
  acceptor.switchTo(ballotOf(1, 1), slotOf(0), [command('a'), command('never chosen')], out)
  tape.write(out)
  const { type, mark, payload } = installedRecord(slotOf(2))
  tape.log.append(type, mark, payload)
  acceptor.installSnapshot(slotOf(2))
  acceptor.switchTo(ballotOf(2, 2), slotOf(2), [command('c')], out)
  tape.write(out)
  expect(texts(recoverReplica(tape.records, slotOf(2), 'log').entries)).toEqual(['c'])
  expect(() => recoverReplica(tape.records, slotOf(0), 'log')).toThrow(/begins after slot 2/)
})
