import { assert, unreachable } from '../../kernel/assert.ts'
import { ByteReader, ByteWriter } from '../../kernel/bytes.ts'
import { ZktuneError } from '../../kernel/errors.ts'
import { NOTHING_RECOVERED } from '../../paxos/acceptor.ts'
import type { RecoveredState } from '../../paxos/acceptor.ts'
import type { Ballot } from '../../paxos/ballot.ts'
import { NO_BALLOT } from '../../paxos/ballot.ts'
import type { PersistRecord } from '../../paxos/effects.ts'
import type { Entry, Slot } from '../../paxos/entry.ts'
import { NO_SLOT, slotOf } from '../../paxos/entry.ts'
import type { WriteAheadLog } from '../../storage/write-ahead-log.ts'
import type { LogRecord } from '../../storage/log-recovery.ts'

/*
 * How the consensus core's records lie in the write-ahead log. The mark of a record is the highest slot that it speaks
 * of, so that a segment can go once a snapshot covers it; a payload is
 *
 *   promise       ballot                  accept, stage    the command's bytes; none for an opening
 *   log ballot    ballot                  switch           ballot, base, last slot      (64-bit floats)
 *   chosen        slot                    vote             nothing
 *   installed     slot
 */
const TYPE = {
  promise: 1,
  logBallot: 2,
  acceptCommand: 3,
  acceptOpening: 4,
  stageCommand: 5,
  stageOpening: 6,
  switch: 7,
  chosen: 8,
  vote: 9,
  installed: 10,
} as const

const NOTHING = Buffer.alloc(0)
const scratch = new ByteWriter(1024)

/** Appends one record of the core to the log's current group. */
export function appendRecord(log: WriteAheadLog, record: PersistRecord): void {
  switch (record.kind) {
    case 'accept':
      return log.append(
        record.entry.kind === 'command' ? TYPE.acceptCommand : TYPE.acceptOpening,
        record.slot,
        record.entry.payload,
      )
    case 'stage':
      return log.append(
        record.entry.kind === 'command' ? TYPE.stageCommand : TYPE.stageOpening,
        record.slot,
        record.entry.payload,
      )
    case 'vote':
      return log.append(TYPE.vote, 0, NOTHING)
    case 'promise':
      return log.append(TYPE.promise, 0, scratch.float64(record.ballot).take())
    case 'switch':
      return log.append(
        TYPE.switch,
        record.lastSlot,
        scratch.float64(record.ballot).float64(record.base).float64(record.lastSlot).take(),
      )
    case 'chosen':
      return log.append(TYPE.chosen, 0, scratch.float64(record.slot).take())
    default:
      unreachable(record, 'appendRecord')
  }
}

/** What the next segment is to repeat. */
export interface Preamble {
  readonly promised: Ballot
  readonly logBallot: Ballot
  readonly isVoting: boolean
}

/** What each segment begins with, so that purging the older ones forgets neither the promise nor the log's ballot. */
export function preambleOf({ promised, logBallot, isVoting }: Preamble): LogRecord[] {
  return [
    ...(isVoting ? [{ type: TYPE.vote, mark: 0, payload: NOTHING }] : []),
    { type: TYPE.promise, mark: 0, payload: scratch.float64(promised).take() },
    { type: TYPE.logBallot, mark: 0, payload: scratch.float64(logBallot).take() },
  ]
}

/**
 * Follows the preamble when a snapshot came from a peer: what the older segments have up to its slot may be of a ballot that
 * was replaced, and must not be joined with what follows, should the snapshot be damaged one day.
 */
export function installedRecord(slot: Slot): LogRecord {
  return { type: TYPE.installed, mark: slot, payload: scratch.float64(slot).take() }
}

/** The records that `recoverReplica` needs beside a snapshot: what was accepted up to its slot lives on in it. */
export function neededAfter(snapshotSlot: Slot): (type: number, mark: number) => boolean {
  return (type, mark) => mark > snapshotSlot || (type !== TYPE.acceptCommand && type !== TYPE.acceptOpening)
}

export interface RecoveredReplica extends RecoveredState {
  /**
   * The log is there, but not the state that it goes on from. Of the log the promise alone counts then, and the server must
   * come back like one that lost its disk.
   */
  readonly lacksState: boolean
  /** False: there are records, but of a voter that lost its disk and had not taken a whole log yet when it ended. */
  readonly hasVote: boolean
}

/**
 * What the core held when its last record was written.
 *
 * @param records everything that the log gave back, in order
 * @param snapshotSlot through this slot the state comes from a snapshot; 0 without one
 * @param where the log's folder, for the error
 * @param mayLackState whether the state before the log may be missing, when there is no snapshot at all
 * @throws ZktuneError DamagedFile when the log does not join on to the snapshot
 */
export function recoverReplica(
  records: readonly LogRecord[],
  snapshotSlot: Slot,
  where: string,
  mayLackState = false,
): RecoveredReplica {
  const replay = new Replay(snapshotSlot, where, mayLackState && snapshotSlot === NO_SLOT)
  for (const record of records) replay.take(record)
  return replay.finish()
}

