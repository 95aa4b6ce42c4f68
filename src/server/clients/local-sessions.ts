import { timingSafeEqual } from 'node:crypto'
import { sessionKey } from '../../kernel/session-id.ts'
import { SessionDeadlines } from '../session-deadlines.ts'

/** A session that one server keeps by itself. */
export class LocalSession {
  readonly high: number
  readonly low: number
  readonly password: Uint8Array
  timeoutMs: number
  deadlineMs = 0

  constructor(high: number, low: number, password: Uint8Array, timeoutMs: number) {
    this.high = high
    this.low = low
    this.password = password
    this.timeoutMs = timeoutMs
  }
}

/**
 * The sessions that this server keeps by itself (`localSessionsEnabled`): they cost no round of the ensemble, and are
 * gone when this process is. No other server can take their clients over. They expire on this server's clock.
 */
export class LocalSessions {
  readonly #sessions = new Map<number, LocalSession>()
  readonly #deadlines: SessionDeadlines<LocalSession>

  constructor(tickTimeMs: number, nowMs: number) {
    this.#deadlines = new SessionDeadlines(tickTimeMs, nowMs)
  }

  get size(): number {
    return this.#sessions.size
  }

  [Symbol.iterator](): IterableIterator<LocalSession> {
    return this.#sessions.values()
  }

  /** @returns null for a session that is none of this server's, or no more */
  get(high: number, low: number): LocalSession | null {
    const session = this.#sessions.get(sessionKey(high, low))
    return session !== undefined && session.high === (high | 0) ? session : null
  }

  /** @returns false when the id is taken */
  add(session: LocalSession, nowMs: number): boolean {
    const key = sessionKey(session.high, session.low)
    if (this.#sessions.has(key)) return false
    this.#sessions.set(key, session)
    this.#deadlines.add(session, nowMs)
    return true
  }

  /**
   * A client comes back.
   *
   * @param timeoutMs replaces the session's timeout
   * @returns false when the password is another one
   */
  attach(session: LocalSession, password: Uint8Array, timeoutMs: number, nowMs: number): boolean {
    if (session.password.length !== password.length || !timingSafeEqual(session.password, password)) return false
    session.timeoutMs = timeoutMs
    this.#deadlines.renew(session, nowMs)
    return true
  }

  /** The client was heard of. */
  touch(high: number, low: number, nowMs: number): void {
    const session = this.get(high, low)
    if (session !== null) this.#deadlines.renew(session, nowMs)
  }

  /** The session was closed, or is known to all servers now. */
  remove(high: number, low: number): void {
    const session = this.get(high, low)
    if (session === null) return
    this.#sessions.delete(sessionKey(high, low))
    this.#deadlines.remove(session)
  }

  /** When which sessions expire, unless they are heard of before, by the clock of the other calls; soonest first. */
  expiries(): readonly { readonly atMs: number; readonly sessions: readonly LocalSession[] }[] {
    return this.#deadlines.expiries()
  }

  /** @returns the sessions that have expired: they are gone */
  tick(nowMs: number): LocalSession[] {
    const expired = this.#deadlines.tick(nowMs, nowMs)
    for (const { high, low } of expired) this.#sessions.delete(sessionKey(high, low))
    return expired
  }
}
