import { NO_SLOT, type Slot } from '../../paxos/entry.ts'

/** Who asked for a sync, as the leader keeps it. */
export interface SyncAsker {
  readonly replica: number
  readonly requestNumber: number
}

/**
 * The syncs that are not answered yet: a round of the quorum tells the leader the slot through which the asker must have
 * applied, and the asker answers its client once it has.
 */
export class SyncRounds {
  #lastToken = 0
  readonly #askers = new Map<number, SyncAsker>()
  /** Those of this server's clients whose slot is known, in slot order. */
  #awaitingSlot: { readonly slot: Slot; readonly requestNumber: number }[] = []

  /** Of this server's clients and of followers for theirs, while it leads: the round is under way. */
  get underWayCount(): number {
    return this.#askers.size
  }

  /** @returns the token by which the quorum's answer will be known */
  begin(asker: SyncAsker): number {
    this.#lastToken++
    this.#askers.set(this.#lastToken, asker)
    return this.#lastToken
  }

  /** @returns whose round it was; null when that is forgotten */
  end(token: number): SyncAsker | null {
    const asker = this.#askers.get(token) ?? null
    this.#askers.delete(token)
    return asker
  }

  awaitSlot(slot: Slot, requestNumber: number): void {
    this.#awaitingSlot.push({ slot, requestNumber })
  }

  /** @param onSynced is called with the request number of each whose slot is applied */
  onApplied(applied: Slot, onSynced: (requestNumber: number) => void): void {
    while (this.#awaitingSlot.length > 0 && (this.#awaitingSlot[0]?.slot ?? NO_SLOT) <= applied) {
      const done = this.#awaitingSlot.shift()
      if (done !== undefined) onSynced(done.requestNumber)
    }
  }

  forgetAll(): void {
    this.#askers.clear()
    this.#awaitingSlot = []
  }
}
