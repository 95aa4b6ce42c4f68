import type { Connection, ConnectionHandler, Listener, Network } from '../../kernel/ports.ts'
import type { ClientSessions } from './client-sessions.ts'
import type { ServerSettings } from '../settings.ts'

const REFUSED: ConnectionHandler = { onData: () => undefined, onDrain: () => undefined, onClose: () => undefined }

/**
 * Accepts client connections: at most `maxClientCnxns` from one address and `maxCnxns` in all at a time. The others close
 * without a byte.
 */
export class ClientListener {
  readonly #settings: ServerSettings
  readonly #sessions: ClientSessions
  readonly #countByAddress = new Map<string, number>()
  #listener: Listener | null = null

  constructor(settings: ServerSettings, sessions: ClientSessions) {
    this.#settings = settings
    this.#sessions = sessions
  }

  /** The port in use; 0 while not listening. */
  get port(): number {
    return this.#listener?.port ?? 0
  }

  /** @param onListening gets null, or why it cannot listen */
  listen(network: Network, onListening: (error: Error | null) => void): void {
    const { clientHost: host, clientPort: port, limits } = this.#settings
    network.listen(
      { host, port, backlog: limits.clientPortListenBacklog },
      (connection) => this.#onConnection(connection),
      (result) => {
        if (result instanceof Error) {
          onListening(result)
        } else {
          this.#listener = result
          onListening(null)
        }
      },
    )
  }

  /** Accepts no more; open connections live on. */
  close(onClosed: () => void): void {
    if (this.#listener === null) onClosed()
    else this.#listener.close(onClosed)
    this.#listener = null
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
