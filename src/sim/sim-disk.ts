import { assert } from '../kernel/assert.ts'
import { ZktuneError } from '../kernel/errors.ts'
import type { Disk, OpenFile } from '../kernel/ports.ts'
import type { Prng } from '../kernel/prng.ts'
import type { SimFile } from './sim-file.ts'
import { SimFolders } from './sim-folders.ts'
import type { SimProcess } from './sim-process.ts'

/** How a disk behaves; a world changes these while it runs. Durations are drawn between their two ends. */
export interface DiskConditions {
  writeMs: readonly [number, number]
  syncMs: readonly [number, number]
  /** Chance that one sync fails. What it covered stays undurable for ever, whatever later syncs say. */
  syncFailureChance: number
  /** Chance that one sync takes `hangMs`. */
  syncHangChance: number
  hangMs: number
}

export const HEALTHY_DISK: DiskConditions = {
  writeMs: [0, 0.25],
  syncMs: [0.125, 2],
  syncFailureChance: 0,
  syncHangChance: 0,
  hangMs: 0,
}

const ROT_ATTEMPTS = 20

interface PendingWrite {
  readonly file: SimFile
  readonly bytes: Buffer
  readonly position: number
}

/**
 * One machine's disk. What its process wrote survives a `kill`; a power failure leaves of everything unsynced only what
 * chance picks: any part of the writes, any of the new, renamed and removed files. Removed files die with their handles.
 */
export class SimDisk implements Disk {
  conditions: DiskConditions = { ...HEALTHY_DISK }
  syncCount = 0
  readonly #process: SimProcess
  readonly #prng: Prng
  readonly #crashPrng: Prng
  readonly #folders = new SimFolders()
  readonly #writing = new Set<PendingWrite>()

  constructor(process: SimProcess, prng: Prng) {
    this.#process = process
    this.#prng = prng.fork('conditions')
    this.#crashPrng = prng.fork('crash')
    process.onCrash((kind) => {
      for (const write of this.#writing) this.#keepPartOf(write)
      this.#writing.clear()
      if (kind === 'power') this.#folders.losePower(this.#crashPrng)
      else this.#folders.loseProcess(this.#crashPrng)
    })
  }

  list(folder: string): string[] {
    return this.#folders.list(folder)
  }

  exists(path: string): boolean {
    return this.#folders.get(path) !== undefined || this.#folders.hasFolder(path)
  }

  makeFolder(folder: string): void {
    this.#folders.makeFolder(folder)
  }

  sizeBytes(path: string): number {
    return this.#existing(path, 'measured').sizeBytes
  }

  read(path: string, position = 0, length = Number.MAX_SAFE_INTEGER): Buffer {
    const file = this.#existing(path, 'read')
    return file.read(position, Math.min(length, Math.max(0, file.sizeBytes - position)))
  }

  open(path: string): OpenFile {
    const folder = path.slice(0, Math.max(1, path.lastIndexOf('/')))
    if (!this.#folders.hasFolder(folder)) throw diskFailed(path, 'its folder does not exist')
    return new SimOpenFile(this, this.#folders.get(path) ?? this.#folders.create(path), path)
  }

  rename(from: string, to: string): void {
    this.#folders.rename(from, to, this.#existing(from, 'renamed'))
  }

  remove(path: string): void {
    this.#existing(path, 'removed')
    this.#folders.remove(path)
  }

  syncFolder(folder: string): void {
    if (!this.#folders.hasFolder(folder)) throw diskFailed(folder, 'it cannot be synced, for it does not exist')
    this.#folders.sync(folder)
  }

  /**
   * Bit rot at rest: one bit of one file flips.
   *
   * @param mayRot which bytes are worth it, or fair
   * @returns the path, null when nothing was found that may rot
   */
  rot(prng: Prng, mayRot: (path: string, byteAt: number) => boolean = () => true): string | null {
    const paths = this.#folders.paths().filter((path) => this.sizeBytes(path) > 0)
    for (let attempt = 0; attempt < ROT_ATTEMPTS && paths.length > 0; attempt++) {
      const path = prng.pick(paths)
      const byteAt = prng.below(this.sizeBytes(path))
      if (!mayRot(path, byteAt)) continue
      this.#existing(path, 'rotted').flipBit(byteAt, prng.below(8))
      return path
    }
    return null
  }

  /** A new, empty disk. */
  wipe(): void {
    assert(!this.#process.isUp, 'disks are changed while the machine is off')
    this.#folders.wipe()
  }

  /** For files of this disk only. */
  startWrite(file: SimFile, bytes: Uint8Array, position: number, onDone: () => void): void {
    const copy = Buffer.from(bytes)
    const pending: PendingWrite = { file, bytes: copy, position }
    this.#writing.add(pending)
    this.#process.later(this.#draw(this.conditions.writeMs), 'write', () => {
      assert(copy.equals(bytes), 'bytes given to a write stay as they are until it is done')
      this.#writing.delete(pending)
      file.write(copy, position)
      onDone()
    })
  }

  /** For files of this disk only. */
  startSync(file: SimFile, path: string, onDone: (error: Error | null) => void): void {
    const { conditions } = this
    const mark = file.beginSync()
    const fails = this.#prng.chance(conditions.syncFailureChance)
    const hangs = this.#prng.chance(conditions.syncHangChance)
    this.#process.later(hangs ? conditions.hangMs : this.#draw(conditions.syncMs), 'sync', () => {
      this.syncCount++
      if (fails) {
        file.failSync(mark)
        onDone(diskFailed(path, 'its sync failed'))
      } else {
        file.endSync(mark)
        onDone(null)
      }
    })
  }

  #draw([low, high]: readonly [number, number]): number {
    // Mostly near the low end, as devices are.
    return low + (high - low) * this.#prng.float() ** 2
  }

