import fs from 'node:fs'
import path from 'node:path'
import { ZktuneError } from '../kernel/errors.ts'
import type { Disk, OpenFile } from '../kernel/ports.ts'
import { errnoOf, meaningOf } from './system-error.ts'

/** Files of the operating system. What blocks is called when starting, rolling over and ending only. */
export class RealDisk implements Disk {
  list(folder: string): string[] {
    return attempt(folder, 'listing the folder', () => {
      try {
        return fs.readdirSync(folder).sort()
      } catch (error) {
        if (errnoOf(error) === 'ENOENT') return []
        throw error
      }
    })
  }

  exists(file: string): boolean {
    return fs.existsSync(file)
  }

  /** Durable when it returns: each folder that had to be made is synced into its parent. */
  makeFolder(folder: string): void {
    attempt(folder, 'making the folder', () => {
      const first = fs.mkdirSync(folder, { recursive: true })
      if (first === undefined) return
      const top = path.dirname(path.resolve(first))
      let parent = path.resolve(folder)
      do {
        parent = path.dirname(parent)
        this.syncFolder(parent)
      } while (parent !== top && parent !== path.dirname(parent))
    })
  }

  sizeBytes(file: string): number {
    return attempt(file, 'looking up the size', () => fs.statSync(file).size)
  }

  read(file: string, position = 0, length = Number.POSITIVE_INFINITY): Buffer {
    return attempt(file, 'reading', () => {
      const fd = fs.openSync(file, 'r')
      try {
        const wanted = Math.max(0, Math.min(length, fs.fstatSync(fd).size - position))
        const bytes = Buffer.allocUnsafeSlow(wanted)
        let filled = 0
        while (filled < wanted) {
          const count = fs.readSync(fd, bytes, filled, wanted - filled, position + filled)
          if (count === 0) break
          filled += count
        }
        return bytes.subarray(0, filled)
      } finally {
        fs.closeSync(fd)
      }
    })
  }

  open(file: string): OpenFile {
    const flags = fs.constants.O_RDWR | fs.constants.O_CREAT
    return new RealFile(
      file,
      attempt(file, 'opening', () => fs.openSync(file, flags, 0o644)),
    )
  }

  rename(from: string, to: string): void {
    attempt(from, `renaming to ${to}`, () => fs.renameSync(from, to))
  }

  /**
   * Gives a file's name back at once and its blocks a little later, off this thread: for a log segment of 64 MiB that
   * takes 15 ms, and the system does it when the last handle is closed. Not in this turn: a sync of the folder, which the
   * caller may make next, would wait for it.
   */
  remove(file: string): void {
    attempt(file, 'removing', () => {
      const fd = openedOrNull(file)
      try {
        fs.unlinkSync(file)
      } finally {
        if (fd !== null) setImmediate(() => fs.close(fd, () => undefined))
      }
    })
  }

  syncFolder(folder: string): void {
    attempt(folder, 'syncing the folder', () => {
      const fd = fs.openSync(folder, 'r')
      try {
        fs.fsyncSync(fd)
      } finally {
        fs.closeSync(fd)
      }
    })
  }
}

/**
 * Where the system has it, a second door to the file: what is written through it is durable when the write returns (open(2),
 * O_DSYNC: as if fdatasync followed). One call for two, and each call of the thread pool wakes a thread and is woken by it.
 */
const HAS_SYNCED_WRITES = process.platform === 'linux'

class RealFile implements OpenFile {
  readonly #path: string
  readonly #fd: number
  /** Null until it is needed. */
  #syncedFd: number | null = null
  /** Something was written or resized that no sync has covered: a synced write would vouch for its own bytes alone. */
  #isDirty = true
  /** Beginnings and ends of writes, and new lengths: when it stands still, nothing has slipped in. */
  #changeCount = 0

  constructor(file: string, fd: number) {
    this.#path = file
    this.#fd = fd
  }

  write(bytes: Uint8Array, position: number, onDone: (error: Error | null) => void): void {
    this.#onChange()
    this.#write(this.#fd, bytes, position, (error) => {
      this.#onChange()
      onDone(error)
    })
  }

  sync(onDone: (error: Error | null) => void): void {
    const changeCount = this.#changeCount
    fs.fdatasync(this.#fd, (error) => {
      if (error === null && changeCount === this.#changeCount) this.#isDirty = false
      onDone(error === null ? null : diskFailed(this.#path, 'syncing', error))
    })
  }

  writeAndSync(bytes: Uint8Array, position: number, onDone: (error: Error | null) => void): void {
    if (HAS_SYNCED_WRITES && !this.#isDirty) {
      this.#write(this.#openSynced(), bytes, position, onDone)
      return
    }
    this.write(bytes, position, (error) => {
      if (error === null) this.sync(onDone)
      else onDone(error)
    })
  }

  writeAndSyncNow(bytes: Uint8Array, position: number): void {
    const isSynced = HAS_SYNCED_WRITES && !this.#isDirty
    attempt(this.#path, 'writing', () => {
      const fd = isSynced ? this.#openSynced() : this.#fd
      let written = 0
      while (written < bytes.length) {
        const count = fs.writeSync(fd, bytes, written, bytes.length - written, position + written)
        if (count === 0) throw new Error('the device takes no more bytes')
        written += count
      }
    })
    if (isSynced) return
    attempt(this.#path, 'syncing', () => fs.fdatasyncSync(this.#fd))
    this.#isDirty = false
  }

  resizeNow(sizeBytes: number): void {
    this.#onChange()
    attempt(this.#path, 'changing the size', () => fs.ftruncateSync(this.#fd, sizeBytes))
  }

  closeNow(): void {
    attempt(this.#path, 'closing', () => {
      if (this.#syncedFd !== null) fs.closeSync(this.#syncedFd)
      fs.closeSync(this.#fd)
    })
  }

  #onChange(): void {
    this.#isDirty = true
    this.#changeCount++
  }

  #write(fd: number, bytes: Uint8Array, position: number, onDone: (error: Error | null) => void): void {
    fs.write(fd, bytes, 0, bytes.length, position, (error, count) => {
      if (error !== null) onDone(diskFailed(this.#path, 'writing', error))
      // The operating system may take less than it was given; only nothing at all is a failure.
      else if (count === bytes.length) onDone(null)
      else if (count === 0) onDone(diskFailed(this.#path, 'writing', new Error('the device takes no more bytes')))
      else this.#write(fd, bytes.subarray(count), position + count, onDone)
    })
  }

  #openSynced(): number {
    const { O_WRONLY, O_DSYNC } = fs.constants
    this.#syncedFd ??= attempt(this.#path, 'opening', () => fs.openSync(this.#path, O_WRONLY | O_DSYNC))
    return this.#syncedFd
  }
}

/** @returns null where it cannot be opened, which is no reason not to remove it */
function openedOrNull(file: string): number | null {
  try {
    return fs.openSync(file, 'r')
  } catch {
    return null
  }
}

function attempt<T>(file: string, doing: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof ZktuneError ? error : diskFailed(file, doing, error)
  }
}

function diskFailed(file: string, doing: string, cause: unknown): ZktuneError {
  const { what, mend } = meaningOf(cause)
  return new ZktuneError('DiskFailed', { where: file, what: `${doing} failed: ${what}`, mend, cause })
}
