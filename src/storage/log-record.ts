import { crc32 } from 'node:zlib'

/**
 * One record of the log on disk. Big-endian; records start at multiples of 8 bytes.
 *
 *   byte 0        2       3      4         8         16        24      28       32
 *        ┌────────┬───────┬──────┬─────────┬─────────┬─────────┬───────┬────────┬─────────┬────────────┐
 *        │ magic  │ flags │ type │ length  │ group   │ mark    │ crc32 │ check  │ payload │ zeros to a │
 *        │ u16    │ u8    │ u8   │ u32     │ u64     │ u64     │ u32   │ u32    │ length  │ multiple   │
 *        └────────┴───────┴──────┴─────────┴─────────┴─────────┴───────┴────────┴─────────┴─of 8───────┘
 *
 * `crc32` covers the payload, `check` the 28 bytes before it. A header can therefore be believed alone, and it proves
 * something alone: that its group was written (log-recovery.ts says what follows from that). Both start from the
 * segment's salt, a random number that no client knows: bytes that somebody stored as data are never taken for a record.
 *
 * A preallocated file reads as zeros beyond its last record, and zeros are no magic: they end the log.
 */
export const RECORD_ALIGNMENT = 8
export const HEADER_SIZE = 32

/** Bytes; a longer payload is a mistake of the caller. */
export const PAYLOAD_MAX_BYTES = 1 << 30

/** The last record of its group. */
export const FLAG_LAST = 1
/**
 * When this group's write began, all groups before it had been synced but the last few, whose number stands in the two bits above
 * this one: those that it has overtaken. Not so after a group written without a sync.
 */
export const FLAG_SYNCED_BEFORE = 2
const OVERTAKEN_SHIFT = 2
/** So many groups can be said to have been overtaken. */
export const OVERTAKEN_MAX = 3

/** The record type that `storage` keeps for itself: log-segment.ts has its payload. */
export const START_TYPE = 255

const MAGIC = 0x7a6b
const FLAGS_KNOWN = FLAG_LAST | FLAG_SYNCED_BEFORE | (OVERTAKEN_MAX << OVERTAKEN_SHIFT)
const TWO_32 = 2 ** 32
const MARK_HIGH_MAX = 0x1fffff

/** What a header says. One object is filled again and again. */
export class RecordHeader {
  flags = 0
  type = 0
  /** Bytes of payload. */
  length = 0
  group = 0
  mark = 0
  crc = 0

  /** Bytes of the whole record. */
  get recordSize(): number {
    return recordSize(this.length)
  }

  get isLast(): boolean {
    return (this.flags & FLAG_LAST) !== 0
  }

  /** How many groups before it may not have been synced when its write began; null when that is not known. */
  get overtaken(): number | null {
    return (this.flags & FLAG_SYNCED_BEFORE) === 0 ? null : this.flags >>> OVERTAKEN_SHIFT
  }
}

/** @param overtaken see `RecordHeader` */
export function groupFlags(overtaken: number | null): number {
  return overtaken === null ? 0 : FLAG_SYNCED_BEFORE | (overtaken << OVERTAKEN_SHIFT)
}

/** Bytes that a record takes, header and padding included. */
export function recordSize(payloadLength: number): number {
  return HEADER_SIZE + Math.ceil(payloadLength / RECORD_ALIGNMENT) * RECORD_ALIGNMENT
}

export function writeHeader(
  view: DataView,
  at: number,
  salt: number,
  flags: number,
  type: number,
  length: number,
  group: number,
  mark: number,
  crc: number,
): void {
  view.setUint32(at, ((MAGIC << 16) | (flags << 8) | type) >>> 0)
  view.setUint32(at + 4, length)
  view.setUint32(at + 8, Math.floor(group / TWO_32))
  view.setUint32(at + 12, group >>> 0)
  view.setUint32(at + 16, Math.floor(mark / TWO_32))
  view.setUint32(at + 20, mark >>> 0)
  view.setUint32(at + 24, crc)
  view.setUint32(at + 28, checkOf(view, at, salt))
}

/**
 * Of a payload. An empty one is not handed to zlib: when its bytes have no address, as those of an empty ArrayBuffer, zlib
 * answers 0 instead of the salt.
 */
export function payloadCrc(payload: Uint8Array, salt: number): number {
  return payload.length === 0 ? salt >>> 0 : crc32(payload, salt)
}

/** Changes the flags of a written header. @returns the size of its record in bytes */
export function reflagHeader(view: DataView, at: number, salt: number, flags: number): number {
  view.setUint8(at + 2, flags)
  view.setUint32(at + 28, checkOf(view, at, salt))
  return recordSize(view.getUint32(at + 4))
}

/** @returns false when there is no valid header at `at`; `into` is then not changed */
export function readHeader(view: DataView, at: number, salt: number, into: RecordHeader): boolean {
  const first = view.getUint32(at)
  if (first >>> 16 !== MAGIC || view.getUint32(at + 28) !== checkOf(view, at, salt)) return false
  const flags = (first >>> 8) & 0xff
  const length = view.getUint32(at + 4)
  const groupHigh = view.getUint32(at + 8)
  const markHigh = view.getUint32(at + 16)
  if ((flags & ~FLAGS_KNOWN) !== 0 || length > PAYLOAD_MAX_BYTES) return false
  if (groupHigh > MARK_HIGH_MAX || markHigh > MARK_HIGH_MAX) return false
  into.flags = flags
  into.type = first & 0xff
  into.length = length
  into.group = groupHigh * TWO_32 + view.getUint32(at + 12)
  into.mark = markHigh * TWO_32 + view.getUint32(at + 20)
  into.crc = view.getUint32(at + 24)
  return true
}

/** Each step is a bijection of what it has so far, so a change of any one word always changes the result. */
function checkOf(view: DataView, at: number, salt: number): number {
  let check = salt | 0
  for (let offset = at; offset < at + 28; offset += 4) {
    check = Math.imul(check ^ view.getInt32(offset), 0x9e3779b1)
    check ^= check >>> 15
  }
  return check >>> 0
}
