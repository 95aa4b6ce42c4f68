import net from 'node:net'
import tls from 'node:tls'
import { assert, AssertionFailure } from '../kernel/assert.ts'
import { ZktuneError } from '../kernel/errors.ts'
import type { Connection, ConnectTo, Listener, ListenOptions, Network, TlsServerOptions } from '../kernel/ports.ts'
import { endpoint, RealConnection } from './real-connection.ts'
import { errnoOf, meaningOf } from './system-error.ts'
import { tlsConnectOptions, tlsSessionOf } from './tls-context.ts'
import { TlsDoor, type OnSocket } from './tls-door.ts'
import { tlsMeaningOf } from './tls-error.ts'

/**
 * TCP by node:net and TLS by node:tls, always with TCP_NODELAY: the rooms above batch what leaves in one turn themselves.
 */
export class RealNetwork implements Network {
  listen(
    options: ListenOptions,
    onConnection: (connection: Connection) => void,
    onListening: (result: Listener | Error) => void,
  ): void {
    const where = endpoint(options.host, options.port)
    const onSocket: OnSocket = (socket, session) => onConnection(new RealConnection(socket, session))
    const door = options.tls === undefined ? null : new TlsDoor(options.tls, onSocket, options.onTlsRefusal ?? null)
    const server = net.createServer({ noDelay: true, keepAlive: options.keepsAlive ?? false }, (socket) => {
      if (door === null) onSocket(socket, null)
      else door.accept(socket)
    })
    const onError = (error: Error): void => onListening(cannotListen(where, error))
    server.once('error', onError)
    server.once('listening', () => {
      server.off('error', onError)
      // From here on an error is one failed accept (out of file descriptors): that client comes again, the server lives.
      server.on('error', () => undefined)
      onListening(new RealListener(server, door))
    })
    try {
      const backlog = options.backlog === null ? {} : { backlog: options.backlog }
      server.listen({ host: options.host, port: options.port, ...backlog })
    } catch (error) {
      setImmediate(() => onListening(cannotListen(where, error)))
    }
  }

  connect(to: ConnectTo, onConnected: (result: Connection | Error) => void): { cancel(): void } {
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

  constructor(to: ConnectTo, onConnected: (result: Connection | Error) => void) {
    this.#where = endpoint(to.host, to.port)
    this.#onConnected = onConnected
    this.#timer = setTimeout(() => {
      this.#fail(`no connection within ${to.timeoutMs} ms`, 'Check that the host is up and reachable.', undefined)
    }, to.timeoutMs)
    try {
      const socket = this.#open(to)
      this.#socket = socket
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

  #open(to: ConnectTo): net.Socket {
    const { host, port, keepsAlive: keepAlive = false } = to
    if (to.tls === undefined) {
      const socket = net.connect({ host, port, noDelay: true, keepAlive })
      socket.once('connect', () => this.#succeed(new RealConnection(socket, null)))
      return socket
    }
    const socket = tls.connect({ host, port, ...tlsConnectOptions(to.tls, host) })
    socket.setNoDelay(true)
    socket.setKeepAlive(keepAlive)
    socket.once('secureConnect', () => this.#succeed(new RealConnection(socket, tlsSessionOf(socket))))
    return socket
  }

  #succeed(connection: Connection): void {
    if (this.#isOver) return
    this.#finish()
    this.#onConnected(connection)
  }

  #failBy(error: unknown): void {
    const { what, mend } = tlsMeaningOf(error) ?? meaningOf(error)
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
  readonly #door: TlsDoor | null

  constructor(server: net.Server, door: TlsDoor | null) {
    const address = server.address()
    if (address === null || typeof address === 'string') throw new AssertionFailure('a TCP listener has a port')
    this.port = address.port
    this.#server = server
    this.#door = door
  }

  get handshakes(): number {
    return this.#door?.handshakes ?? 0
  }

  setTls(options: TlsServerOptions): void {
    assert(this.#door !== null, 'a listener gets TLS when it is made, or never')
    this.#door.setTls(options)
  }

  close(onClosed: () => void): void {
    this.#server.close()
    // The port is free at once, while Node's own callback would wait until the last open connection has ended.
    setImmediate(onClosed)
  }
}

function cannotListen(where: string, cause: unknown): ZktuneError {
  const { what, mend } = meaningOf(cause)
  const code = errnoOf(cause) === 'EADDRINUSE' ? 'PortInUse' : 'CannotListen'
  return new ZktuneError(code, { where, what, mend, cause })
}
