import type { Connection } from '../../src/kernel/ports.ts'

/** A handler that notes what happens and lets a test wait for it. */
export class Recorder {
  readonly #connection: Connection
  readonly chunks: Buffer[] = []
  /** Where the bytes lay that came last; null before the first. */
  memory: ArrayBufferLike | null = null
  drains = 0
  closes: (Error | null)[] = []
  #wake: () => void = () => undefined

  constructor(connection: Connection) {
    this.#connection = connection
    connection.handler = this
  }

  get connection(): Connection {
    return this.#connection
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString()
  }

  onData(bytes: Buffer): void {
    this.chunks.push(Buffer.from(bytes))
    this.memory = bytes.buffer
    this.#wake()
  }

  onDrain(): void {
    this.drains++
    this.#wake()
  }

  onClose(error: Error | null): void {
    this.closes.push(error)
    this.#wake()
  }

  async until(what: string, isDone: () => boolean): Promise<void> {
    const deadline = performance.now() + 10_000
    while (!isDone()) {
      if (performance.now() > deadline) throw new Error(`waited 10 s for: ${what}`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 100)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }
}