  /** The process died while the operating system was at it: all, some or nothing of the write happened. */
  #keepPartOf(write: PendingWrite): void {
    const keptBytes = this.#crashPrng.pick([0, this.#crashPrng.below(write.bytes.length + 1), write.bytes.length])
    if (keptBytes > 0) write.file.write(write.bytes.subarray(0, keptBytes), write.position)
  }

  #existing(path: string, verb: string): SimFile {
    const file = this.#folders.get(path)
    if (file === undefined) throw diskFailed(path, `it cannot be ${verb}, for it does not exist`)
    return file
  }
}

class SimOpenFile implements OpenFile {
  readonly #disk: SimDisk
  readonly #file: SimFile
  readonly #path: string
  #isClosed = false

  constructor(disk: SimDisk, file: SimFile, path: string) {
    this.#disk = disk
    this.#file = file
    this.#path = path
  }

  write(bytes: Uint8Array, position: number, onDone: (error: Error | null) => void): void {
    this.#assertOpen()
    this.#disk.startWrite(this.#file, bytes, position, () => onDone(null))
  }

  sync(onDone: (error: Error | null) => void): void {
    this.#assertOpen()
    this.#disk.startSync(this.#file, this.#path, onDone)
  }

  writeAndSync(bytes: Uint8Array, position: number, onDone: (error: Error | null) => void): void {
    this.#assertOpen()
    this.#disk.startWrite(this.#file, bytes, position, () => {
      this.#disk.startSync(this.#file, this.#path, onDone)
    })
  }

  writeAndSyncNow(bytes: Uint8Array, position: number): void {
    this.#assertOpen()
    this.#file.write(Buffer.from(bytes), position)
    this.#file.endSync(this.#file.beginSync())
    this.#disk.syncCount++
  }

  resizeNow(sizeBytes: number): void {
    this.#assertOpen()
    this.#file.resize(sizeBytes)
  }

  closeNow(): void {
    this.#assertOpen()
    this.#isClosed = true
  }

  #assertOpen(): void {
    assert(!this.#isClosed, 'a closed file is not used')
  }
}

function diskFailed(path: string, what: string): ZktuneError {
  return new ZktuneError('DiskFailed', { where: path, what, mend: 'This is a simulated fault.' })
}
