/**
 * The write-ahead log: records are appended to a group in memory, and a commit asks to be told when they are durable. One
 * write with its sync is under way at a time; what arrives meanwhile shares the next one (group commit at the disk's own
 * pace). A write that takes long is overtaken: the next group is written beside it, says so in its records, which recovery builds
 * on, and counts when all before it are durable, too.
 *
 *   append ──→ filling ──(a commit, and nothing in flight)──→ in flight ──→ durable: its commits are called in order
 *                 └──(roll)──→ waiting ──→ ┘
 *
 * log-record.ts draws a record, log-segment.ts a file, log-recovery.ts says how it is read back.
 */
import type { Clock, Disk, Timer } from '../kernel/ports.ts'
import { NO_PACE } from './flush-pace.ts'
import type { FlushPace } from './flush-pace.ts'
import { LogGroup } from './log-group.ts'
import { OVERTAKEN_MAX } from './log-record.ts'
import { type LogRecord, type RecoveredLog, recoverLog, type RecoveryReport } from './log-recovery.ts'
import { SegmentWriter } from './segment-writer.ts'

export interface LogOptions {
  /** Holds this log's segments; made when missing. */
  readonly folder: string
  /** Files grow in steps of this many bytes, so that most syncs need not write a new length; 0 for no such steps. */
  readonly preallocBytes: number
  /** 32 random bits for the segments begun from now on: see log-record.ts. */
  readonly salt: number
  /** Which records recovery hands over; without it all of them. What it does not want costs no memory. */
  readonly isNeeded?: (type: number, mark: number) => boolean
  /** `inline` blocks the event loop for each sync: less time per sync on a fast disk, and nothing else runs meanwhile. */
  readonly syncMode?: 'async' | 'inline'
  /** Of synced groups, so many are written at a time at most, 1 (as without it) to 4; the later ones overtake slow ones. */
  readonly writesInFlight?: number
  /** When a flush waits for more; without it none does. */
  readonly pace?: FlushPace
  readonly clock: Pick<Clock, 'nowMs' | 'afterTurn' | 'setTimer'>
  /** After each write with a sync: how long it took, in milliseconds. */
  readonly onSynced?: (durationMs: number) => void
  /** Once, possibly within a call of `commit` or `roll`; no commit is called back afterwards. */
  readonly onFailure: (error: Error) => void
}

/** A write that takes longer than this is overtaken by the next group. */
const OVERTAKE_AFTER_MS = 1
/** After a slow sync, so many are watched by a timer; else it is with each commit that slowness is looked for. */
const WATCHED_SYNCS = 100

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
  const recovered = recoverLog(disk, options.folder, options.isNeeded)
  return { log: new WriteAheadLog(disk, options, recovered), records: recovered.records, report: recovered.report }
}

export class WriteAheadLog {
  readonly #options: LogOptions
  readonly #isInline: boolean
  readonly #pace: FlushPace
  readonly #overtakenMax: number
  readonly #writer: SegmentWriter
  #filling = new LogGroup()
  /** Sealed by a roll, not written yet. */
  readonly #waiting: LogGroup[] = []
  /** Being written, or written and behind one that still is; in their order. */
  readonly #inFlight: LogGroup[] = []
  readonly #spare: LogGroup[] = []
  /** Where the groups sealed so far end in the segment of the last of them. */
  #sealedEnd: number
  /** Of the segment begun last. */
  #preamble: readonly PreambleRecord[] = []
  #isStopped = false
  #isFlushDue = false
  #syncCount = 0
  #groupCount = 0
  #recordCount = 0
  #byteCount = 0
  #lastSyncMs = 0
  #maxSyncMs = 0
  #flushedAtMs: number
  #lastCommitAtMs = 0
  /** Ends the wait of the group that is being filled; null when it does not wait. */
  #holdTimer: Timer | null = null
  #watchedSyncs = 0
  /** Looks again whether the next group may overtake. */
  #overtakeTimer: Timer | null = null

