import type { Disk } from '../kernel/ports.ts'
import { HEADER_SIZE, payloadCrc, readHeader, RECORD_ALIGNMENT, RecordHeader, START_TYPE } from './log-record.ts'

const WINDOW_BYTES = 1024 * 1024

/** A valid header found by `scan`. */
export interface FoundHeader {
  readonly offset: number
  readonly group: number
  readonly mark: number
}

export interface TailScan {
  /** Something but zeros is there. */
  readonly hasBytes: boolean
  /** The first header that proves the damaged group to have been synced; null when there is none. */
  readonly proof: FoundHeader | null
  /** The highest group number of all valid headers; 0 for none. */
  readonly highestGroup: number
}

/** Reads one segment a window at a time; payloads are views of the windows and keep them alive. */
export class SegmentReader {
  readonly path: string
  readonly sizeBytes: number
  /** What the last successful `read` found. */
  readonly header = new RecordHeader()
  readonly #disk: Disk
  readonly #salt: number
  #window: Buffer = Buffer.alloc(0)
  #view: DataView = new DataView(new ArrayBuffer(0))
  #windowStart = 0

  constructor(disk: Disk, path: string, salt: number) {
    this.#disk = disk
    this.path = path
    this.#salt = salt
    this.sizeBytes = disk.sizeBytes(path)
  }

  /** @returns the payload of the record at `offset`, its header in `header`; null when no valid record is there */
  read(offset: number): Buffer | null {
    if (!this.#load(offset, HEADER_SIZE)) return null
    if (!readHeader(this.#view, offset - this.#windowStart, this.#salt, this.header)) return null
    const { length, crc, recordSize: size } = this.header
    if (!this.#load(offset, size)) return null
    const at = offset - this.#windowStart + HEADER_SIZE
    const payload = this.#window.subarray(at, at + length)
    if (payloadCrc(payload, this.#salt) !== crc) return null
    for (let index = at + length; index < at + size - HEADER_SIZE; index++) if (this.#window[index] !== 0) return null
    return payload
  }

  /**
   * Looks at everything from `offset` to the end of the file.
   *
   * @param damagedGroup a header of a later group whose write began after the sync of this one is the proof. Not so
   *   the start record that a recovery puts where it has cut: its group is a later one because it passes over the groups
   *   that were cut, and when the power goes while it is written, its header may be whole and the rest torn
   */
  scan(offset: number, damagedGroup: number): TailScan {
    const header = new RecordHeader()
    let hasBytes = false
    let highestGroup = 0
    let proof: FoundHeader | null = null
    for (let at = offset; at < this.sizeBytes;) {
      const length = Math.min(WINDOW_BYTES, this.sizeBytes - at)
      this.#load(at, length)
      const start = at - this.#windowStart
      if (!isZero(this.#window, start, length)) {
        hasBytes = true
        for (let index = start; index + HEADER_SIZE <= start + length; index += RECORD_ALIGNMENT) {
          if (!readHeader(this.#view, index, this.#salt, header)) continue
          highestGroup = Math.max(highestGroup, header.group)
          const found = this.#windowStart + index
          const isCutMark = header.type === START_TYPE && found === offset && offset > 0
          const { overtaken } = header
          const isProof = overtaken !== null && header.group - overtaken > damagedGroup && !isCutMark
          if (proof === null && isProof) {
            proof = { offset: found, group: header.group, mark: header.mark }
          }
        }
      }
      // The windows overlap by a header, so that none is missed at their border.
      at += length < WINDOW_BYTES ? length : length - HEADER_SIZE
    }
    return { hasBytes, proof, highestGroup }
  }

  /** Brings `length` bytes from `offset` into the window. @returns false when the file ends before */
  #load(offset: number, length: number): boolean {
    if (offset + length > this.sizeBytes) return false
    const isThere = offset >= this.#windowStart && offset + length <= this.#windowStart + this.#window.length
    if (!isThere) {
      this.#window = this.#disk.read(this.path, offset, Math.max(length, WINDOW_BYTES))
      this.#view = new DataView(this.#window.buffer, this.#window.byteOffset, this.#window.length)
      this.#windowStart = offset
    }
    return this.#window.length >= offset - this.#windowStart + length
  }
}

const ZEROS = Buffer.alloc(64 * 1024)

function isZero(bytes: Buffer, from: number, length: number): boolean {
  for (let at = from; at < from + length; at += ZEROS.length) {
    const end = Math.min(at + ZEROS.length, from + length)
    if (ZEROS.compare(bytes, at, end, 0, end - at) !== 0) return false
  }
  return true
}
