import { assert } from '../kernel/assert.ts'
import {
  payloadCrc,
  FLAG_LAST,
  groupFlags,
  HEADER_SIZE,
  PAYLOAD_MAX_BYTES,
  RECORD_ALIGNMENT,
  recordSize,
  reflagHeader,
  START_TYPE,
  writeHeader,
} from './log-record.ts'
import { encodeStart, type StartRecord } from './log-segment.ts'

const SLAB_MIN_BYTES = 16 * 1024
/** A slab that one burst has grown beyond this is given back afterwards. */
const SLAB_KEPT_MAX_BYTES = 16 * 1024 * 1024

/** Records that share one write and one sync: copied into one slab, so that they leave in one system call. */
export class LogGroup {
  #slab: Buffer
  #view: DataView
  #overtaken: number | null = 0
  #lastRecordAt = 0
  /** That of its segment. */
  salt = 0
  number = 0
  /** Bytes of encoded records. */
  size = 0
  needsSync = false
  /** It begins with a start record and goes to a file of its own. */
  startsSegment = false
  /** The first mark after the preamble names the segment. */
  firstMark = 0
  maxMark = 0
  /** Records of the caller, the preamble included. */
  recordCount = 0
  /** Of these, the preamble. */
  preambleCount = 0
  /** Called in order once the group is durable. */
  readonly onDurable: (() => void)[] = []
  /** When the first commit asked for it, in milliseconds of the clock; 0 before that. */
  committedAtMs = 0
  /** When its write began, likewise. */
  startedAtMs = 0
  /** Its write, with its sync if it has one, is over. */
  isWritten = false

  constructor() {
    this.#slab = Buffer.allocUnsafeSlow(SLAB_MIN_BYTES)
    this.#view = viewOf(this.#slab)
  }

  /**
   * Empties it for its next use.
   *
   * @param isSyncedBefore everything before it will have been synced when its write begins, unless it overtakes
   */
  reset(number: number, salt: number, isSyncedBefore: boolean): void {
    if (this.#slab.length > SLAB_KEPT_MAX_BYTES) this.#resize(SLAB_MIN_BYTES)
    this.#overtaken = isSyncedBefore ? 0 : null
    this.#lastRecordAt = 0
    this.salt = salt
    this.number = number
    this.size = 0
    this.needsSync = false
    this.startsSegment = false
    this.firstMark = 0
    this.maxMark = 0
    this.recordCount = 0
    this.preambleCount = 0
    this.onDurable.length = 0
    this.committedAtMs = 0
    this.startedAtMs = 0
    this.isWritten = false
  }

  /** It is durable when it has been written: the first group of a segment always. */
  get isSynced(): boolean {
    return this.needsSync || this.startsSegment
  }

  get isSyncedBefore(): boolean {
    return this.#overtaken !== null
  }

  /** Its write may be under way beside others: it goes behind them in the same file, and vouches for itself alone. */
  get isPlain(): boolean {
    return this.needsSync && !this.startsSegment && this.size > 0
  }

  /** The start record stands for a sync of everything before it: the group's records may say so. */
  addStart(start: StartRecord): void {
    assert(this.size === 0, 'a start record is the first of its group')
    this.#overtaken = 0
    this.preambleCount = start.preambleCount
    this.#add(START_TYPE, 0, encodeStart(start))
  }

  /** Copies the payload. */
  append(type: number, mark: number, payload: Uint8Array): void {
    assert(type >= 0 && type < START_TYPE, 'a record type is 0 to 254')
    assert(payload.length <= PAYLOAD_MAX_BYTES, 'a payload is at most 1 GiB')
    assert(Number.isSafeInteger(mark) && mark >= 0, 'a mark is a safe integer from 0')
    this.#add(type, mark, payload)
    this.recordCount++
    if (this.recordCount === this.preambleCount + 1) this.firstMark = mark
    if (mark > this.maxMark) this.maxMark = mark
  }

  /** Marks the last record as such; nothing is appended afterwards. */
  seal(): void {
    if (this.size > 0) reflagHeader(this.#view, this.#lastRecordAt, this.salt, groupFlags(this.#overtaken) | FLAG_LAST)
  }

  /** Says in all its records that a sealed group is written beside others. @param first of those, the oldest one */
  overtake(first: LogGroup): void {
    this.#overtaken = first.isSyncedBefore ? this.number - first.number : null
    const flags = groupFlags(this.#overtaken)
    let at = 0
    while (at < this.#lastRecordAt) at += reflagHeader(this.#view, at, this.salt, flags)
    reflagHeader(this.#view, at, this.salt, flags | FLAG_LAST)
  }

  /** What to write; valid until the next `reset`. */
  get bytes(): Buffer {
    return this.#slab.subarray(0, this.size)
  }

  #add(type: number, mark: number, payload: Uint8Array): void {
    const at = this.size
    const end = at + recordSize(payload.length)
    if (end > this.#slab.length) this.#resize(end * 2)
    // The last 8 bytes first: what of them the payload does not cover is the padding.
    this.#view.setFloat64(end - RECORD_ALIGNMENT, 0)
    const crc = payloadCrc(payload, this.salt)
    this.#slab.set(payload, at + HEADER_SIZE)
    writeHeader(this.#view, at, this.salt, groupFlags(this.#overtaken), type, payload.length, this.number, mark, crc)
    this.#lastRecordAt = at
    this.size = end
  }

  #resize(length: number): void {
    const slab = Buffer.allocUnsafeSlow(length)
    this.#slab.copy(slab, 0, 0, Math.min(this.size, length))
    this.#slab = slab
    this.#view = viewOf(slab)
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}
