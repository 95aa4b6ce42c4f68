import net from 'node:net'
import { AssertionFailure } from '../kernel/assert.ts'
import { ZktuneError } from '../kernel/errors.ts'
import type { Connection, ConnectionHandler, Listener, ListenOptions, Network } from '../kernel/ports.ts'
import { errnoOf, meaningOf } from './system-error.ts'

/** Bytes the operating system has not taken yet, above which `write` asks the caller to wait. */
const BUFFERED_MAX_BYTES = 256 * 1024

/** How long `end` lets the other side take its time, in milliseconds. */
const END_DEADLINE_MS = 5_000

/** TCP by node:net, always with TCP_NODELAY: the rooms above batch what leaves in one turn themselves. */
export class RealNetwork implements Network {
  listen(
    options: ListenOptions,
    onConnection: (connection: Connection) => void,
    onListening: (result: Listener | Error) => void,
  ): void {
    const where = endpoint(options.host, options.port)
    const server = net.createServer({ noDelay: true }, (socket) => onConnection(new RealConnection(socket)))
    const onError = (error: Error): void => onListening(cannotListen(where, error))
    server.once('error', onError)
    server.once('listening', () => {
      server.off('error', onError)
      // From here on an error is one failed accept (out of file descriptors): that client comes again, the server lives.
      server.on('error', () => undefined)
      onListening(new RealListener(server))
    })
    try {
      const backlog = options.backlog === null ? {} : { backlog: options.backlog }
      server.listen({ host: options.host, port: options.port, ...backlog })
    } catch (error) {
      setImmediate(() => onListening(cannotListen(where, error)))
    }
  }

  connect(
    to: { readonly host: string; readonly port: number; readonly timeoutMs: number },
    onConnected: (result: Connection | Error) => void,
  ): { cancel(): void } {
    const attempt = new ConnectAttempt(to, onConnected)
    return { cancel: () => attempt.cancel() }
  }
}

/** One try to connect. It ends once: connected, failed, timed out or cancelled, and a cancelled one calls nobody back. */
class ConnectAttempt {
  readonly #where: string
  readonly #onConnected: (result: Connection | Error) => void
  readonly #timer: NodeJS.Timeout
  #socket: net.Socket | null = null
  #isOver = false

  constructor(
    to: { readonly host: string; readonly port: number; readonly timeoutMs: number },
    onConnected: (result: Connection | Error) => void,
  ) {
    this.#where = endpoint(to.host, to.port)
    this.#onConnected = onConnected
    this.#timer = setTimeout(() => {
      this.#fail(`no connection within ${to.timeoutMs} ms`, 'Check that the host is up and reachable.', undefined)
    }, to.timeoutMs)
    try {
      const socket = net.connect({ host: to.host, port: to.port, noDelay: true })
      this.#socket = socket
      socket.once('connect', () => this.#succeed(socket))
      // Stays for good: a socket without a listener for errors would end the process.
      socket.on('error', (error) => this.#failBy(error))
    } catch (error) {
      setImmediate(() => this.#failBy(error)) // a port out of range, for one
    }
  }

  cancel(): void {
    if (this.#isOver) return
    this.#finish()
    this.#socket?.destroy()
  }

  #succeed(socket: net.Socket): void {
    if (this.#isOver) return
    this.#finish()
    this.#onConnected(new RealConnection(socket))
  }

  #failBy(error: unknown): void {
    const { what, mend } = meaningOf(error)
    this.#fail(what, mend, error)
  }

  #fail(what: string, mend: string, cause: unknown): void {
    if (this.#isOver) return
    this.#finish()
    this.#socket?.destroy()
    this.#onConnected(new ZktuneError('CannotConnect', { where: this.#where, what, mend, cause }))
  }

  #finish(): void {
    this.#isOver = true
    clearTimeout(this.#timer)
  }
}

class RealListener implements Listener {
  readonly port: number
  readonly #server: net.Server

  constructor(server: net.Server) {
    const address = server.address()
    if (address === null || typeof address === 'string') throw new AssertionFailure('a TCP listener has a port')
    this.port = address.port
    this.#server = server
  }

  close(onClosed: () => void): void {
    this.#server.close()
    // The port is free at once, while Node's own callback would wait until the last open connection has ended.
    setImmediate(onClosed)
  }
}

class RealConnection implements Connection {
  handler: ConnectionHandler = NOBODY
  readonly remoteHost: string
  readonly remotePort: number
  readonly #socket: net.Socket
  #error: Error | null = null
  #owesDrain = false
  #isEnding = false
  #endTimer: NodeJS.Timeout | null = null

  constructor(socket: net.Socket) {
    this.#socket = socket
    // An IPv4 client of a dual-stack listener appears as ::ffff:10.0.0.1.
    this.remoteHost = (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '')
    this.remotePort = socket.remotePort ?? 0
    socket.on('data', (bytes: Buffer) => {
      if (!this.#isEnding) this.handler.onData(bytes)
    })
    socket.on('drain', () => {
      if (!this.#owesDrain) return
      this.#owesDrain = false
      this.handler.onDrain()
    })
    socket.on('error', (error) => {
      this.#error ??= this.#lost(error)
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
    const { what, mend } = meaningOf(cause)
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

function endpoint(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function cannotListen(where: string, cause: unknown): ZktuneError {
  const { what, mend } = meaningOf(cause)
  const code = errnoOf(cause) === 'EADDRINUSE' ? 'PortInUse' : 'CannotListen'
  return new ZktuneError(code, { where, what, mend, cause })
}
