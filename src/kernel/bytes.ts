/**
 * Jute primitives (Apache ZooKeeper's record encoding) over one buffer: big-endian integers, length-prefixed bytes and
 * strings, -1 for null. The peers' own records use the same primitives.
 *
 * Reads return views; whoever keeps one copies it. A length is checked against what is left before anything is
 * allocated for it, so a frame can never make its reader allocate more than its own size.
 */

import { readFloat64, readInt32, readUint32 } from './big-endian.ts'
import { keepBytes } from './byte-string.ts'
import type { KeptBytes } from './byte-string.ts'
import { viewOf, type Slab, type SlabArena } from './slab-arena.ts'

const TWO_32 = 2 ** 32
const HIGH_SAFE_MAX = 0x1fffff
const HIGH_SAFE_MIN = -0x200000

/** Bytes that cannot be read as the record they claim to be. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError'
}

const NOTHING = Buffer.alloc(0)
const NOTHING_VIEW = viewOf(NOTHING)

export class ByteReader {
  #bytes: Buffer
  #start: number
  #position: number
  #end: number

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.#bytes = bytes
    this.#start = start
    this.#position = start
    this.#end = end
  }

  /** Points the reader at other bytes, so that a connection needs one reader only. */
  reset(bytes: Buffer, start: number, end: number): this {
    this.#bytes = bytes
    this.#start = start
    this.#position = start
    this.#end = end
    return this
  }

  /** Offset in the underlying buffer. */
  get position(): number {
    return this.#position
  }

  get remaining(): number {
    return this.#end - this.#position
  }

  byte(field: string): number {
    const at = this.#advance(1, field)
    return this.#bytes[at] as number
  }

  /** Any byte but 0 is true, as Apache's reader has it. */
  boolean(field: string): boolean {
    return this.byte(field) !== 0
  }

  int32(field: string): number {
    return readInt32(this.#bytes, this.#advance(4, field))
  }

  uint32(field: string): number {
    return readUint32(this.#bytes, this.#advance(4, field))
  }

  float64(field: string): number {
    return readFloat64(this.#bytes, this.#advance(8, field))
  }

  /** A 64-bit integer that must fit a `number` without loss. */
  safeLong(field: string): number {
    const at = this.#advance(8, field)
    const high = readInt32(this.#bytes, at)
    const low = readUint32(this.#bytes, at + 4)
    if (high > HIGH_SAFE_MAX || high < HIGH_SAFE_MIN) {
      throw new DecodeError(`byte ${at - this.#start} of the frame: ${field} does not fit 53 bits`)
    }
    return high * TWO_32 + low
  }

  /** A 64-bit integer of a client, clamped to the safe range: good for comparing, never thrown. */
  clampedLong(field: string): number {
    const at = this.#advance(8, field)
    const value = readInt32(this.#bytes, at) * TWO_32 + readUint32(this.#bytes, at + 4)
    return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value))
  }

  long(field: string): bigint {
    return this.#bytes.readBigInt64BE(this.#advance(8, field))
  }

  /** @returns null for the length -1, which is not the same as empty */
  buffer(field: string): Buffer | null {
    const length = this.#length(field)
    if (length === -1) return null
    const at = this.#advance(length, field)
    return this.#bytes.subarray(at, at + length)
  }

  /** As `buffer`, for who keeps it: a copy. */
  copy(field: string): Buffer | null {
    const view = this.buffer(field)
    return view === null ? null : Buffer.from(view)
  }

  /** As `copy`, in the form for what is kept long; no view is made for it. */
  kept(field: string): KeptBytes | null {
    const length = this.#length(field)
    if (length === -1) return null
    const at = this.#advance(length, field)
    return keepBytes(this.#bytes, at, at + length)
  }

  nullableString(field: string): string | null {
    const length = this.#length(field)
    if (length === -1) return null
    const at = this.#advance(length, field)
    return this.#bytes.toString('utf8', at, at + length)
  }

  string(field: string): string {
    const text = this.nullableString(field)
    if (text === null) throw new DecodeError(`byte ${this.#position - this.#start} of the frame: ${field} is null`)
    return text
  }

  /**
   * The count of a vector; -1 stands for null, any other negative count reads as 0.
   *
   * @param elementSizeMin bytes that the smallest element takes: a count that cannot fit what is left is refused here,
   *   before the caller allocates
   */
  count(field: string, elementSizeMin: number): number {
    const count = this.int32(field)
    if (count < -1) return 0
    if (count > 0 && count * elementSizeMin > this.remaining) {
      throw new DecodeError(
        `byte ${this.#position - 4 - this.#start} of the frame: ${field} claims ${count} elements in ${this.remaining} bytes`,
      )
    }
    return count
  }

  /** What is left, as a view. */
  rest(): Buffer {
    const view = this.#bytes.subarray(this.#position, this.#end)
    this.#position = this.#end
    return view
  }

  skip(count: number, field: string): void {
    this.#advance(count, field)
  }

  #length(field: string): number {
    const length = this.int32(field)
    if (length < -1) {
      throw new DecodeError(`byte ${this.#position - 4 - this.#start} of the frame: ${field} has the length ${length}`)
    }
    return length
  }

  #advance(count: number, field: string): number {
    const at = this.#position
    if (at + count > this.#end) {
      throw new DecodeError(
        `byte ${at - this.#start} of the frame: ${field} needs ${count} bytes but ${this.#end - at} are left`,
      )
    }
    this.#position = at + count
    return at
  }
}

/**
 * Appends to a slab that grows. `take()` hands the written bytes out and moves on in the slab, so a buffer given to a
 * socket is not written again, unless `recycle()` says that the socket is done with it.
 */
export class ByteWriter {
  #slab: Buffer
  #view: DataView
  readonly #slabSize: number
  readonly #arena: SlabArena | null
  /** Whose piece the writer's room is; null when it is memory of its own. */
  #lender: Slab | null = null
  /** Where the writer's room in the slab begins: what lies before `#start` was handed out. */
  #first = 0
  #start = 0
  #position = 0
  /** Where the writer's room in the slab ends. */
  #end = 0

  /**
   * @param slabSize bytes to take at a time
   * @param arena where they are taken from; null gives the writer slabs of its own
   */
  constructor(slabSize = 64 * 1024, arena: SlabArena | null = null) {
    this.#slabSize = slabSize
    this.#arena = arena
    // Allocated with the first byte: most of ten thousand idle connections write none.
    this.#slab = NOTHING
    this.#view = NOTHING_VIEW
  }

  /** Bytes written since the last `take()`. */
  get size(): number {
    return this.#position - this.#start
  }

  byte(value: number): this {
    const at = this.#claim(1)
    this.#slab[at] = value
    return this
  }

  boolean(value: boolean): this {
    return this.byte(value ? 1 : 0)
  }

  int32(value: number): this {
    const at = this.#claim(4)
    this.#view.setInt32(at, value)
    return this
  }

  uint32(value: number): this {
    const at = this.#claim(4)
    this.#view.setUint32(at, value)
    return this
  }

  float64(value: number): this {
    const at = this.#claim(8)
    this.#view.setFloat64(at, value)
    return this
  }

  /** @param value a safe integer, either sign */
  safeLong(value: number): this {
    const at = this.#claim(8)
    const high = Math.floor(value / TWO_32)
    this.#view.setInt32(at, high)
    this.#view.setUint32(at + 4, value - high * TWO_32)
    return this
  }

  long(value: bigint): this {
    const at = this.#claim(8)
    this.#slab.writeBigInt64BE(BigInt.asIntN(64, value), at)
    return this
  }

  buffer(bytes: KeptBytes | null): this {
    if (bytes === null) return this.int32(-1)
    this.int32(bytes.length)
    if (typeof bytes !== 'string') return this.raw(bytes)
    const at = this.#claim(bytes.length)
    this.#slab.write(bytes, at, bytes.length, 'latin1')
    return this
  }

  string(text: string | null): this {
    if (text === null) return this.int32(-1)
    const size = Buffer.byteLength(text)
    const at = this.#claim(4 + size)
    this.#view.setInt32(at, size)
    this.#slab.write(text, at + 4, size, 'utf8')
    return this
  }

  /** Bytes as they are, without a length. */
  raw(bytes: Uint8Array): this {
    const at = this.#claim(bytes.length)
    this.#slab.set(bytes, at)
    return this
  }

  /** Leaves room for a value that is known later. @returns its offset for `patchInt32` */
  reserve(count: number): number {
    return this.#claim(count) - this.#start
  }

  /** @param offset counted from the last `take()` */
  patchInt32(offset: number, value: number): void {
    this.#view.setInt32(this.#start + offset, value)
  }

  /** Drops everything from `offset` on (counted from the last `take()`): undoes a record that failed half-way. */
  truncate(offset: number): void {
    this.#position = this.#start + offset
  }

  /** @returns what was written since the last call; the caller owns these bytes for ever */
  take(): Buffer {
    const taken = this.#slab.subarray(this.#start, this.#position)
    this.#start = this.#position
    return taken
  }

  /** Bytes of memory that wait for what will be written. */
  get heldBytes(): number {
    return this.#end - this.#start
  }

  /** Everything was taken: the room that is left goes back to where it came from. */
  release(): void {
    this.#giveBackFrom(this.#position)
    this.#forgetRoom()
  }

  /**
   * Everything was taken, and nobody reads it any more: all of the room goes back to where it came from, or is written
   * again if it is the writer's own.
   */
  recycle(): void {
    if (this.#lender === null && this.#slab.length <= this.#slabSize) {
      this.#start = this.#position = this.#first
      return
    }
    this.#giveBackFrom(this.#first)
    this.#forgetRoom()
  }

  #giveBackFrom(start: number): void {
    if (this.#lender !== null && this.#arena !== null) this.#arena.giveBack(this.#lender, start, this.#end)
  }

  #forgetRoom(): void {
    this.#slab = NOTHING
    this.#view = NOTHING_VIEW
    this.#lender = null
    this.#first = this.#start = this.#position = this.#end = 0
  }

  #claim(count: number): number {
    if (this.#position + count > this.#end) this.#grow(count)
    const at = this.#position
    this.#position = at + count
    return at
  }

  #grow(count: number): void {
    const arena = this.#arena
    const moreBytes = Math.max(this.#slabSize, count)
    if (arena !== null && this.#lender !== null && arena.extend(this.#lender, this.#end, moreBytes)) {
      this.#end += moreBytes
      return
    }
    const pending = this.#position - this.#start
    const sizeBytes = Math.max(this.#slabSize, (pending + count) * 2)
    const piece = arena?.take(sizeBytes) ?? null
    const slab = piece === null ? Buffer.allocUnsafeSlow(sizeBytes) : piece.slab.bytes
    const first = piece === null ? 0 : piece.start
    this.#slab.copy(slab, first, this.#start, this.#position)
    this.#giveBackFrom(this.#start) // What was handed out before stays as it is.
    this.#slab = slab
    this.#view = piece === null ? viewOf(slab) : piece.slab.view
    this.#lender = piece === null ? null : piece.slab
    this.#first = this.#start = first
    this.#position = first + pending
    this.#end = first + sizeBytes
  }
}