  /** Use `openLog`. */
  constructor(disk: Disk, options: LogOptions, recovered: RecoveredLog) {
    this.#options = options
    this.#isInline = options.syncMode === 'inline'
    this.#pace = options.pace ?? NO_PACE
    this.#overtakenMax = Math.min((options.writesInFlight ?? 1) - 1, OVERTAKEN_MAX)
    this.#flushedAtMs = options.clock.nowMs()
    this.#writer = new SegmentWriter(disk, options, recovered, (group, error) => this.#onWritten(group, error))
    const segment = recovered.segments.at(-1)
    this.#filling.reset(recovered.lastGroup + 1, segment?.salt ?? options.salt, true)
    this.#sealedEnd = recovered.tail?.end ?? 0
    if (segment === undefined) this.#beginSegment([])
  }

  /** Bytes that are not durable yet, those without a commit included. */
  get pendingBytes(): number {
    let sum = this.#filling.size
    for (const group of this.#inFlight) sum += group.size
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
    return this.#writer.segmentCount
  }

  /** Bytes of the segment that is being filled, those not written yet included. */
  get segmentBytes(): number {
    const { startsSegment, size } = this.#filling
    return startsSegment ? size : this.#sealedEnd + size
  }

  /** How long the oldest commit that has not been called back has waited; 0 when none waits. */
  oldestWaitMs(nowMs: number): number {
    for (const group of [...this.#inFlight, ...this.#waiting, this.#filling]) {
      if (group.onDurable.length > 0) return nowMs - group.committedAtMs
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
    const { delayMs, batchMax } = this.#pace
    if (delayMs > 0) this.#lastCommitAtMs = this.#options.clock.nowMs()
    if (batchMax > 0 && group.recordCount - group.preambleCount >= batchMax) this.#waiting.push(this.#seal())
    this.#wake()
  }

  /**
   * What is appended from now on goes to a new segment, which begins with these records. It is made with the next commit;
   * a second roll before that adds its records behind those of the first, for nobody has them yet.
   */
  roll(preamble: readonly PreambleRecord[]): void {
    if (this.#isStopped) return
    const filling = this.#filling
    const hasOwnRecords = filling.recordCount > filling.preambleCount
    if (hasOwnRecords || filling.onDurable.length > 0) {
      filling.needsSync = true // a segment ends synced
      this.#waiting.push(this.#seal())
    }
    const isBegun = this.#filling.startsSegment
    this.#beginSegment([...(isBegun ? this.#preamble : []), ...preamble])
    this.#wake()
  }

  /**
   * Removes the oldest segments whose records all have marks up to `mark`, as long as a later segment is durable. Blocks.
   */
  purge(mark: number): void {
    if (this.#isStopped) return
    try {
      this.#writer.purge(mark)
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Closes the file. What waits is not called back: commit first, and close when that is durable. */
  close(): void {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#cancelTimers()
    if (this.#inFlight.length === 0) this.#writer.close()
  }

  /** Inline, a write blocks: it waits for the end of the turn, and takes with it what the turn still brings. */
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

  get #hasDueGroup(): boolean {
    return this.#waiting.length > 0 || this.#filling.onDurable.length > 0
  }

  #writeNext(): void {
    if (this.#isStopped || !this.#hasDueGroup) return
    const [first] = this.#inFlight
    if (first === undefined) {
      if (this.#pace.delayMs > 0 && this.#waiting.length === 0 && this.#isHeldBack()) return
    } else if (!this.#mayOvertake(first)) {
      return
    }
    const group = this.#waiting.shift() ?? this.#seal()
    if (first !== undefined) group.overtake(first)
    const isBlocking = this.#isInline && group.isSynced
    this.#inFlight.push(group)
    group.startedAtMs = this.#options.clock.nowMs()
    try {
      if (isBlocking) this.#writer.writeNow(group)
      else this.#writer.start(group)
    } catch (error) {
      this.#fail(error)
      return
    }
    if (isBlocking) this.#onWritten(group, null)
  }

  /**
   * Whether the next group is written beside those in flight; if it only has to wait for that, it is looked at again in
   * time.
   */
  #mayOvertake(first: LogGroup): boolean {
    const next = this.#waiting[0] ?? this.#filling
    if (this.#isInline || this.#pace.delayMs > 0 || this.#inFlight.length > this.#overtakenMax) return false
    if (!first.isPlain || !next.isPlain || !this.#writer.hasRoomFor(next.size)) return false
    const { clock } = this.#options
    const latest = this.#inFlight.at(-1) ?? first
    const leftMs = latest.startedAtMs + OVERTAKE_AFTER_MS - clock.nowMs()
    if (leftMs <= 0) return true
    if (this.#watchedSyncs === 0) return false // Waking up for nothing costs more than it brings: the next commit looks again.
    this.#overtakeTimer ??= clock.setTimer(leftMs, () => {
      this.#overtakeTimer = null
      this.#writeNext()
    })
    return false
  }

  /** @returns whether the filling group waits for more; then it is looked at again in time */
  #isHeldBack(): boolean {
    this.#holdTimer?.cancel()
    this.#holdTimer = null
    // A commit without records asks for no flush of its own.
    if (this.#filling.recordCount <= this.#filling.preambleCount) return false
    const { clock } = this.#options
    const untilMs = Math.min(this.#flushedAtMs + this.#pace.delayMs, this.#lastCommitAtMs + this.#pace.pollMs)
    const leftMs = untilMs - clock.nowMs()
    if (leftMs <= 0) return false
    this.#holdTimer = clock.setTimer(leftMs, () => {
      this.#holdTimer = null
      this.#writeNext()
    })
    return true
  }

  #onWritten(group: LogGroup, error: Error | null): void {
    group.isWritten = true
    if (this.#isStopped) {
      // Closed or failed while the disk was at work.
      if (this.#inFlight.every(({ isWritten }) => isWritten)) this.#writer.close()
      return
    }
    if (error !== null) {
      this.#fail(error)
      return
    }
    this.#count(group)
    // What has overtaken is durable with the last of those before it: recovery stops at the first hole.
    const durable: LogGroup[] = []
    while (this.#inFlight[0]?.isWritten === true) durable.push(this.#inFlight.shift() as LogGroup)
    // The disk works on the next group while the commits of these are called back.
    if (!this.#isInline) this.#writeNext()
    for (const { onDurable } of durable) {
      for (const callBack of onDurable) {
        if (this.#isStopped) return
        callBack()
      }
    }
    this.#spare.push(...durable)
    if (this.#isInline && this.#hasDueGroup) this.#wake()
  }

  #count(group: LogGroup): void {
    this.#groupCount++
    this.#recordCount += group.recordCount
    this.#byteCount += group.size
    if (this.#pace.delayMs > 0) this.#flushedAtMs = this.#options.clock.nowMs()
    if (!group.isSynced) return
    this.#syncCount++
    this.#lastSyncMs = this.#options.clock.nowMs() - group.startedAtMs
    this.#maxSyncMs = Math.max(this.#maxSyncMs, this.#lastSyncMs)
    if (this.#lastSyncMs > OVERTAKE_AFTER_MS) this.#watchedSyncs = WATCHED_SYNCS
    else if (this.#watchedSyncs > 0) this.#watchedSyncs--
    this.#options.onSynced?.(this.#lastSyncMs)
  }

  /** Ends the filling group and begins the next one. @returns the one that ended */
  #seal(): LogGroup {
    const sealed = this.#filling
    sealed.seal()
    this.#sealedEnd = sealed.startsSegment ? sealed.size : this.#sealedEnd + sealed.size
    // A commit without records makes an empty group, which takes no number: recovery expects each number once.
    const isEmpty = sealed.size === 0
    const number = isEmpty ? sealed.number : sealed.number + 1
    // Unless it overtakes, the next group is written after this one: it knows whether everything before it is synced by then.
    const isSyncedBefore = sealed.isSynced || (isEmpty && sealed.isSyncedBefore)
    this.#filling = this.#spare.pop() ?? new LogGroup()
    this.#filling.reset(number, sealed.salt, isSyncedBefore)
    return sealed
  }

  #beginSegment(preamble: readonly PreambleRecord[]): void {
    this.#preamble = preamble.map((record) => ({ ...record, payload: Buffer.from(record.payload) }))
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

  #cancelTimers(): void {
    this.#holdTimer?.cancel()
    this.#overtakeTimer?.cancel()
  }

  #fail(error: unknown): void {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#cancelTimers()
    this.#options.onFailure(error instanceof Error ? error : new Error(String(error)))
  }
}
