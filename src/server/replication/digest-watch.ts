import type { Slot } from '../../paxos/entry.ts'

/** The digest of the tree is compared at every slot that is a multiple of this. */
const EVERY_SLOTS = 1024
/** Own digests that are kept for a leader that announces late. */
const KEPT_MAX = 16

/** Two replicas that applied the same slots and hold different trees. */
export interface Divergence {
  readonly slot: Slot
  readonly own: number
  readonly leaders: number
}

/**
 * Compares this replica's tree with the leader's from time to time. Either may be ahead: what the leader announced waits
 * for the own slot, and own digests are kept for a while for announcements to come.
 */
export class DigestWatch {
  readonly #own = new Map<number, number>()
  readonly #announced = new Map<number, number>()

  isDue(slot: Slot): boolean {
    return slot % EVERY_SLOTS === 0
  }

  /** @returns null while nothing differs */
  onApplied(slot: Slot, digest: number): Divergence | null {
    this.#own.set(slot, digest)
    this.#own.delete(slot - KEPT_MAX * EVERY_SLOTS)
    const leaders = this.#announced.get(slot)
    this.#announced.delete(slot)
    return leaders === undefined || leaders === digest ? null : { slot, own: digest, leaders }
  }

  /** @param applied through this slot the own tree is applied */
  onAnnounced(slot: Slot, digest: number, applied: Slot): Divergence | null {
    if (slot > applied) {
      this.#announced.set(slot, digest)
      return null
    }
    const own = this.#own.get(slot)
    return own === undefined || own === digest ? null : { slot, own, leaders: digest }
  }

  /** What this leader announced is void: another one comes. */
  forgetAnnounced(): void {
    this.#announced.clear()
  }

  /** The state was replaced. */
  reset(): void {
    this.#own.clear()
    this.#announced.clear()
  }
}
