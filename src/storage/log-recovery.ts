/**
 * Reads the log back when a server starts, and tells a torn tail, which a crash leaves, from damage, which it never does.
 *
 * The writer's order is the ground: a group is written only after the sync of the group before it, and a segment is
 * created only after the sync of the segment before it. So there is at most one unsynced group, the last one. There are
 * several where a group has overtaken slow ones, and it says how many; and with forceSync=no, where groups say that they
 * know of no sync (FLAG_SYNCED_BEFORE).
 *
 *            group 6          group 7          group 8
 *   ┌─────┬─────┬─────L┐┌─────┬─────┬─────L┐┌─────┬─────┬─────L┐┌ ─ ─
 *   │  ok │  ok │  ok  ││  ok │ BAD │  ok  ││  ok │  ok │  ok  ││ 0 0
 *   └─────┴─────┴─────L┘└─────┴─────┴─────L┘└─────┴─────┴─────L┘└ ─ ─
 *                             ↑ reading stops here; which group is hurt?
 *
 * The last record of each group carries FLAG_LAST. If the record before the bad spot carries it, the spot lies in the
 * next group; if not, in the same one. Call that group d. A header of a group above d that says "all before me was
 * synced", or all but some that come after d, proves that d was: damage, refused. No such header: d was still being
 * written, nobody was told that it or what comes after it is durable, and everything from the bad spot on is cut, valid
 * records included, for they come after the hole. (A last group that was synced and has rotted since looks the same. No
 * rule can tell; the report names what was cut.)
 *
 * A cut leaves group d without FLAG_LAST, so before anything else is written the tail is truncated, synced, and closed by
 * a start record alone in a group of its own: alone, so that a crash while it is written cannot leave a headless group
 * whose other records would pass for the proof above. Its number is above any seen in the bytes that were cut: even on a
 * device that brought those back, they would be out of sequence.
 */
import { ZktuneError } from '../kernel/errors.ts'
import type { Disk } from '../kernel/ports.ts'
import { OVERTAKEN_MAX, START_TYPE } from './log-record.ts'
import { decodeStart, LAYOUT_VERSION, type Segment, segmentsIn, type StartRecord } from './log-segment.ts'
import { type LogTail, openTail } from './log-tail.ts'
import { SegmentReader } from './segment-reader.ts'

export interface LogRecord {
  /** 0 to 254, as it was appended. */
  readonly type: number
  readonly mark: number
  /** A view into what was read; it stays valid. */
  readonly payload: Buffer
}

/** A torn tail that was cut off. */
export interface TailCut {
  readonly path: string
  /** Where the kept part ends. */
  readonly offset: number
  /** The group that was being written. */
  readonly group: number
  /** The highest mark that was kept. */
  readonly lastMark: number
}

export interface RecoveryReport {
  readonly segmentCount: number
  /** Of those handed over. */
  readonly recordCount: number
  /** The highest mark of all records; 0 for none. */
  readonly lastMark: number
  readonly cut: TailCut | null
  /** A newest segment without its whole head, left by a crash while it was begun: removed. Null when there was none. */
  readonly removedPath: string | null
}

export interface RecoveredLog {
  readonly records: LogRecord[]
  readonly report: RecoveryReport
  readonly segments: Segment[]
  /** The highest group number used; 0 for none. */
  readonly lastGroup: number
  /** Null when there is no segment. */
  readonly tail: LogTail | null
}

/**
 * @param isNeeded which records to hand over
 * @throws ZktuneError `DamagedFile` when synced data is hurt, `NotSupported` for another layout, `DiskFailed`
 */
export function recoverLog(
  disk: Disk,
  folder: string,
  isNeeded: (type: number, mark: number) => boolean = () => true,
): RecoveredLog {
  return new LogRecovery(disk, folder, isNeeded).run()
}

/** How far one segment could be read. */
interface Reading {
  readonly segment: Segment
  readonly reader: SegmentReader
  /** The first byte that is not part of a valid record in its place. */
  readonly end: number
  /** Where the latest group begins that vouches for everything before it. */
  readonly provenEnd: number
  /** Its start record and the whole preamble are there. */
  readonly isBorn: boolean
}

