/** What slabs are made of. Small, because one chunk that a socket has not sent yet keeps its whole slab in memory. */
const SLAB_SIZE_BYTES = 32 * 1024

/**
 * Room for what many writers write in turn: each takes a piece of one slab, fills it, and gives the rest back, so that
 * idle writers hold no memory. Bytes that were written are never given out again.
 */
export class SlabArena {
  #slab: Buffer = Buffer.alloc(0)
  #position = 0

  /** The slab in which `take` has found room last. */
  get slab(): Buffer {
    return this.#slab
  }

  /** @returns where the room begins in `slab`; null when so much should have memory of its own */
  take(sizeBytes: number): number | null {
    if (sizeBytes > SLAB_SIZE_BYTES / 2) return null
    if (this.#position + sizeBytes > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB_SIZE_BYTES)
      this.#position = 0
    }
    const at = this.#position
    this.#position += sizeBytes
    return at
  }

  /** @returns memory for bytes that are all written at once; its own when it is much */
  piece(sizeBytes: number): Buffer {
    const at = this.take(sizeBytes)
    return at === null ? Buffer.allocUnsafeSlow(sizeBytes) : this.#slab.subarray(at, at + sizeBytes)
  }

  /** @returns false when what lies behind the piece, which ends at `end`, is taken */
  extend(slab: Buffer, end: number, bySizeBytes: number): boolean {
    if (slab !== this.#slab || end !== this.#position || end + bySizeBytes > slab.length) return false
    this.#position += bySizeBytes
    return true
  }

  /** The bytes from `start` to `end`, the end of a piece, were not written. */
  giveBack(slab: Buffer, start: number, end: number): void {
    if (slab === this.#slab && end === this.#position) this.#position = start
  }
}
