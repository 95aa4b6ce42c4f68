import { ZktuneError } from '../kernel/errors.ts'
import type { Disk } from '../kernel/ports.ts'
import { readSnapshot, readSnapshotName, snapshotName } from './snapshot-file.ts'
import type { SnapshotName } from './snapshot-file.ts'
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
  readonly #isCompressing: boolean
  readonly #damaged = new Map<string, DamagedSnapshot>()
  #writerCount = 0

  /** @param compression of the snapshots written from now on; what is there is read either way @throws ZktuneError `DiskFailed` */
  constructor(disk: Disk, folder: string, compression: 'none' | 'gzip' = 'none') {
    this.#disk = disk
    this.#folder = folder
    this.#isCompressing = compression === 'gzip'
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
    return this.#names().map(({ slot }) => slot)
  }

  /** Bytes of the newest finished snapshot on disk; null when there is none. */
  get newestSizeBytes(): number | null {
    const [newest] = this.#names()
    return newest === undefined ? null : this.#disk.sizeBytes(`${this.#folder}/${newest.name}`)
  }

  /** A snapshot of the same slot is replaced when this one is finished. */
  begin(slot: number): SnapshotWriter {
    const { name: final } = snapshotName(slot, this.#isCompressing)
    const temporary = `${final}.${++this.#writerCount}.tmp`
    const target = { folder: this.#folder, temporary, final, slot, isCompressed: this.#isCompressing }
    return new SnapshotWriter(this.#disk, target, () => this.#damaged.delete(final))
  }

  /**
   * The newest snapshot that is whole: each candidate is read to its end first (blocking). Damaged ones are passed over
   * and listed in `damaged`.
   *
   * @returns null when there is none
   */
  newest(): Snapshot | null {
    for (const name of this.#names()) {
      const reason = this.#faultOf(name)
      if (reason === null) return this.#snapshot(name)
      this.#damaged.set(name.name, { path: `${this.#folder}/${name.name}`, slot: name.slot, reason })
    }
    return null
  }

  /** Removes all but the newest `retainCount`; a damaged one does not count, and stays while it is newer than those. */
  purge(retainCount: number): void {
    let whole = 0
    let hasRemoved = false
    for (const { name } of this.#names()) {
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

  /** Newest first. */
  #names(): SnapshotName[] {
    const names = this.#disk.list(this.#folder).flatMap((name) => readSnapshotName(name) ?? [])
    return names.sort((one, other) => other.slot - one.slot)
  }

  #snapshot(name: SnapshotName): Snapshot {
    const disk = this.#disk
    const folder = this.#folder
    const chunks = { [Symbol.iterator]: () => readSnapshot(disk, folder, name) }
    return { slot: name.slot, sizeBytes: disk.sizeBytes(`${folder}/${name.name}`), chunks }
  }

  #faultOf(name: SnapshotName): string | null {
    try {
      for (const chunk of readSnapshot(this.#disk, this.#folder, name)) void chunk
      return null
    } catch (error) {
      if (error instanceof ZktuneError && error.code === 'DamagedFile') return error.message
      throw error
    }
  }
}
