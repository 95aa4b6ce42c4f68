/**
 * Gzip in members that say how long they are (RFC 1952, with the extra field of the BGZF format of bioinformatics): each
 * can be read by itself, and the whole is a gzip file to every other program.
 *
 *   1f 8b 08 04 │ mtime 4 │ xfl, os │ extra length 2 │ "ZK" │ 4 │ member length u32 │ deflated bytes │ crc32 │ length
 *                                                      └ the extra field, little-endian as all of gzip ┘
 */
import { constants, crc32, deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Disk } from '../kernel/ports.ts'

const HEADER_SIZE = 20
const FOOTER_SIZE = 8
const LENGTH_AT = 16
/** Magic, deflate, "has an extra field"; no time, no hints, unknown system; 8 bytes of extra field: "ZK", 4 bytes long. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 8, 0, 0x5a, 0x4b, 4, 0, 0, 0, 0, 0])

/** Compressed at the level that costs least: the event loop pays for it. */
export function gzipMember(bytes: Uint8Array): Buffer {
  const deflated = deflateRawSync(bytes, { level: constants.Z_BEST_SPEED })
  const member = Buffer.allocUnsafe(HEADER_SIZE + deflated.length + FOOTER_SIZE)
  HEADER.copy(member)
  member.writeUInt32LE(member.length, LENGTH_AT)
  deflated.copy(member, HEADER_SIZE)
  member.writeUInt32LE(crc32(bytes), member.length - FOOTER_SIZE)
  member.writeUInt32LE(bytes.length, member.length - 4)
  return member
}

/** What a file of such members holds, in its order. One member is in memory at a time. */
export class GzipSource {
  readonly #disk: Disk
  readonly #path: string
  /** In the file, of the member that is read next. */
  offset = 0
  #bytes: Buffer = Buffer.alloc(0)

  constructor(disk: Disk, path: string) {
    this.#disk = disk
    this.#path = path
  }

  /** Something of the member that was read last is not taken yet. */
  get hasMore(): boolean {
    return this.#bytes.length > 0
  }

  /** @returns fewer bytes at the end of the file; null when it does not go on as it should */
  take(length: number): Buffer | null {
    const parts: Buffer[] = []
    let missing = length
    for (;;) {
      const part = this.#bytes.subarray(0, missing)
      this.#bytes = this.#bytes.subarray(part.length)
      parts.push(part)
      missing -= part.length
      if (missing === 0) break
      const next = this.#readMember()
      if (next === null) return null
      if (next.length === 0) break
      this.#bytes = next
    }
    return Buffer.concat(parts)
  }

  /** Empty at the end of the file. */
  #readMember(): Buffer | null {
    const header = this.#disk.read(this.#path, this.offset, HEADER_SIZE)
    if (header.length === 0) return header
    if (header.length < HEADER_SIZE || !header.subarray(0, LENGTH_AT).equals(HEADER.subarray(0, LENGTH_AT))) return null
    const length = header.readUInt32LE(LENGTH_AT)
    if (length < HEADER_SIZE + FOOTER_SIZE) return null
    const member = this.#disk.read(this.#path, this.offset, length)
    if (member.length < length) return null
    const bytes = inflated(member.subarray(HEADER_SIZE, length - FOOTER_SIZE), member.readUInt32LE(length - 4))
    if (bytes === null || crc32(bytes) !== member.readUInt32LE(length - FOOTER_SIZE)) return null
    this.offset += length
    return bytes
  }
}

/** @returns null when these are no deflated bytes of that many */
function inflated(deflated: Buffer, length: number): Buffer | null {
  try {
    const bytes = inflateRawSync(deflated, { maxOutputLength: Math.max(1, length) })
    return bytes.length === length && length > 0 ? bytes : null
  } catch {
    return null
  }
}
