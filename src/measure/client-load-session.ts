import type { ClientRequest } from '../client/client-request.ts'
import type { ClientPorts } from '../client/client-options.ts'
import type { ZnodeEvent } from '../client/watch-registry.ts'
import { ZooKeeperClient } from '../client/zookeeper-client.ts'
import type { TlsClientOptions } from '../kernel/ports.ts'
import type { AgreedTls } from './generator-message.ts'
import type { LoadSession } from './generate.ts'

export interface ClientLoadSessionOptions extends ClientPorts {
  /** Its first server is where the session begins. */
  readonly connectString: string
  readonly sessionTimeoutMs: number
  /** Hears of every change that the session was told of. */
  readonly onWatch: (event: ZnodeEvent) => void
  /** Absent: in the clear. */
  readonly tls?: TlsClientOptions
  /** `user:password` for the scheme digest; null: the sessions prove nothing. A secret. */
  readonly digest: string | null
}

/** Load goes on when a session has expired: another one takes its place. */
export class ClientLoadSession implements LoadSession {
  readonly #options: ClientLoadSessionOptions
  #client: ZooKeeperClient
  #isClosing = false

  constructor(options: ClientLoadSessionOptions) {
    this.#options = options
    this.#client = this.#open()
  }

  submit(request: ClientRequest): void {
    this.#client.submit(request)
  }

  /** The one that has the session now. */
  get client(): ZooKeeperClient {
    return this.#client
  }

  get tls(): AgreedTls | null {
    return this.#client.tls
  }

  connected(timeoutMs: number, signal: AbortSignal): Promise<void> {
    return this.#client.connected({ timeoutMs, signal })
  }

  async close(): Promise<void> {
    this.#isClosing = true
    await this.#client.close({ deadlineMs: 1_000 })
  }

  #open(): ZooKeeperClient {
    const { digest, ...options } = this.#options
    const client = new ZooKeeperClient({
      ...options,
      hostOrder: 'given',
      onState: (state) => {
        if (state === 'expired' && !this.#isClosing) this.#client = this.#open()
      },
    })
    // Before anything else on each connection; a server that refuses it ends the session, which shows soon enough.
    if (digest !== null) client.addAuth('digest', digest).catch(() => undefined)
    return client
  }
}
