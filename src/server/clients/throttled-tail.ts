import { Ring } from '../../kernel/ring.ts'
import type { ClientSideParts } from './client-side-parts.ts'
import type { PendingRequest } from './pending-request.ts'
import type { RequestKind } from './request-kind.ts'
import type { RequestQueue } from './request-queue.ts'
import type { RequestThrottle, ThrottledRequests } from './request-throttle.ts'

/** What becomes of a request that waited. */
export interface ThrottledTailOwner {
  /** Its session's timeout. */
  readonly timeoutMs: number
  /** The request goes on as if it had just come. */
  begin(pending: PendingRequest): void
  /** The request is answered with THROTTLEDOP. */
  refuseThrottled(pending: PendingRequest): void
  /** @returns what the ensemble would execute, for nobody waits for an answer */
  commandOf(pending: PendingRequest): Buffer
  end(): void
}

interface LeftBehind {
  readonly isClosing: boolean
  readonly command: Buffer
}

/** The requests at the end of one connection's queue that wait in the server's line. */
export class ThrottledTail implements ThrottledRequests {
  readonly #throttle: RequestThrottle
  readonly #parts: ClientSideParts
  readonly #queue: RequestQueue
  readonly #owner: ThrottledTailOwner
  #count = 0
  /** Once the connection is closed: its writes that wait, null in the place of anything else. */
  #leftBehind: Ring<LeftBehind | null> | null = null

  constructor(throttle: RequestThrottle, parts: ClientSideParts, queue: RequestQueue, owner: ThrottledTailOwner) {
    this.#throttle = throttle
    this.#parts = parts
    this.#queue = queue
    this.#owner = owner
  }

  get isClosed(): boolean {
    return this.#leftBehind !== null
  }

  get waitedMs(): number {
    return this.isClosed ? 0 : this.#parts.nowMs() - this.#oldest().receivedMs
  }

  get waitMaxMs(): number {
    return this.#owner.timeoutMs
  }

  /** @param pending the last one of the queue */
  add(pending: PendingRequest): void {
    pending.stage = 'throttled'
    this.#count++
    this.#throttle.wait(this)
  }

  admit(isTooLate: boolean): boolean {
    if (this.#leftBehind !== null) {
      const left = this.#leftBehind.shift() ?? null
      if (left !== null) this.#parts.service.submit(left.command)
      return false
    }
    const pending = this.#takeOldest()
    pending.stage = 'held'
    const isRefused = isTooLate && isThrottlable(pending.kind)
    if (isRefused) this.#owner.refuseThrottled(pending)
    else this.#owner.begin(pending)
    return isRefused
  }

  drop(): void {
    if (this.#leftBehind === null) {
      this.#takeOldest()
      this.#owner.end()
      return
    }
    // A session that its client has closed should not last until it expires.
    const left = this.#leftBehind.shift() ?? null
    if (left?.isClosing === true) this.#parts.service.submit(left.command)
  }

  /** The connection closes; its queue is still whole. */
  close(): void {
    if (this.#count === 0) return
    this.#throttle.onClosed(this.#count)
    this.#leftBehind = new Ring(this.#count)
    const firstWaiting = this.#queue.length - this.#count
    let mayWrite = true
    // A write that a sync holds back goes with the connection, so nothing behind it may be executed.
    for (let index = 0; index < firstWaiting; index++) {
      const { kind, stage } = this.#queue.at(index)
      if (kind === 'write' && stage === 'held') mayWrite = false
    }
    for (let index = firstWaiting; index < this.#queue.length; index++) {
      const pending = this.#queue.at(index)
      const isClosing = pending.kind === 'closeSession'
      const isWrite = isClosing || (pending.kind === 'write' && mayWrite)
      this.#leftBehind.push(isWrite ? { isClosing, command: this.#owner.commandOf(pending) } : null)
    }
  }

  #takeOldest(): PendingRequest {
    const pending = this.#oldest()
    this.#count--
    return pending
  }

  #oldest(): PendingRequest {
    return this.#queue.at(this.#queue.length - this.#count)
  }
}

/** These are served however long they have waited. */
function isThrottlable(kind: RequestKind): boolean {
  return kind !== 'ping' && kind !== 'closeSession' && kind !== 'closeLocal' && kind !== 'unknown'
}
