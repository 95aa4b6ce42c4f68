import { assert } from '../kernel/assert.ts'
import { readInt32 } from '../kernel/big-endian.ts'
import { FRAME_HEADER_SIZE_BYTES } from './frame.ts'

export interface FrameSink {
  /**
   * One frame's payload, `bytes[start, end)`: true during the call, and written over afterwards.
   *
   * @returns false to stop before the next frame, until `resume`
   */
  onFrame(bytes: Buffer, start: number, end: number): boolean
}

/** Whether there is room for a large frame at the moment. */
export interface LargeFrames {
  /** Payloads of more bytes than this are large. */
  readonly above: number
  /**
   * A large frame has begun; asked each time that more of it arrives.
   *
   * @returns false when it is too much: the stream is read no further, as after a bad length
   */
  mayRead(length: number): boolean
}

/**
 * What came of a push: `hungry` all whole frames were handed out; `stopped` the sink wants no more for now, the rest is
 * held; `badLength` the stream cannot be read any further, see `FrameReader.badLength`.
 */
export type FrameOutcome = 'hungry' | 'stopped' | 'badLength'

const NOTHING = Buffer.alloc(0)

/** A begun frame of no more than this gets the room for all of it at once. */
const ROOM_AT_ONCE_BYTES = 4096

/**
 * Cuts a stream of chunks into frames, one instance a connection.
 *
 *   chunk  ···]  [len|payload][len|payload][len|pay     in place, no copy
 *   chunk  load][len|payload]                            put together, once
 *
 * A chunk is lent for the time of a call: what has to wait is copied. What is held of a frame that straddles chunks grows
 * with what arrives; the length it claims counts for a small one only.
 */
export class FrameReader {
  readonly #sink: FrameSink
  readonly #sizeMax: number
  readonly #keptRoomBytes: number
  readonly #large: LargeFrames | null
  /** Up to this length nothing needs to be asked. */
  readonly #plainMax: number
  /** Where reading goes on: `#chunk` from `#position`, then `#waiting`. */
  #chunk: Buffer = NOTHING
  #position = 0
  /** Copies of chunks that came while stopped, oldest first. */
  #waiting: Buffer[] = []
  /** Room whose first `#partialSize` bytes are the begun frame, its length included. Filled only while no chunk is being read. */
  #partial: Buffer = NOTHING
  #partialSize = 0
  #state: FrameOutcome | 'reading' = 'hungry'
  #badLength = 0
  #behindBadLength: Buffer = NOTHING

  /**
   * @param sizeMax the largest payload that passes, in bytes
   * @param keptRoomBytes how much of the memory for straddling frames is kept for the next one
   */
  constructor(sizeMax: number, sink: FrameSink, large: LargeFrames | null = null, keptRoomBytes = 0) {
    this.#keptRoomBytes = keptRoomBytes
    this.#sizeMax = sizeMax
    this.#large = large
    this.#plainMax = large === null ? sizeMax : Math.min(large.above, sizeMax)
    this.#sink = sink
  }

  /** The length that could not be, after `badLength`: perhaps a four letter word. */
  get badLength(): number {
    return this.#badLength
  }

  /** What had arrived behind that length; whatever comes later is not looked at. */
  get behindBadLength(): Buffer {
    return this.#behindBadLength
  }

