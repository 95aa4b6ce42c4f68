import { ZktuneError } from '../kernel/errors.ts'
import type { Disk } from '../kernel/ports.ts'
import { readSnapshot, slotOfName, snapshotName } from './snapshot-file.ts'
import { SnapshotWriter } from './snapshot-writer.ts'

export interface Snapshot {
  /** The last slot whose effect it holds. */
  readonly slot: number
  readonly sizeBytes: number
  /**
   * As they were given to the writer, each checked again before it is handed out (`DamagedFile`). Read one by one, so a
   * snapshot may be sent at the pace of a peer; a purge meanwhile ends that with `DiskFailed`.
   */
  readonly chunks: Iterable<Buffer>
}

/** A snapshot that was passed over. */
export interface DamagedSnapshot {
  readonly path: string
  readonly slot: number
  /** Where and what, as an error would say it. */
  readonly reason: string
}

const TEMPORARY = /^snapshot\..*\.tmp$/

/**
 * The snapshots of one server. One that is being written has a temporary name; only a whole and synced file gets a final
 * one, by a rename and a sync of the folder. What a crash leaves under a temporary name is removed at the next start.
 */
export class SnapshotStore {
  readonly #disk: Disk
  readonly #folder: string
  readonly #damaged = new Map<string, DamagedSnapshot>()
  #writerCount = 0

  /** @throws ZktuneError `DiskFailed` */
  constructor(disk: Disk, folder: string) {
    this.#disk = disk
    this.#folder = folder
    disk.makeFolder(folder)
    const leftovers = disk.list(folder).filter((name) => TEMPORARY.test(name))
    for (const name of leftovers) disk.remove(`${folder}/${name}`)
    // Also for a snapshot whose rename a killed server did not get to sync.
    disk.syncFolder(folder)
  }

  /** What `newest` found damaged. */
  get damaged(): DamagedSnapshot[] {
    return [...this.#damaged.values()]
  }

  /** Slots of the finished snapshots, newest first; their contents are not checked here. */
  slots(): number[] {
    const slots: number[] = []
    for (const name of this.#disk.list(this.#folder)) {
      const slot = slotOfName(name)
      if (slot !== null) slots.push(slot)
    }
    return slots.sort((one, other) => other - one)
  }

  /** A snapshot of the same slot is replaced when this one is finished. */
  begin(slot: number): SnapshotWriter {
    const final = snapshotName(slot)
    const temporary = `${final}.${++this.#writerCount}.tmp`
    const target = { folder: this.#folder, temporary, final, slot }
    return new SnapshotWriter(this.#disk, target, () => this.#damaged.delete(final))
  }

  /**
   * The newest snapshot that is whole: each candidate is read to its end first (blocking). Damaged ones are passed over
   * and listed in `damaged`.
   *
   * @returns null when there is none
   */
  newest(): Snapshot | null {
    for (const slot of this.slots()) {
      const name = snapshotName(slot)
      const path = `${this.#folder}/${name}`
      const reason = this.#faultOf(path, slot)
      if (reason === null) return this.#snapshot(path, slot)
      this.#damaged.set(name, { path, slot, reason })
    }
    return null
  }

  /** Removes all but the newest `retainCount`; a damaged one does not count, and stays while it is newer than those. */
  purge(retainCount: number): void {
    let whole = 0
    let hasRemoved = false
    for (const slot of this.slots()) {
      const name = snapshotName(slot)
      if (whole >= retainCount) {
        this.#disk.remove(`${this.#folder}/${name}`)
        this.#damaged.delete(name)
        hasRemoved = true
      } else if (!this.#damaged.has(name)) {
        whole++
      }
    }
    if (hasRemoved) this.#disk.syncFolder(this.#folder)
  }

  #snapshot(path: string, slot: number): Snapshot {
    const disk = this.#disk
    const chunks = { [Symbol.iterator]: () => readSnapshot(disk, path, slot) }
    return { slot, sizeBytes: disk.sizeBytes(path), chunks }
  }

  #faultOf(path: string, slot: number): string | null {
    try {
      for (const chunk of readSnapshot(this.#disk, path, slot)) void chunk
      return null
    } catch (error) {
      if (error instanceof ZktuneError && error.code === 'DamagedFile') return error.message
      throw error
    }
  }
}
