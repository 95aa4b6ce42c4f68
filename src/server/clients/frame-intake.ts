import type { Connection } from '../../kernel/ports.ts'
import { FrameReader, type FrameSink, type LargeFrames } from '../../protocol/frame-reader.ts'

/**
 * Cuts what comes from one client's socket into frames, and stops reading the socket when the sink wants no more for
 * now: the client's TCP window closes, so that nothing piles up here.
 */
export class FrameIntake {
  readonly #connection: Connection
  readonly #frames: FrameReader
  #isPaused = false
  #isOver = false

  /** @param sizeMax the largest payload that passes, in bytes */
  constructor(connection: Connection, sizeMax: number, sink: FrameSink, large: LargeFrames | null) {
    this.#connection = connection
    this.#frames = new FrameReader(sizeMax, sink, large)
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  /** The length that could not be: perhaps a four letter word. */
  get badLength(): number {
    return this.#frames.badLength
  }

  /** What had arrived behind it. */
  get behindBadLength(): Buffer {
    return this.#frames.behindBadLength
  }

  /** @returns false when the stream cannot be read any further, see `badLength` */
  push(bytes: Buffer): boolean {
    return this.#goOn(this.#frames.push(bytes))
  }

  /** The sink takes frames again. @returns as `push` does */
  resume(): boolean {
    return this.#goOn(this.#frames.resume())
  }

  /** The connection is ending or has ended: what still comes is nobody's. */
  close(): void {
    this.#isOver = true
    if (this.#isPaused) this.#connection.resume() // or the client's own end would never be read
  }

  #goOn(outcome: ReturnType<FrameReader['push']>): boolean {
    if (this.#isOver) return true
    if (outcome === 'badLength') return false
    const mustPause = outcome === 'stopped'
    if (mustPause === this.#isPaused) return true
    this.#isPaused = mustPause
    if (mustPause) this.#connection.pause()
    else this.#connection.resume()
    return true
  }
}
