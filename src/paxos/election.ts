import type { Prng } from '../kernel/prng.ts'
import type { Ballot, ReplicaId } from './ballot.ts'
import type { Slot } from './entry.ts'
import { comparePromises } from './candidacy.ts'
import type { Answer } from './message.ts'
import type { QuorumSystem, VoterSet } from './quorum.ts'
import { bitOf } from './quorum.ts'

/** Attempts in which a candidate gives way to a better one; afterwards it goes ahead, for the better one may be stuck. */
const POLITE_ATTEMPTS = 2

export interface Standing {
  readonly promised: Ballot
  readonly logBallot: Ballot
  readonly lastSlot: Slot
}

/** When to ask, and whether the answers allow a candidacy. Asking raises no ballot, so it disturbs nobody. */
export class Election {
  readonly #self: ReplicaId
  readonly #quorum: QuorumSystem
  readonly #prng: Prng
  readonly #retryTicks: number
  readonly #answers = new Map<ReplicaId, Answer>()
  #attempt = 0
  #failedAttempts = 0
  /** Ticks until the next attempt; null while there is no reason for one. */
  #ticksLeft: number | null = null

  constructor(self: ReplicaId, quorum: QuorumSystem, prng: Prng, retryTicks: number) {
    this.#self = self
    this.#quorum = quorum
    this.#prng = prng
    this.#retryTicks = retryTicks
  }

  get attempt(): number {
    return this.#attempt
  }

  /** There is no leader to be seen: ask soon. */
  suspect(): void {
    this.#failedAttempts = 0
    this.#ticksLeft = this.#prng.below(2)
  }

  /** Somebody else is about to lead, or does: give it `ticks` before asking again. */
  waitFor(ticks: number): void {
    this.#ticksLeft = ticks + this.#prng.below(this.#retryTicks)
  }

  calm(): void {
    this.#ticksLeft = null
    this.#failedAttempts = 0
    this.#answers.clear()
  }

  /** @returns true when it is time to ask all others */
  tick(): boolean {
    if (this.#ticksLeft === null) return false
    this.#ticksLeft--
    if (this.#ticksLeft >= 0) return false
    if (this.#attempt > 0) this.#failedAttempts++
    this.#attempt++
    this.#answers.clear()
    this.#ticksLeft = this.#retryTicks + this.#prng.below(this.#retryTicks)
    return true
  }

  /** @returns false when the answer is to an earlier question */
  onAnswer(from: ReplicaId, answer: Answer): boolean {
    if (answer.attempt !== this.#attempt) return false
    this.#answers.set(from, answer)
    return true
  }

  /** Every other voter says that it has nothing either. */
  areAllOthersEmpty(): boolean {
    return this.#quorum.voters.every((id) => id === this.#self || this.#answers.get(id)?.isEmpty === true)
  }

  /** Voters that said that they lost their disk. */
  lostVoters(): ReplicaId[] {
    return [...this.#answers].filter(([, answer]) => !answer.isVoting).map(([id]) => id)
  }

  /** A quorum of each phase hears no leader, and nobody who answered should rather lead. */
  mayStand(own: Standing): boolean {
    let willing = bitOf(this.#quorum, this.#self)
    let withoutDisk: VoterSet = 0
    let isBetterThere = false
    for (const [id, answer] of this.#answers) {
      if (answer.hearsLeader) continue
      if (!answer.isVoting) {
        withoutDisk |= bitOf(this.#quorum, id)
        continue
      }
      willing |= bitOf(this.#quorum, id)
      const order = comparePromises(answer, own)
      if (bitOf(this.#quorum, id) !== 0 && (order > 0 || (order === 0 && id > this.#self))) isBetterThere = true
    }
    // With every voter in reach, those that lost their disks will accept in the ballot that begins (docs/decisions/0003).
    const isEverybodyHere = (willing | withoutDisk) === 2 ** this.#quorum.voters.length - 1
    const accepting = isEverybodyHere ? willing | withoutDisk : willing
    if (!this.#quorum.isPhase1(willing) || !this.#quorum.isPhase2(accepting)) return false
    return !isBetterThere || this.#failedAttempts >= POLITE_ATTEMPTS
  }

  /** The highest ballot that an answer named: a candidate must go above it. */
  highestPromised(): number {
    let highest = 0
    for (const { promised } of this.#answers.values()) if (promised > highest) highest = promised
    return highest
  }
}
