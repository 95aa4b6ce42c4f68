/**
 * One server's configuration, as ZooKeeper makes it of a zoo.cfg, the dynamic file that it may name, and the myid file
 * (QuorumPeerConfig): every fault of all three is gathered in one pass.
 */
import { assert } from '../kernel/assert.ts'
import { throwFaults } from '../kernel/faults.ts'
import type { Fault } from '../kernel/faults.ts'
import { readEngineSettings } from './engine-settings.ts'
import type { EngineSettings } from './engine-settings.ts'
import type { Findings, NotHonoured, Remark, Setting } from './findings.ts'
import { javaLong } from './java-number.ts'
import { isMemberKey, readMembers, voterCount } from './members.ts'
import type { Members } from './members.ts'
import type { ServerLine } from './server-line.ts'
import { QUORUM_KEY, quorumRuleOf } from './quorum-rule.ts'
import type { QuorumRule } from './quorum-rule.ts'
import { SettingReader } from './setting-reader.ts'
import { outstandingLimitPerServer } from './settings/limit-settings.ts'
import { checkOtherSettings, readZooCfg } from './zoo-cfg.ts'
import type { ZooCfg } from './zoo-cfg.ts'

export interface ServerConfig {
  readonly file: string
  /** From myid; null for a standalone server without that file. */
  readonly id: number | null
  readonly members: Members
  /** False: a server of its own, whatever single `server.N` line there is. */
  readonly isDistributed: boolean
  /** Groups and weights included. */
  readonly quorum: QuorumRule
  /** As written; a relative path is relative to where the server is started. */
  readonly dataDir: string
  /** `dataDir` unless given. */
  readonly dataLogDir: string
  /** Null: every interface. */
  readonly clientHost: string | null
  /** 0: any free port; null: none is given. */
  readonly clientPort: number | null
  /** The same for clients that come by TLS. */
  readonly secureClientHost: string | null
  readonly secureClientPort: number | null
  readonly settings: EngineSettings
  /** Requests that this server may hold: its share of `globalOutstandingLimit`. */
  readonly outstandingLimit: number
  readonly notHonoured: readonly NotHonoured[]
}

export interface ServerConfigReading {
  /** Null when there is any fault. */
  readonly config: ServerConfig | null
  readonly faults: readonly Fault[]
  readonly remarks: readonly Remark[]
}

export interface ServerConfigSource {
  /** The path of zoo.cfg, for errors. */
  readonly file: string
  readonly text: string
  /** The text of `<dataDir>/myid`; null when there is no such file. */
  readonly myid: string | null
  /** The file that `dynamicConfigFile` names; null when it is not named, or not there. */
  readonly dynamic: { readonly file: string; readonly text: string } | null
}

/** The paths that must be read before the whole can be: each null when the file does not name it. */
export function pathsIn(text: string): { readonly dataDir: string | null; readonly dynamicConfigFile: string | null } {
  const { settings } = readZooCfg('zoo.cfg', text)
  return {
    dataDir: settings.get('dataDir')?.value || null,
    dynamicConfigFile: settings.get('dynamicConfigFile')?.value || null,
  }
}

export function readServerConfig(source: ServerConfigSource): ServerConfigReading {
  const cfg = readZooCfg(source.file, source.text)
  const { findings } = cfg
  const from = new SettingReader(cfg.settings, findings)
  const members = readMembers(memberSettings(cfg, source.dynamic), findings)
  const settings = readEngineSettings(cfg.settings, findings)
  const notHonoured = [...checkOtherSettings(cfg.settings.values(), findings), ...unusedAddresses(members, settings)]
  const isDistributed = checkMembership(cfg.file, members, settings, findings)
  const quorum = quorumRuleOf(members, settings.cluster.quorum, from.get(QUORUM_KEY), cfg.file, findings)
  const dataDir = readFolder(from, 'dataDir')
  if (from.get('dataDir') === null) {
    missing(cfg.file, 'dataDir is not set', 'Add dataDir=/path/to/a/folder.', findings)
  }
  const id = readMyId(source.myid, dataDir ?? '<dataDir>', findings)
  if (isDistributed) checkDistributed(cfg.file, settings, findings)
  if (isDistributed && source.myid === null && from.get('dataDir') !== null) missingMyId(dataDir, members, findings)
  if (isDistributed && id !== null && !members.servers.some((server) => server.id === id)) {
    const known = members.servers.map((server) => server.id).join(', ')
    missing(
      `${dataDir}/myid`,
      `server ${id} has no server.${id} line in ${source.file}, which knows ${known}`,
      'Correct the number in myid, or add the line.',
      findings,
    )
  }
  const client = readClientAddress(from, members, id)
  const secureClient = readSecureClientAddress(from, members, id)
  remarkServerFactory(from, secureClient.port, findings)
  const self = members.servers.find((server) => server.id === id)
  const isObserver = self?.role === 'observer'
  if (self !== undefined) remarkPeerType(from, self, findings)
  const voters = isDistributed ? voterCount(members) : 1
  const { faults, remarks } = findings
  if (faults.length > 0 || dataDir === null) return { config: null, faults, remarks }
  return {
    config: {
      file: source.file,
      id,
      members,
      isDistributed,
      quorum,
      dataDir,
      dataLogDir: readFolder(from, 'dataLogDir') ?? dataDir,
      clientHost: client.host,
      clientPort: client.port,
      secureClientHost: secureClient.host,
      secureClientPort: secureClient.port,
      settings,
      outstandingLimit: outstandingLimitPerServer(settings.limits.globalOutstandingLimit, voters, isObserver),
      notHonoured,
    },
    faults,
    remarks,
  }
}

