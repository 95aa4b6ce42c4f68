import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type ZooKeeperClient } from '../../src/index.ts'
import type { ComparedEnsemble } from '../engines.ts'

const WRITERS = 6
const STEADY_MS = 2000
const RETRY_MS = 5
const GIVE_UP_MS = 30_000

/**
 * Kills the leader with SIGKILL under a light load of writes from several sessions.
 *
 * @returns milliseconds between the last write that was acknowledged before and the first one after
 */
export async function withoutAcknowledgedWritesMs(ensemble: ComparedEnsemble): Promise<number> {
  const clients: ZooKeeperClient[] = []
  try {
    for (let index = 0; index < WRITERS; index++) {
      clients.push(await connect(ensemble.hosts, { sessionTimeoutMs: 10_000 }))
    }
    await clients[0]?.create('/failover')
    let lastMs = performance.now()
    let longestMs = 0
    let isOver = false
    const write = async (client: ZooKeeperClient): Promise<void> => {
      while (!isOver) {
        try {
          await client.setData('/failover', '')
          const nowMs = performance.now()
          longestMs = Math.max(longestMs, nowMs - lastMs)
          lastMs = nowMs
        } catch {
          await sleep(RETRY_MS) // the connection is gone; the client looks for another server
        }
      }
    }
    const writers = clients.map(write)
    await sleep(STEADY_MS)
    const leader = await ensemble.leaderPid()
    longestMs = 0
    const killedMs = performance.now()
    process.kill(leader, 'SIGKILL')
    while (performance.now() - killedMs < GIVE_UP_MS) {
      await sleep(STEADY_MS)
      if (lastMs > killedMs + STEADY_MS / 2 && longestMs < performance.now() - killedMs - STEADY_MS / 2) break
    }
    isOver = true
    await Promise.all(writers)
    return longestMs
  } finally {
    await Promise.all(clients.map((client) => client.close()))
  }
}
