/**
 * The write-ahead log: records are appended to a group in memory, and a commit asks to be told when they are durable. One
 * write with its sync is under way at a time; what arrives meanwhile shares the next one (group commit at the disk's own
 * pace). So a group is written only after the sync of the group before it, which is what recovery builds on.
 *
 *   append ──→ filling ──(a commit, and nothing in flight)──→ in flight ──→ synced: its commits are called in order
 *                 └──(roll)──→ waiting ──→ ┘
 *
 * log-record.ts draws a record, log-segment.ts a file, log-recovery.ts says how it is read back.
 */
import { assert } from '../kernel/assert.ts'
import type { Clock, Disk, OpenFile } from '../kernel/ports.ts'
import { LogGroup } from './log-group.ts'
import { type LogRecord, type RecoveredLog, recoverLog, type RecoveryReport } from './log-recovery.ts'
import { type Segment, segmentName } from './log-segment.ts'

export interface LogOptions {
  /** Holds this log's segments; made when missing. */
  readonly folder: string
  /** Files grow in steps of this many bytes, so that most syncs need not write a new length; 0 for no such steps. */
  readonly preallocBytes: number
  /** 32 random bits for the segments begun from now on: see log-record.ts. */
  readonly salt: number
  /** `inline` blocks the event loop for each sync: less time per sync on a fast disk, and nothing else runs meanwhile. */
  readonly syncMode?: 'async' | 'inline'
  readonly clock: Pick<Clock, 'nowMs' | 'afterTurn'>
  /** Once, possibly within a call of `commit` or `roll`; no commit is called back afterwards. */
  readonly onFailure: (error: Error) => void
}

/** A record that `roll` puts at a segment's head. */
export interface PreambleRecord {
  readonly type: number
  readonly mark: number
  readonly payload: Uint8Array
}

/**
 * Reads what is there (blocking) and opens it for writing.
 *
 * @throws ZktuneError `DamagedFile` when synced data is hurt, `NotSupported` for another layout, `DiskFailed`
 */
export function openLog(
  disk: Disk,
  options: LogOptions,
): { log: WriteAheadLog; records: LogRecord[]; report: RecoveryReport } {
  disk.makeFolder(options.folder)
  const recovered = recoverLog(disk, options.folder)
  return { log: new WriteAheadLog(disk, options, recovered), records: recovered.records, report: recovered.report }
}

/** The file that is written. */
interface OpenSegment {
  readonly file: OpenFile
  readonly segment: Segment
  /** Offset of the next group. */
  end: number
  allocatedBytes: number
}

export class WriteAheadLog {
  readonly #disk: Disk
  readonly #options: LogOptions
  readonly #isInline: boolean
  /** Oldest first; the last one is the one that is written. */
  readonly #segments: Segment[]
  #open: OpenSegment | null = null
  /** Synced and left; closed once the segment after it is durable. */
  #leaving: OpenSegment | null = null
  /** Groups before those in flight were written without a sync. */
  #isDirty = false

  #filling: LogGroup
  /** Sealed by a roll, not written yet. */
  readonly #waiting: LogGroup[] = []
  #inFlight: LogGroup | null = null
  readonly #spare: LogGroup[] = []
  /** Where the groups sealed so far end in the segment of the last of them. */
  #sealedEnd = 0

  #isStopped = false
  #isFlushDue = false
  #writtenAtMs = 0
  #syncCount = 0
  #groupCount = 0
  #recordCount = 0
  #byteCount = 0
  #lastSyncMs = 0
  #maxSyncMs = 0

  /** Use `openLog`. */
  constructor(disk: Disk, options: LogOptions, recovered: RecoveredLog) {
    this.#disk = disk
    this.#options = options
    this.#isInline = options.syncMode === 'inline'
    this.#segments = recovered.segments
    const segment = this.#segments.at(-1)
    this.#filling = new LogGroup()
    this.#filling.reset(recovered.lastGroup + 1, segment?.salt ?? options.salt, true)
    if (segment === undefined || recovered.tail === null) {
      this.#beginSegment([])
    } else {
      this.#open = { ...recovered.tail, segment }
      this.#sealedEnd = recovered.tail.end
    }
  }

