import type { Ballot } from './ballot.ts'
import type { EntryLog } from './entry-log.ts'
import type { Slot } from './entry.ts'
import { NO_SLOT, slotOf } from './entry.ts'

/** What one replica knows to be chosen. */
export class Learner {
  #told: Slot = NO_SLOT

  constructor(chosen: Slot) {
    this.#told = chosen
  }

  /**
   * "Chosen through `slot`", said in `ballot`. It speaks of that leader's log: a log of an older ballot may hold other
   * entries at these slots, so it does not count for one. A log of a later ballot recovered all that was chosen before.
   */
  tell(ballot: Ballot, slot: Slot, logBallot: Ballot): void {
    if (ballot <= logBallot && slot > this.#told) this.#told = slot
  }

  /** A snapshot holds applied slots only. */
  tellSnapshot(slot: Slot): void {
    if (slot > this.#told) this.#told = slot
  }

  /** Only as far as the log reaches. */
  chosenIn(log: EntryLog): Slot {
    return slotOf(Math.min(this.#told, log.end))
  }
}
