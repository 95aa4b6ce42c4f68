import type { Clock, Timer } from '../../kernel/ports.ts'
import type { Prng } from '../../kernel/prng.ts'
import type { Slot } from '../../paxos/entry.ts'
import type { Replica } from '../../paxos/replica.ts'
import type { LogRecord } from '../../storage/log-recovery.ts'
import type { SnapshotStore } from '../../storage/snapshot-store.ts'
import type { SnapshotWriter } from '../../storage/snapshot-writer.ts'
import type { WriteAheadLog } from '../../storage/write-ahead-log.ts'
import type { DataTree } from '../../tree/data-tree.ts'
import type { StorageSettings } from '../../zoocfg/settings/storage-settings.ts'
import type { ReplicationCounters } from '../admin/replication-counters.ts'
import type { Pin } from '../../tree/pin.ts'
import { serialiseTree } from '../../tree/serialise-tree.ts'
import { installedRecord, preambleOf } from './replica-log.ts'
import { SnapshotPieces } from './snapshot-pieces.ts'

export interface SnapshotterOptions {
  readonly store: SnapshotStore
  readonly log: WriteAheadLog
  readonly replica: Replica
  readonly clock: Clock
  readonly prng: Prng
  readonly settings: StorageSettings
  readonly counters: ReplicationCounters
  /** False: there is no log to shorten, and no snapshot is written but what a peer sends. */
  readonly keepsLog: boolean
  readonly onNote: (note: string) => void
  readonly onFatal: (error: Error) => void
}

/** Small enough that making one holds up nobody for long. */
const CHUNK_BYTES = 16 * 1024
/** Timers of the system do not reach much further than three weeks. */
const PURGE_TIMER_MAX_MS = 24 * 3_600_000

/**
 * Writes a snapshot when enough was applied since the last: after snapCount/2 commands plus a random part of as much, or
 * after as many bytes of the log by snapSizeLimitInKb, so that the servers of an ensemble do not all write at once
 * (ZooKeeper's SyncRequestProcessor). The tree is pinned and written piece by piece between turns: writes go on meanwhile,
 * and the snapshot is of one slot exactly.
 *
 * Old snapshots, and what of the log came before the oldest of them that is kept, go after each new one; or, as with
 * ZooKeeper, by the clock alone once autopurge.purgeInterval is given.
 */
export class Snapshotter {
  readonly #options: SnapshotterOptions
  #appliedSince = 0
  #threshold: number
  #bytesThreshold: number
  /** What the log had taken when the last snapshot was begun. */
  #bytesAtLast: number
  #newestSizeBytes: number | null
  #purgeTimer: Timer | null = null
  #current: { readonly writer: SnapshotWriter; readonly pin: Pin } | null = null
  #last: { readonly zxid: number; readonly wallMs: number } | null = null

  constructor(options: SnapshotterOptions) {
    this.#options = options
    this.#threshold = this.#nextThreshold()
    this.#bytesThreshold = this.#nextBytesThreshold()
    this.#bytesAtLast = options.log.byteCount
    this.#newestSizeBytes = options.store.newestSizeBytes
    if ((options.settings.purgeIntervalMs ?? 0) > 0) this.#purgeByClock()
  }

  /** The newest snapshot that this process wrote: its zxid, and when it was on disk. */
  get last(): { readonly zxid: number; readonly wallMs: number } | null {
    return this.#last
  }

  /** Of the newest snapshot on disk; null when there is none. */
  get newestSizeBytes(): number | null {
    return this.#newestSizeBytes
  }

