import type { Clock, Connection, ConnectionHandler } from '../../../kernel/ports.ts'

/** Who holds the client's end. Calls come outside of any call into the pipe. */
export interface PipeClient {
  onBytes(bytes: Uint8Array): void
  /** Once, whoever closed it. */
  onClosed(): void
}

const UNSET: ConnectionHandler = { onData: () => undefined, onDrain: () => undefined, onClose: () => undefined }

/**
 * A client connection that begins in this process: for the server it is one like any other, from the loopback address.
 * Bytes arrive with the next turn, as a socket's would.
 */
export class LocalPipe implements Connection {
  handler = UNSET
  readonly remoteHost = '127.0.0.1'
  readonly remotePort = 0
  readonly tls = null
  bufferedBytes = 0
  readonly #clock: Clock
  readonly #client: PipeClient
  #held: Buffer[] = []
  #isPaused = false
  #isClosed = false

  constructor(clock: Clock, client: PipeClient) {
    this.#clock = clock
    this.#client = client
  }

  /** From the client. The bytes belong to the server. */
  send(bytes: Buffer): void {
    this.#held.push(bytes)
    this.#clock.afterTurn(() => this.#deliver())
  }

  /** The client hangs up. */
  hangUp(): void {
    this.#close()
  }

  write(bytes: Uint8Array): boolean {
    this.bufferedBytes += bytes.length
    this.#clock.afterTurn(() => {
      this.bufferedBytes -= bytes.length
      this.#client.onBytes(bytes)
    })
    return true
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#clock.afterTurn(() => this.#deliver())
  }

  end(): void {
    this.#close()
  }

  destroy(): void {
    this.#close()
  }

  #deliver(): void {
    while (!this.#isPaused && !this.#isClosed) {
      const bytes = this.#held.shift()
      if (bytes === undefined) return
      this.handler.onData(bytes)
    }
  }

  #close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#clock.afterTurn(() => {
      this.handler.onClose(null)
      this.#client.onClosed()
    })
  }
}