  /** Bytes that arrived and were not handed out. */
  get heldBytes(): number {
    let held = this.#partialSize + this.#chunk.length - this.#position
    for (const chunk of this.#waiting) held += chunk.length
    return held
  }

  /** @param chunk may be written over when the call has returned */
  push(chunk: Buffer): FrameOutcome {
    assert(this.#state !== 'reading', 'a frame reader is not fed from its own sink')
    if (this.#state !== 'hungry') {
      // A socket may deliver what it had already read when it was asked to pause.
      if (this.#state === 'stopped') this.#waiting.push(Buffer.from(chunk))
      return this.#state
    }
    this.#chunk = chunk
    this.#position = 0
    const outcome = this.#read()
    if (outcome === 'stopped') {
      this.#chunk = Buffer.from(chunk.subarray(this.#position))
      this.#position = 0
    }
    return outcome
  }

  /** Goes on after the sink has stopped the reader; harmless otherwise. */
  resume(): FrameOutcome {
    assert(this.#state !== 'reading', 'a frame reader is not resumed from its own sink')
    if (this.#state !== 'stopped') return this.#state
    let outcome = this.#read()
    while (outcome === 'hungry') {
      const next = this.#waiting.shift()
      if (next === undefined) break
      this.#chunk = next
      this.#position = 0
      outcome = this.#read()
    }
    return outcome
  }

  #read(): FrameOutcome {
    this.#state = 'reading'
    const outcome = this.#partialSize > 0 ? this.#finishPartial() : this.#readWhole()
    this.#state = outcome
    if (outcome !== 'stopped') {
      this.#chunk = NOTHING
      this.#position = 0
    }
    return outcome
  }

  /** Hands out the frames that lie in the chunk, and keeps the begun one at its end. */
  #readWhole(): FrameOutcome {
    const chunk = this.#chunk
    let position = this.#position
    while (chunk.length - position >= FRAME_HEADER_SIZE_BYTES) {
      const length = readInt32(chunk, position)
      if (length < 0 || (length > this.#plainMax && !this.#mayRead(length))) {
        return this.#refuse(length, chunk.subarray(position + FRAME_HEADER_SIZE_BYTES))
      }
      const start = position + FRAME_HEADER_SIZE_BYTES
      const end = start + length
      if (end > chunk.length) break
      position = end
      this.#position = end
      if (!this.#sink.onFrame(chunk, start, end)) return 'stopped'
    }
    if (position < chunk.length) {
      this.#partialSize = chunk.length - position
      if (this.#partial.length < this.#partialSize) this.#partial = Buffer.allocUnsafeSlow(roomFor(chunk, position))
      chunk.copy(this.#partial, 0, position)
    }
    return 'hungry'
  }

  #finishPartial(): FrameOutcome {
    if (this.#partialSize < FRAME_HEADER_SIZE_BYTES) {
      this.#takeInto(FRAME_HEADER_SIZE_BYTES)
      if (this.#partialSize < FRAME_HEADER_SIZE_BYTES) return 'hungry'
    }
    const length = readInt32(this.#partial, 0)
    if (length < 0 || (length > this.#plainMax && !this.#mayRead(length))) {
      return this.#refuse(length, this.#chunk.subarray(this.#position))
    }
    const size = FRAME_HEADER_SIZE_BYTES + length
    this.#takeInto(size)
    if (this.#partialSize < size) return 'hungry'

    const frame = this.#partial
    if (frame.length > this.#keptRoomBytes) this.#partial = NOTHING
    this.#partialSize = 0
    if (!this.#sink.onFrame(frame, FRAME_HEADER_SIZE_BYTES, size)) return 'stopped'
    return this.#readWhole()
  }

  /** Moves bytes from the chunk until the begun frame holds `size` of them or the chunk is empty. */
  #takeInto(size: number): void {
    const count = Math.min(size - this.#partialSize, this.#chunk.length - this.#position)
    const needed = this.#partialSize + count
    if (needed > this.#partial.length) {
      // Twice what has arrived, so that a frame in many small chunks is not copied once for each of them.
      const grown = Buffer.allocUnsafeSlow(Math.min(size, needed * 2))
      this.#partial.copy(grown, 0, 0, this.#partialSize)
      this.#partial = grown
    }
    this.#chunk.copy(this.#partial, this.#partialSize, this.#position, this.#position + count)
    this.#partialSize = needed
    this.#position += count
  }

  #mayRead(length: number): boolean {
    return length <= this.#sizeMax && this.#large !== null && this.#large.mayRead(length)
  }

  #refuse(length: number, behind: Buffer): FrameOutcome {
    this.#badLength = length
    this.#behindBadLength = Buffer.from(behind)
    this.#waiting = []
    this.#partial = NOTHING
    this.#partialSize = 0
    return 'badLength'
  }
}

/** @returns how many bytes to take for the frame that begins at `position` and does not end in the chunk */
function roomFor(chunk: Buffer, position: number): number {
  const arrived = chunk.length - position
  const size = arrived < FRAME_HEADER_SIZE_BYTES ? 0 : FRAME_HEADER_SIZE_BYTES + readInt32(chunk, position)
  return size <= ROOM_AT_ONCE_BYTES ? Math.max(size, arrived) : arrived
}
