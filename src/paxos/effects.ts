import type { Ballot, ReplicaId } from './ballot.ts'
import type { Entry, Slot } from './entry.ts'
import type { Message } from './message.ts'

/**
 * What must reach the disk, in this order. `stage` and `switch` replace a log: the staged entries count only once their
 * switch is read back, so that a crash in between leaves the old log whole.
 */
export type PersistRecord =
  /**
   * An empty disk has a vote: nothing that it could have held is forgotten. Only this, or a whole log of some ballot, says
   * so when it is read back; anything else may be what a voter without its disk had of its way back.
   */
  | { readonly kind: 'vote' }
  | { readonly kind: 'promise'; readonly ballot: Ballot }
  | { readonly kind: 'accept'; readonly slot: Slot; readonly entry: Entry }
  | { readonly kind: 'stage'; readonly slot: Slot; readonly entry: Entry }
  /** Drops everything after `base`, takes what was staged, and raises the log ballot. */
  | { readonly kind: 'switch'; readonly ballot: Ballot; readonly base: Slot; readonly lastSlot: Slot }
  /** A hint, never synced for its own sake. */
  | { readonly kind: 'chosen'; readonly slot: Slot }

export interface Envelope {
  readonly to: ReplicaId
  readonly message: Message
}

/** What the shell must know or do beside writing, sending and applying. */
export type ReplicaEvent =
  /** This replica leads `ballot`; it serves once `openingSlot` is applied. */
  | { readonly kind: 'leading'; readonly ballot: Ballot; readonly openingSlot: Slot }
  /** It follows; it serves once `serveFrom` is applied. */
  | { readonly kind: 'following'; readonly ballot: Ballot; readonly leader: ReplicaId; readonly serveFrom: Slot }
  /** It neither leads nor follows any more. */
  | { readonly kind: 'looking'; readonly reason: string }
  /** This candidate must take a snapshot from a peer before it can recover the log. */
  | { readonly kind: 'needsSnapshot'; readonly from: ReplicaId }
  /** A peer is too far behind for this leader's log. */
  | { readonly kind: 'sendSnapshot'; readonly to: ReplicaId }
  /** A sync round is complete: its caller may answer once `slot` is applied where the session is. */
  | { readonly kind: 'syncReady'; readonly token: number; readonly slot: Slot }

/**
 * The results of some steps. The shell's contract: append `persist` and sync it; only then send `send`, those addressed
 * to this replica itself included (they come back as inputs: so the own vote counts when the own disk has it).
 * `sendNow` vouches for nothing unsynced and may leave at once. Then apply what is newly chosen, in slot order.
 */
export class Effects {
  readonly persist: PersistRecord[] = []
  readonly send: Envelope[] = []
  readonly sendNow: Envelope[] = []
  readonly events: ReplicaEvent[] = []

  get isEmpty(): boolean {
    return this.persist.length + this.send.length + this.sendNow.length + this.events.length === 0
  }

  clear(): void {
    this.persist.length = 0
    this.send.length = 0
    this.sendNow.length = 0
    this.events.length = 0
  }
}
