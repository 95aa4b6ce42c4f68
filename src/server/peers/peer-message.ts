import type { Ballot } from '../../paxos/ballot.ts'
import type { Slot } from '../../paxos/entry.ts'
import type { Message } from '../../paxos/message.ts'
import type { AttachedSession, AttachRequest, Refusal } from '../replication/replicated-service.ts'

/** The first record on a link, from both ends: who speaks, and of which ensemble. */
export interface Hello {
  readonly kind: 'hello'
  readonly from: number
  /** The members as text: servers whose lists differ must not count each other's votes. */
  readonly ensemble: string
}

/** A write of a client of the sender, for the leader. */
export interface Forward {
  readonly kind: 'forward'
  readonly ballot: Ballot
  /** Counts from 1 on each link and in each ballot: the leader takes only the next. */
  readonly number: number
  readonly command: Buffer
}

export interface Refused {
  readonly kind: 'refused'
  readonly requestNumber: number
  readonly refusal: Refusal
}

export interface SyncAsked {
  readonly kind: 'syncAsked'
  readonly ballot: Ballot
  readonly requestNumber: number
}

/** The asker answers its client once it has applied `slot`. */
export interface SyncDone {
  readonly kind: 'syncDone'
  readonly requestNumber: number
  readonly slot: Slot
}

export interface AttachAsked {
  readonly kind: 'attachAsked'
  readonly ballot: Ballot
  readonly request: AttachRequest
}

export interface AttachDone {
  readonly kind: 'attachDone'
  readonly requestNumber: number
  /** Null: refused. */
  readonly grant: number | null
}

/** Sessions that the sender's clients kept alive since the last report. */
export interface Touches {
  readonly kind: 'touches'
  /** High and low halves, one after the other. */
  readonly sessions: readonly number[]
}

/** All sessions with a connection at the sender, told to a leader that it begins to follow, before any write. */
export interface SessionReport {
  readonly kind: 'sessionReport'
  readonly ballot: Ballot
  readonly sessions: readonly AttachedSession[]
}

export interface SnapshotWanted {
  readonly kind: 'snapshotWanted'
}

export interface SnapshotPart {
  readonly kind: 'snapshotPart'
  /** The slot that the state belongs to: the same in all parts of one snapshot. */
  readonly slot: Slot
  /** From 0. */
  readonly index: number
  readonly bytes: Buffer
  readonly isLast: boolean
}

/** A part is on its way to the disk: the sender may have a bounded number of parts under way. */
export interface SnapshotTaken {
  readonly kind: 'snapshotTaken'
  readonly slot: Slot
  readonly index: number
}

/** The leader's tree digest after a slot: a replica whose own differs stops. */
export interface DigestAnnounced {
  readonly kind: 'digest'
  readonly slot: Slot
  readonly digest: number
}

export type ServerMessage =
  | Hello
  | Forward
  | Refused
  | SyncAsked
  | SyncDone
  | AttachAsked
  | AttachDone
  | Touches
  | SessionReport
  | SnapshotWanted
  | SnapshotPart
  | SnapshotTaken
  | DigestAnnounced

export type PeerMessage = ServerMessage | Message
