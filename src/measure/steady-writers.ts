/** A light load of writes from several sessions, beside which something happens to the servers. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ZooKeeperClient } from '../client/zookeeper-client.ts'
import type { Ensemble } from '../ensemble/ensemble.ts'
import { RealClock } from '../io/real-clock.ts'
import { RealEntropy } from '../io/real-entropy.ts'
import { RealNetwork } from '../io/real-network.ts'

/** So many that some are connected to each server, and few enough that the load is none. */
const WRITERS = 6
const SESSION_TIMEOUT_MS = 10_000
const CONNECT_TIMEOUT_MS = 30_000
const RETRY_MS = 5

/** A client of an ensemble of the run's, as its other clients are. */
export function clientOf({ hosts, chroot, tls, digest }: Ensemble): ZooKeeperClient {
  const client = new ZooKeeperClient({
    network: new RealNetwork(),
    clock: new RealClock(),
    entropy: new RealEntropy(),
    connectString: `${hosts}${chroot}`,
    sessionTimeoutMs: SESSION_TIMEOUT_MS,
    ...(tls === null ? {} : { tls: tls.client }),
  })
  if (digest !== null) client.addAuth('digest', digest).catch(() => undefined)
  return client
}

/** What is seen of acknowledged writes from a moment on. */
export class Gap {
  readonly sinceMs: number
  lastMs: number
  longestMs = 0
  /** When the write came that ended the longest one. */
  longestEndMs: number

  constructor(nowMs: number) {
    this.sinceMs = nowMs
    this.lastMs = nowMs
    this.longestEndMs = nowMs
  }

  onAcknowledged(nowMs: number): void {
    if (nowMs - this.lastMs > this.longestMs) {
      this.longestMs = nowMs - this.lastMs
      this.longestEndMs = nowMs
    }
    this.lastMs = nowMs
  }
}

/** Sessions that each write one znode again and again, as fast as it is acknowledged, and go on whatever happens. */
export class SteadyWriters implements AsyncDisposable {
  readonly #clients: readonly ZooKeeperClient[]
  readonly #loops: readonly Promise<void>[]
  /** Writes that were acknowledged so far. */
  acknowledged = 0
  #gap = new Gap(performance.now())
  #isOver = false

  private constructor(clients: readonly ZooKeeperClient[], path: string) {
    this.#clients = clients
    this.#loops = clients.map((client) => this.#write(client, path))
  }

  /** @throws ZktuneError CannotConnect and the like, Interrupted */
  static async open(ensemble: Ensemble, signal: AbortSignal | null): Promise<SteadyWriters> {
    const clients = Array.from({ length: WRITERS }, () => clientOf(ensemble))
    try {
      await Promise.all(
        clients.map((each) => each.connected({ signal: signal ?? undefined, timeoutMs: CONNECT_TIMEOUT_MS })),
      )
      const path = await (clients[0] as ZooKeeperClient).create('/zktune-writers-', '', {
        mode: 'persistentSequential',
      })
      return new SteadyWriters(clients, path)
    } catch (error) {
      await Promise.all(clients.map((each) => each.close({ deadlineMs: 0 })))
      throw error
    }
  }

  /** Begins anew to look for the longest gap. */
  watchGap(): Gap {
    this.#gap = new Gap(performance.now())
    return this.#gap
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#clients.map((each) => each.close({ deadlineMs: 1_000 })))
    await Promise.all(this.#loops)
  }

  async #write(client: ZooKeeperClient, path: string): Promise<void> {
    while (!this.#isOver) {
      try {
        await client.setData(path, '')
        this.acknowledged++
        this.#gap.onAcknowledged(performance.now())
      } catch {
        await sleep(RETRY_MS) // the connection is gone; the client looks for another server
      }
    }
  }
}