/** @throws FaultyInput with every fault of the reading */
export function checkedConfig(reading: ServerConfigReading): ServerConfig {
  throwFaults(reading.faults)
  assert(reading.config !== null, 'a reading without faults has a configuration')
  return reading.config
}

/** The settings among which the server list stands: those of zoo.cfg, or those of the dynamic file it names. */
function memberSettings(cfg: ZooCfg, dynamic: ServerConfigSource['dynamic']): ReadonlyMap<string, Setting> {
  const pointer = cfg.settings.get('dynamicConfigFile')
  if (pointer === undefined) return cfg.settings
  const fault = (where: string, what: string, mend: string): void => {
    cfg.findings.faults.push({ code: 'BadConfigValue', where, what, mend })
  }
  for (const { key, where } of cfg.settings.values()) {
    if (isMemberKey(key)) fault(where, `${key} stands beside dynamicConfigFile`, `Move it to ${pointer.value}.`)
  }
  if (dynamic === null) {
    fault(pointer.where, `dynamicConfigFile names ${pointer.value}, which cannot be read`, 'Correct the path.')
    return new Map()
  }
  const list = readZooCfg(dynamic.file, dynamic.text)
  cfg.findings.faults.push(...list.findings.faults)
  cfg.findings.remarks.push(...list.findings.remarks)
  for (const { key, where } of list.settings.values()) {
    if (key === 'version')
      fault(where, 'a dynamic file has no version line', 'Delete it: the file name has the version.')
    else if (!isMemberKey(key)) fault(where, `${key} stands in the dynamic file`, `Move it to ${cfg.file}.`)
  }
  return list.settings
}

function checkMembership(file: string, members: Members, settings: EngineSettings, findings: Findings): boolean {
  const voters = voterCount(members)
  const observers = members.servers.length - voters
  if (voters === 0 && observers > 0) {
    missing(file, 'there are observers but no participant', 'Make at least one server a participant.', findings)
  } else if (voters === 0 && !settings.cluster.standaloneEnabled) {
    missing(file, 'standaloneEnabled is false and there is no server.N line', 'Add server.1=host:2888:3888.', findings)
  } else if (voters === 1 && settings.cluster.standaloneEnabled) {
    const what = 'there is one participant only, so the server runs standalone'
    if (observers > 0) {
      missing(file, `${what}, but there are observers`, 'Set standaloneEnabled=false, or add participants.', findings)
    } else {
      const mend = 'Delete the server line, or set standaloneEnabled=false to run it as an ensemble of one.'
      findings.remarks.push({ kind: 'members', key: 'server.N', where: file, what, mend })
    }
  }
  return voters > 1 || (voters === 1 && !settings.cluster.standaloneEnabled)
}

/** The server line decides; Apache warns as much. */
function remarkPeerType(from: SettingReader, self: ServerLine, { remarks }: Findings): void {
  const setting = from.get('peerType')
  if (setting === null || setting.value.toLowerCase() === self.role) return
  const { key, value, where } = setting
  const what = `peerType is ${value}, but the line server.${self.id} says ${self.role}, which counts`
  remarks.push({ kind: 'members', key, where, what, mend: 'Delete the line, or correct the server line.' })
}

function checkDistributed(file: string, settings: EngineSettings, findings: Findings): void {
  if (settings.cluster.initLimitTicks === null) missing(file, 'initLimit is not set', 'Add initLimit=10.', findings)
  if (settings.cluster.syncLimitTicks === null) missing(file, 'syncLimit is not set', 'Add syncLimit=5.', findings)
}

