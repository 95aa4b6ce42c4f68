/**
 * For every rule of lint that says "Apache refuses to start": a configuration that breaks it and nothing else. The unit
 * test has lint find the rule there; `npm run long` starts Apache with it and reads what it says.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import type { RuleId } from '../../src/zoocfg/lint/rule-texts.ts'

export interface Refusal {
  readonly rule: RuleId
  /**
   * Lines of zoo.cfg, in which `{folder}`, `{data}` and `{log}` stand for fresh folders and `{port}` and the like for
   * free ports. Null: there is no zoo.cfg at all.
   */
  readonly zooCfg: readonly string[] | null
  /** Other files, by their path below the folder. */
  readonly files?: Readonly<Record<string, string>>
  /** A part of what Apache prints. */
  readonly says: string
  readonly exitCode: number
  /** A port that is taken when the server starts. */
  readonly taken?: PortName
  /** The files do not show it, so lint cannot. */
  readonly isOfTheMoment?: true
}

const PORT_NAMES = ['port', 'securePort', 'quorumPort', 'electionPort', 'adminPort'] as const
export type PortName = (typeof PORT_NAMES)[number]
export type Ports = Readonly<Record<PortName, number>>
export const PORT_COUNT = PORT_NAMES.length

export function portsOf(numbers: readonly number[]): Ports {
  return Object.fromEntries(PORT_NAMES.map((name, index) => [name, numbers[index] ?? 0])) as Ports
}

const PLAIN = ['dataDir={data}', 'admin.enableServer=false']
const ALONE = [...PLAIN, 'clientPort={port}']
const LIMITS = ['initLimit=10', 'syncLimit=5']
const OWN = 'server.1=127.0.0.1:{quorumPort}:{electionPort}'
const OTHERS = ['server.2=127.0.0.1:9:10', 'server.3=127.0.0.1:11:12']
const THREE = [...ALONE, ...LIMITS, OWN, ...OTHERS]
const MYID = { 'data/myid': '1\n' }
const NETTY = 'serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory'
const NUMBER = 'NumberFormatException: For input string: '

