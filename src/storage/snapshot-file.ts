/**
 * A snapshot on disk, `snapshot.<slot>` with the slot in hexadecimal. Big-endian.
 *
 *   ┌────────────────────────────┐┌─────────────────────────┐     ┌────────────────────────────────┐
 *   │ magic 8 │ slot u64 │ crc u32 ││ length u32 │ bytes │ crc │ … │ 0xffffffff │ total u64 │ crc u32 │
 *   └────────────────────────────┘└─────────────────────────┘     └────────────────────────────────┘
 *     header                        a chunk, as it was written        trailer: bytes of all chunks
 *
 * Each crc covers everything before it since the last crc and starts from that one: it stands for the whole file so far,
 * so a chunk that is missing, doubled or of another snapshot does not pass. Nothing may follow the trailer.
 */
import { crc32 } from 'node:zlib'
import { ZktuneError } from '../kernel/errors.ts'
import type { Disk } from '../kernel/ports.ts'

export const HEADER_SIZE = 20
const TRAILER_SIZE = 16
const TRAILER_MARK = 0xffffffff
const MAGIC = Buffer.from('zktsnap1', 'latin1')
const TWO_32 = 2 ** 32

const NAME = /^snapshot\.([0-9a-f]+)$/

export function snapshotName(slot: number): string {
  return `snapshot.${slot.toString(16)}`
}

/** @returns null when it is not the name of a finished snapshot */
export function slotOfName(name: string): number | null {
  const slot = NAME.exec(name)?.[1]
  return slot === undefined ? null : Number.parseInt(slot, 16)
}

/** Encodes the parts of one file in their order, keeping the running checksum. */
export class SnapshotEncoder {
  #crc = 0
  #totalBytes = 0

  header(slot: number): Buffer {
    const bytes = Buffer.alloc(HEADER_SIZE)
    MAGIC.copy(bytes)
    writeSafe(bytes, 8, slot)
    return this.#closed(bytes)
  }

  /** Copies the chunk. */
  chunk(chunk: Uint8Array): Buffer {
    const bytes = Buffer.allocUnsafe(chunk.length + 8)
    bytes.writeUInt32BE(chunk.length)
    bytes.set(chunk, 4)
    this.#totalBytes += chunk.length
    return this.#closed(bytes)
  }

  trailer(): Buffer {
    const bytes = Buffer.alloc(TRAILER_SIZE)
    bytes.writeUInt32BE(TRAILER_MARK)
    writeSafe(bytes, 4, this.#totalBytes)
    return this.#closed(bytes)
  }

  #closed(bytes: Buffer): Buffer {
    this.#crc = crc32(bytes.subarray(0, bytes.length - 4), this.#crc)
    bytes.writeUInt32BE(this.#crc, bytes.length - 4)
    return bytes
  }
}

/**
 * The chunks as they were written, each checked before it is handed out; the end of the iteration means that the file is
 * whole. Reads one chunk at a time, blocking.
 *
 * @throws ZktuneError `DamagedFile` with the offset of the part that fails
 */
export function* readSnapshot(disk: Disk, path: string, slot: number): Generator<Buffer, void> {
  const sizeBytes = disk.sizeBytes(path)
  let crc = 0
  let offset = 0
  let totalBytes = 0

  const part = (length: number): Buffer => {
    if (offset + length > sizeBytes) throw damaged(path, offset, `it ends after ${sizeBytes} bytes`)
    const bytes = disk.read(path, offset, length)
    if (bytes.length < length) throw damaged(path, offset, 'it became shorter while it was read')
    crc = crc32(bytes.subarray(0, length - 4), crc)
    if (crc !== bytes.readUInt32BE(length - 4)) throw damaged(path, offset, 'the checksum does not match')
    offset += length
    return bytes
  }

  const header = part(HEADER_SIZE)
  if (!header.subarray(0, 8).equals(MAGIC)) throw damaged(path, 0, 'it does not begin as a snapshot of zktune')
  if (readSafe(header, 8) !== slot) throw damaged(path, 8, `it is of slot ${readSafe(header, 8)}`)
  for (;;) {
    const lengthBytes = disk.read(path, offset, 4)
    if (lengthBytes.length < 4) throw damaged(path, offset, `it ends after ${sizeBytes} bytes`)
    const length = lengthBytes.readUInt32BE(0)
    if (length === TRAILER_MARK) break
    const bytes = part(length + 8)
    totalBytes += length
    yield bytes.subarray(4, 4 + length)
  }
  const trailerAt = offset
  const trailer = part(TRAILER_SIZE)
  if (readSafe(trailer, 4) !== totalBytes) throw damaged(path, trailerAt, 'chunks are missing')
  if (offset !== sizeBytes) throw damaged(path, offset, 'something follows its end')
}

function damaged(path: string, offset: number, what: string): ZktuneError {
  return new ZktuneError('DamagedFile', {
    where: `${path}, byte ${offset}`,
    what: `the snapshot is damaged: ${what}`,
    mend: 'Move the file aside; the server then starts from an older snapshot with the log, or takes one from the leader.',
  })
}

function writeSafe(bytes: Buffer, at: number, value: number): void {
  bytes.writeUInt32BE(Math.floor(value / TWO_32), at)
  bytes.writeUInt32BE(value >>> 0, at + 4)
}

function readSafe(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) * TWO_32 + bytes.readUInt32BE(at + 4)
}
