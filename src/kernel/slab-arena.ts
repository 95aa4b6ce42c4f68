/** What slabs are made of. Small, because one chunk that a socket has not sent yet keeps its whole slab in memory. */
const SLAB_SIZE_BYTES = 64 * 1024

/** Slabs that nobody has a piece of, kept for the next turn: more than that many are left to the garbage collector. */
const SPARE_SLABS_MAX = 16

/** Memory that is given out from its beginning to its end. */
export class Slab {
  readonly bytes: Buffer = Buffer.allocUnsafeSlow(SLAB_SIZE_BYTES)
  readonly view: DataView = viewOf(this.bytes)
  /** What is given out next. */
  position = 0
  /** Given out and not given back. Once nothing is, all of the slab can be given out anew. */
  lentBytes = 0
}

/**
 * Room for what many writers write in turn: each takes a piece of one slab, fills it, and gives the rest back, so that
 * idle writers hold no memory. Bytes that were written are given out again only when their writer gives them back, too,
 * because whoever they were for has them. That matters: memory outside the JavaScript heap that is let go of at the rate
 * of the replies makes the garbage collector mark the whole heap several times a second.
 */
export class SlabArena {
  #slab: Slab | null = null
  readonly #spare: Slab[] = []

  /** Finds room in one slab. @returns null when so much should have memory of its own */
  take(sizeBytes: number): Piece | null {
    if (sizeBytes > SLAB_SIZE_BYTES / 2) return null
    let slab = this.#slab
    if (slab === null || slab.position + sizeBytes > SLAB_SIZE_BYTES)
      this.#slab = slab = this.#spare.pop() ?? new Slab()
    taken.slab = slab
    taken.start = slab.position
    slab.position += sizeBytes
    slab.lentBytes += sizeBytes
    return taken
  }

  /** @returns memory for bytes that are all written at once; its own when it is much. It is never given back. */
  piece(sizeBytes: number): Buffer {
    const piece = this.take(sizeBytes)
    if (piece === null) return Buffer.allocUnsafeSlow(sizeBytes)
    return piece.slab.bytes.subarray(piece.start, piece.start + sizeBytes)
  }

  /** @returns false when what lies behind the piece, which ends at `end`, is taken */
  extend(slab: Slab, end: number, bySizeBytes: number): boolean {
    if (slab !== this.#slab || end !== slab.position || end + bySizeBytes > SLAB_SIZE_BYTES) return false
    slab.position += bySizeBytes
    slab.lentBytes += bySizeBytes
    return true
  }

  /** Nobody needs the bytes from `start` to `end` of what was taken: not written, or read by whom they were for. */
  giveBack(slab: Slab, start: number, end: number): void {
    slab.lentBytes -= end - start
    if (slab.lentBytes === 0) {
      slab.position = 0
      if (slab !== this.#slab && this.#spare.length < SPARE_SLABS_MAX) this.#spare.push(slab)
    } else if (end === slab.position) {
      slab.position = start
    }
  }
}

/** Numbers of either byte order go through a view in an instruction or two; through a Buffer they go byte by byte. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** A place in a slab. */
export interface Piece {
  slab: Slab
  /** The index of its first byte. */
  start: number
}

/** What `take` returns, the same object each time: to be read at once. */
const taken: Piece = { slab: new Slab(), start: 0 }
