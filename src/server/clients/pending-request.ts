import type { RequestKind } from './request-kind.ts'

/**
 * Where a request stands that could not be answered at once.
 *
 * - `held`: not handed to the replicated side; a read waits for what is before it, a write for a sync before it
 * - `submitted`: its outcome will come
 * - `settled`: the answer is known and waits for its turn
 */
export type PendingStage = 'held' | 'submitted' | 'settled'

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
  /** The request record: `bytes[start, end)`, a view of what came from the socket. */
  bytes: Buffer = NOTHING
  start = 0
  end = 0
}

/** Keeps used records for the next requests of any connection. */
export class PendingPool {
  readonly #free: PendingRequest[] = []
  #inUse = 0

  /** Requests of all connections that wait for something. */
  get inUse(): number {
    return this.#inUse
  }

  take(): PendingRequest {
    this.#inUse++
    return this.#free.pop() ?? new PendingRequest()
  }

  release(pending: PendingRequest): void {
    this.#inUse--
    pending.bytes = NOTHING
    if (this.#free.length < KEPT_MAX) this.#free.push(pending)
  }
}

const KEPT_MAX = 4096
