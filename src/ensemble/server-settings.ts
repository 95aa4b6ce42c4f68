import { throwFaults } from '../kernel/faults.ts'
import type { Fault } from '../kernel/faults.ts'
import type { PeerAddress, ServerSettings } from '../server/settings.ts'
import { membersText } from '../zoocfg/members-text.ts'
import type { ServerConfig } from '../zoocfg/server-config.ts'
import { clientTlsOf } from './client-tls.ts'
import { httpTlsOf } from './http-tls.ts'

/** A session id has its server's id in the high byte, and 255 is kept free as Apache keeps it. */
const ID_MAX = 254
/** A server of its own needs neither limit; these are the ones of Apache's sample file. */
const STANDALONE_INIT_TICKS = 10
const STANDALONE_SYNC_TICKS = 5
/** Of a standalone server without myid. */
const STANDALONE_ID = 1

/**
 * What a server of the built-in engine is told, of what its zoo.cfg says. Reads the files that hold keys and certificates.
 *
 * @param isInitial whether the ensemble is new, so that an empty folder may vote
 * @throws FaultyInput for what Apache takes and the built-in engine cannot do: an id over 254, no client port; and for
 *   what is wrong with the files of its TLS
 */
export function serverSettingsOf(config: ServerConfig, options: { readonly isInitial: boolean }): ServerSettings {
  const { settings } = config
  const id = config.id ?? STANDALONE_ID
  checkEngineLimits(config, id)
  return {
    ...settings,
    cluster: {
      ...settings.cluster,
      initLimitTicks: settings.cluster.initLimitTicks ?? STANDALONE_INIT_TICKS,
      syncLimitTicks: settings.cluster.syncLimitTicks ?? STANDALONE_SYNC_TICKS,
      quorum: config.isDistributed ? config.quorum : { kind: 'majority' },
    },
    limits: { ...settings.limits, globalOutstandingLimit: config.outstandingLimit },
    id,
    members: config.isDistributed ? membersOf(config) : [],
    membersText: config.isDistributed ? membersText(config.members) : '',
    clientHost: config.clientHost ?? '0.0.0.0',
    clientPort: config.clientPort,
    secureClient: clientTlsOf(config),
    httpTls: httpTlsOf(settings.admin),
    dataDir: config.dataDir,
    dataLogDir: config.dataLogDir,
    isInitial: options.isInitial,
  }
}

function membersOf(config: ServerConfig): readonly PeerAddress[] {
  const { usesAllAddresses } = config.settings.peers
  return config.members.servers.map(({ id, role, endpoints: [first, ...others] }) => ({
    id,
    host: first.host,
    peerPort: first.quorumPort,
    isObserver: role === 'observer',
    otherAddresses: usesAllAddresses ? others.map(({ host, quorumPort: peerPort }) => ({ host, peerPort })) : [],
  }))
}

function checkEngineLimits(config: ServerConfig, ownId: number): void {
  const faults: Fault[] = []
  const ids = config.isDistributed ? config.members.servers.map(({ id }) => id) : [ownId]
  for (const id of ids) {
    if (id >= 1 && id <= ID_MAX) continue
    faults.push({
      code: 'BadConfigValue',
      where: config.file,
      what: `server ${id} has an id that the built-in engine cannot use`,
      mend: `Number the servers from 1 to ${ID_MAX}.`,
    })
  }
  if (config.clientPort === null && config.secureClientPort === null) {
    faults.push({
      code: 'BadConfigValue',
      where: config.file,
      what: 'there is no client port, so no client could ever connect',
      mend: 'Add clientPort=2181, or put ;2181 behind the own server line.',
    })
  }
  throwFaults(faults)
}
