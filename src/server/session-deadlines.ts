/** What expires unless it is heard of. */
export interface Expiring {
  readonly timeoutMs: number
  /** In session time; set by `SessionDeadlines` alone. */
  deadlineMs: number
}

/**
 * When sessions expire, on one server's monotonic clock. Pure: the time is an argument.
 *
 * Deadlines lie on whole ticks, as Apache's SessionTrackerImpl has them: (floor((now + timeout) / tick) + 1) × tick, so
 * that a session lives at least its timeout and at most a tick longer, and hearing of it is mostly no work at all.
 */
export class SessionDeadlines<T extends Expiring> {
  readonly #tickTimeMs: number
  /** By deadline. Every session that was added and not removed is in the bucket of its deadline, and in no other. */
  readonly #buckets = new Map<number, Set<T>>()
  /** The earliest deadline that may have a bucket: all below were looked at. */
  #nextDeadlineMs: number
  /** How far session time lags behind the clock: the sum of all the times that this process did not run. */
  #lostMs = 0
  #lastTickMs: number

  constructor(tickTimeMs: number, nowMs: number) {
    this.#tickTimeMs = tickTimeMs
    this.#lastTickMs = nowMs
    this.#nextDeadlineMs = Math.floor(nowMs / tickTimeMs) * tickTimeMs
  }

  add(session: T, nowMs: number): void {
    this.#enter(session, this.#deadlineOf(session, nowMs))
  }

  /** The session was heard of, or its timeout has changed: its timeout starts again. */
  renew(session: T, nowMs: number): void {
    const deadlineMs = this.#deadlineOf(session, nowMs)
    if (deadlineMs === session.deadlineMs) return
    this.remove(session)
    this.#enter(session, deadlineMs)
  }

  /** Harmless when it is not there. */
  remove(session: T): void {
    const bucket = this.#buckets.get(session.deadlineMs)
    if (bucket === undefined) return
    bucket.delete(session)
    if (bucket.size === 0) this.#buckets.delete(session.deadlineMs)
  }

  /**
   * Looks for expired sessions; to be called once a tick, after those that were heard of are renewed. When the last call
   * was longer than two ticks ago this process did not run (or the machine slept), and what its clients sent meanwhile is
   * still unread: all deadlines move by the lateness.
   *
   * @param provenMs only deadlines before this time count
   * @returns the sessions that expired; they are removed
   */
  tick(nowMs: number, provenMs: number): T[] {
    const lateMs = nowMs - this.#lastTickMs - this.#tickTimeMs
    if (lateMs > this.#tickTimeMs) this.#lostMs += lateMs
    this.#lastTickMs = nowMs

    const throughMs = Math.min(nowMs, provenMs) - this.#lostMs
    const expired: T[] = []
    while (this.#nextDeadlineMs <= throughMs && this.#buckets.size > 0) {
      const bucket = this.#buckets.get(this.#nextDeadlineMs)
      if (bucket !== undefined) for (const session of bucket) expired.push(session)
      this.#buckets.delete(this.#nextDeadlineMs)
      this.#nextDeadlineMs += this.#tickTimeMs
    }
    return expired
  }

  /**
   * When which sessions expire, unless they are heard of before; soonest first.
   *
   * @returns deadlines by the clock whose time the other calls take
   */
  expiries(): { readonly atMs: number; readonly sessions: readonly T[] }[] {
    return [...this.#buckets]
      .map(([deadlineMs, sessions]) => ({ atMs: deadlineMs + this.#lostMs, sessions: [...sessions] }))
      .sort((one, other) => one.atMs - other.atMs)
  }

  #deadlineOf({ timeoutMs }: T, nowMs: number): number {
    return (Math.floor((nowMs - this.#lostMs + timeoutMs) / this.#tickTimeMs) + 1) * this.#tickTimeMs
  }

  #enter(session: T, deadlineMs: number): void {
    session.deadlineMs = deadlineMs
    const bucket = this.#buckets.get(deadlineMs)
    if (bucket !== undefined) {
      bucket.add(session)
      return
    }
    // The search for expired sessions stands still while there is no bucket at all, so it may have to start here again.
    if (this.#buckets.size === 0 || deadlineMs < this.#nextDeadlineMs) this.#nextDeadlineMs = deadlineMs
    this.#buckets.set(deadlineMs, new Set([session]))
  }
}
