import type { Disk, OpenFile } from '../../src/kernel/ports.ts'
import type { Prng } from '../../src/kernel/prng.ts'
import { ZktuneError } from '../../src/kernel/errors.ts'

/** Thrown by every call once the machine is off. */
export class PowerLoss extends Error {
  override readonly name = 'PowerLoss'
}

type Edit = { readonly bytes: Buffer; readonly position: number } | { readonly sizeBytes: number }

/** An edit that no sync has covered. */
interface Change {
  readonly edit: Edit
  /** The call that made it is over: later syncs cover it. */
  isFinished: boolean
}

/** One file: `seen` by the running system, `durable` for sure, and the changes between the two. */
class Contents {
  seen: Buffer = Buffer.alloc(0)
  durable: Buffer = Buffer.alloc(0)
  unsynced: Change[] = []
  openCount = 0

  change(edit: Edit, isFinished: boolean): Change {
    const change = { edit, isFinished }
    this.seen = changed(this.seen, edit)
    this.unsynced.push(change)
    return change
  }

  get finished(): readonly Change[] {
    return this.unsynced.filter(({ isFinished }) => isFinished)
  }

  sync(covered: readonly Change[]): void {
    for (const change of this.unsynced) {
      if (covered.includes(change)) this.durable = changed(this.durable, change.edit)
    }
    this.unsynced = this.unsynced.filter((change) => !covered.includes(change))
  }

  /** As Linux has it: what the sync should have covered is lost, and yet no later sync will try again. */
  failSync(): void {
    this.unsynced = []
  }
}

interface Work {
  readonly run: () => void
  readonly fail: () => void
  readonly done: (error: Error | null) => void
}

/**
 * A disk in memory for tests of single steps. Nothing finishes by itself: `step` finishes a call under way. What a sync covers
 * is its own write, and what had finished when it was asked for. A power loss keeps what was synced, and of the rest what the dice say: whole changes, prefixes or any pieces of them, in
 * any combination; of new, renamed and removed names those whose folder was synced, and any of the others.
 */
export class FaultDisk implements Disk {
  readonly #names = new Map<string, Contents>()
  #durableNames = new Map<string, Contents>()
  #unsyncedNames: { readonly path: string; readonly apply: (names: Map<string, Contents>) => void }[] = []
  #queue: Work[] = []
  #callsLeft = Number.POSITIVE_INFINITY
  /** Calls that reached the disk so far. */
  calls = 0
  folderSyncs = 0
  /** Fails the next write or sync that finishes. */
  failNext = false
  isOff = false

  /** The power fails within the `count`th call from now: nothing of that call happens, nor of any later one. */
  failPowerAfter(count: number): void {
    this.#callsLeft = count
  }

  get underWay(): number {
    return this.#queue.length
  }

  /** Finishes a call under way, the oldest one unless told which. @returns false when there is none */
  step(index = 0): boolean {
    const [work] = this.#queue.splice(index, 1)
    if (work === undefined) return false
    if (this.failNext) {
      this.failNext = false
      work.fail()
      work.done(diskFailed('/simulated'))
      return true
    }
    work.run()
    work.done(null)
    return true
  }

  settle(): void {
    while (this.step());
  }

  /** The process dies, the machine lives: what was written is there, calls under way may have happened in part. */
  kill(): void {
    this.#queue = []
    this.#restart()
  }