class Replay {
  readonly #snapshotSlot: Slot
  readonly #where: string
  readonly #mayLackState: boolean
  #promised = NO_BALLOT
  #logBallot = NO_BALLOT
  #hasVote = false
  /** The log holds the slots in (first, first + entries.length]. */
  #first: number | null = null
  #entries: Entry[] = []
  readonly #staged = new Map<number, Entry>()
  #chosen: Slot = NO_SLOT

  constructor(snapshotSlot: Slot, where: string, mayLackState: boolean) {
    this.#snapshotSlot = snapshotSlot
    this.#where = where
    this.#mayLackState = mayLackState
  }

  take({ type, mark, payload }: LogRecord): void {
    const from = new ByteReader(payload)
    switch (type) {
      case TYPE.vote:
        this.#hasVote = true
        return
      case TYPE.promise:
        this.#promised = maxBallot(this.#promised, from.float64('promise') as Ballot)
        return
      case TYPE.logBallot:
        this.#logBallot = maxBallot(this.#logBallot, from.float64('logBallot') as Ballot)
        return
      case TYPE.acceptCommand:
        return this.#accept(mark, { kind: 'command', payload })
      case TYPE.acceptOpening:
        return this.#accept(mark, { kind: 'opening', payload })
      case TYPE.stageCommand:
        this.#staged.set(mark, { kind: 'command', payload })
        return
      case TYPE.stageOpening:
        this.#staged.set(mark, { kind: 'opening', payload })
        return
      case TYPE.switch:
        return this.#switch(from.float64('ballot') as Ballot, from.float64('base'), from.float64('lastSlot'))
      case TYPE.installed:
        return this.#install(from.float64('slot'))
      case TYPE.chosen:
        this.#chosen = slotOf(Math.max(this.#chosen, from.float64('chosen')))
        return
      default:
        throw this.#damaged(`a record has the unknown type ${type}`)
    }
  }

  finish(): RecoveredReplica {
    const first = this.#first ?? this.#snapshotSlot
    const start = this.#snapshotSlot
    if (first > start && this.#mayLackState) {
      return {
        ...NOTHING_RECOVERED,
        promised: maxBallot(this.#promised, this.#logBallot),
        lacksState: true,
        hasVote: false,
      }
    }
    if (first > start) {
      throw this.#damaged(`the log begins after slot ${first}, but the newest whole snapshot ends at slot ${start}`)
    }
    const entries = this.#entries.slice(start - first)
    const end = start + entries.length
    return {
      promised: this.#promised,
      logBallot: this.#logBallot,
      startSlot: start,
      entries,
      chosenSlot: slotOf(Math.min(Math.max(this.#chosen, start), end)),
      lacksState: false,
      hasVote: this.#hasVote || this.#logBallot !== NO_BALLOT,
    }
  }

  get #end(): number | null {
    return this.#first === null ? null : this.#first + this.#entries.length
  }

  #accept(slot: number, entry: Entry): void {
    this.#joinAt(slot - 1)
    this.#entries.push(entry)
  }

  #switch(ballot: Ballot, base: number, lastSlot: number): void {
    if (this.#first === null || base < this.#first) {
      this.#first = base
      this.#entries = []
    } else {
      const end = this.#first + this.#entries.length
      if (base < end) this.#entries.length = base - this.#first
      else this.#joinAt(base)
    }
    for (let slot = base + 1; slot <= lastSlot; slot++) {
      const entry = this.#staged.get(slot)
      if (entry === undefined) throw this.#damaged(`the log of a new ballot lacks slot ${slot}`)
      this.#entries.push(entry)
    }
    this.#staged.clear()
    this.#logBallot = ballot
    this.#promised = maxBallot(this.#promised, ballot)
  }

  /** Goes on from a snapshot; entries behind it stay those that were accepted. */
  #install(slot: number): void {
    const behind = this.#first === null || slot < this.#first ? [] : this.#entries.slice(slot - this.#first)
    this.#first = slot
    this.#entries = behind
  }

  /** The next entry follows `slot`. A gap is whole only where a snapshot covers it. */
  #joinAt(slot: number): void {
    const end = this.#end
    if (end === slot) return
    if (end !== null && (slot < end || (slot > this.#snapshotSlot && !this.#mayLackState))) {
      throw this.#damaged(`slot ${slot + 1} follows slot ${end}`)
    }
    this.#first = slot
    this.#entries = []
  }

  #damaged(what: string): ZktuneError {
    return new ZktuneError('DamagedFile', {
      where: this.#where,
      what,
      mend: 'Move this server\'s "zktune-1" folders aside and start it again: while the other servers have a majority it takes everything from them.',
    })
  }
}

function maxBallot(a: Ballot, b: Ballot): Ballot {
  assert(Number.isSafeInteger(b), 'a ballot on disk is a whole number')
  return a > b ? a : b
}