export const REFUSALS: readonly Refusal[] = [
  { rule: 'config-file-missing', zooCfg: null, says: 'zoo.cfg file is missing', exitCode: 2, isOfTheMoment: true },
  { rule: 'datadir-unset', zooCfg: ['clientPort={port}'], says: 'dataDir is not set', exitCode: 2 },
  { rule: 'malformed-escape', zooCfg: [...ALONE, 'a=\\u12'], says: 'Malformed \\uxxxx encoding', exitCode: 2 },

  // Numbers, switches and words that the parser reads itself
  { rule: 'ticktime-zero', zooCfg: [...ALONE, 'tickTime=0'], says: 'tickTime is not set', exitCode: 2 },
  { rule: 'ticktime-negative', zooCfg: [...ALONE, 'tickTime=-1'], says: 'minSessionTimeout must not be', exitCode: 2 },
  ...['tickTime=2s', 'tickTime=', 'maxClientCnxns=60 # sixty', 'clientPortListenBacklog=1k', 'initLimit=ten'].map(
    (line): Refusal => ({
      rule: 'integer-key-not-a-number',
      zooCfg: [...ALONE, line],
      says: `${NUMBER}"${line.slice(line.indexOf('=') + 1)}"`,
      exitCode: 2,
    }),
  ),
  ...['standaloneEnabled=yes', 'syncEnabled=1', 'localSessionsEnabled=on', 'quorumListenOnAllIPs='].map(
    (line): Refusal => ({
      rule: 'boolean-key-invalid',
      zooCfg: [...ALONE, line],
      says: `Invalid option ${line.slice(line.indexOf('=') + 1)} for ${line.slice(0, line.indexOf('='))}`,
      exitCode: 2,
    }),
  ),
  { rule: 'election-alg-not-3', zooCfg: [...ALONE, 'electionAlg=1'], says: 'Invalid electionAlg value', exitCode: 2 },
  {
    rule: 'peer-type-unknown',
    zooCfg: [...ALONE, 'peerType=voter'],
    says: 'Unrecognised peertype: voter',
    exitCode: 2,
  },
  {
    rule: 'purge-interval-suffix-pre-310',
    zooCfg: [...ALONE, 'autopurge.purgeInterval=1d'],
    says: `${NUMBER}"1d"`,
    exitCode: 2,
  },
  {
    rule: 'min-session-above-max',
    zooCfg: [...ALONE, 'minSessionTimeout=9000', 'maxSessionTimeout=6000'],
    says: 'minSessionTimeout must not be larger than maxSessionTimeout',
    exitCode: 2,
  },
  ...['minSessionTimeout=90000', 'maxSessionTimeout=100'].map((line): Refusal => ({
    rule: 'min-session-above-derived-max',
    zooCfg: [...ALONE, line],
    says: 'minSessionTimeout must not be larger than maxSessionTimeout',
    exitCode: 2,
  })),

  // Ports and addresses
  {
    rule: 'client-address-without-port',
    zooCfg: [...PLAIN, 'clientPortAddress=127.0.0.1'],
    says: 'clientPortAddress is set but clientPort is not set',
    exitCode: 2,
  },
  {
    rule: 'client-port-zero-pre-310',
    zooCfg: [...PLAIN, 'clientPortAddress=127.0.0.1', 'clientPort=0'],
    says: 'clientPortAddress is set but clientPort is not set',
    exitCode: 2,
  },
  {
    rule: 'secure-address-without-port',
    zooCfg: [...ALONE, 'secureClientPortAddress=127.0.0.1'],
    says: 'secureClientPortAddress is set but secureClientPort is not set',
    exitCode: 2,
  },
  {
    rule: 'client-address-unresolvable',
    zooCfg: [...ALONE, 'clientPortAddress=no-such-host.invalid'],
    says: 'UnknownHostException',
    exitCode: 2,
    isOfTheMoment: true,
  },
  { rule: 'port-out-of-range', zooCfg: [...PLAIN, 'clientPort=70000'], says: 'port out of range:70000', exitCode: 2 },
  { rule: 'port-out-of-range', zooCfg: [...PLAIN, 'clientPort=-1'], says: 'port out of range:-1', exitCode: 2 },
  { rule: 'client-port-in-use', zooCfg: ALONE, says: 'BindException', exitCode: 1, taken: 'port', isOfTheMoment: true },
  {
    rule: 'admin-port-in-use-standalone',
    zooCfg: ['dataDir={data}', 'clientPort={port}', 'admin.serverPort={adminPort}'],
    says: 'AdminServerException',
    exitCode: 4,
    taken: 'adminPort',
    isOfTheMoment: true,
  },
  {
    rule: 'election-port-unbindable',
    zooCfg: THREE,
    files: MYID,
    says: 'BindException',
    exitCode: 14,
    taken: 'electionPort',
    isOfTheMoment: true,
  },
  {
    rule: 'clientport-equals-secureport',
    zooCfg: [...ALONE, 'secureClientPort={port}', NETTY],
    says: 'BindException',
    exitCode: 1,
  },

  // The server list
  {
    rule: 'initlimit-missing',
    zooCfg: THREE.filter(isNot('initLimit')),
    files: MYID,
    says: 'initLimit is not set',
    exitCode: 2,
  },
  {
    rule: 'synclimit-missing',
    zooCfg: [...THREE, 'syncLimit=0'],
    files: MYID,
    says: 'syncLimit is not set',
    exitCode: 2,
  },
  { rule: 'myid-missing', zooCfg: THREE, says: 'myid file is missing', exitCode: 2 },
  ...['one\n', '1 \n', ' 1\n', '\n', ''].map((text): Refusal => ({
    rule: 'myid-not-a-number',
    zooCfg: THREE,
    files: { 'data/myid': text },
    says: text === '' ? 'serverid null is not a number' : `serverid ${text.replace('\n', '')} is not a number`,
    exitCode: 2,
  })),
  {
    rule: 'myid-not-in-server-list',
    zooCfg: THREE,
    files: { 'data/myid': '4' },
    says: 'not in the peer list',
    exitCode: 1,
  },
  ...['zk4', 'zk4:2888', '2001:db8::4:2888:3888', 'zk4:2888:3888;2181;2182;2183'].map((value): Refusal => ({
    rule: 'server-line-format',
    zooCfg: [...THREE, `server.4=${value}`],
    files: MYID,
    says: 'does not have the form',
    exitCode: 2,
  })),
  {
    rule: 'server-line-port-not-a-number',
    zooCfg: [...THREE, 'server.4=127.0.0.1:2888:x'],
    files: MYID,
    says: 'Address unresolved: 127.0.0.1:x',
    exitCode: 2,
  },
  {
    rule: 'server-line-equal-ports',
    zooCfg: [...THREE, 'server.4=127.0.0.1:13:13'],
    files: MYID,
    says: 'Client and election port must be different',
    exitCode: 2,
  },
  {
    rule: 'server-line-role-unknown',
    zooCfg: [...THREE, 'server.4=127.0.0.1:13:14:voter'],
    files: MYID,
    says: 'Unrecognised peertype: voter',
    exitCode: 2,
  },
  ...['server.one=127.0.0.1:13:14', 'server.realm=EXAMPLE.COM', 'server.=127.0.0.1:13:14'].map((line): Refusal => ({
    rule: 'server-id-not-a-number',
    zooCfg: [...THREE, line],
    files: MYID,
    says: `${NUMBER}"${line.slice(7, line.indexOf('='))}"`,
    exitCode: 2,
  })),
  { rule: 'group-key-malformed', zooCfg: [...THREE, 'group=1:2:3'], files: MYID, says: NUMBER, exitCode: 2 },
  {
    rule: 'group-missing-voter',
    zooCfg: [...THREE, 'group.1=1:2'],
    files: MYID,
    says: 'is not in a group',
    exitCode: 2,
  },
  {
    rule: 'group-duplicate-server',
    zooCfg: [...THREE, 'group.1=1:2', 'group.2=2:3'],
    files: MYID,
    says: 'is in multiple groups',
    exitCode: 2,
  },
  {
    rule: 'weight-without-group',
    zooCfg: [...THREE, 'weight.1=3'],
    files: MYID,
    says: 'is not in a group',
    exitCode: 2,
  },
  {
    rule: 'multiaddress-disabled',
    zooCfg: [...THREE, 'server.4=127.0.0.1:13:14|127.0.0.2:13:14'],
    files: MYID,
    says: 'Multiple address feature is disabled',
    exitCode: 2,
  },
  {
    rule: 'multiaddress-only-in-zoocfg',
    zooCfg: [...THREE, 'multiAddress.enabled=true', 'server.4=127.0.0.1:13:14|127.0.0.2:13:14'],
    files: MYID,
    says: 'Multiple address feature is disabled',
    exitCode: 2,
  },
  {
    rule: 'no-participants',
    zooCfg: [...ALONE, ...LIMITS, `${OWN}:observer`],
    files: MYID,
    says: 'Observers w/o participants is an invalid configuration',
    exitCode: 2,
  },
  {
    rule: 'one-voter-with-observers',
    zooCfg: [...ALONE, ...LIMITS, OWN, 'server.2=127.0.0.1:9:10:observer'],
    files: MYID,
    says: 'Observers w/o quorum is an invalid configuration',
    exitCode: 2,
  },
  {
    rule: 'standalone-disabled-no-servers',
    zooCfg: [...ALONE, 'standaloneEnabled=false'],
    says: 'standaloneEnabled = false then number of participants should be >0',
    exitCode: 2,
  },
  {
    rule: 'cnx-timeout-malformed',
    zooCfg: [...THREE, 'cnxTimeout=5s'],
    files: MYID,
    says: `${NUMBER}"5s"`,
    exitCode: 2,
  },
  {
    rule: 'client-port-conflict-static-dynamic',
    zooCfg: [...ALONE, ...LIMITS, `${OWN};{securePort}`, ...OTHERS],
    files: MYID,
    says: 'is different from',
    exitCode: 2,
  },

  // The dynamic file
  {
    rule: 'dynamic-and-static-members',
    zooCfg: [...THREE, 'dynamicConfigFile={folder}/zoo.dynamic'],
    files: { ...MYID, 'zoo.dynamic': `${OWN}\n` },
    says: 'must be in a separate dynamic config file',
    exitCode: 2,
  },
  {
    rule: 'dynamic-file-missing',
    zooCfg: [...ALONE, ...LIMITS, 'dynamicConfigFile={folder}/zoo.dynamic'],
    files: MYID,
    says: 'FileNotFoundException',
    exitCode: 2,
  },
  {
    rule: 'dynamic-file-foreign-key',
    zooCfg: [...ALONE, ...LIMITS, 'dynamicConfigFile={folder}/zoo.dynamic'],
    files: { ...MYID, 'zoo.dynamic': `${[OWN, ...OTHERS].join('\n')}\ntickTime=2000\n` },
    says: 'Unrecognised parameter: tickTime',
    exitCode: 2,
  },
  {
    rule: 'dynamic-file-version-inside',
    zooCfg: [...ALONE, ...LIMITS, 'dynamicConfigFile={folder}/zoo.dynamic'],
    files: { ...MYID, 'zoo.dynamic': `${[OWN, ...OTHERS].join('\n')}\nversion=100000000\n` },
    says: "dynamic file shouldn't have version inside",
    exitCode: 2,
  },

  // Authentication and TLS
  {
    rule: 'quorum-sasl-server-without-enable',
    zooCfg: [...ALONE, 'quorum.auth.serverRequireSasl=true', 'quorum.auth.learnerRequireSasl=false'],
    says: 'quorum.auth.enableSasl is disabled, so cannot enable quorum.auth.serverRequireSasl',
    exitCode: 2,
  },
  {
    rule: 'quorum-sasl-learner-without-enable',
    zooCfg: [...ALONE, 'quorum.auth.learnerRequireSasl=true'],
    says: 'quorum.auth.enableSasl is disabled, so cannot enable quorum.auth.learnerRequireSasl',
    exitCode: 2,
  },
  {
    rule: 'quorum-sasl-server-without-learner',
    zooCfg: [...ALONE, 'quorum.auth.enableSasl=true', 'quorum.auth.serverRequireSasl=true'],
    says: 'quorum.auth.learnerRequireSasl is disabled, so cannot enable quorum.auth.serverRequireSasl',
    exitCode: 2,
  },
  {
    rule: 'secure-port-needs-netty',
    zooCfg: [...ALONE, 'secureClientPort={securePort}'],
    says: "SSL isn't supported in NIOServerCnxn",
    exitCode: 1,
  },
  {
    rule: 'ssl-auth-provider-unregistered',
    zooCfg: [...ALONE, 'secureClientPort={securePort}', NETTY, 'ssl.authProvider=ours'],
    says: "No auth provider configured for the SSL authentication scheme 'ours'",
    exitCode: 2,
  },
  {
    rule: 'enforce-auth-without-schemes',
    zooCfg: [...ALONE, 'enforce.auth.enabled=true'],
    says: 'zookeeper.enforce.auth.schemes must be  configured',
    exitCode: 2,
  },
  {
    rule: 'enforce-auth-scheme-unavailable',
    zooCfg: [...ALONE, 'enforce.auth.enabled=true', 'enforce.auth.schemes=sasl'],
    says: 'Authentication scheme sasl is not available',
    exitCode: 2,
  },
  {
    rule: 'enforce-auth-scheme-unavailable',
    zooCfg: [...ALONE, 'sessionRequireClientSASLAuth=true'],
    says: 'Authentication scheme sasl is not available',
    exitCode: 2,
  },
  {
    rule: 'digest-algorithm-unknown',
    zooCfg: [...ALONE, 'DigestAuthenticationProvider.digestAlg=SHA999'],
    says: "don't support this ACL digest algorithm",
    exitCode: 1,
  },

  // Classes and figures that fail when they are first needed
  {
    rule: 'metrics-provider-class-missing',
    zooCfg: [...ALONE, 'metricsProvider.className=PrometheusMetricsProvider'],
    says: 'metrics provider class was not found',
    exitCode: 2,
  },
  {
    rule: 'cnxn-factory-class-missing',
    zooCfg: [...ALONE, 'serverCnxnFactory=NettyServerCnxnFactory'],
    says: "Couldn't instantiate NettyServerCnxnFactory",
    exitCode: 1,
  },
  {
    rule: 'watch-manager-class-missing',
    zooCfg: [...ALONE, 'watchManagerName=WatchManagerOptimized'],
    says: "Couldn't instantiate WatchManagerOptimized",
    exitCode: 1,
  },
  {
    rule: 'selector-threads-below-one',
    zooCfg: [...ALONE, 'nio.numSelectorThreads=0'],
    says: 'numSelectorThreads must be at least 1',
    exitCode: 1,
  },
  {
    rule: 'int-buffer-too-small',
    zooCfg: [...ALONE, 'intBufferStartingSizeBytes=16'],
    says: 'must be greater than or equal to 32',
    exitCode: 1,
  },
  {
    rule: 'float-property-malformed',
    zooCfg: [...ALONE, 'connection_throttle_drop_increase=2%'],
    says: NUMBER,
    exitCode: 1,
  },

  // Folders
  {
    rule: 'datadir-not-creatable',
    zooCfg: [...ALONE.filter(isNot('dataDir')), 'dataDir={folder}/file'],
    files: { file: '' },
    says: 'Unable to create data directory',
    exitCode: 3,
  },
  {
    rule: 'datadir-missing-autocreate-off',
    zooCfg: [...ALONE, 'datadir.autocreate=false'],
    says: 'automatic data directory creation is disabled',
    exitCode: 3,
  },
  {
    rule: 'snapshots-in-log-dir',
    zooCfg: [...ALONE, 'dataLogDir={log}'],
    files: { 'log/version-2/snapshot.0': 'x' },
    says: 'Log directory has snapshot files',
    exitCode: 3,
  },
  {
    rule: 'logs-in-snap-dir',
    zooCfg: [...ALONE, 'dataLogDir={log}'],
    files: { 'data/version-2/log.1': 'x' },
    says: 'SnapDirContentCheckException',
    exitCode: 3,
  },
  {
    rule: 'logs-without-snapshot',
    zooCfg: ALONE,
    files: { 'data/version-2/log.1': `ZKLG${'\0\0\0\x02'}${'\0'.repeat(8)}${'\0'.repeat(64)}` },
    says: 'No snapshot found, but there are log entries',
    exitCode: 1,
  },
]

/** Refuses from 3.10 on only. */
export const OF_LATER_RELEASES: readonly RuleId[] = ['prometheus-port-required-310']

/** @returns the path of its zoo.cfg, in a folder that is empty but for what the refusal needs */
export function writeRefusal({ zooCfg, files = {} }: Refusal, folder: string, ports: Ports): string {
  const inPlace = (text: string): string =>
    text
      .replaceAll('{folder}', folder)
      .replaceAll('{data}', join(folder, 'data'))
      .replaceAll('{log}', join(folder, 'log'))
      .replaceAll(/\{(\w+)\}/g, (_, name: PortName) => String(ports[name]))
  mkdirSync(join(folder, 'data'), { recursive: true })
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), inPlace(text), 'latin1')
  }
  const config = join(folder, 'zoo.cfg')
  if (zooCfg !== null) writeFileSync(config, inPlace(`${zooCfg.join('\n')}\n`), 'latin1')
  return config
}

function isNot(key: string): (line: string) => boolean {
  return (line) => !line.startsWith(`${key}=`)
}
