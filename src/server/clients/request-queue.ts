import { assert } from '../../kernel/assert.ts'
import type { ByteReader } from '../../kernel/bytes.ts'
import { Ring } from '../../kernel/ring.ts'
import type { PendingPool, PendingRequest } from './pending-request.ts'

/** The requests of one connection that could not be answered at once, in their order. */
export class RequestQueue {
  readonly #pool: PendingPool
  readonly #requests = new Ring<PendingRequest>()
  #sizeBytes = 0

  constructor(pool: PendingPool) {
    this.#pool = pool
  }

  get length(): number {
    return this.#requests.length
  }

  /** Of the request records. */
  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** The one whose answer is due next; null when nothing waits. */
  get head(): PendingRequest | null {
    return this.#requests.at(0) ?? null
  }

  /** As `append`, for a record that is read later than now. */
  appendCopy(bytes: Buffer, start: number, end: number): PendingRequest {
    return this.append(Buffer.from(bytes.subarray(start, end)), 0, end - start)
  }

  /**
   * @param bytes with the record in `bytes[start, end)`; read during this call and its caller's only, unless they are its own
   * @returns a record of the pool at the end of the queue, for the caller to fill in
   */
  append(bytes: Buffer, start: number, end: number): PendingRequest {
    const pending = this.#pool.take(bytes, start, end)
    pending.stage = 'held'
    pending.requestNumber = 0
    pending.error = 0
    this.#requests.push(pending)
    this.#sizeBytes += end - start
    return pending
  }

  /** Forgets the head: it has been answered. */
  removeHead(): void {
    const pending = this.#requests.shift()
    assert(pending !== undefined, 'only a queued request is answered')
    this.#sizeBytes -= pending.end - pending.start
    this.#pool.release(pending)
  }

  clear(): void {
    while (this.#requests.length > 0) this.removeHead()
  }

  /** @returns null when no request with this number waits for its outcome */
  findSubmitted(requestNumber: number): PendingRequest | null {
    for (let index = 0; index < this.#requests.length; index++) {
      const pending = this.#requests.at(index)
      if (pending?.stage === 'submitted' && pending.requestNumber === requestNumber) return pending
    }
    return null
  }

  hasSubmitted(): boolean {
    for (let index = 0; index < this.#requests.length; index++) {
      if (this.#requests.at(index)?.stage === 'submitted') return true
    }
    return false
  }

  /** @param index counted from the head, below `length` */
  at(index: number): PendingRequest {
    const pending = this.#requests.at(index)
    assert(pending !== undefined, 'the queue is looked at within its length')
    return pending
  }
}

/** Points a reader at a request's record. */
export function readRecord(reader: ByteReader, pending: PendingRequest): ByteReader {
  return reader.reset(pending.bytes, pending.start, pending.end)
}
