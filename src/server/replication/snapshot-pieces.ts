import type { Clock } from '../../kernel/ports.ts'

/** Of the event loop's time, for making a snapshot while clients are served. */
const SHARE = 0.15
/** Nobody waits much longer for a turn in which a snapshot is made. */
const SLICE_MAX_MS = 1
/** When everything else of a turn took less than that, nobody was there to wait. */
const IDLE_MS = 0.1
/** What is made ahead while the disk is at work, and goes to it at once. */
const PIECE_BYTES_MAX = 1024 * 1024

/**
 * A snapshot's chunks, made in short slices between the turns of the event loop, and gathered into pieces for the disk. A
 * busy server gives them its share of the time and no more; an idle one makes a chunk a turn.
 */
export class SnapshotPieces {
  readonly #chunks: Iterator<Buffer>
  readonly #clock: Pick<Clock, 'nowMs'>
  #made: Buffer[] = []
  #madeBytes = 0
  #isAtEnd = false
  #endedMs: number
  /** Time that may be spent; less than nothing after a slice that took longer. */
  #creditMs = 0

  constructor(chunks: Iterator<Buffer>, clock: Pick<Clock, 'nowMs'>) {
    this.#chunks = chunks
    this.#clock = clock
    this.#endedMs = clock.nowMs()
  }

  /** There is nothing more to make. */
  get isAtEnd(): boolean {
    return this.#isAtEnd
  }

  /** Enough is made for now: take it first. */
  get isFull(): boolean {
    return this.#madeBytes >= PIECE_BYTES_MAX
  }

  /** Once a turn: makes some more, or leaves the turn to others. */
  makeSome(): void {
    const beganMs = this.#clock.nowMs()
    const elsewhereMs = beganMs - this.#endedMs
    this.#endedMs = beganMs
    this.#creditMs = Math.min(SLICE_MAX_MS, this.#creditMs + (elsewhereMs * SHARE) / (1 - SHARE))
    const isIdle = elsewhereMs < IDLE_MS
    if (!isIdle && this.#creditMs <= 0) return
    const untilMs = beganMs + this.#creditMs
    do this.#makeOne()
    while (!this.#isAtEnd && !this.isFull && this.#clock.nowMs() < untilMs)
    this.#endedMs = this.#clock.nowMs()
    if (!isIdle) this.#creditMs -= this.#endedMs - beganMs
  }

  /** @returns what is made so far; null when there is nothing */
  take(): Buffer | null {
    const [first] = this.#made
    if (first === undefined) return null
    const piece = this.#made.length === 1 ? first : Buffer.concat(this.#made)
    this.#made = []
    this.#madeBytes = 0
    return piece
  }

  #makeOne(): void {
    const next = this.#chunks.next()
    if (next.done === true) {
      this.#isAtEnd = true
      return
    }
    this.#made.push(next.value)
    this.#madeBytes += next.value.length
  }
}
