import { Ring } from '../../kernel/ring.ts'
import type { RequestThrottleSettings } from '../../zoocfg/settings/throttle-settings.ts'
import type { ServerStatistics } from '../admin/server-statistics.ts'
import type { PendingPool } from './pending-request.ts'

/** One connection's requests that wait, in their order. */
export interface ThrottledRequests {
  /** The connection has closed. What still waits of it is worth doing or not, by the settings. */
  readonly isClosed: boolean
  /** How long its oldest request has waited, and how long its session lets it. */
  readonly waitedMs: number
  readonly waitMaxMs: number
  /** Lets its oldest request go on. @param isTooLate answer it with THROTTLEDOP instead, if its kind allows it */
  admit(isTooLate: boolean): boolean
  /** Its oldest request is not worth doing: the connection closes, if it is open. */
  drop(): void
}

/**
 * Lets no more than so many requests of one server be under way (`request_throttle_max_requests`). The others wait in one
 * line, first come first served whatever connection they are of, and those that are stale leave it undone: nobody waits
 * for their answers any more.
 */
export class RequestThrottle {
  readonly #settings: RequestThrottleSettings
  readonly #pool: PendingPool
  readonly #statistics: ServerStatistics
  /** One place for each request. */
  readonly #line = new Ring<ThrottledRequests>()
  readonly #onLine: () => void
  /** Requests in the line whose connections are open: the pool counts these as well. */
  #openCount = 0

  /** @param onLine called when a line forms: somebody must call `onStalled` now and then, until it is gone */
  constructor(settings: RequestThrottleSettings, pool: PendingPool, statistics: ServerStatistics, onLine: () => void) {
    this.#settings = settings
    this.#onLine = onLine
    this.#pool = pool
    this.#statistics = statistics
  }

  get waitingCount(): number {
    return this.#line.length
  }

  /** A request that comes now has to wait in the line. */
  get mustWait(): boolean {
    return this.#line.length > 0 || !this.#hasRoom
  }

  /** What a closed connection leaves in the line is not done. */
  get dropsOfClosed(): boolean {
    return this.#settings.dropsStale && this.#settings.checksConnection
  }

  wait(requests: ThrottledRequests): void {
    this.#line.push(requests)
    this.#openCount++
    this.#statistics.counters.throttleWaits++
    if (this.#line.length === 1) this.#onLine()
  }

  /** A connection closed while so many of its requests were in the line. */
  onClosed(count: number): void {
    this.#openCount -= count
  }

  /**
   * What went before on connections that are closed may be lost with the leader: what they left in the line must not come
   * after it.
   */
  forgetClosed(): void {
    for (let left = this.#line.length; left > 0; left--) {
      const next = this.#line.shift()
      if (next !== undefined && !next.isClosed) this.#line.push(next)
    }
  }

  /** Lets go on who may: to be called when requests were answered. */
  admit(): void {
    if (this.#hasRoom) this.#walk()
  }

  /** Lets leave who has become stale: to be called now and then, for when nothing is answered. */
  onStalled(): void {
    this.#walk()
  }

  get #hasRoom(): boolean {
    return this.#pool.inUse - this.#openCount < this.#settings.maxRequests
  }

  #walk(): void {
    for (let next = this.#line.at(0); next !== undefined; next = this.#line.at(0)) {
      const isStale = this.#isStale(next)
      if (isStale && this.#settings.dropsStale) {
        this.#leave(next)
        this.#statistics.counters.staleRequestsDropped++
        next.drop()
        continue
      }
      if (!this.#hasRoom) return
      if (isStale) this.#statistics.counters.staleRequests++
      const { opWaitMaxMs } = this.#settings
      const isTooLate = opWaitMaxMs !== null && next.waitedMs > opWaitMaxMs
      this.#leave(next)
      if (next.admit(isTooLate)) this.#statistics.counters.throttledOps++
    }
  }

  #leave(requests: ThrottledRequests): void {
    this.#line.shift()
    if (!requests.isClosed) this.#openCount--
  }

  #isStale(requests: ThrottledRequests): boolean {
    const { checksConnection, checksLatency } = this.#settings
    if (requests.isClosed) return checksConnection
    return checksLatency && requests.waitedMs > requests.waitMaxMs
  }
}
