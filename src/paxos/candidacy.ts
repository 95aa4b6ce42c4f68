import { assert } from '../kernel/assert.ts'
import type { Acceptor } from './acceptor.ts'
import type { Ballot, ReplicaId } from './ballot.ts'
import type { Effects } from './effects.ts'
import type { Entry, Slot } from './entry.ts'
import { NO_SLOT, slotOf } from './entry.ts'
import type { Fetched, PromiseMade } from './message.ts'
import type { QuorumSystem, VoterSet } from './quorum.ts'
import { bitOf } from './quorum.ts'

/** What phase 1 found: the log that this ballot continues. */
export interface Recovery {
  /** The log ballot of the promise that was taken. */
  readonly logBallot: Ballot
  readonly lastSlot: Slot
  /** The highest slot that any promise of the quorum knew to be chosen. */
  readonly chosenSlot: Slot
}

/**
 * Phase 1 of one ballot: promises of a quorum, then the whole log of the best of them: highest log ballot, of equals the
 * longest, never slot by slot from several. Entries come from that one acceptor afterwards, and only while its promise
 * is this ballot, so they are what the promise would have carried.
 */
export class Candidacy {
  readonly ballot: Ballot
  readonly #self: ReplicaId
  readonly #quorum: QuorumSystem
  readonly #acceptor: Acceptor
  readonly #promises = new Map<ReplicaId, PromiseMade>()
  #promisedBy: VoterSet = 0
  #best: { readonly from: ReplicaId; readonly promise: PromiseMade } | null = null
  /** What is being fetched follows this slot. */
  #base: Slot = NO_SLOT
  #fetched: Entry[] = []
  #needsSnapshot = false
  #ticksIdle = 0

  constructor(ballot: Ballot, self: ReplicaId, quorum: QuorumSystem, acceptor: Acceptor) {
    this.ballot = ballot
    this.#self = self
    this.#quorum = quorum
    this.#acceptor = acceptor
  }

  /** Where everybody stands who has answered, this replica included. */
  get promises(): ReadonlyMap<ReplicaId, PromiseMade> {
    return this.#promises
  }

  /** Ticks without any progress: a candidate that hangs gives up. */
  get ticksIdle(): number {
    return this.#ticksIdle
  }

  tick(): void {
    // A snapshot may take long; its transfer reports its own failure.
    if (!this.#needsSnapshot) this.#ticksIdle++
  }

  /** Without this peer the recovery cannot go on. */
  dependsOn(peer: ReplicaId): boolean {
    return this.#best?.from === peer
  }

  /**
   * @param chosen what this replica itself knows to be chosen
   * @returns what was recovered, once it is: this replica's own log then continues it
   */
  onPromise(from: ReplicaId, promise: PromiseMade, chosen: Slot, out: Effects): Recovery | null {
    if (promise.ballot !== this.ballot) return null
    this.#ticksIdle = 0
    this.#promises.set(from, promise)
    if (!promise.isVoting) return null
    this.#promisedBy |= bitOf(this.#quorum, from)
    if (this.#best === null) {
      if (!this.#quorum.isPhase1(this.#promisedBy)) return null
      this.#best = this.#bestPromise()
    } else if (from === this.#best.from && this.#fetched.length === 0) {
      // It told anew where its log starts: what it was asked for is in its snapshot only.
      this.#best = { from, promise }
    } else {
      return null
    }
    return this.#recover(chosen, out)
  }

  /** A part of the best acceptor's log. */
  onFetched(from: ReplicaId, message: Fetched, out: Effects): Recovery | null {
    const best = this.#best
    if (best === null || from !== best.from || message.ballot !== this.ballot) return null
    if (message.after !== this.#base + this.#fetched.length) return null
    this.#ticksIdle = 0
    for (const entry of message.entries) this.#fetched.push(entry)
    if (this.#base + this.#fetched.length < best.promise.lastSlot) {
      this.#fetch(best.from, out)
      return null
    }
    this.#acceptor.switchTo(this.ballot, this.#base, this.#fetched, out)
    return this.#found(best.promise)
  }

  /** The snapshot that `needsSnapshot` asked for is installed. */
  onSnapshot(chosen: Slot, out: Effects): Recovery | null {
    if (this.#best === null) return null
    this.#ticksIdle = 0
    this.#needsSnapshot = false
    this.#fetched = []
    return this.#recover(chosen, out)
  }

  #recover(chosen: Slot, out: Effects): Recovery | null {
    const best = this.#best
    assert(best !== null, 'the best promise is known before the log is recovered')
    const { promise } = best
    if (best.from === this.#self) {
      this.#acceptor.switchTo(this.ballot, this.#acceptor.log.end, [], out)
      return this.#found(promise)
    }
    // Two logs of one ballot are prefixes of one log; else only what is chosen is known to be common.
    const isSameLog = promise.logBallot === this.#acceptor.logBallot
    this.#base = isSameLog ? slotOf(Math.min(this.#acceptor.log.end, promise.lastSlot)) : chosen
    if (this.#base < promise.startSlot) {
      if (this.#needsSnapshot) return null
      this.#needsSnapshot = true
      out.events.push({ kind: 'needsSnapshot', from: best.from })
      return null
    }
    if (this.#base >= promise.lastSlot) {
      this.#acceptor.switchTo(this.ballot, slotOf(Math.max(this.#base, promise.lastSlot)), [], out)
      return this.#found(promise)
    }
    this.#fetch(best.from, out)
    return null
  }

  #fetch(from: ReplicaId, out: Effects): void {
    const after = slotOf(this.#base + this.#fetched.length)
    out.sendNow.push({ to: from, message: { kind: 'fetch', ballot: this.ballot, after } })
  }

  #found(promise: PromiseMade): Recovery {
    let chosen = NO_SLOT
    for (const { chosenSlot, isVoting } of this.#promises.values()) {
      if (isVoting && chosenSlot > chosen) chosen = chosenSlot
    }
    return { logBallot: promise.logBallot, lastSlot: this.#acceptor.log.end, chosenSlot: chosen }
  }

  #bestPromise(): { from: ReplicaId; promise: PromiseMade } {
    let best: { from: ReplicaId; promise: PromiseMade } | null = null
    for (const [from, promise] of this.#promises) {
      if (!promise.isVoting || bitOf(this.#quorum, from) === 0) continue
      const order = best === null ? 1 : comparePromises(promise, best.promise)
      if (order > 0 || (order === 0 && from === this.#self)) best = { from, promise }
    }
    assert(best !== null, 'a quorum has at least one member')
    return best
  }
}

/** Positive when `a` has the log to continue: by log ballot, then by length. */
export function comparePromises(
  a: { readonly logBallot: Ballot; readonly lastSlot: Slot },
  b: { readonly logBallot: Ballot; readonly lastSlot: Slot },
): number {
  return a.logBallot - b.logBallot || a.lastSlot - b.lastSlot
}