class LogRecovery {
  readonly #disk: Disk
  readonly #folder: string
  readonly #isNeeded: (type: number, mark: number) => boolean
  readonly #records: LogRecord[] = []
  #lastGroup = 0
  /** The last group has not shown its last record yet. */
  #isGroupOpen = false
  #lastMark = 0

  constructor(disk: Disk, folder: string, isNeeded: (type: number, mark: number) => boolean) {
    this.#disk = disk
    this.#folder = folder
    this.#isNeeded = isNeeded
  }

  run(): RecoveredLog {
    const segments = segmentsIn(this.#folder, this.#disk.list(this.#folder))
    this.#checkSequence(segments)
    let previous: Reading | null = null
    for (const segment of segments.slice(0, -1)) {
      const reading = this.#read(segment, previous)
      if (reading.end === 0) this.#refuseBreak(previous, reading)
      previous = reading
    }
    const newest = segments.at(-1)
    return newest === undefined
      ? this.#result(segments, null, null, null)
      : this.#judgeNewest(segments, newest, previous)
  }

  #judgeNewest(segments: Segment[], newest: Segment, previous: Reading | null): RecoveredLog {
    const before = { group: this.#lastGroup, isGroupOpen: this.#isGroupOpen, mark: this.#lastMark }
    const recordCount = this.#records.length
    const reading = this.#read(newest, previous)
    // A start record that is whole but does not fit what came before: the end of the segment before it is missing.
    if (reading.end === 0 && reading.reader.read(0) !== null) this.#refuseBreak(previous, reading)

    if (!reading.isBorn && previous === null && newest.sequence > 1) {
      this.#refuse(reading, 'the segments before this one are gone, and a purge waits until this one is synced')
    }

    const damagedGroup = this.#damagedGroup
    const scan = reading.reader.scan(reading.end, damagedGroup)
    if (scan.proof !== null) {
      const { group, offset, mark } = scan.proof
      this.#refuse(reading, `group ${group} (slot ${mark}) at byte ${offset} was written after the sync of this one`)
    }
    if (reading.isBorn) {
      if (!scan.hasBytes && !this.#isGroupOpen) return this.#result(segments, reading, null, null)
      const cut = { path: newest.path, offset: reading.end, group: damagedGroup, lastMark: this.#lastMark }
      return this.#result(segments, reading, { ...cut, highestGroup: Math.max(damagedGroup, scan.highestGroup) }, null)
    }

    // A roll that a crash cut short leaves at most this: one newest segment without its whole head.
    if (before.isGroupOpen || (previous !== null && previous.reader.scan(previous.end, damagedGroup).hasBytes)) {
      this.#refuseBreak(previous, reading)
    }
    this.#records.length = recordCount
    this.#lastGroup = before.group
    this.#isGroupOpen = false
    this.#lastMark = before.mark
    this.#disk.remove(newest.path)
    return this.#result(segments.slice(0, -1), previous, null, newest.path)
  }

  #result(
    segments: Segment[],
    newest: Reading | null,
    cut: (TailCut & { readonly highestGroup: number }) | null,
    removedPath: string | null,
  ): RecoveredLog {
    const tail =
      newest === null
        ? null
        : openTail(this.#disk, newest.segment, {
            provenEnd: newest.provenEnd,
            end: newest.end,
            sizeBytes: newest.reader.sizeBytes,
            marker: cut === null ? null : { group: cut.highestGroup + 1, keptGroup: this.#lastGroup },
          })
    // A file made by a server that was killed before it synced the folder, and the removal above.
    if (segments.length > 0 || removedPath !== null) this.#disk.syncFolder(this.#folder)
    const report: RecoveryReport = {
      segmentCount: segments.length,
      recordCount: this.#records.length,
      lastMark: this.#lastMark,
      cut: cut === null ? null : { path: cut.path, offset: cut.offset, group: cut.group, lastMark: cut.lastMark },
      removedPath,
    }
    const lastGroup = cut === null ? this.#lastGroup : cut.highestGroup + 1
    return { records: this.#records, report, segments, lastGroup, tail }
  }

  /** The group in which reading stopped. */
  get #damagedGroup(): number {
    return this.#isGroupOpen ? this.#lastGroup : this.#lastGroup + 1
  }

  #read(segment: Segment, previous: Reading | null): Reading {
    const reader = new SegmentReader(this.#disk, segment.path, segment.salt)
    const header = reader.header
    let preambleLeft = Number.POSITIVE_INFINITY
    let provenEnd = 0
    let end = 0
    /** Of the latest groups, as many as one can have overtaken and itself. */
    let starts: number[] = []
    for (let payload = reader.read(0); payload !== null; payload = reader.read(end)) {
      if (header.type === START_TYPE) {
        const start = this.#startOf(reader.path, end, payload)
        if (!this.#continues(start, header.group, end, segment, previous)) break
        if (end === 0) preambleLeft = start.preambleCount
        provenEnd = end
        starts = [end]
      } else {
        if (end === 0 || header.group !== this.#damagedGroup) break
        if (!this.#isGroupOpen) {
          starts.push(end)
          if (starts.length > OVERTAKEN_MAX + 1) starts.shift()
          if (header.overtaken !== null) provenEnd = starts.at(-1 - header.overtaken) ?? provenEnd
        }
        if (this.#isNeeded(header.type, header.mark)) {
          this.#records.push({ type: header.type, mark: header.mark, payload })
        }
        segment.maxMark = Math.max(segment.maxMark, header.mark)
        this.#lastMark = Math.max(this.#lastMark, header.mark)
        if (preambleLeft > 0) preambleLeft--
      }
      this.#lastGroup = header.group
      this.#isGroupOpen = !header.isLast
      end += header.recordSize
    }
    return { segment, reader, end, provenEnd, isBorn: preambleLeft === 0 }
  }

  #startOf(path: string, offset: number, payload: Buffer): StartRecord {
    const start = decodeStart(payload)
    if (start !== null) return start
    throw new ZktuneError('NotSupported', {
      where: `${path}, byte ${offset}`,
      what: `the log is not of layout version ${LAYOUT_VERSION}`,
      mend: 'Start the version of zktune that wrote it.',
    })
  }

  /** Whether a start record stands where it says it does. */
  #continues(start: StartRecord, group: number, offset: number, segment: Segment, previous: Reading | null): boolean {
    if (offset > 0) {
      return start.previousGroup === this.#lastGroup && start.previousEnd === offset && group > this.#lastGroup
    }
    if (previous === null && segment.sequence > 1) return true // what came before was purged
    const isAtEnd = start.previousEnd === (previous?.end ?? 0)
    return isAtEnd && !this.#isGroupOpen && start.previousGroup === this.#lastGroup && group === this.#lastGroup + 1
  }

  #checkSequence(segments: readonly Segment[]): void {
    for (const [index, segment] of segments.entries()) {
      const previous = segments[index - 1]
      if (previous === undefined || segment.sequence === previous.sequence + 1) continue
      const isTwice = segment.sequence === previous.sequence
      throw new ZktuneError('DamagedFile', {
        where: this.#folder,
        what: `${isTwice ? 'two segments have one number' : 'a segment is missing'}: ${previous.path} is followed by ${segment.path}`,
        mend: REMEDY,
      })
    }
  }

  /** Two segments do not fit together: says which of the two is hurt. A later segment exists, so both were synced. */
  #refuseBreak(previous: Reading | null, reading: Reading): never {
    const isHeadWhole = reading.reader.read(0) !== null
    if (previous === null || (!isHeadWhole && !this.#isGroupOpen && !this.#hasTail(previous))) {
      this.#refuse(reading, 'a later segment was begun after the sync of this one')
    }
    this.#refuse(previous, `${reading.reader.path} was begun after the sync of this one`)
  }

  #hasTail(reading: Reading): boolean {
    return reading.reader.scan(reading.end, Number.MAX_SAFE_INTEGER).hasBytes
  }

  #refuse(reading: Reading, proof: string): never {
    const after = this.#lastMark === 0 ? 'at the start of the log' : `after slot ${this.#lastMark}`
    // What came before the oldest segment was purged; without its head its group numbers are not known.
    const what =
      this.#lastGroup === 0 && reading.segment.sequence > 1 ? 'record' : `record of group ${this.#damagedGroup}`
    throw new ZktuneError('DamagedFile', {
      where: `${reading.reader.path}, byte ${reading.end}`,
      what: `no valid ${what} is here, ${after}, and it is no torn tail: ${proof}`,
      mend: REMEDY,
    })
  }
}

const REMEDY =
  "Move this server's data folder aside and keep it; started with an empty one, the server takes the whole log from the " +
  'leader that the others elect.'
