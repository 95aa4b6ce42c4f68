import type { Ballot } from './ballot.ts'
import type { Entry, Slot } from './entry.ts'

/*
 * One ballot, from the first question to the steady state:
 *
 *   candidate                               acceptor
 *   ask ───────────────────────────────────→          is anybody leading? (raises no ballot)
 *   ←─────────────────────────────────── answer
 *   prepare b ─────────────────────────────→          promise b, synced
 *   ←────────────────── promise b (log ballot, last slot, chosen slot)
 *   fetch ──→ the one best acceptor, when that is not the candidate itself
 *   ←─────────────────────────────────── fetched      valid only while its promise is b
 *   install b (the recovered suffix) ──────→          the whole log replaced in one durable step
 *   accept b (entries, in order) ──────────→          appended, synced
 *   ←─────────────────────── accepted b, through n    cumulative
 *   accept / chosen / heartbeat (chosen through n) ─→ applied
 */

/** A candidate asks around before it raises a ballot. */
export interface Ask {
  readonly kind: 'ask'
  readonly attempt: number
}

export interface Answer {
  readonly kind: 'answer'
  readonly attempt: number
  readonly hearsLeader: boolean
  /** False for a voter that lost its disk and has not taken a whole log yet. */
  readonly isVoting: boolean
  /** It has never promised nor accepted anything. */
  readonly isEmpty: boolean
  readonly promised: Ballot
  readonly logBallot: Ballot
  readonly lastSlot: Slot
}

/** Phase 1a. Also sent by a leader to a replica that joins late: the promise then tells where it stands. */
export interface Prepare {
  readonly kind: 'prepare'
  readonly ballot: Ballot
}

/** Phase 1b. The entries themselves are fetched from one acceptor only. */
export interface PromiseMade {
  readonly kind: 'promise'
  readonly ballot: Ballot
  /** False: the sender reports where it stands, but promises nothing and must not be counted. */
  readonly isVoting: boolean
  readonly logBallot: Ballot
  /** Entries up to and including this slot are in snapshots only. */
  readonly startSlot: Slot
  readonly lastSlot: Slot
  readonly chosenSlot: Slot
}

export interface Reject {
  readonly kind: 'reject'
  /** What the sender has promised. */
  readonly promised: Ballot
}

export interface Fetch {
  readonly kind: 'fetch'
  readonly ballot: Ballot
  /** Entries after this slot are wanted. */
  readonly after: Slot
}

export interface Fetched {
  readonly kind: 'fetched'
  readonly ballot: Ballot
  readonly after: Slot
  readonly entries: readonly Entry[]
  readonly lastSlot: Slot
}

/** A part of the recovered suffix; the acceptor switches when it has all of it. */
export interface Install {
  readonly kind: 'install'
  readonly ballot: Ballot
  /** Everything the acceptor holds after this slot is replaced. */
  readonly base: Slot
  /** This part starts after this slot. */
  readonly after: Slot
  readonly entries: readonly Entry[]
  readonly isLast: boolean
  readonly chosenSlot: Slot
  /** Where the leader's opening command stands: a follower serves once it has applied it. */
  readonly openingSlot: Slot
}

/** Phase 2a for many slots. */
export interface Accept {
  readonly kind: 'accept'
  readonly ballot: Ballot
  /** The entries follow this slot. */
  readonly after: Slot
  readonly entries: readonly Entry[]
  readonly chosenSlot: Slot
}

/** Phase 2b, cumulative: "my disk holds your log of this ballot through this slot". */
export interface Accepted {
  readonly kind: 'accepted'
  readonly ballot: Ballot
  readonly slot: Slot
}

/** The sender's log of this ballot ends earlier than what it was sent. */
export interface Gap {
  readonly kind: 'gap'
  readonly ballot: Ballot
  readonly lastSlot: Slot
}

export interface Chosen {
  readonly kind: 'chosen'
  readonly ballot: Ballot
  readonly slot: Slot
}

export interface Heartbeat {
  readonly kind: 'heartbeat'
  readonly ballot: Ballot
  /** Numbers the leader's rounds; a sync waits for a round that started after it. */
  readonly round: number
  readonly chosenSlot: Slot
}

/** Leaves only after everything that its sender has written before is synced: a hung disk silences its replica. */
export interface HeartbeatAck {
  readonly kind: 'heartbeatAck'
  readonly ballot: Ballot
  readonly round: number
  /** As in `accepted`; 0 when the sender has not taken over this ballot's log yet. */
  readonly slot: Slot
}

export type Message =
  | Ask
  | Answer
  | Prepare
  | PromiseMade
  | Reject
  | Fetch
  | Fetched
  | Install
  | Accept
  | Accepted
  | Gap
  | Chosen
  | Heartbeat
  | HeartbeatAck
