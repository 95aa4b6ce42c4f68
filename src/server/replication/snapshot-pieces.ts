import type { Clock } from '../../kernel/ports.ts'

/** Of the event loop's time, for making a snapshot while clients are served. */
const SHARE = 0.15
/** Chunks that one piece may have: what is in memory and goes to the disk at once. */
const CHUNKS_MAX = 16

/**
 * A snapshot's chunks, gathered into pieces by the time that each takes: a busy server, whose turns are long, makes longer
 * pieces. One chunk a turn would keep the pin, and all that it must remember, for half a minute at a million znodes.
 */
export class SnapshotPieces {
  readonly #chunks: Iterator<Buffer>
  readonly #clock: Pick<Clock, 'nowMs'>
  #lastMs: number

  constructor(chunks: Iterator<Buffer>, clock: Pick<Clock, 'nowMs'>) {
    this.#chunks = chunks
    this.#clock = clock
    this.#lastMs = clock.nowMs()
  }

  /** @returns at least one chunk; null when there are no more */
  next(): Buffer | null {
    const beganMs = this.#clock.nowMs()
    const untilMs = beganMs + (beganMs - this.#lastMs) * SHARE
    this.#lastMs = beganMs
    const piece: Buffer[] = []
    do {
      const next = this.#chunks.next()
      if (next.done === true) break
      piece.push(next.value)
    } while (piece.length < CHUNKS_MAX && this.#clock.nowMs() < untilMs)
    const [first] = piece
    return first === undefined ? null : piece.length === 1 ? first : Buffer.concat(piece)
  }
}
