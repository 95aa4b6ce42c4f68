import { assert } from '../kernel/assert.ts'
import type { Ballot, ReplicaId } from './ballot.ts'
import { NO_BALLOT } from './ballot.ts'
import type { Effects } from './effects.ts'
import { EntryLog } from './entry-log.ts'
import type { Entry, Slot } from './entry.ts'
import { NO_SLOT, slotOf } from './entry.ts'
import type { Install } from './message.ts'

/** What the disk gave back when the replica started. */
export interface RecoveredState {
  readonly promised: Ballot
  readonly logBallot: Ballot
  /** The slot of the snapshot that the state was loaded from; 0 without one. */
  readonly startSlot: Slot
  /** The log after `startSlot`. */
  readonly entries: readonly Entry[]
  /** The latest hint of what is chosen, at least `startSlot`. */
  readonly chosenSlot: Slot
}

export const NOTHING_RECOVERED: RecoveredState = {
  promised: NO_BALLOT,
  logBallot: NO_BALLOT,
  startSlot: NO_SLOT,
  entries: [],
  chosenSlot: NO_SLOT,
}

/**
 * The memory of one replica: what it has promised, and one log that belongs to one ballot. Sequence Paxos, the acceptor
 * (Haridi, Kroll, Carbone 2020, algorithm 4).
 *
 * Invariants: `logBallot <= promised`; the log is a prefix of the log of the leader of `logBallot`; whatever is
 * reported was handed to `persist` before.
 */
export class Acceptor {
  readonly log: EntryLog
  #promised: Ballot
  #logBallot: Ballot
  /** The parts of a new ballot's log that have arrived; the old log stays whole until the last part is here. */
  #staged: { readonly ballot: Ballot; readonly base: Slot; readonly entries: Entry[] } | null = null
  /** False: this voter lost its disk and must not answer for what it may have promised. */
  #isVoting: boolean
  #ackIsDue = false

  constructor(recovered: RecoveredState, isVoting: boolean) {
    this.#promised = recovered.promised
    this.#logBallot = recovered.logBallot
    this.#isVoting = isVoting
    this.log = new EntryLog(recovered.startSlot)
    for (const entry of recovered.entries) this.log.append(entry)
  }

  get promised(): Ballot {
    return this.#promised
  }

  get logBallot(): Ballot {
    return this.#logBallot
  }

  get isVoting(): boolean {
    return this.#isVoting
  }

  get isEmpty(): boolean {
    return this.#promised === NO_BALLOT && this.#logBallot === NO_BALLOT && this.log.end === NO_SLOT
  }

  /** Every other voter is as empty as this one: there is nothing that it could have forgotten. */
  startVoting(out: Effects): void {
    this.#isVoting = true
    out.persist.push({ kind: 'vote' })
  }

  /**
   * Phase 1b. The promise is on disk before its answer leaves: a replica that forgets can help to choose two values for
   * one slot.
   *
   * @returns false when a higher ballot is promised already
   */
  promise(ballot: Ballot, out: Effects): boolean {
    if (ballot < this.#promised) return false
    if (ballot > this.#promised && this.#isVoting) {
      this.#promised = ballot
      this.#staged = null
      out.persist.push({ kind: 'promise', ballot })
    }
    return true
  }

  /**
   * Phase 2b for entries that follow slot `after` of the log of `ballot`.
   *
   * @returns `foreign` when this log belongs to another ballot, `gap` when it ends before `after`
   */
  accept(ballot: Ballot, after: Slot, entries: readonly Entry[], out: Effects): 'accepted' | 'foreign' | 'gap' {
    if (ballot < this.#promised || ballot !== this.#logBallot) return 'foreign'
    if (after > this.log.end) return 'gap'
    // What is here already, from a repeated message, is the same: one ballot has one log.
    for (let index = this.log.end - after; index < entries.length; index++) this.#append(entries[index] as Entry, out)
    this.#ackIsDue = true
    return 'accepted'
  }

  /** The leader's own next entry. */
  propose(ballot: Ballot, entry: Entry, out: Effects): Slot {
    assert(ballot === this.#logBallot && ballot === this.#promised, 'a leader appends to the log of its own ballot')
    this.#append(entry, out)
    this.#ackIsDue = true
    return this.log.end
  }

  /**
   * A part of the log of a new ballot. With the last part the old log is replaced whole, in one durable step.
   *
   * @returns `gap` when an earlier part is missing
   */
  install(message: Install, out: Effects): 'installed' | 'staged' | 'gap' | 'refused' {
    const { ballot, base, after, entries } = message
    if (ballot < this.#promised) return 'refused'
    if (ballot === this.#logBallot) {
      const joined = this.accept(ballot, after, entries, out)
      return joined === 'accepted' ? 'installed' : 'gap'
    }
    if (after === base) this.#staged = { ballot, base, entries: [] }
    const staged = this.#staged
    if (staged === null || staged.ballot !== ballot || staged.base !== base) return 'gap'
    if (after !== base + staged.entries.length) return 'gap'
    for (const entry of entries) staged.entries.push(entry)
    if (!message.isLast) return 'staged'
    if (base > this.log.end) return 'gap'
    this.#staged = null
    this.switchTo(ballot, base, staged.entries, out)
    return 'installed'
  }

  /**
   * Drops everything after `base`, takes the recovered suffix, and belongs to `ballot` from now on: all or nothing.
   * A stale tail that stayed could be taken for the new leader's, and a tail that went before its replacement was here
   * could have been somebody's quorum.
   */
  switchTo(ballot: Ballot, base: Slot, suffix: readonly Entry[], out: Effects): void {
    assert(ballot >= this.#promised && ballot > this.#logBallot, 'a log moves to a higher ballot only')
    assert(base <= this.log.end, 'the recovered suffix joins on')
    if (ballot > this.#promised) {
      this.#promised = ballot
      out.persist.push({ kind: 'promise', ballot })
    }
    const kept = slotOf(Math.max(base, this.log.start))
    const taken = suffix.slice(kept - base)
    this.log.dropAfter(kept)
    for (const entry of taken) out.persist.push({ kind: 'stage', slot: this.log.append(entry), entry })
    out.persist.push({ kind: 'switch', ballot, base: kept, lastSlot: this.log.end })
    this.#logBallot = ballot
    this.#isVoting = true
    this.#ackIsDue = true
  }

  /** The state up to `slot` came as a snapshot and is on disk. */
  installSnapshot(slot: Slot): void {
    this.log.trimTo(slot)
    this.#staged = null
  }

  /** The acknowledgement is cumulative: one a turn says it all, and leaves after the sync that makes it true. */
  flushAck(leader: ReplicaId, out: Effects): void {
    if (!this.#ackIsDue) return
    this.#ackIsDue = false
    out.send.push({ to: leader, message: { kind: 'accepted', ballot: this.#logBallot, slot: this.log.end } })
  }

  #append(entry: Entry, out: Effects): void {
    out.persist.push({ kind: 'accept', slot: this.log.append(entry), entry })
  }
}