  losePower(prng: Prng): void {
    this.#queue = []
    for (const contents of this.#names.values()) tear(contents, prng)
    for (const contents of this.#durableNames.values()) tear(contents, prng)
    for (const { apply } of this.#unsyncedNames) if (prng.chance(0.5)) apply(this.#durableNames)
    this.#unsyncedNames = []
    this.#names.clear()
    for (const [path, contents] of this.#durableNames) this.#names.set(path, contents)
    this.#restart()
  }

  /** Changes bytes at rest, seen and durable alike. */
  damage(path: string, change: (bytes: Buffer) => Buffer): void {
    const contents = this.#file(path)
    contents.seen = change(Buffer.from(contents.seen))
    contents.durable = Buffer.from(contents.seen)
    contents.unsynced = []
  }

  list(folder: string): string[] {
    this.#call()
    const names = [...this.#names.keys()].filter((path) => path.startsWith(`${folder}/`))
    return names.map((path) => path.slice(folder.length + 1)).sort()
  }

  exists(path: string): boolean {
    this.#call()
    return this.#names.has(path)
  }

  makeFolder(): void {
    this.#call()
  }

  sizeBytes(path: string): number {
    this.#call()
    return this.#file(path).seen.length
  }

  read(path: string, position = 0, length = Number.POSITIVE_INFINITY): Buffer {
    this.#call()
    return Buffer.from(this.#file(path).seen.subarray(position, position + length))
  }

  rename(from: string, to: string): void {
    this.#call()
    const contents = this.#file(from)
    this.#entry(from, (names) => {
      if (names.get(from) === contents) names.delete(from)
      names.set(to, contents)
    })
  }

  remove(path: string): void {
    this.#call()
    this.#file(path)
    this.#entry(path, (names) => names.delete(path))
  }

  syncFolder(folder: string): void {
    this.#call()
    this.folderSyncs++
    for (const change of this.#unsyncedNames) if (change.path.startsWith(`${folder}/`)) change.apply(this.#durableNames)
    this.#unsyncedNames = this.#unsyncedNames.filter((change) => !change.path.startsWith(`${folder}/`))
  }

  open(path: string): OpenFile {
    this.#call()
    let contents = this.#names.get(path)
    if (contents === undefined) {
      const made = new Contents()
      contents = made
      this.#entry(path, (names) => names.set(path, made))
    }
    return this.#openFile(contents)
  }

  /** Somebody has it open. */
  isOpen(path: string): boolean {
    return this.#file(path).openCount > 0
  }

  #openFile(contents: Contents): OpenFile {
    let isClosed = false
    contents.openCount++
    const call = (): void => {
      this.#call()
      if (isClosed) throw new Error('a closed file was used')
    }
    const put = (bytes: Uint8Array, position: number, isFinished: boolean): readonly Change[] => {
      return bytes.length > 0 ? [contents.change({ bytes: Buffer.from(bytes), position }, isFinished)] : []
    }
    return {
      // Bytes count as changed from the start: a power loss before the end of the call keeps any part of them.
      write: (bytes, position, onDone) => {
        call()
        const made = put(bytes, position, false)
        const run = (): void => made.forEach((change) => (change.isFinished = true))
        this.#queue.push({ run, fail: nothing, done: onDone })
      },
      sync: (onDone) => {
        call()
        const covered = contents.finished
        this.#queue.push({ run: () => contents.sync(covered), fail: () => contents.failSync(), done: onDone })
      },
      writeAndSync: (bytes, position, onDone) => {
        call()
        const covered = [...contents.finished, ...put(bytes, position, false)]
        this.#queue.push({ run: () => contents.sync(covered), fail: () => contents.failSync(), done: onDone })
      },
      writeAndSyncNow: (bytes, position) => {
        call()
        put(bytes, position, true)
        call()
        contents.sync(contents.finished)
      },
      resizeNow: (sizeBytes) => {
        call()
        contents.change({ sizeBytes }, true)
      },
      closeNow: () => {
        call()
        isClosed = true
        contents.openCount--
      },
    }
  }

  #entry(path: string, apply: (names: Map<string, Contents>) => void): void {
    apply(this.#names)
    this.#unsyncedNames.push({ path, apply })
  }

  #file(path: string): Contents {
    const contents = this.#names.get(path)
    if (contents === undefined) throw diskFailed(path)
    return contents
  }

  #call(): void {
    if (--this.#callsLeft <= 0) this.isOff = true
    if (this.isOff) throw new PowerLoss('the power is off')
    this.calls++
  }

  #restart(): void {
    this.isOff = false
    this.#callsLeft = Number.POSITIVE_INFINITY
  }
}

const nothing = (): void => undefined

function diskFailed(path: string): ZktuneError {
  return new ZktuneError('DiskFailed', { where: path, what: 'a fault of the test', mend: 'None is needed.' })
}

function changed(bytes: Buffer, change: Edit): Buffer {
  const end = 'sizeBytes' in change ? change.sizeBytes : change.position + change.bytes.length
  const length = 'sizeBytes' in change ? end : Math.max(end, bytes.length)
  const copy = Buffer.alloc(length)
  bytes.copy(copy)
  if ('bytes' in change) change.bytes.copy(copy, change.position)
  return copy
}

function tear(contents: Contents, prng: Prng): void {
  const style = prng.below(4)
  const wholeCount = prng.below(contents.unsynced.length + 1)
  for (const [index, { edit: change }] of contents.unsynced.entries()) {
    const isWhole = style === 0 || (style === 1 ? index < wholeCount : prng.chance(0.5))
    if (style === 2) continue
    if (isWhole) contents.durable = changed(contents.durable, change)
    else if ('bytes' in change && style === 3) {
      for (let from = 0; from < change.bytes.length;) {
        const to = Math.min(change.bytes.length, from + 1 + prng.below(200))
        const piece = { bytes: change.bytes.subarray(from, to), position: change.position + from }
        if (prng.chance(0.5)) contents.durable = changed(contents.durable, piece)
        from = to
      }
    } else if ('bytes' in change && index === wholeCount) {
      const bytes = change.bytes.subarray(0, prng.below(change.bytes.length + 1))
      contents.durable = changed(contents.durable, { bytes, position: change.position })
    }
  }
  contents.unsynced = []
  contents.seen = Buffer.from(contents.durable)
}
