import { assert } from '../kernel/assert.ts'
import type { Entry, Slot } from './entry.ts'
import { ENTRY_OVERHEAD_BYTES, slotOf } from './entry.ts'

const COMPACT_AT = 4096

/**
 * One acceptor's log as it is held in memory: the entries of the slots in (start, end]. What lies at or below `start`
 * is chosen, applied and lives on in snapshots only.
 */
export class EntryLog {
  #entries: Entry[] = []
  /** Entries at the front of the array that are trimmed but not yet moved out. */
  #dead = 0
  #start: number
  #end: number
  /** Bytes of all entries ever appended, minus those dropped again: through each entry, and in all. */
  #sizeThrough: number[] = []
  #sizeAppended = 0
  #sizeTrimmed = 0

  constructor(start: Slot) {
    this.#start = start
    this.#end = start
  }

  get start(): Slot {
    return slotOf(this.#start)
  }

  get end(): Slot {
    return slotOf(this.#end)
  }

  /** Bytes held, counted roughly. */
  get sizeBytes(): number {
    return this.#sizeAppended - this.#sizeTrimmed
  }

  /** Bytes of the entries in (from, through]. */
  bytesBetween(from: number, through: number): number {
    return this.#sizeAt(through) - this.#sizeAt(from)
  }

  get(slot: number): Entry {
    assert(slot > this.#start && slot <= this.#end, 'a slot that is read lies in the log')
    return this.#entries[this.#dead + slot - this.#start - 1] as Entry
  }

  append(entry: Entry): Slot {
    this.#entries.push(entry)
    this.#sizeAppended += sizeOf(entry)
    this.#sizeThrough.push(this.#sizeAppended)
    this.#end++
    return slotOf(this.#end)
  }

  dropAfter(slot: Slot): void {
    assert(slot >= this.#start, 'what is chosen and applied is never dropped')
    while (this.#end > slot) {
      this.#sizeAppended -= sizeOf(this.#entries.pop() as Entry)
      this.#sizeThrough.pop()
      this.#end--
    }
  }

  /** Forgets the entries up to and including `slot`; a log that ends before it continues from it. */
  trimTo(slot: Slot): void {
    while (this.#start < slot && this.#start < this.#end) {
      this.#sizeTrimmed = this.#sizeThrough[this.#dead] as number
      this.#entries[this.#dead] = TRIMMED
      this.#dead++
      this.#start++
    }
    if (slot > this.#end) {
      this.#start = slot
      this.#end = slot
    }
    if (this.#dead > COMPACT_AT && this.#dead * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#dead)
      this.#sizeThrough = this.#sizeThrough.slice(this.#dead)
      this.#dead = 0
    }
  }

  /**
   * The entries after `from`, as many as fit `sizeBytesMax`, at least one if there is one.
   *
   * @param from at least `start`
   * @param through the last slot wanted
   */
  slice(from: Slot, sizeBytesMax: number, through: Slot = this.end): Entry[] {
    assert(from >= this.#start, 'entries are taken from what the log still holds')
    assert(through <= this.#end, 'entries are taken from what the log holds already')
    const taken: Entry[] = []
    let size = 0
    for (let slot = from + 1; slot <= through; slot++) {
      const entry = this.get(slot)
      size += sizeOf(entry)
      if (size > sizeBytesMax && taken.length > 0) break
      taken.push(entry)
    }
    return taken
  }

  #sizeAt(slot: number): number {
    if (slot <= this.#start) return this.#sizeTrimmed
    return this.#sizeThrough[this.#dead + Math.min(slot, this.#end) - this.#start - 1] as number
  }
}

const TRIMMED: Entry = { kind: 'command', payload: new Uint8Array(0) }

function sizeOf(entry: Entry): number {
  return entry.payload.length + ENTRY_OVERHEAD_BYTES
}
