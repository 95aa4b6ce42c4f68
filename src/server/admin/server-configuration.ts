import { configText } from '../../tree/ensemble-config.ts'
import { CONFIG_PATH } from '../../tree/node-store.ts'
import type { AdminFacts } from './admin-facts.ts'

type Lines = readonly (readonly [name: string, value: number | string])[]

/** What `conf` shows of a server by itself. */
export function ownConfiguration(facts: AdminFacts): Lines {
  const { settings } = facts
  return [
    ['clientPort', settings.clientPort ?? -1],
    ['secureClientPort', settings.secureClient?.port ?? -1],
    ['dataDir', facts.snapshotFolder],
    ['dataDirSize', facts.dataDirSize],
    ['dataLogDir', facts.logFolder],
    ['dataLogSize', facts.logDirSize],
    ['tickTime', settings.cluster.tickTimeMs],
    ['maxClientCnxns', settings.limits.maxClientCnxns],
    ['minSessionTimeout', settings.sessions.minSessionTimeoutMs],
    ['maxSessionTimeout', settings.sessions.maxSessionTimeoutMs],
    ['clientPortListenBacklog', settings.limits.clientPortListenBacklog ?? -1],
    ['serverId', settings.id],
  ]
}

/** What `conf` adds in an ensemble; empty for a standalone server. */
export function quorumConfiguration({ settings }: AdminFacts): Lines {
  const me = settings.members.find((member) => member.id === settings.id)
  if (me === undefined) return []
  return [
    ['initLimit', settings.cluster.initLimitTicks],
    ['syncLimit', settings.cluster.syncLimitTicks],
    ['electionAlg', 3],
    ['electionPort', me.peerPort],
    ['quorumPort', me.peerPort],
    ['peerType', me.isObserver ? 1 : 0],
  ]
}

/** The text of `/zookeeper/config`: a line for each member, and the version; no final newline. */
export function membership({ sessions }: AdminFacts): string {
  return configText(sessions.service.tree.getNode(CONFIG_PATH))
}
