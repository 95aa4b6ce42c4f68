import type { ServerPlace } from './run-folders.ts'
import { propertyLine } from '../zoocfg/properties.ts'

/** Ports of one server, all on 127.0.0.1. The engine knows one peer port; the file names two, as Apache's format asks. */
export interface ServerPorts {
  readonly client: number
  readonly peer: number
  readonly election: number
}

export interface Setting {
  readonly key: string
  readonly value: string
}

/**
 * The zoo.cfg of one server of a local ensemble: what all of them share, then its own folders and port, then the
 * members; one server alone gets no `server.N` line and is standalone.
 *
 * @param ports of all servers, by id from 1
 */
export function serverConfig(place: ServerPlace, ports: readonly ServerPorts[], settings: readonly Setting[]): string {
  const own = ports[place.id - 1]
  if (own === undefined) throw new RangeError(`server ${place.id} has no ports`)
  const lines: Setting[] = [
    ...settings,
    { key: 'dataDir', value: place.dataDir },
    ...(place.dataLogDir === null ? [] : [{ key: 'dataLogDir', value: place.dataLogDir }]),
    { key: 'clientPort', value: String(own.client) },
    { key: 'clientPortAddress', value: '127.0.0.1' },
    ...(ports.length === 1 ? [] : ports.map(memberLine)),
  ]
  return lines.map(({ key, value }) => `${propertyLine(key, value)}\n`).join('')
}

function memberLine(ports: ServerPorts, index: number): Setting {
  return { key: `server.${index + 1}`, value: `127.0.0.1:${ports.peer}:${ports.election}` }
}
