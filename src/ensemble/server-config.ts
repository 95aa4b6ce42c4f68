import type { EnsembleTls } from './run-certificates.ts'
import type { ServerPlace } from './run-folders.ts'
import { propertyLine } from '../zoocfg/properties.ts'

/** Ports of one server, all on 127.0.0.1. The engine knows one peer port; the file names two, as Apache's format asks. */
export interface ServerPorts {
  readonly client: number
  readonly peer: number
  readonly election: number
  readonly admin: number
  /** Null: no REST gateway of the run's. */
  readonly gateway: number | null
}

export interface Setting {
  readonly key: string
  readonly value: string
}

/** What the ensemble sets for each server, whatever its settings say. */
const OWN_KEYS: ReadonlySet<string> = new Set(['admin.enableServer', 'admin.serverAddress', 'admin.serverPort'])
const GATEWAY_KEY = 'zktune.gatewayPort'
/** Ports that the servers of one machine cannot share. */
const PORT_KEYS: ReadonlySet<string> = new Set(['metricsProvider.httpPort', 'metricsProvider.httpsPort', GATEWAY_KEY])

/** The servers of one ensemble. */
export interface EnsembleServers {
  /** Of all, by id from 1. */
  readonly ports: readonly ServerPorts[]
  /** The first so many vote, the others observe. */
  readonly voters: number
}

/**
 * The zoo.cfg of one server of a local ensemble: what all of them share, then its own folders and port, then the
 * members; one server alone gets no `server.N` line and is standalone.
 *
 * @param tls null for clients in the clear; with it there is no port in the clear
 */
export function serverConfig(
  place: ServerPlace,
  { ports, voters }: EnsembleServers,
  settings: readonly Setting[],
  tls: EnsembleTls | null = null,
): string {
  const own = ports[place.id - 1]
  if (own === undefined) throw new RangeError(`server ${place.id} has no ports`)
  const lines: Setting[] = [
    ...settings
      .filter(({ key }) => !OWN_KEYS.has(key) && !(key === GATEWAY_KEY && own.gateway !== null))
      .map((setting) => spread(setting, place.id - 1)),
    { key: 'dataDir', value: place.dataDir },
    ...(place.dataLogDir === null ? [] : [{ key: 'dataLogDir', value: place.dataLogDir }]),
    ...clientLines(own.client, tls),
    ...(hasAdminServer(settings) ? adminLines(own.admin) : [{ key: 'admin.enableServer', value: 'false' }]),
    ...(own.gateway === null ? [] : [{ key: GATEWAY_KEY, value: String(own.gateway) }]),
    ...(ports.length === 1 ? [] : ports.map((peer, index) => memberLine(peer, index, voters))),
  ]
  return lines.map(({ key, value }) => `${propertyLine(key, value)}\n`).join('')
}

/** Servers of a local ensemble have one, on a port of their own, unless they are told not to. */
export function hasAdminServer(settings: readonly Setting[]): boolean {
  const setting = settings.findLast(({ key }) => key === 'admin.enableServer')
  return setting === undefined || setting.value.trim().toLowerCase() === 'true'
}

function adminLines(port: number): Setting[] {
  return [
    { key: 'admin.enableServer', value: 'true' },
    { key: 'admin.serverAddress', value: '127.0.0.1' },
    { key: 'admin.serverPort', value: String(port) },
  ]
}

/** One port for all would be the first server's alone: the others get those after it. */
function spread({ key, value }: Setting, index: number): Setting {
  const isPort = PORT_KEYS.has(key) && /^[1-9]\d*$/.test(value.trim())
  return { key, value: isPort ? String(Number(value) + index) : value }
}

function memberLine(ports: ServerPorts, index: number, voters: number): Setting {
  const role = index < voters ? '' : ':observer'
  return { key: `server.${index + 1}`, value: `127.0.0.1:${ports.peer}:${ports.election}${role}` }
}

/** The lines with TLS work for an Apache server too, which needs Netty for it. */
function clientLines(port: number, tls: EnsembleTls | null): readonly Setting[] {
  if (tls === null) {
    return [
      { key: 'clientPort', value: String(port) },
      { key: 'clientPortAddress', value: '127.0.0.1' },
    ]
  }
  return [
    { key: 'secureClientPort', value: String(port) },
    { key: 'secureClientPortAddress', value: '127.0.0.1' },
    { key: 'serverCnxnFactory', value: 'org.apache.zookeeper.server.NettyServerCnxnFactory' },
    { key: 'ssl.keyStore.location', value: tls.server.keyStore },
    { key: 'ssl.trustStore.location', value: tls.server.trustStore },
  ]
}
