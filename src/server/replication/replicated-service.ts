import type { DataTree } from '../../tree/data-tree.ts'
import type { Outcome } from '../../tree/outcome.ts'

export type ServerMode = 'leader' | 'follower' | 'observer' | 'standalone' | 'read-only'

/** Whom a server serves. Readers alone get sessions that nobody else knows, and change nothing. */
export type Audience = 'everybody' | 'readers' | 'nobody'

/** One session as the server that has its connection knows it; reported to a new leader. */
export interface AttachedSession {
  readonly high: number
  readonly low: number
  readonly timeoutMs: number
  /** The connection's number on this server. */
  readonly connection: number
  /** Orders the attachments of one session over all servers: the higher one owns it. Given by the leader. */
  readonly grant: number
}

export interface AttachRequest {
  readonly requestNumber: number
  readonly sessionHigh: number
  readonly sessionLow: number
  readonly password: Uint8Array
  /** Already clamped by the server that asks. */
  readonly timeoutMs: number
  readonly connection: number
}

/** The replicated side of a server, as its client connections see it. */
export interface ReplicatedService {
  readonly tree: DataTree
  /** It leads and has applied its opening command, or it follows a live leader and has caught up. */
  readonly isServing: boolean
  /** Not everybody although it serves: a leader that takes no clients. Readers although it does not: read-only mode. */
  readonly audience: Audience
  readonly mode: ServerMode
  /** A fresh number for a request of this server; unique over restarts. */
  nextRequestNumber(): number
  /**
   * Takes a command of one of this server's connections (or of an expiring session) for replication. Its outcome
   * arrives at `ClientSide.onApplied`, or its refusal at `onRefused`, never before this call has returned.
   * The buffer belongs to the service.
   */
  submit(command: Buffer): void
  /** A quorum round: `ClientSide.onSynced` comes once this server has applied all that was chosen before the call. */
  sync(requestNumber: number): void
  /** Asks the leader to give an existing session to a connection; answered by `ClientSide.onAttached`. */
  attach(request: AttachRequest): void
  /** The session was heard of: told to the leader with the next report. */
  touch(sessionHigh: number, sessionLow: number): void
}

/**
 * Why a write was refused before it was proposed. `moved`: another connection owns the session, so this one closes
 * without a reply; `closing`: the session is being closed (SESSIONEXPIRED).
 */
export type Refusal = 'moved' | 'closing'

/** What the replicated side tells the client side. Calls come outside of any call into ReplicatedService. */
export interface ClientSide {
  /** Each applied command in slot order, own or not. `outcome` is reused: encode the reply before returning. */
  onApplied(outcome: Outcome): void
  /** Once after each batch of `onApplied`, `onSynced` and the like: flush what was written. */
  onBatchEnd(): void
  onRefused(requestNumber: number, refusal: Refusal): void
  onSynced(requestNumber: number): void
  /** @param grant null when the session is unknown, closing, or the password differs */
  onAttached(requestNumber: number, grant: number | null): void
  /** The leader or the link to it is gone: connections with a write, a sync or an attach in flight must close. */
  onLeaderLost(): void
  /** This server serves no more: every client connection closes. */
  onStopServing(): void
  /** For a new leader: all sessions that have a connection here. */
  attachedSessions(): AttachedSession[]
}
