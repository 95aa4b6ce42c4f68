import { assert } from '../../kernel/assert.ts'
import { sessionKey } from '../../kernel/session-id.ts'
import { SessionDeadlines } from '../session-deadlines.ts'

/**
 * What the leader alone knows of sessions: when each expires, which connection owns it, which are being closed. Pure:
 * the time is an argument. Made anew by each leader once its opening command is applied; none of it is replicated,
 * because a new leader restarts all clocks and hears the owners from the servers that have the connections.
 */

/** A session as the replicated state or a server that has its connection describes it. */
export interface LeasedSession {
  readonly high: number
  readonly low: number
  readonly timeoutMs: number
}

/** A session with the connection that claims it. The highest grant owns the session. */
export interface ClaimedSession extends LeasedSession {
  readonly connection: number
  readonly grant: number
}

/**
 * May this connection write in this session? `moved`: another connection owns it, or none does. `closing`: its
 * closeSession is proposed. `unknown`: it was closed, has expired, or never was.
 */
export type OwnerVerdict = 'ok' | 'moved' | 'closing' | 'unknown'

export interface LeaderSessionsOptions {
  readonly tickTimeMs: number
  /** The zxid of this leader's opening command: grants begin above it, hence above those of every earlier leader. */
  readonly openingZxid: number
  readonly nowMs: number
}

/** No connection: replica ids start at 1. */
const NOBODY = 0

class Lease {
  readonly high: number
  readonly low: number
  timeoutMs: number
  deadlineMs = 0
  replica = NOBODY
  connection = 0
  grant = -1
  isClosing = false

  constructor(session: LeasedSession) {
    this.high = session.high
    this.low = session.low
    this.timeoutMs = session.timeoutMs
  }
}

export class LeaderSessions {
  readonly #leases = new Map<number, Lease>()
  /** Every lease that is not closing has a deadline. */
  readonly #deadlines: SessionDeadlines<Lease>
  #lastGrant: number

  constructor(options: LeaderSessionsOptions) {
    this.#lastGrant = options.openingZxid
    this.#deadlines = new SessionDeadlines(options.tickTimeMs, options.nowMs)
  }

  /** Sessions that have not expired and are not gone, those being closed included. */
  get count(): number {
    return this.#leases.size
  }

  /**
   * The sessions of the replicated state, at the moment this leader begins to serve: each gets its full timeout. They
   * have no owner until a server reports one, with a grant that is not older than that of the session's last write.
   */
  restart(sessions: Iterable<LeasedSession & { readonly grant: number }>, nowMs: number): void {
    for (const session of sessions) this.#lease(session, nowMs).grant = session.grant
  }

  /**
   * A createSession was applied and did not fail: the connection that asked owns the session.
   *
   * @param zxid the command's; it is the first grant
   */
  onCreated(session: LeasedSession, owner: { replica: number; connection: number; zxid: number }, nowMs: number): void {
    const lease = this.#lease(session, nowMs)
    lease.replica = owner.replica
    lease.connection = owner.connection
    lease.grant = owner.zxid
    if (owner.zxid > this.#lastGrant) this.#lastGrant = owner.zxid
  }

  /**
   * When which sessions expire, unless they are heard of before; soonest first. Those being closed are not among them.
   *
   * @returns deadlines by the clock whose time the other calls take
   */
  expiries(): { readonly atMs: number; readonly sessions: readonly LeasedSession[] }[] {
    return this.#deadlines.expiries()
  }

  /** The grant by which a session's owner has it; -1 without an owner. */
  grantOf(high: number, low: number): number {
    return this.#leases.get(sessionKey(high, low))?.grant ?? -1
  }

  /** A closeSession was applied. */
  onClosed(high: number, low: number): void {
    const key = sessionKey(high, low)
    const lease = this.#leases.get(key)
    if (lease === undefined) return
    this.#deadlines.remove(lease)
    this.#leases.delete(key)
  }

  /** A closeSession is about to be proposed: from here on the session takes no write and no reattachment. */
  markClosing(high: number, low: number): void {
    const lease = this.#leases.get(sessionKey(high, low))
    if (lease === undefined || lease.isClosing) return
    lease.isClosing = true
    this.#deadlines.remove(lease)
  }

  /** The session was heard of: its timeout starts again. */
  touch(high: number, low: number, nowMs: number): void {
    const lease = this.#leases.get(sessionKey(high, low))
    if (lease === undefined || lease.isClosing) return
    this.#deadlines.renew(lease, nowMs)
  }

  checkOwner(high: number, low: number, replica: number, connection: number): OwnerVerdict {
    const lease = this.#leases.get(sessionKey(high, low))
    if (lease === undefined) return 'unknown'
    if (lease.isClosing) return 'closing'
    return lease.replica === replica && lease.connection === connection ? 'ok' : 'moved'
  }

  /**
   * Gives a session to a connection. The password has been checked.
   *
   * @param timeoutMs replaces the session's timeout
   * @returns the grant, above every earlier one of any leader; null when the session is unknown or being closed
   */
  attach(
    session: LeasedSession,
    owner: { readonly replica: number; readonly connection: number },
    nowMs: number,
  ): number | null {
    const lease = this.#leases.get(sessionKey(session.high, session.low))
    if (lease === undefined || lease.isClosing) return null
    this.#lastGrant += 1
    lease.replica = owner.replica
    lease.connection = owner.connection
    lease.grant = this.#lastGrant
    lease.timeoutMs = session.timeoutMs
    this.#deadlines.renew(lease, nowMs)
    return lease.grant
  }

  /**
   * What a server that joins this leader says of its connections. A higher grant wins, so that the reports may come in
   * any order. Sessions that the leader does not know are ignored: their writes will meet `unknown`.
   */
  report(replica: number, sessions: Iterable<ClaimedSession>, nowMs: number): void {
    for (const session of sessions) {
      const lease = this.#leases.get(sessionKey(session.high, session.low))
      if (lease === undefined || session.grant < lease.grant) continue
      lease.replica = replica
      lease.connection = session.connection
      lease.grant = session.grant
      lease.timeoutMs = session.timeoutMs
      if (!lease.isClosing) this.#deadlines.renew(lease, nowMs)
    }
  }

  /**
   * Looks for expired sessions, as `SessionDeadlines.tick` does.
   *
   * @param quorumProvenMs when a quorum last confirmed that this leader leads: only deadlines before that count
   * @returns the sessions that expired, marked as closing: the caller proposes their closeSession
   */
  tick(nowMs: number, quorumProvenMs: number = nowMs): LeasedSession[] {
    const expired = this.#deadlines.tick(nowMs, quorumProvenMs)
    for (const lease of expired) lease.isClosing = true
    return expired
  }

  #lease(session: LeasedSession, nowMs: number): Lease {
    const key = sessionKey(session.high, session.low)
    assert(!this.#leases.has(key), 'a session begins once')
    const lease = new Lease(session)
    this.#leases.set(key, lease)
    this.#deadlines.add(lease, nowMs)
    return lease
  }
}