  /** Bytes that are not durable yet, those without a commit included. */
  get pendingBytes(): number {
    let sum = this.#filling.size + (this.#inFlight?.size ?? 0)
    for (const group of this.#waiting) sum += group.size
    return sum
  }

  get syncCount(): number {
    return this.#syncCount
  }

  /** Writes so far; each carried one group. */
  get groupCount(): number {
    return this.#groupCount
  }

  /** Records written so far. */
  get recordCount(): number {
    return this.#recordCount
  }

  /** Bytes written so far, headers included. */
  get byteCount(): number {
    return this.#byteCount
  }

  /** How long the last write with its sync took, in milliseconds. */
  get lastSyncMs(): number {
    return this.#lastSyncMs
  }

  get maxSyncMs(): number {
    return this.#maxSyncMs
  }

  get segmentCount(): number {
    return this.#segments.length
  }

  /** How long the oldest commit that has not been called back has waited; 0 when none waits. */
  oldestWaitMs(nowMs: number): number {
    for (const group of [this.#inFlight, ...this.#waiting, this.#filling]) {
      if (group !== null && group.onDurable.length > 0) return nowMs - group.committedAtMs
    }
    return 0
  }

  /**
   * Copies a record into the group that is being filled. It is written with the next commit.
   *
   * @param type 0 to 254
   * @param mark tells `purge` what may go, and error messages where damage lies; 0 for a record that keeps nothing
   */
  append(type: number, mark: number, payload: Uint8Array): void {
    if (!this.#isStopped) this.#filling.append(type, mark, payload)
  }

  /**
   * @param onDurable called once everything appended before is on disk, in the order of the commits, never within this
   *   call and never after a failure
   * @param needsSync false: the operating system having it is enough. Of commits that share a write, one that needs the
   *   sync makes all wait for it; a sync covers everything before it
   */
  commit(onDurable: () => void, needsSync = true): void {
    if (this.#isStopped) return
    const group = this.#filling
    if (group.onDurable.length === 0) group.committedAtMs = this.#options.clock.nowMs()
    group.onDurable.push(onDurable)
    if (needsSync) group.needsSync = true
    this.#wake()
  }

  /**
   * What is appended from now on goes to a new segment, which begins with these records. It is made with the next commit;
   * a second roll before that replaces the first one's records.
   */
  roll(preamble: readonly PreambleRecord[]): void {
    if (this.#isStopped) return
    const filling = this.#filling
    const hasOwnRecords = filling.recordCount > filling.preambleCount
    if (hasOwnRecords || filling.onDurable.length > 0) {
      filling.needsSync = true // a segment ends synced
      this.#seal()
      this.#waiting.push(filling)
    }
    this.#beginSegment(preamble)
    this.#wake()
  }

  /**
   * Removes the oldest segments whose records all have marks up to `mark`, as long as a later segment is durable. Blocks.
   */
  purge(mark: number): void {
    if (this.#isStopped) return
    // While a segment is being begun, it is not yet among the segments: the one before it stays.
    try {
      for (;;) {
        const oldest = this.#segments[0]
        if (oldest === undefined || this.#segments.length === 1 || oldest.maxMark > mark) return
        this.#disk.remove(oldest.path)
        // One by one: of two removals a crash could otherwise undo the first alone, and leave a gap.
        this.#disk.syncFolder(this.#options.folder)
        this.#segments.shift()
      }
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Closes the file. What waits is not called back: commit first, and close when that is durable. */
  close(): void {
    if (this.#isStopped) return
    this.#isStopped = true
    if (this.#inFlight === null) this.#closeFiles()
  }

  #wake(): void {
    if (!this.#isInline) {
      this.#writeNext()
    } else if (!this.#isFlushDue) {
      this.#isFlushDue = true
      this.#options.clock.afterTurn(this.#onTurnEnd)
    }
  }

  readonly #onTurnEnd = (): void => {
    this.#isFlushDue = false
    this.#writeNext()
  }

  #writeNext(): void {
    if (this.#inFlight !== null || this.#isStopped) return
    let group = this.#waiting.shift()
    if (group === undefined) {
      if (this.#filling.onDurable.length === 0) return
      group = this.#filling
      this.#seal()
    }
    this.#inFlight = group
    try {
      if (!group.startsSegment) this.#write(group)
      else if (this.#open !== null && this.#isDirty) this.#open.file.sync(this.#onOldSegmentSynced)
      else this.#writeFirst(group)
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Ends the filling group and begins the next one; the caller writes or queues the old one. */
  #seal(): void {
    const sealed = this.#filling
    const isEmpty = sealed.size === 0
    this.#sealedEnd = sealed.startsSegment ? sealed.size : this.#sealedEnd + sealed.size
    // The next group is written only after this one, so it knows already whether everything before it is synced then.
    const isSynced = sealed.needsSync || sealed.startsSegment || (isEmpty && sealed.isSyncedBefore)
    this.#filling = this.#spare.pop() ?? new LogGroup()
    this.#filling.reset(isEmpty ? sealed.number : sealed.number + 1, sealed.salt, isSynced)
  }

  #beginSegment(preamble: readonly PreambleRecord[]): void {
    const group = this.#filling
    group.reset(group.number, this.#options.salt, true)
    group.startsSegment = true
    group.addStart({
      previousGroup: group.number - 1,
      previousEnd: this.#sealedEnd,
      preambleCount: preamble.length,
    })
    for (const { type, mark, payload } of preamble) group.append(type, mark, payload)
  }

  readonly #onOldSegmentSynced = (error: Error | null): void => {
    const group = this.#inFlight
    if (this.#hasEnded(error) || group === null) return
    this.#syncCount++
    this.#isDirty = false
    try {
      this.#writeFirst(group)
    } catch (failure) {
      this.#fail(failure)
    }
  }

  /** The segment before is synced: begins the next one. */
  #writeFirst(group: LogGroup): void {
    const sequence = (this.#segments.at(-1)?.sequence ?? 0) + 1
    const path = `${this.#options.folder}/${segmentName(group.firstMark, sequence, group.salt)}`
    this.#leaving = this.#open
    const segment = { path, sequence, salt: group.salt, maxMark: 0 }
    this.#open = { file: this.#disk.open(path), segment, end: 0, allocatedBytes: 0 }
    this.#write(group)
  }

  #write(group: LogGroup): void {
    const open = this.#open
    assert(open !== null, 'a group that begins no segment has one')
    const bytes = group.seal()
    this.#makeRoom(open, open.end + bytes.length)
    this.#writtenAtMs = this.#options.clock.nowMs()
    if (!group.needsSync && !group.startsSegment) {
      open.file.write(bytes, open.end, this.#onWritten)
    } else if (this.#isInline) {
      open.file.writeAndSyncNow(bytes, open.end)
      this.#onWritten(null)
    } else {
      open.file.writeAndSync(bytes, open.end, this.#onWritten)
    }
  }

  #makeRoom(open: OpenSegment, end: number): void {
    const step = this.#options.preallocBytes
    if (step <= 0 || end <= open.allocatedBytes) return
    open.allocatedBytes = Math.ceil(end / step) * step
    open.file.resizeNow(open.allocatedBytes)
  }

  readonly #onWritten = (error: Error | null): void => {
    const group = this.#inFlight
    const open = this.#open
    if (this.#hasEnded(error) || group === null || open === null) return
    open.end += group.size
    open.segment.maxMark = Math.max(open.segment.maxMark, group.maxMark)
    this.#groupCount++
    this.#recordCount += group.recordCount
    this.#byteCount += group.size
    if (group.needsSync || group.startsSegment) {
      this.#isDirty = false
      this.#syncCount++
      this.#lastSyncMs = this.#options.clock.nowMs() - this.#writtenAtMs
      this.#maxSyncMs = Math.max(this.#maxSyncMs, this.#lastSyncMs)
    } else {
      this.#isDirty = true
    }
    try {
      if (group.startsSegment) this.#settleIn(open)
    } catch (failure) {
      this.#fail(failure)
      return
    }
    this.#inFlight = null
    // The disk works on the next group while this one's commits are called back; inline, it would call those first.
    if (!this.#isInline) this.#writeNext()
    for (const onDurable of group.onDurable) {
      if (this.#isStopped) return
      onDurable()
    }
    this.#spare.push(group)
    if (this.#isInline) this.#writeNext()
  }

  /** The first group of a segment is synced: the file counts once its folder is synced too. */
  #settleIn(open: OpenSegment): void {
    this.#disk.syncFolder(this.#options.folder)
    this.#segments.push(open.segment)
    const left = this.#leaving
    if (left === null) return
    this.#leaving = null
    left.file.resizeNow(left.end) // its preallocated rest
    left.file.closeNow()
  }

  /** @returns true when nothing goes on: the log has failed or was closed while the disk worked */
  #hasEnded(error: Error | null): boolean {
    if (this.#isStopped) {
      this.#inFlight = null
      this.#closeFiles()
      return true
    }
    if (error !== null) this.#fail(error)
    return error !== null
  }

  #fail(error: unknown): void {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#options.onFailure(error instanceof Error ? error : new Error(String(error)))
  }

  #closeFiles(): void {
    for (const open of [this.#leaving, this.#open]) open?.file.closeNow()
    this.#leaving = null
    this.#open = null
  }
}