  onApplied(slot: Slot, tree: DataTree): void {
    const { keepsLog, log, settings } = this.#options
    if (!keepsLog) return
    this.#appliedSince++
    const isDue = this.#appliedSince > this.#threshold || log.byteCount - this.#bytesAtLast > this.#bytesThreshold
    if (isDue && this.#current === null) this.take(slot, tree)
    else if (log.segmentBytes > (settings.txnLogSizeLimitBytes ?? Infinity)) this.#startSegment()
  }

  /** The state was replaced by a snapshot that is on disk already. */
  onInstalled(slot: Slot): void {
    this.#abandon()
    this.#restartCounts()
    this.#startSegment([installedRecord(slot)])
    this.#newestSizeBytes = this.#options.store.newestSizeBytes
    this.#options.onNote(`took over a snapshot of slot ${slot}`)
  }

  stop(): void {
    this.#purgeTimer?.cancel()
    this.#abandon()
  }

  /** @param slot through which `tree` is applied now */
  take(slot: Slot, tree: DataTree): void {
    this.#restartCounts()
    this.#startSegment()
    const pin = tree.pin()
    const writer = this.#options.store.begin(slot)
    const current = { writer, pin }
    this.#current = current
    const startMs = this.#options.clock.nowMs()
    const pieces = new SnapshotPieces(serialiseTree(pin, CHUNK_BYTES), this.#options.clock)
    let isWriting = false
    let isMakingDue = false
    const makeLater = (): void => {
      // When enough is made the disk is what is waited for.
      if (isMakingDue || pieces.isAtEnd || pieces.isFull) return
      isMakingDue = true
      this.#options.clock.afterTurn(make)
    }
    const make = (): void => {
      isMakingDue = false
      if (this.#current !== current) return
      pieces.makeSome()
      if (pieces.isAtEnd) pin.release()
      if (!isWriting) write()
      makeLater()
    }
    const write = (): void => {
      const piece = pieces.take()
      if (piece === null) {
        if (pieces.isAtEnd) finish()
        return
      }
      isWriting = true
      writer.write(piece, (error) => {
        isWriting = false
        if (this.#current !== current) return
        if (error !== null) return this.#options.onFatal(error)
        write()
        makeLater()
      })
    }
    const finish = (): void => {
      writer.finish((error) => {
        if (this.#current !== current) return
        this.#current = null
        if (error !== null) return this.#options.onFatal(error)
        this.#last = { zxid: pin.zxid, wallMs: this.#options.clock.wallMs() }
        this.#newestSizeBytes = this.#options.store.newestSizeBytes
        const tookMs = Math.round(this.#options.clock.nowMs() - startMs)
        this.#options.counters.snapshotTime.add(tookMs)
        this.#options.onNote(`wrote a snapshot of slot ${slot} in ${tookMs} ms`)
        if (this.#options.settings.purgeIntervalMs === null) this.#purge()
      })
    }
    make()
  }

  /** What came before the snapshot lies in segments of its own, which can go once older snapshots do. */
  #startSegment(more: readonly LogRecord[] = []): void {
    const { keepsLog, log, replica } = this.#options
    if (!keepsLog) return
    log.roll([...preambleOf(replica), ...more])
  }

  #restartCounts(): void {
    this.#appliedSince = 0
    this.#bytesAtLast = this.#options.log.byteCount
    this.#threshold = this.#nextThreshold()
    this.#bytesThreshold = this.#nextBytesThreshold()
  }

  /** Now, and every purgeIntervalMs from now on. */
  #purgeByClock(): void {
    this.#purge()
    this.#purgeAfter(this.#options.settings.purgeIntervalMs ?? 0)
  }

  #purgeAfter(leftMs: number): void {
    const stepMs = Math.min(leftMs, PURGE_TIMER_MAX_MS)
    this.#purgeTimer = this.#options.clock.setTimer(stepMs, () => {
      if (leftMs > stepMs) this.#purgeAfter(leftMs - stepMs)
      else this.#purgeByClock()
    })
  }

  #purge(): void {
    const { store, log, settings } = this.#options
    try {
      store.purge(settings.snapRetainCount)
      // The log goes back to the oldest snapshot, so that each of them could be started from.
      const oldestSlot = store.slots().at(-1)
      if (oldestSlot !== undefined) log.purge(oldestSlot)
    } catch (error) {
      this.#options.onFatal(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #abandon(): void {
    this.#current?.pin.release()
    this.#current?.writer.abort()
    this.#current = null
  }

  #nextThreshold(): number {
    return this.#drawUpperHalf(this.#options.settings.snapCount)
  }

  #nextBytesThreshold(): number {
    const { snapSizeLimitBytes } = this.#options.settings
    return snapSizeLimitBytes === null ? Infinity : this.#drawUpperHalf(snapSizeLimitBytes)
  }

  #drawUpperHalf(limit: number): number {
    const half = Math.floor(limit / 2)
    return half + Math.floor(this.#options.prng.float() * half)
  }
}
