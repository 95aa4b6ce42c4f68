import { assert } from '../kernel/assert.ts'
import type { Disk, OpenFile } from '../kernel/ports.ts'
import type { LogGroup } from './log-group.ts'
import type { RecoveredLog } from './log-recovery.ts'
import { type Segment, segmentName } from './log-segment.ts'

const NOTHING = Buffer.alloc(0)

/** A file that is written. */
interface OpenSegment {
  readonly segment: Segment
  readonly file: OpenFile
  /** Offset of the next group. */
  end: number
  allocatedBytes: number
}

/**
 * Puts groups into segment files: grows the files in steps, begins new ones and removes old ones. The order of syncs that
 * recovery builds on is kept here and by the one who starts groups.
 */
export class SegmentWriter {
  readonly #disk: Disk
  readonly #folder: string
  readonly #preallocBytes: number
  readonly #onDone: (group: LogGroup, error: Error | null) => void
  /** Those that count, oldest first. One that is being begun joins them when it is durable. */
  readonly #segments: Segment[]
  #open: OpenSegment | null
  /** Synced and left; closed once the segment after it is durable. */
  #leaving: OpenSegment | null = null
  /** The open file has groups that were written without a sync. */
  #isDirty = false

  /** @param onDone called when the group given to `start` is where it should be; never within that call */
  constructor(
    disk: Disk,
    options: { readonly folder: string; readonly preallocBytes: number },
    recovered: RecoveredLog,
    onDone: (group: LogGroup, error: Error | null) => void,
  ) {
    this.#disk = disk
    this.#folder = options.folder
    this.#preallocBytes = options.preallocBytes
    this.#onDone = onDone
    this.#segments = recovered.segments
    const segment = recovered.segments.at(-1)
    this.#open = segment === undefined || recovered.tail === null ? null : { ...recovered.tail, segment }
  }

  get segmentCount(): number {
    return this.#segments.length
  }

  /** A group of this size goes into the open file as it is. */
  hasRoomFor(sizeBytes: number): boolean {
    const open = this.#open
    return open !== null && (this.#preallocBytes === 0 || open.end + sizeBytes <= open.allocatedBytes)
  }

  /**
   * Writes a sealed group, and syncs it if it needs that. Others may be under way when all of them are plain, and there is
   * room for it.
   *
   * @throws ZktuneError `DiskFailed` from what blocks
   */
  start(group: LogGroup): void {
    if (!group.startsSegment || this.#open === null || !this.#isDirty) {
      this.#startWrite(group)
      return
    }
    this.#open.file.sync((error) => {
      this.#isDirty = error !== null
      const failure = error ?? failureOf(() => this.#startWrite(group))
      if (failure !== null) this.#onDone(group, failure)
    })
  }

  /** Writes and syncs a sealed group; blocks for as long as that takes. @throws ZktuneError `DiskFailed` */
  writeNow(group: LogGroup): void {
    if (group.startsSegment) {
      if (this.#open !== null && this.#isDirty) this.#open.file.writeAndSyncNow(NOTHING, this.#open.end)
      this.#beginSegment(group)
    }
    const { open, at } = this.#place(group)
    open.file.writeAndSyncNow(group.bytes, at)
    this.#finish(group, open)
  }

  /**
   * Removes the oldest segments whose records all have marks up to `mark`, as long as a later one is durable. Blocks.
   *
   * @throws ZktuneError `DiskFailed`
   */
  purge(mark: number): void {
    for (;;) {
      const [oldest, next] = this.#segments
      if (oldest === undefined || next === undefined || oldest.maxMark > mark) return
      this.#disk.remove(oldest.path)
      // One by one: of two removals a crash could otherwise undo the first alone, and leave a gap.
      this.#disk.syncFolder(this.#folder)
      this.#segments.shift()
    }
  }

  /** No group may be under way. */
  close(): void {
    for (const open of [this.#leaving, this.#open]) open?.file.closeNow()
    this.#leaving = null
    this.#open = null
  }

  #startWrite(group: LogGroup): void {
    if (group.startsSegment) this.#beginSegment(group)
    const { open, at } = this.#place(group)
    const onWritten = (error: Error | null): void => {
      this.#onDone(group, error ?? failureOf(() => this.#finish(group, open)))
    }
    if (group.isSynced) open.file.writeAndSync(group.bytes, at, onWritten)
    else open.file.write(group.bytes, at, onWritten)
  }

  /** The segment before is synced; the new one is made only now, so its existence proves that. */
  #beginSegment(group: LogGroup): void {
    const sequence = (this.#segments.at(-1)?.sequence ?? 0) + 1
    const path = `${this.#folder}/${segmentName(group.firstMark, sequence, group.salt)}`
    this.#leaving = this.#open
    const segment = { path, sequence, salt: group.salt, maxMark: 0 }
    this.#open = { segment, file: this.#disk.open(path), end: 0, allocatedBytes: 0 }
  }

  /** Where the group goes, which is taken from here on; the file grows when it must. */
  #place(group: LogGroup): { readonly open: OpenSegment; readonly at: number } {
    const open = this.#open
    assert(open !== null, 'a group that begins no segment has one')
    const at = open.end
    const end = at + group.size
    const step = this.#preallocBytes
    if (step > 0 && end > open.allocatedBytes) {
      open.allocatedBytes = Math.ceil(end / step) * step
      open.file.resizeNow(open.allocatedBytes)
    }
    open.end = end
    return { open, at }
  }

  #finish(group: LogGroup, open: OpenSegment): void {
    open.segment.maxMark = Math.max(open.segment.maxMark, group.maxMark)
    this.#isDirty = !group.isSynced
    if (!group.startsSegment) return
    // The file counts once its folder is synced too.
    this.#disk.syncFolder(this.#folder)
    this.#segments.push(open.segment)
    const left = this.#leaving
    if (left === null) return
    this.#leaving = null
    left.file.resizeNow(left.end) // gives back its preallocated rest
    left.file.closeNow()
  }
}

/** @returns null when `work` did not throw */
function failureOf(work: () => void): Error | null {
  try {
    work()
    return null
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}
