import { setTimeout as sleep } from 'node:timers/promises'
import { ZooKeeperClient } from '../client/zookeeper-client.ts'
import type { Ensemble } from '../ensemble/ensemble.ts'
import { RealClock } from '../io/real-clock.ts'
import { RealEntropy } from '../io/real-entropy.ts'
import { RealNetwork } from '../io/real-network.ts'
import { ZktuneError } from '../kernel/errors.ts'
import type { Plan } from '../profile/plan.ts'

/** What losing the leader cost the writers. */
export interface FailoverResult {
  /** The server that was ended by SIGKILL. */
  readonly leader: number
  /** The longest time between two acknowledged writes of anybody's since then, in milliseconds; null: none came back in 30 s. */
  readonly withoutWritesMs: number | null
}

/** So many that some are connected to each server, and few enough that the load is none. */
const WRITERS = 6
const SESSION_TIMEOUT_MS = 10_000
const STEADY_MS = 500
/** Writes that have flowed for so long since the longest gap will go on flowing. */
const FLOWING_MS = 1_000
const GIVE_UP_MS = 30_000
const RETRY_MS = 5
const POLL_MS = 50

/** @throws ZktuneError UsageConflict where the servers that are left are no quorum */
export function checkCanFailOver({ voters, origins }: Pick<Plan, 'voters' | 'origins'>): void {
  if (voters >= 3) return
  throw new ZktuneError('UsageConflict', {
    where: '--failover',
    what: `${voters === 1 ? 'one voter' : 'two voters'} (${origins.voters}) without the leader decide nothing`,
    mend: 'Leave it out, or take a cluster of three voters or more.',
  })
}

/**
 * Ends the leader of an ensemble by SIGKILL under a light load of writes from several sessions, and waits until they are acknowledged again.
 *
 * @param options `onKill` hears which server is about to be ended
 * @throws ZktuneError ServerFailed without a leader that can be ended, CannotConnect and the like from the clients, Interrupted
 */
export async function measureFailover(
  ensemble: Ensemble,
  { signal, onKill }: { readonly signal: AbortSignal | null; readonly onKill: (server: number) => void },
): Promise<FailoverResult> {
  const leader = (await ensemble.servers()).find(({ role }) => role === 'leader')
  if (leader === undefined || leader.pid === null) {
    throw new ZktuneError('ServerFailed', {
      where: 'failover',
      what: 'no server of this machine leads',
      mend: 'Look into the logs of the servers (--keep) for why they have no leader.',
    })
  }
  await using writers = await Writers.open(ensemble, signal)
  await sleep(STEADY_MS)
  signal?.throwIfAborted()
  onKill(leader.id)
  process.kill(leader.pid, 'SIGKILL')
  const gap = writers.watchGap()
  while (performance.now() - gap.sinceMs < GIVE_UP_MS) {
    await sleep(POLL_MS)
    signal?.throwIfAborted()
    if (gap.lastMs > gap.sinceMs && gap.lastMs - gap.longestEndMs > FLOWING_MS) {
      return { leader: leader.id, withoutWritesMs: gap.longestMs }
    }
  }
  return { leader: leader.id, withoutWritesMs: null }
}

/** What is seen of acknowledged writes from a moment on. */
class Gap {
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
class Writers implements AsyncDisposable {
  readonly #clients: readonly ZooKeeperClient[]
  readonly #loops: readonly Promise<void>[]
  #gap = new Gap(performance.now())
  #isOver = false

  private constructor(clients: readonly ZooKeeperClient[], path: string) {
    this.#clients = clients
    this.#loops = clients.map((client) => this.#write(client, path))
  }

  static async open({ hosts, chroot, tls, digest }: Ensemble, signal: AbortSignal | null): Promise<Writers> {
    const clients = Array.from({ length: WRITERS }, () => {
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
    })
    try {
      await Promise.all(clients.map((each) => each.connected({ signal: signal ?? undefined, timeoutMs: GIVE_UP_MS })))
      const path = await (clients[0] as ZooKeeperClient).create('/zktune-failover-', '', {
        mode: 'persistentSequential',
      })
      return new Writers(clients, path)
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
        this.#gap.onAcknowledged(performance.now())
      } catch {
        await sleep(RETRY_MS) // the connection is gone; the client looks for another server
      }
    }
  }
}
