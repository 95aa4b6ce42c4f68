import { assert, unreachable } from '../kernel/assert.ts'
import { NO_BALLOT, type Ballot } from '../paxos/ballot.ts'
import type { RecoveredState } from '../paxos/acceptor.ts'
import type { PersistRecord } from '../paxos/effects.ts'
import { slotOf, type Entry } from '../paxos/entry.ts'

export interface CoreSnapshot {
  readonly slot: number
  readonly state: number
}

/** The state machine that core replicas drive: as small as can be, and different after any other history. */
export const EMPTY_STATE = 0x811c9dc5

/** @param value null for an entry that carries no command */
export function stateAfter(state: number, value: string | null): number {
  let hash = Math.imul(state ^ (value === null ? 1 : 2), 0x01000193)
  for (const character of value ?? '') hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  return hash
}

/**
 * What the disk of a core replica holds: the effect of its durable records in their order, kept up to date so that
 * checkers can look at it at any time. Replays the records by their documentation, not by the code that wrote them.
 */
export class CoreDisk {
  snapshot: CoreSnapshot = { slot: 0, state: EMPTY_STATE }
  promised: Ballot = NO_BALLOT
  logBallot: Ballot = NO_BALLOT
  /** The flag of a fresh ensemble: an empty disk with it may vote. */
  isInitial = true
  /** Counts the wipes. */
  generation = 0
  #hasVoteRecord = false
  #hint = 0
  #end = 0
  readonly #entries = new Map<number, Entry>()
  #staged = new Map<number, Entry>()

  get end(): number {
    return Math.max(this.#end, this.snapshot.slot)
  }

  /** Not what a voter that lost its disk had of its way back when it went down. */
  get hasVote(): boolean {
    return this.isInitial || this.#hasVoteRecord || this.logBallot !== NO_BALLOT
  }

  append(record: PersistRecord): void {
    switch (record.kind) {
      case 'vote':
        this.#hasVoteRecord = true
        break
      case 'promise':
        assert(record.ballot >= this.promised, 'promises on disk rise')
        this.promised = record.ballot
        this.#staged = new Map()
        break
      case 'accept':
        this.#accept(record.slot, record.entry)
        break
      case 'stage':
        this.#staged.set(record.slot, record.entry)
        break
      case 'switch':
        this.#switch(record.ballot, record.base, record.lastSlot)
        break
      case 'chosen':
        this.#hint = Math.max(this.#hint, record.slot)
        break
      default:
        unreachable(record, 'CoreDisk.append')
    }
  }

  /** Durable in one step; entries that the snapshot holds are not needed any more. */
  saveSnapshot(snapshot: CoreSnapshot): void {
    if (snapshot.slot <= this.snapshot.slot) return
    this.snapshot = snapshot
    for (const slot of this.#entries.keys()) if (slot <= snapshot.slot) this.#entries.delete(slot)
  }

  /** The entry of a slot after the snapshot. */
  entryAt(slot: number): Entry | undefined {
    return slot <= this.#end ? this.#entries.get(slot) : undefined
  }

  wipe(): void {
    this.snapshot = { slot: 0, state: EMPTY_STATE }
    this.promised = NO_BALLOT
    this.logBallot = NO_BALLOT
    this.isInitial = false
    this.#hasVoteRecord = false
    this.generation++
    this.#hint = 0
    this.#end = 0
    this.#entries.clear()
    this.#staged.clear()
  }

  recover(): RecoveredState {
    const entries: Entry[] = []
    for (let slot = this.snapshot.slot + 1; slot <= this.#end; slot++) {
      const entry = this.#entries.get(slot)
      assert(entry !== undefined, 'the log on disk is without a gap')
      entries.push(entry)
    }
    return {
      promised: this.promised,
      logBallot: this.logBallot,
      startSlot: slotOf(this.snapshot.slot),
      entries,
      chosenSlot: slotOf(Math.max(this.snapshot.slot, Math.min(this.#hint, this.end))),
    }
  }

  /** A snapshot may overtake records on their way here: what it holds need not join on. */
  #accept(slot: number, entry: Entry): void {
    const joinsSnapshot = this.#end <= this.snapshot.slot && slot === this.snapshot.slot + 1
    assert(
      slot === this.#end + 1 || joinsSnapshot || slot <= this.snapshot.slot,
      'accepted slots on disk are without a gap',
    )
    if (slot > this.snapshot.slot) this.#entries.set(slot, entry)
    this.#end = slot
  }

  #switch(ballot: Ballot, base: number, lastSlot: number): void {
    if (ballot > this.promised) this.promised = ballot
    for (let slot = base + 1; slot <= this.#end; slot++) this.#entries.delete(slot)
    for (let slot = base + 1; slot <= lastSlot; slot++) {
      const entry = this.#staged.get(slot)
      assert(entry !== undefined || slot <= this.snapshot.slot, 'what is switched to was staged')
      if (entry !== undefined) this.#entries.set(slot, entry)
    }
    this.#end = lastSlot
    this.#staged = new Map()
    this.logBallot = ballot
  }
}
