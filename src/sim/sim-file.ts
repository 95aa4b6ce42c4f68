import { assert } from '../kernel/assert.ts'
import type { Prng } from '../kernel/prng.ts'

/** What a disk writes in one piece. Of a write that was never synced, any sectors may survive a power failure. */
const SECTOR_BYTES = 512

interface Change {
  readonly sequence: number
  /** Null: the length was set to `position`. */
  readonly bytes: Buffer | null
  readonly position: number
  /** A sync over it failed: no later sync makes it durable, as Linux has it. */
  isDropped: boolean
}

/**
 * The contents of one file, twice: as the operating system shows them, and as the disk has them for sure. Between the
 * two lie the changes that no sync has covered yet.
 */
export class SimFile {
  #seen: Buffer = Buffer.alloc(0)
  #durable: Buffer = Buffer.alloc(0)
  #unsynced: Change[] = []
  #sequence = 0

  get sizeBytes(): number {
    return this.#seen.length
  }

  get unsyncedCount(): number {
    return this.#unsynced.length
  }

  /** A copy. */
  read(position: number, length: number): Buffer {
    return Buffer.from(this.#seen.subarray(position, position + length))
  }

  write(bytes: Buffer, position: number): void {
    this.#seen = written(this.#seen, bytes, position)
    this.#unsynced.push({ sequence: this.#sequence++, bytes, position, isDropped: false })
  }

  resize(sizeBytes: number): void {
    this.#seen = resized(this.#seen, sizeBytes)
    this.#unsynced.push({ sequence: this.#sequence++, bytes: null, position: sizeBytes, isDropped: false })
  }

  /** A sync that begins now covers everything before this mark. */
  beginSync(): number {
    return this.#sequence
  }

  endSync(mark: number): void {
    this.#unsynced = this.#unsynced.filter((change) => {
      if (change.isDropped || change.sequence >= mark) return true
      this.#durable = applied(this.#durable, change)
      return false
    })
  }

  failSync(mark: number): void {
    for (const change of this.#unsynced) if (change.sequence < mark) change.isDropped = true
  }

  /**
   * The process died and the machine did not. After a failed sync the operating system may show the old contents again,
   * since it holds the lost pages for clean.
   */
  loseProcess(prng: Prng): void {
    if (this.#unsynced.some((change) => change.isDropped)) this.losePower(prng)
  }

  /** The machine loses power: of what no sync covered, chance decides. */
  losePower(prng: Prng): void {
    const changes = this.#unsynced
    this.#unsynced = []
    if (changes.length > 0) {
      switch (prng.below(4)) {
        case 0:
          break
        case 1:
          for (const change of changes) this.#durable = applied(this.#durable, change)
          break
        case 2:
          this.#keepPrefix(changes, prng)
          break
        default:
          this.#keepSectors(changes, prng)
      }
    }
    this.#seen = Buffer.from(this.#durable)
  }

  /** Flips one bit, seen and durable alike. */
  flipBit(byteAt: number, bit: number): void {
    assert(byteAt < this.#seen.length, 'the bit to flip is in the file')
    const seen = this.#seen[byteAt] as number
    this.#seen[byteAt] = seen ^ (1 << bit)
    if (byteAt < this.#durable.length) this.#durable[byteAt] = this.#seen[byteAt]
  }

  #keepPrefix(changes: readonly Change[], prng: Prng): void {
    const wholeCount = prng.below(changes.length)
    for (let index = 0; index < wholeCount; index++) this.#durable = applied(this.#durable, changes[index] as Change)
    const torn = changes[wholeCount] as Change
    if (torn.bytes !== null) {
      this.#durable = written(this.#durable, torn.bytes.subarray(0, prng.below(torn.bytes.length + 1)), torn.position)
    }
  }

  #keepSectors(changes: readonly Change[], prng: Prng): void {
    for (const change of changes) {
      if (change.bytes === null) {
        if (prng.chance(0.5)) this.#durable = applied(this.#durable, change)
        continue
      }
      const end = change.position + change.bytes.length
      for (let from = change.position; from < end;) {
        const to = Math.min(end, (Math.floor(from / SECTOR_BYTES) + 1) * SECTOR_BYTES)
        if (prng.chance(0.5)) {
          const sector = change.bytes.subarray(from - change.position, to - change.position)
          this.#durable = written(this.#durable, sector, from)
        }
        from = to
      }
    }
  }
}

function applied(contents: Buffer, change: Change): Buffer {
  if (change.bytes === null) return resized(contents, change.position)
  return written(contents, change.bytes, change.position)
}

function written(contents: Buffer, bytes: Buffer, position: number): Buffer {
  if (bytes.length === 0) return contents
  const grown = contents.length < position + bytes.length ? resized(contents, position + bytes.length) : contents
  bytes.copy(grown, position)
  return grown
}

/** Cuts, or fills up with zeros. */
function resized(contents: Buffer, sizeBytes: number): Buffer {
  if (sizeBytes === contents.length) return contents
  const copy = Buffer.alloc(sizeBytes)
  contents.copy(copy)
  return copy
}
