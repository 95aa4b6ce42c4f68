/** The ports of all servers of one ensemble. */
import { holdFreePorts, holdPortsFrom } from './ports.ts'
import type { ServerPlace } from './run-folders.ts'
import type { ServerPorts } from './server-config.ts'

/** Client, peer, election, admin, gateway. */
const PORTS_PER_SERVER = 5

/** Holds every port at once, so that no two servers get the same one, and lets go of all just before the start. */
export async function choosePorts(
  replicas: number,
  firstClientPort: number | null,
  hasGateway: boolean,
): Promise<readonly ServerPorts[]> {
  await using clients = firstClientPort === null ? null : await holdPortsFrom(firstClientPort, replicas)
  await using others = await holdFreePorts(replicas * PORTS_PER_SERVER)
  return Array.from({ length: replicas }, (_, index) => {
    const [client, peer, election, admin, gateway] = others.ports.slice(index * PORTS_PER_SERVER)
    if (
      client === undefined ||
      peer === undefined ||
      election === undefined ||
      admin === undefined ||
      gateway === undefined
    ) {
      throw new RangeError('too few ports')
    }
    return { client: clients?.ports[index] ?? client, peer, election, admin, gateway: hasGateway ? gateway : null }
  })
}

/** @throws RangeError for a server that has none */
export function portsOf(ports: readonly ServerPorts[], place: ServerPlace): ServerPorts {
  const own = ports[place.id - 1]
  if (own === undefined) throw new RangeError(`server ${place.id} has no ports`)
  return own
}
