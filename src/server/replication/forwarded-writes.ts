import type { Ballot } from '../../paxos/ballot.ts'

/**
 * The numbers of the writes that followers send to their leader, from 1, per link and ballot: a write that came twice
 * would be executed twice, and one that is missing would be overtaken by the next.
 */
export class ForwardedWrites {
  /** What this server sent to the leader that it follows; null: nothing may be sent on this link any more. */
  #sent: { readonly leader: number; readonly ballot: Ballot; count: number } | null = null
  /** What each peer sent to this server while it leads. */
  readonly #received = new Map<number, { ballot: Ballot; number: number }>()

  /** Whoever found its silent leader again, on the same link and in the same ballot, goes on counting. */
  onFollowing(leader: number, ballot: Ballot): void {
    if (this.#sent?.ballot !== ballot) this.#sent = { leader, ballot, count: 0 }
  }

  /** @returns the number to send the next write with; null when the link of this ballot has just ended */
  next(ballot: Ballot): number | null {
    return this.#sent?.ballot === ballot ? ++this.#sent.count : null
  }

  /** @returns null when it is the one that is due, and now counted; else the number that was due */
  onReceived(from: number, ballot: Ballot, number: number): number | null {
    const received = this.#received.get(from)
    const due = received?.ballot === ballot ? received.number + 1 : 1
    if (number !== due) return due
    this.#received.set(from, { ballot, number })
    return null
  }

  /** The link to this peer is new, or gone. */
  onLinkChanged(peer: number): void {
    this.#received.delete(peer)
    if (this.#sent?.leader === peer) this.#sent = null
  }

  /** This server leads no more. */
  forgetReceived(): void {
    this.#received.clear()
  }
}
