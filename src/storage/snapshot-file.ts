/**
 * A snapshot on disk, `snapshot.<slot>` with the slot in hexadecimal, or `snapshot.<slot>.gz`, where each part is a member
 * of a gzip file (gzip-member.ts), so that `gunzip` gives the former. Big-endian.
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
import { GzipSource } from './gzip-member.ts'

export const HEADER_SIZE = 20
const TRAILER_SIZE = 16
const TRAILER_MARK = 0xffffffff
const MAGIC = Buffer.from('zktsnap1', 'latin1')
const TWO_32 = 2 ** 32

const NAME = /^snapshot\.([0-9a-f]+)(\.gz)?$/

/** A finished snapshot in its folder. */
export interface SnapshotName {
  readonly name: string
  readonly slot: number
  readonly isCompressed: boolean
}

export function snapshotName(slot: number, isCompressed: boolean): SnapshotName {
  return { name: `snapshot.${slot.toString(16)}${isCompressed ? '.gz' : ''}`, slot, isCompressed }
}

/** @returns null when it is not the name of a finished snapshot */
export function readSnapshotName(name: string): SnapshotName | null {
  const [, slot, suffix] = NAME.exec(name) ?? []
  return slot === undefined ? null : { name, slot: Number.parseInt(slot, 16), isCompressed: suffix !== undefined }
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
export function* readSnapshot(
  disk: Disk,
  folder: string,
  { name, slot, isCompressed }: SnapshotName,
): Generator<Buffer> {
  const path = `${folder}/${name}`
  const sizeBytes = disk.sizeBytes(path)
  const source = isCompressed ? new GzipSource(disk, path) : new PlainSource(disk, path)
  let crc = 0
  let totalBytes = 0

  const take = (length: number): Buffer => {
    const { offset } = source
    const bytes = source.take(length)
    if (bytes === null) throw damaged(path, offset, 'it does not go on as gzip')
    if (bytes.length < length) throw damaged(path, offset, `it ends after ${sizeBytes} bytes`)
    return bytes
  }
  /** The rest of a part that begins with `start`. */
  const part = (start: Buffer, length: number): Buffer => {
    const { offset } = source
    const bytes = Buffer.concat([start, take(length - start.length)])
    crc = crc32(bytes.subarray(0, length - 4), crc)
    if (crc !== bytes.readUInt32BE(length - 4)) throw damaged(path, offset, 'the checksum does not match')
    return bytes
  }

  const header = part(take(4), HEADER_SIZE)
  if (!header.subarray(0, 8).equals(MAGIC)) throw damaged(path, 0, 'it does not begin as a snapshot of zktune')
  if (readSafe(header, 8) !== slot) throw damaged(path, 8, `it is of slot ${readSafe(header, 8)}`)
  let start = take(4)
  for (; start.readUInt32BE(0) !== TRAILER_MARK; start = take(4)) {
    const length = start.readUInt32BE(0)
    if (length > sizeBytes && !isCompressed) throw damaged(path, source.offset, `it ends after ${sizeBytes} bytes`)
    totalBytes += length
    yield part(start, length + 8).subarray(4, 4 + length)
  }
  const trailer = part(start, TRAILER_SIZE)
  if (readSafe(trailer, 4) !== totalBytes) throw damaged(path, source.offset, 'chunks are missing')
  if (source.offset !== sizeBytes || source.hasMore) throw damaged(path, source.offset, 'something follows its end')
}

/** The bytes of a file in their order. */
class PlainSource {
  readonly #disk: Disk
  readonly #path: string
  /** In the file, of what is taken next. */
  offset = 0
  readonly hasMore = false

  constructor(disk: Disk, path: string) {
    this.#disk = disk
    this.#path = path
  }

  /** Fewer bytes at the end of the file. */
  take(length: number): Buffer {
    const bytes = this.#disk.read(this.#path, this.offset, length)
    this.offset += bytes.length
    return bytes
  }
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
