import type { RequestKind } from './request-kind.ts'

/**
 * Where a request stands that could not be answered at once.
 *
 * - `throttled`: waits in line until fewer requests of this server are under way
 * - `held`: not handed to the replicated side; a read waits for what is before it, a write for a sync before it
 * - `submitted`: its outcome will come
 * - `settled`: the answer is known and waits for its turn
 */
export type PendingStage = 'throttled' | 'held' | 'submitted' | 'settled'

const NOTHING = Buffer.alloc(0)

/** One request in its connection's queue. Pooled: the fields change hands, the object stays. */
export class PendingRequest {
  kind: RequestKind = 'unknown'
  stage: PendingStage = 'held'
  xid = 0
  type = 0
  /** 0 unless submitted. */
  requestNumber = 0
  receivedMs = 0
  /** Of a settled request. */
  error = 0
  /** The request record: `bytes[start, end)`. Of a write that was submitted at once it is not kept. */
  bytes: Buffer = NOTHING
  start = 0
  end = 0
}

/** Keeps used records for the next requests of any connection, and counts those that are in use. */
export class PendingPool {
  readonly #free: PendingRequest[] = []
  readonly #largeAbove: number
  #inUse = 0
  #largeBytes = 0

  /** @param largeAbove records of more bytes are counted apart */
  constructor(largeAbove: number = Infinity) {
    this.#largeAbove = largeAbove
  }

  /** Requests of all connections that wait for something. */
  get inUse(): number {
    return this.#inUse
  }

  /** Bytes of the large requests among them. */
  get largeBytes(): number {
    return this.#largeBytes
  }

  /** @returns for the caller to fill in, with the record `bytes[start, end)` set */
  take(bytes: Buffer, start: number, end: number): PendingRequest {
    const pending = this.#free.pop() ?? new PendingRequest()
    this.#inUse++
    if (end - start > this.#largeAbove) this.#largeBytes += end - start
    pending.bytes = bytes
    pending.start = start
    pending.end = end
    return pending
  }

  release(pending: PendingRequest): void {
    this.#inUse--
    const sizeBytes = pending.end - pending.start
    if (sizeBytes > this.#largeAbove) this.#largeBytes -= sizeBytes
    pending.bytes = NOTHING
    if (this.#free.length < KEPT_MAX) this.#free.push(pending)
  }
}

const KEPT_MAX = 4096