function missingMyId(dataDir: string | null, members: Members, findings: Findings): void {
  const known = members.servers.map((server) => server.id).join(', ')
  missing(
    `${dataDir}/myid`,
    'the file is missing, so the server does not know which of the ensemble it is',
    `Write the number of its server line (${known}) into it, and nothing else.`,
    findings,
  )
}

function readMyId(text: string | null, dataDir: string, findings: Findings): number | null {
  if (text === null) return null
  const [line = ''] = text.split(/\r\n|\n|\r/)
  const id = javaLong(line)
  if (id === null) {
    const mend = 'Write the number of the server line into it, without blanks around it.'
    missing(`${dataDir}/myid`, `"${line}" is not a number`, mend, findings)
  }
  return id
}

function readFolder(from: SettingReader, key: 'dataDir' | 'dataLogDir'): string | null {
  const setting = from.get(key)
  if (setting === null) return null
  if (setting.value === '') from.fault(setting, `${key} is empty`, 'Name a folder.')
  return setting.value
}

/** The own server line's client part wins over clientPort; two ports that differ are refused. */
function readClientAddress(
  from: SettingReader,
  members: Members,
  id: number | null,
): { readonly host: string | null; readonly port: number | null } {
  const address = from.get('clientPortAddress')
  const written = from.get('clientPort')
  const port = written === null ? null : from.refusedInt('clientPort', { fallback: 0, min: 0, max: 65_535 }, '')
  if (address !== null && port === null) {
    from.fault(address, 'clientPortAddress is set but clientPort is not', 'Add clientPort=2181.')
  }
  const own = members.servers.find((server) => server.id === id)?.client ?? null
  if (own !== null && written !== null && port !== 0 && port !== own.port) {
    const mend = 'Delete clientPort, or make the two equal.'
    from.fault(written, `clientPort is ${port}, but the line server.${id} says ${own.port}`, mend)
  }
  const host = own === null ? (address?.value ?? null) : own.host
  return { host: host === null || isWildcard(host) ? null : host, port: own?.port ?? port }
}

/** Of a server line the part behind the second semicolon, which wins over secureClientPort in the same way. */
function readSecureClientAddress(
  from: SettingReader,
  members: Members,
  id: number | null,
): { readonly host: string | null; readonly port: number | null } {
  const address = from.get('secureClientPortAddress')
  const written = from.get('secureClientPort')
  const port = written === null ? null : from.refusedInt('secureClientPort', { fallback: 0, min: 0, max: 65_535 }, '')
  const own = members.servers.find((server) => server.id === id)?.secureClient ?? null
  if (address !== null && port === null && own === null) {
    const what = 'secureClientPortAddress is set but secureClientPort is not'
    from.fault(address, what, 'Add secureClientPort=2281, or delete the line.')
  }
  if (own !== null && written !== null && port !== 0 && port !== own.port) {
    const mend = 'Delete secureClientPort, or make the two equal.'
    from.fault(written, `secureClientPort is ${port}, but the line server.${id} says ${own.port}`, mend)
  }
  const host = own === null ? (address?.value ?? null) : own.host
  return { host: host === null || isWildcard(host) ? null : host, port: own?.port ?? port }
}

/** A file that works here and not with Apache deserves a word. */
function remarkServerFactory(from: SettingReader, securePort: number | null, findings: Findings): void {
  const setting = from.get('secureClientPort')
  const factory = from.get('serverCnxnFactory')?.value ?? ''
  if (securePort === null || setting === null || factory.endsWith('NettyServerCnxnFactory')) return
  findings.remarks.push({
    kind: 'differs-from-apache',
    key: setting.key,
    where: setting.where,
    what: 'secureClientPort works here as it stands, but an Apache server refuses to start without Netty',
    mend: 'For Apache add serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory.',
  })
}

function isWildcard(host: string): boolean {
  return host === '' || host === '0.0.0.0' || host === '::'
}

function unusedAddresses(members: Members, settings: EngineSettings): readonly NotHonoured[] {
  if (settings.peers.usesAllAddresses) return []
  return members.servers
    .filter(({ endpoints }) => endpoints.length > 1)
    .map(({ id }) => ({
      key: `server.${id}`,
      reason: 'of several addresses the first counts unless multiAddress.enabled=true',
    }))
}

function missing(where: string, what: string, mend: string, findings: Findings): void {
  findings.faults.push({ code: 'BadConfigValue', where, what, mend })
}
