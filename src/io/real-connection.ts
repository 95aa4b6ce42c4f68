import type { Socket } from 'node:net'
import { AssertionFailure } from '../kernel/assert.ts'
import { ZktuneError } from '../kernel/errors.ts'
import type { Connection, ConnectionHandler, TlsSession } from '../kernel/ports.ts'
import { shareReads } from './shared-reads.ts'
import { meaningOf } from './system-error.ts'
import { tlsMeaningOf } from './tls-error.ts'

/** Bytes the operating system has not taken yet, above which `write` asks the caller to wait. */
const BUFFERED_MAX_BYTES = 256 * 1024

/** How long `end` lets the other side take its time, in milliseconds. */
const END_DEADLINE_MS = 5_000

/** A TCP connection, or a TLS one whose handshake is through: to Node both are sockets. */
export class RealConnection implements Connection {
  handler: ConnectionHandler = NOBODY
  readonly remoteHost: string
  readonly remotePort: number
  readonly tls: TlsSession | null
  readonly #socket: Socket
  #error: Error | null = null
  #owesDrain = false
  #isEnding = false
  #endTimer: NodeJS.Timeout | null = null

  constructor(socket: Socket, tls: TlsSession | null) {
    this.#socket = socket
    this.tls = tls
    this.remoteHost = plainHost(socket.remoteAddress)
    this.remotePort = socket.remotePort ?? 0
    const onBytes = (bytes: Buffer): void => {
      if (!this.#isEnding) this.handler.onData(bytes)
    }
    if (tls !== null || !shareReads(socket, onBytes)) socket.on('data', onBytes)
    socket.on('drain', () => {
      if (!this.#owesDrain) return
      this.#owesDrain = false
      this.handler.onDrain()
    })
    socket.on('error', (error) => {
      this.#error ??= this.#lost(error)
      socket.destroy() // A broken rule of TLS is told of, but the socket lives on.
    })
    socket.on('close', () => {
      if (this.#endTimer !== null) clearTimeout(this.#endTimer)
      this.handler.onClose(this.#error)
    })
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength
  }

  write(bytes: Uint8Array): boolean {
    if (this.#isEnding || !this.#socket.writable) return false // onClose is on its way
    if (this.#socket.write(bytes)) return true
    // Node says "wait" for any write above its mark, even one that the operating system took whole at once.
    if (this.#socket.writableLength <= BUFFERED_MAX_BYTES) return true
    this.#owesDrain = true
    return false
  }

  pause(): void {
    if (!this.#isEnding) this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /**
   * Closes its own direction after the last byte, and then waits for the other side's: closing a socket that has unread
   * input resets the connection, and a reset may overtake the reply that was just written.
   */
  end(): void {
    if (this.#isEnding || this.#socket.destroyed) return
    this.#isEnding = true
    this.#socket.end()
    this.#socket.resume()
    this.#endTimer = setTimeout(() => this.#socket.destroy(), END_DEADLINE_MS)
  }

  destroy(): void {
    this.#isEnding = true
    this.#socket.destroy()
  }

  #lost(cause: Error): Error {
    const { what, mend } = tlsMeaningOf(cause) ?? meaningOf(cause)
    return new ZktuneError('ConnectionLost', { where: endpoint(this.remoteHost, this.remotePort), what, mend, cause })
  }
}

const NOBODY: ConnectionHandler = {
  onData: () => noHandler(),
  onDrain: () => noHandler(),
  onClose: () => noHandler(),
}

function noHandler(): never {
  throw new AssertionFailure('a connection gets its handler in the callback that announces it')
}

/** An IPv4 client of a dual-stack listener appears as ::ffff:10.0.0.1. */
export function plainHost(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:(?=\d+\.)/, '')
}

export function endpoint(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
