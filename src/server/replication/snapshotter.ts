import type { Clock } from '../../kernel/ports.ts'
import type { Prng } from '../../kernel/prng.ts'
import type { Slot } from '../../paxos/entry.ts'
import type { Replica } from '../../paxos/replica.ts'
import type { SnapshotStore } from '../../storage/snapshot-store.ts'
import type { SnapshotWriter } from '../../storage/snapshot-writer.ts'
import type { WriteAheadLog } from '../../storage/write-ahead-log.ts'
import type { DataTree } from '../../tree/data-tree.ts'
import type { ReplicationCounters } from '../admin/replication-counters.ts'
import type { Pin } from '../../tree/pin.ts'
import { serialiseTree } from '../../tree/serialise-tree.ts'
import { preambleOf } from './replica-log.ts'

export interface SnapshotterOptions {
  readonly store: SnapshotStore
  readonly log: WriteAheadLog
  readonly replica: Replica
  readonly clock: Clock
  readonly prng: Prng
  readonly snapCount: number
  readonly retainCount: number
  readonly counters: ReplicationCounters
  readonly onNote: (note: string) => void
  readonly onFatal: (error: Error) => void
}

/**
 * Writes a snapshot when enough commands were applied since the last: after snapCount/2 plus a random part of as much,
 * so that the servers of an ensemble do not all write at once (ZooKeeper's SyncRequestProcessor). The tree is pinned and
 * written piece by piece between turns: writes go on meanwhile, and the snapshot is of one slot exactly.
 */
export class Snapshotter {
  readonly #options: SnapshotterOptions
  #appliedSince = 0
  #threshold: number
  #current: { readonly writer: SnapshotWriter; readonly pin: Pin } | null = null
  #last: { readonly zxid: number; readonly wallMs: number } | null = null

  constructor(options: SnapshotterOptions) {
    this.#options = options
    this.#threshold = this.#nextThreshold()
  }

  /** The newest snapshot that this process wrote: its zxid, and when it was on disk. */
  get last(): { readonly zxid: number; readonly wallMs: number } | null {
    return this.#last
  }

  onApplied(slot: Slot, tree: DataTree): void {
    this.#appliedSince++
    if (this.#appliedSince > this.#threshold && this.#current === null) this.take(slot, tree)
  }

  /** The state was replaced by a snapshot that is on disk already. */
  onInstalled(slot: Slot): void {
    this.#abandon()
    this.#appliedSince = 0
    this.#startSegment()
    this.#options.onNote(`took over a snapshot of slot ${slot}`)
  }

  stop(): void {
    this.#abandon()
  }

  /** @param slot through which `tree` is applied now */
  take(slot: Slot, tree: DataTree): void {
    this.#appliedSince = 0
    this.#threshold = this.#nextThreshold()
    this.#startSegment()
    const pin = tree.pin()
    const writer = this.#options.store.begin(slot)
    const current = { writer, pin }
    this.#current = current
    const startMs = this.#options.clock.nowMs()
    const chunks = serialiseTree(pin)
    const writeNext = (): void => {
      if (this.#current !== current) return
      const next = chunks.next()
      if (next.done !== true) {
        writer.write(next.value, (error) => {
          if (error !== null) this.#options.onFatal(error)
          else this.#options.clock.afterTurn(writeNext)
        })
        return
      }
      pin.release()
      writer.finish((error) => {
        if (this.#current !== current) return
        this.#current = null
        if (error !== null) return this.#options.onFatal(error)
        this.#last = { zxid: pin.zxid, wallMs: this.#options.clock.wallMs() }
        const tookMs = Math.round(this.#options.clock.nowMs() - startMs)
        this.#options.counters.snapshotTime.add(tookMs)
        this.#options.onNote(`wrote a snapshot of slot ${slot} in ${tookMs} ms`)
        this.#purge()
      })
    }
    writeNext()
  }

  /** What came before the snapshot lies in segments of its own, which can go once older snapshots do. */
  #startSegment(): void {
    const { log, replica } = this.#options
    log.roll(preambleOf(replica.promised, replica.logBallot))
  }

  #purge(): void {
    const { store, log, retainCount } = this.#options
    try {
      store.purge(retainCount)
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
    const half = Math.floor(this.#options.snapCount / 2)
    return half + this.#options.prng.below(Math.max(1, half))
  }
}
