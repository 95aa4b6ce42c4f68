import type {
  Connection,
  ConnectionHandler,
  Listener,
  ListenOptions,
  Network,
  TlsServerOptions,
} from '../../kernel/ports.ts'
import type { ServerSettings } from '../settings.ts'
import type { ClientSessions } from './client-sessions.ts'

const REFUSED: ConnectionHandler = { onData: () => undefined, onDrain: () => undefined, onClose: () => undefined }

/**
 * Accepts client connections, in the clear and by TLS: at most `maxClientCnxns` from one address and `maxCnxns` in all at a
 * time. The others close without a byte.
 */
export class ClientListener {
  readonly #settings: ServerSettings
  readonly #sessions: ClientSessions
  readonly #countByAddress = new Map<string, number>()
  #plain: Listener | null = null
  #secure: Listener | null = null

  constructor(settings: ServerSettings, sessions: ClientSessions) {
    this.#settings = settings
    this.#sessions = sessions
  }

  /** The port in use; null while not listening, or when clients come by TLS only. */
  get port(): number | null {
    return this.#plain?.port ?? null
  }

  /** The port of TLS in use; null while not listening, or without one. */
  get securePort(): number | null {
    return this.#secure?.port ?? null
  }

  /** TLS handshakes under way. */
  get handshakes(): number {
    return (this.#plain?.handshakes ?? 0) + (this.#secure?.handshakes ?? 0)
  }

  /** @param onListening gets null, or why it cannot listen */
  listen(network: Network, onListening: (error: Error | null) => void): void {
    const secure = this.#secureOptions()
    const listenSecurely = (): void => {
      if (secure === null) return onListening(null)
      this.#listen(network, secure, onListening, (listener) => {
        this.#secure = listener
        onListening(null)
      })
    }
    const plain = this.#plainOptions()
    if (plain === null) return listenSecurely()
    this.#listen(network, plain, onListening, (listener) => {
      this.#plain = listener
      listenSecurely()
    })
  }

  /** New connections get these keys and certificates. */
  setTls(tls: TlsServerOptions): void {
    this.#secure?.setTls(tls)
    if (this.#isUnified) this.#plain?.setTls({ ...tls, mode: 'either' })
  }

  /** Accepts no more; open connections live on. */
  close(onClosed: () => void): void {
    const listeners = [this.#plain, this.#secure].filter((listener) => listener !== null)
    this.#plain = this.#secure = null
    let openCount = listeners.length
    if (openCount === 0) onClosed()
    for (const listener of listeners) {
      listener.close(() => {
        openCount--
        if (openCount === 0) onClosed()
      })
    }
  }

  get #isUnified(): boolean {
    return this.#settings.secureClient !== null && this.#settings.tls.unifiesPorts
  }

  #plainOptions(): ListenOptions | null {
    const { clientHost: host, clientPort: port, secureClient, limits } = this.#settings
    if (port === null) return null
    const plain = { host, port, backlog: limits.clientPortListenBacklog, keepsAlive: limits.keepsClientsAlive }
    if (secureClient === null || !this.#isUnified) return plain
    return { ...plain, ...this.#withTls({ ...secureClient.tls, mode: 'either' }) }
  }

  #secureOptions(): ListenOptions | null {
    const { secureClient, limits } = this.#settings
    if (secureClient === null || secureClient.port === null) return null
    const { host, port, tls } = secureClient
    const { clientPortListenBacklog: backlog, keepsClientsAlive: keepsAlive } = limits
    return { host, port, backlog, keepsAlive, ...this.#withTls(tls) }
  }

  #withTls(tls: TlsServerOptions): Pick<ListenOptions, 'tls' | 'onTlsRefusal'> {
    return { tls, onTlsRefusal: (refusal) => this.#sessions.tlsRefusals.onRefusal(refusal) }
  }

  #listen(
    network: Network,
    options: ListenOptions,
    onFailure: (error: Error) => void,
    onSuccess: (listener: Listener) => void,
  ): void {
    network.listen(
      options,
      (connection) => this.#onConnection(connection),
      (result) => {
        if (result instanceof Error) onFailure(result)
        else onSuccess(result)
      },
    )
  }

  #onConnection(connection: Connection): void {
    const address = connection.remoteHost
    const count = this.#countByAddress.get(address) ?? 0
    const { maxClientCnxns, maxCnxns } = this.#settings.limits
    if (isReached(maxClientCnxns, count) || isReached(maxCnxns, this.#sessions.count)) {
      this.#sessions.statistics.onConnectionRejected()
      connection.handler = REFUSED
      connection.destroy()
      return
    }
    this.#countByAddress.set(address, count + 1)
    this.#sessions.onConnection(connection, () => this.#onClosed(address))
  }

  #onClosed(address: string): void {
    const count = this.#countByAddress.get(address) ?? 0
    if (count <= 1) this.#countByAddress.delete(address)
    else this.#countByAddress.set(address, count - 1)
  }
}

/** @param limit 0 for none */
function isReached(limit: number, count: number): boolean {
  return limit > 0 && count >= limit
}
