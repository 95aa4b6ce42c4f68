import { ZooKeeperClient } from '../../src/client/zookeeper-client.ts'
import type { ClientSettings } from '../../src/client/client-options.ts'
import { RealClock } from '../../src/io/real-clock.ts'
import { RealEntropy } from '../../src/io/real-entropy.ts'
import { RealNetwork } from '../../src/io/real-network.ts'

const CONNECTED_DEADLINE_MS = 30_000

/** A client of ours over real sockets, connected. */
export async function connectedClient(hosts: string, settings: ClientSettings = {}): Promise<ZooKeeperClient> {
  const client = new ZooKeeperClient({
    network: new RealNetwork(),
    clock: new RealClock(),
    entropy: new RealEntropy(),
    connectString: hosts,
    sessionTimeoutMs: 10_000,
    ...settings,
  })
  await client.connected({ timeoutMs: CONNECTED_DEADLINE_MS })
  return client
}
