import { assert } from '../../kernel/assert.ts'
import { sessionKey } from '../../kernel/session-id.ts'

/**
 * What the leader alone knows of sessions: when each expires, which connection owns it, which are being closed. Pure:
 * the time is an argument. Made anew by each leader once its opening command is applied; none of it is replicated,
 * because a new leader restarts all clocks and hears the owners from the servers that have the connections.
 *
 * Deadlines lie on whole ticks, as Apache's SessionTrackerImpl has them: (floor((now + timeout) / tick) + 1) × tick, so
 * that a session lives at least its timeout and at most a tick longer, and touching it is mostly no work at all.
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
  /** In session time; always a key of the buckets while the session is not closing. */
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
  readonly #tickTimeMs: number
  readonly #leases = new Map<number, Lease>()
  /** By deadline. Every lease that is not closing is in the bucket of its deadline, and in no other. */
  readonly #buckets = new Map<number, Set<Lease>>()
  /** The earliest deadline that may have a bucket: all below were looked at. */
  #nextDeadlineMs: number
  /** How far session time lags behind the clock: the sum of all the times that this process did not run. */
  #lostMs = 0
  #lastTickMs: number
  #lastGrant: number

  constructor(options: LeaderSessionsOptions) {
    this.#tickTimeMs = options.tickTimeMs
    this.#lastGrant = options.openingZxid
    this.#lastTickMs = options.nowMs
    this.#nextDeadlineMs = Math.floor(options.nowMs / options.tickTimeMs) * options.tickTimeMs
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
    return [...this.#buckets]
      .map(([deadlineMs, leases]) => ({ atMs: deadlineMs + this.#lostMs, sessions: [...leases] }))
      .sort((one, other) => one.atMs - other.atMs)
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
    this.#leaveBucket(lease)
    this.#leases.delete(key)
  }

  /** A closeSession is about to be proposed: from here on the session takes no write and no reattachment. */
  markClosing(high: number, low: number): void {
    const lease = this.#leases.get(sessionKey(high, low))
    if (lease === undefined || lease.isClosing) return
    lease.isClosing = true
    this.#leaveBucket(lease)
  }

  /** The session was heard of: its timeout starts again. */
  touch(high: number, low: number, nowMs: number): void {
    const lease = this.#leases.get(sessionKey(high, low))
    if (lease === undefined || lease.isClosing) return
    this.#renew(lease, nowMs)
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
    this.#renew(lease, nowMs)
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
      if (!lease.isClosing) this.#renew(lease, nowMs)
    }
  }

  /**
   * Looks for expired sessions; to be called once a tick, after the touches that have arrived were handed in. When the
   * last call was longer than two ticks ago this process did not run (or the machine slept), and what its clients sent
   * meanwhile is still unread: all deadlines move by the lateness.
   *
   * @param quorumProvenMs when a quorum last confirmed that this leader leads: only deadlines before that count
   * @returns the sessions that expired, marked as closing: the caller proposes their closeSession
   */
  tick(nowMs: number, quorumProvenMs: number = nowMs): LeasedSession[] {
    const lateMs = nowMs - this.#lastTickMs - this.#tickTimeMs
    if (lateMs > this.#tickTimeMs) this.#lostMs += lateMs
    this.#lastTickMs = nowMs

    const throughMs = Math.min(nowMs, quorumProvenMs) - this.#lostMs
    const expired: Lease[] = []
    while (this.#nextDeadlineMs <= throughMs && this.#buckets.size > 0) {
      const bucket = this.#buckets.get(this.#nextDeadlineMs)
      if (bucket !== undefined) for (const lease of bucket) expired.push(lease)
      this.#buckets.delete(this.#nextDeadlineMs)
      this.#nextDeadlineMs += this.#tickTimeMs
    }
    for (const lease of expired) lease.isClosing = true
    return expired
  }

  #lease(session: LeasedSession, nowMs: number): Lease {
    const key = sessionKey(session.high, session.low)
    assert(!this.#leases.has(key), 'a session begins once')
    const lease = new Lease(session)
    this.#leases.set(key, lease)
    this.#enterBucket(lease, this.#deadlineOf(lease, nowMs))
    return lease
  }

  #deadlineOf(lease: Lease, nowMs: number): number {
    return (Math.floor((nowMs - this.#lostMs + lease.timeoutMs) / this.#tickTimeMs) + 1) * this.#tickTimeMs
  }

  #renew(lease: Lease, nowMs: number): void {
    const deadlineMs = this.#deadlineOf(lease, nowMs)
    if (deadlineMs === lease.deadlineMs) return
    this.#leaveBucket(lease)
    this.#enterBucket(lease, deadlineMs)
  }

  #enterBucket(lease: Lease, deadlineMs: number): void {
    lease.deadlineMs = deadlineMs
    const bucket = this.#buckets.get(deadlineMs)
    if (bucket !== undefined) {
      bucket.add(lease)
      return
    }
    // The search for expired sessions stands still while there is no bucket at all, so it may have to start here again.
    if (this.#buckets.size === 0 || deadlineMs < this.#nextDeadlineMs) this.#nextDeadlineMs = deadlineMs
    this.#buckets.set(deadlineMs, new Set([lease]))
  }

  #leaveBucket(lease: Lease): void {
    const bucket = this.#buckets.get(lease.deadlineMs)
    if (bucket === undefined) return
    bucket.delete(lease)
    if (bucket.size === 0) this.#buckets.delete(lease.deadlineMs)
  }
}
