/**
 * A segment is one file of the log, named `log.<first mark>-<sequence>-<salt>`, mark and salt in hexadecimal:
 *
 *   log.0-1-5f0c93aa   log.1a2-2-5f0c93aa   log.3f00-3-77e1b204
 *
 *   ┌───────┬──────────┬─────────┬┬─────────┬─────────┬┬─────────┬─ ─ ─ ─ ─ ─ ─ ─ ─
 *   │ start │ preamble │ records ││ records │ records ││ records │ 0 0 0 0 0 0 0 0 …
 *   └───────┴──────────┴─────────┴┴─────────┴─────────┴┴─────────┴─ ─ ─ ─ ─ ─ ─ ─ ─
 *    group n                       n + 1                n + 2      preallocated
 *
 * The start record says where the group before it ended, so that two segments fit together at one byte only. The same
 * record, alone in a group, stands where a torn tail was cut: what is before it is what was kept.
 */
export interface Segment {
  readonly path: string
  /** From 1, without gaps; a purge removes from the low end. */
  readonly sequence: number
  readonly salt: number
  /** The highest mark of its records. */
  maxMark: number
}

export interface StartRecord {
  /** The last group before this one, of which something was kept; 0 for none. */
  readonly previousGroup: number
  /** Where what was kept ends: an offset in the previous segment, or in this one when it marks a cut. */
  readonly previousEnd: number
  /** Records after this one that the caller of `roll` wanted at the segment's head. */
  readonly preambleCount: number
}

/** Raised with each change of the layout; a segment of a later version is refused by name. Version 1 knew of no overtaking. */
export const LAYOUT_VERSION = 2
const LAYOUTS_READ: readonly number[] = [1, 2]

export const START_SIZE = 24

const NAME = /^log\.([0-9a-f]+)-([0-9]+)-([0-9a-f]{8})$/
const TWO_32 = 2 ** 32

export function segmentName(firstMark: number, sequence: number, salt: number): string {
  return `log.${firstMark.toString(16)}-${sequence}-${salt.toString(16).padStart(8, '0')}`
}

/** @returns the segments among the names of a folder, in their order; other files are left alone */
export function segmentsIn(folder: string, names: readonly string[]): Segment[] {
  const segments: Segment[] = []
  for (const name of names) {
    const match = NAME.exec(name)
    if (match === null) continue
    const [, , sequence, salt] = match
    segments.push({
      path: `${folder}/${name}`,
      sequence: Number(sequence),
      salt: Number.parseInt(salt ?? '', 16),
      maxMark: 0,
    })
  }
  return segments.sort((one, other) => one.sequence - other.sequence)
}

export function encodeStart(start: StartRecord): Buffer {
  const bytes = Buffer.alloc(START_SIZE)
  bytes.writeUInt32BE(LAYOUT_VERSION, 0)
  bytes.writeUInt32BE(start.preambleCount, 4)
  writeSafe(bytes, 8, start.previousGroup)
  writeSafe(bytes, 16, start.previousEnd)
  return bytes
}

/** @returns null when the record is of another layout version */
export function decodeStart(payload: Buffer): StartRecord | null {
  if (payload.length !== START_SIZE || !LAYOUTS_READ.includes(payload.readUInt32BE(0))) return null
  return {
    preambleCount: payload.readUInt32BE(4),
    previousGroup: readSafe(payload, 8),
    previousEnd: readSafe(payload, 16),
  }
}

function writeSafe(bytes: Buffer, at: number, value: number): void {
  bytes.writeUInt32BE(Math.floor(value / TWO_32), at)
  bytes.writeUInt32BE(value >>> 0, at + 4)
}

function readSafe(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) * TWO_32 + bytes.readUInt32BE(at + 4)
}
