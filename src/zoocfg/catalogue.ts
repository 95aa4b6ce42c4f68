import { closestName } from '../kernel/did-you-mean.ts'
import { CATALOGUE_DATA } from './catalogue-data.ts'
import type { Knob } from './knob.ts'
import { OWN_CATALOGUE_DATA } from './own-catalogue-data.ts'

const PROPERTY_PREFIX = 'zookeeper.'
/** `server.3` is an instance of `server.N`; QuorumPeerConfig takes any key that starts with group or weight for one. */
const NUMBERED = /^(server|group|weight|authProvider|superUser)\.(\d+)$/

/** What people write for it, though it is spelt otherwise altogether: from questions about files that have no effect. */
const HABITS: ReadonlyMap<string, string> = new Map([
  ['admin.enable', 'admin.enableServer'],
  ['admin.enabled', 'admin.enableServer'],
  ['admin.port', 'admin.serverPort'],
  ['autopurge.interval', 'autopurge.purgeInterval'],
  ['bindAddress', 'clientPortAddress'],
  ['logDir', 'dataLogDir'],
  ['maxClientConnections', 'maxClientCnxns'],
  ['maxConnections', 'maxCnxns'],
  ['maxConnectionsPerClient', 'maxClientCnxns'],
  ['metricsProvider.port', 'metricsProvider.httpPort'],
  ['port', 'clientPort'],
  ['servers', 'server.N'],
  ['sessionTimeout', 'maxSessionTimeout'],
  ['sslClientPort', 'secureClientPort'],
])

const byKey = new Map([...CATALOGUE_DATA, ...OWN_CATALOGUE_DATA].map((knob) => [knob.key, knob]))
const byAlias = new Map(
  CATALOGUE_DATA.flatMap((knob) => (knob.alias === undefined ? [] : [[knob.alias, knob] as const])),
)

/** Every setting of an Apache ZooKeeper server, in a fixed order. */
export function allKnobs(): readonly Knob[] {
  return CATALOGUE_DATA
}

/** The settings of the built-in engine that ZooKeeper does not have, in a fixed order: `zktune.*`. */
export function ownKnobs(): readonly Knob[] {
  return OWN_CATALOGUE_DATA
}

/** @returns null for a key that ZooKeeper does not know, which it takes without a word all the same */
export function findKnob(key: string): Knob | null {
  const exact = byKey.get(key)
  if (exact !== undefined) return exact
  const [, family] = NUMBERED.exec(key) ?? []
  return family === undefined ? null : (byKey.get(`${family}.N`) ?? byKey.get(family) ?? null)
}

/** The key that an unknown one was probably meant to be: without a doubled prefix, by its guide name, or by spelling. */
export function suggestKey(key: string): string | null {
  if (key.startsWith(PROPERTY_PREFIX)) {
    const bare = key.slice(PROPERTY_PREFIX.length)
    return findKnob(bare) === null ? suggestKey(bare) : bare
  }
  const [, family, number] = /^(server|group|weight)[._-]?(\d+)$/i.exec(key) ?? []
  if (family !== undefined) return `${family.toLowerCase()}.${number}`
  return byAlias.get(key)?.key ?? HABITS.get(key) ?? closestName(key, byKey.keys())
}
