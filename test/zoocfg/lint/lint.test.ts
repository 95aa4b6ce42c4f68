import { describe, expect, test } from 'vitest'
import type { FolderFacts, HostFacts } from '../../../src/zoocfg/lint/host-facts.ts'
import { readJvmOptions } from '../../../src/zoocfg/lint/jvm-options.ts'
import { checkedRules, lint } from '../../../src/zoocfg/lint/lint.ts'
import { RULE_TEXTS } from '../../../src/zoocfg/lint/rule-texts.ts'
import type { ServerFiles } from '../../../src/zoocfg/lint/server-view.ts'
import { parseRelease } from '../../../src/zoocfg/release.ts'

/** A file without any finding: what a careful operator of 3.8 would write. */
const CLEAN_STANDALONE = [
  'dataDir=/var/lib/zookeeper/data',
  'dataLogDir=/var/lib/zookeeper/log',
  'clientPort=2181',
  'autopurge.purgeInterval=24',
  'admin.enableServer=false',
]
const CLEAN_ENSEMBLE = [
  ...CLEAN_STANDALONE,
  'tickTime=2000',
  'initLimit=10',
  'syncLimit=5',
  'db.autocreate=false',
  'quorum.auth.enableSasl=true',
  'server.1=zk1:2888:3888',
  'server.2=zk2:2888:3888',
  'server.3=zk3:2888:3888',
]

const DISK: FolderFacts = {
  device: 1,
  fileSystem: 'ext4',
  isWritable: true,
  exists: true,
  dataFiles: [],
  snapshotSizeBytes: null,
}
const HOST: HostFacts = {
  dataDir: DISK,
  dataLogDir: { ...DISK, device: 2 },
  memoryBytes: 8 * 1024 ** 3,
  cores: 4,
  openFiles: 1_024,
  somaxconn: 128,
}

interface Looked {
  readonly release?: string
  readonly files?: Partial<ServerFiles>
}

/** `rule@line` for every finding. */
function found(lines: readonly string[], { release = '3.8', files = {} }: Looked = {}): readonly string[] {
  const parsed = parseRelease(release)
  if (parsed === null) throw new Error(`${release} is no release`)
  const subject = { file: 'zoo.cfg', text: lines.join('\n'), ...files }
  return lint([subject], parsed).map(({ rule, line }) => `${rule}@${line}`)
}

/** What a line, added to a clean file, brings. */
function added(base: readonly string[], lines: string, looked?: Looked): readonly string[] {
  return found([...lines.split('\n'), ...base], looked)
}

test('a careful file has no finding, standalone and in an ensemble', () => {
  expect(found(CLEAN_STANDALONE, { files: { host: HOST } })).toEqual([])
  expect(found(CLEAN_ENSEMBLE, { files: { myid: { file: 'myid', text: '2\n' } } })).toEqual([])
})

test('every rule has a check, or needs what no file says', () => {
  const needsMore = [
    'config-file-missing', // told as any missing file is
    ...['client-address-unresolvable', 'peer-hostname-unresolvable'], // the names of another network
    ...['client-port-in-use', 'election-port-unbindable', 'admin-port-in-use-standalone'], // the moment of the start
    ...['maxbuffer-differs-from-clients', 'maxbuffer-lowered'], // clients, and what the files were before
    'quota-not-enforced', // the data tree
  ]
  const unchecked = RULE_TEXTS.map(({ id }) => id).filter((id) => !checkedRules().has(id))
  expect(unchecked.sort()).toEqual(needsMore.sort())
})

test('ids are there once, and every sentence ends', () => {
  expect(new Set(RULE_TEXTS.map(({ id }) => id)).size).toBe(RULE_TEXTS.length)
  for (const { why } of RULE_TEXTS) expect(why).toMatch(/\.$/)
})

describe('a line that is added to a clean standalone file', () => {
  test.each([
    ['tickTime=0', 'ticktime-zero'],
    ['tickTime=2s', 'integer-key-not-a-number'],
    ['maxClientCnxns=60 # sixty', 'integer-key-not-a-number'],
    ['standaloneEnabled=yes', 'boolean-key-invalid'],
    ['minSessionTimeout=9000\nmaxSessionTimeout=6000', 'min-session-above-max'],
    ['minSessionTimeout=90000', 'min-session-above-derived-max'],
    ['minSessionTimeout=3000', 'min-session-below-two-ticks'],
    ['tickTime=100', 'ticktime-extreme'],
    ['forceSync=false', 'yes-no-switch-wrong-word'],
    ['forceSync=no', 'force-sync-off'],
    ['skipACL=yes', 'skip-acl'],
    ['preAllocSize=64M', 'prealloc-malformed'],
    ['snapCount=10k', 'passthrough-integer-malformed'],
    ['digest.enabled=off', 'passthrough-boolean-not-true'],
    ['snapshot.compression.method=zip', 'snapshot-codec-unknown'],
    ['snapCount=1', 'snapcount-below-two'],
    ['snapCount=500', 'snapcount-extreme'],
    ['autopurge.snapRetainCount=1', 'snap-retain-below-three'],
    ['commitLogCount=100', 'commit-log-count-below-500'],
    ['snapshotSizeFactor=2', 'snapshot-size-factor-above-one'],
    ['snapSizeLimitInKb=0', 'snapsize-zero-crash'],
    ['tickTme=2000', 'unknown-key'],
    ['zktune.logSnyc=inline', 'unknown-key'],
    ['zktune.logSync=never', 'own-setting-refused'],
    ['zktune.logWritesInFlight=9', 'own-setting-refused'],
    ['zktune.logWritesInFlight=two', 'own-setting-refused'],
    ['zktune.gatewayPort=70000', 'own-setting-refused'],
    ['zktune.quorum=most', 'own-setting-refused'],
    ['maxCnxns=-5', 'value-out-of-documented-range'],
    ['zookeeper.snapCount=5000', 'key-with-zookeeper-prefix'],
    ['requestThrottleLimit=10', 'documented-alias-without-effect'],
    ['jute.maxbuffer=4000000', 'bare-property-in-zoocfg'],
    ['secureClientPort=2281', 'secure-port-needs-netty'],
    ['clientPortAddress=10.0.0.1\nsecureClientPortAddress=10.0.0.1', 'secure-address-without-port'],
    ['electionAlg=1', 'election-alg-not-3'],
    ['peerType=voter', 'peer-type-unknown'],
    ['serverCnxnFactory=NettyServerCnxnFactory', 'cnxn-factory-class-missing'],
    ['watchManagerName=WatchManagerOptimized', 'watch-manager-class-missing'],
    ['DigestAuthenticationProvider.digestAlg=SHA999', 'digest-algorithm-unknown'],
    ['DigestAuthenticationProvider.superDigest=super:x', 'super-digest-present'],
    ['ssl.keyStore.password=secret', 'secret-in-config'],
    ['4lw.commands.whitelist=*', 'four-letter-wildcard'],
    ['4lw.commands.whitelist=ruok, cons', 'four-letter-expensive'],
    ['enforce.auth.enabled=true', 'enforce-auth-without-schemes'],
    ['enforce.auth.enabled=true\nenforce.auth.schemes=sasl', 'enforce-auth-scheme-unavailable'],
    ['ssl.protocol=TLSv1.1', 'tls-below-12'],
    ['ssl.hostnameVerification=false', 'hostname-verification-off'],
    ['allowSaslFailedClients=true', 'sasl-failures-allowed'],
    ['maxWriteQueuePollTime=5', 'write-queue-poll-without-flush-delay'],
    ['flushDelay=100', 'flush-delay-long'],
    ['largeRequestMaxBytes=1000', 'large-request-limit-without-threshold'],
    ['connection_throttle_fill_time=5', 'connection-throttle-weights-without-tokens'],
    ['connection_throttle_drop_increase=2%', 'float-property-malformed'],
    ['maxClientCnxns=0', 'max-client-cnxns-unlimited'],
    ['globalOutstandingLimit=10', 'outstanding-limit-extreme'],
    ['localSessionsUpgradingEnabled=true', 'local-upgrade-without-local'],
    ['standaloneEnabled=false', 'standalone-disabled-no-servers'],
    ['server.1=zk1:2888:3888', 'single-server-line'],
    ['server.realm=EXAMPLE.COM', 'server-id-not-a-number'],
    ['group=1:2', 'group-key-malformed'],
    ['weight.1=3', 'weight-without-group'],
    ['snapshot.trust.empty=true', 'trust-empty-left-on'],
    ['digest.enabled=false', 'digest-off'],
    ['clientPort=70000\nclientPort=2181', 'port-out-of-range'],
    ['leader.maxConcurrentSnapshots=5', 'deprecated-key'],
    ['forceSnapshotSync=true', 'test-switches'],
    ['x\\u12=1', 'malformed-escape'],
  ])('%j has %s', (line, rule) => {
    expect(added(CLEAN_STANDALONE, line).map((each) => each.replace(/@.*/, ''))).toContain(rule)
  })
})

test.each(['zktune.logSync=never', 'zktune.logWritesInFlight=two', 'zktune.logWritesInFlight=9'])(
  'what Apache would do with %j, which only the built-in engine reads, is not said',
  (line) => {
    expect(added(CLEAN_STANDALONE, line).map((each) => each.replace(/@.*/, ''))).toEqual(['own-setting-refused'])
  },
)

describe('a line that is added to a clean ensemble', () => {
  test.each([
    ['server.4=zk4:2888:3888', 'even-number-of-voters'],
    ['server.4=zk4:2888', 'server-line-format'],
    ['server.4=zk4:2888:x', 'server-line-port-not-a-number'],
    ['server.4=zk4:2888:2888', 'server-line-equal-ports'],
    ['server.4=zk4:2888:3888:voter', 'server-line-role-unknown'],
    ['server.4=zk1:2888:3889', 'duplicate-server-address'],
    ['server.4=localhost:2888:3888\nserver.5=zk5:2888:3888', 'loopback-in-multi-host-ensemble'],
    ['server.4=zk4:2888:3888|zk4b:2888:3888', 'multiaddress-disabled'],
    ['group.1=1:2', 'group-missing-voter'],
    ['group.1=1:2\ngroup.2=2:3', 'group-duplicate-server'],
    ['group.1=1:2:3\nweight.1=0\nweight.2=0\nweight.3=0', 'all-weights-zero'],
    ['group.1=1:2\ngroup.2=3', 'two-groups-only'],
    ['oraclePath=/x', 'oracle-with-more-than-two'],
    ['reconfigEnabled=true\nskipACL=yes', 'reconfig-without-acl'],
    ['peerType=observer', 'peertype-disagrees'],
    ['clientPort=2182\nserver.2=zk2:2888:3888;2181', 'client-port-conflict-static-dynamic'],
    ['quorum.auth.serverRequireSasl=true', 'quorum-sasl-server-without-learner'],
    ['sslQuorum=true', 'sslquorum-without-keystore'],
    ['cnxTimeout=5s', 'cnx-timeout-malformed'],
    ['commitProcessor.maxCommitBatchSize=0', 'commit-batch-not-positive'],
    ['maxSessionTimeout=10000', 'max-session-below-failover-time'],
    ['dynamicConfigFile=/x', 'dynamic-and-static-members'],
  ])('%j has %s', (line, rule) => {
    const keys = line.split('\n').map((each) => each.slice(0, each.indexOf('=')))
    const rest = CLEAN_ENSEMBLE.filter((each) => !keys.includes(each.slice(0, each.indexOf('='))))
    const rules = added(rest, line, { files: { myid: { file: 'myid', text: '2' } } })
    expect(rules.map((each) => each.replace(/@.*/, ''))).toContain(rule)
  })
})

test('a finding says where, what Apache does with it, and how to mend it', () => {
  const [finding] = lint([{ file: 'conf/zoo.cfg', text: [...CLEAN_STANDALONE, '  forceSync = false'].join('\n') }])
  expect(finding).toMatchInlineSnapshot(`
    {
      "column": 3,
      "effect": "Apache says nothing. Only the exact words act: forceSync=false still syncs, skipACL=true still checks, leaderServes=false still serves.",
      "file": "conf/zoo.cfg",
      "fix": {
        "kind": "set",
        "value": "yes",
      },
      "key": "forceSync",
      "line": 6,
      "mend": "Write forceSync=yes or forceSync=no; as it is, yes counts.",
      "message": "forceSync is "false", which counts as yes",
      "rule": "yes-no-switch-wrong-word",
      "severity": "error",
    }
  `)
})

test('of a key that is given twice, the line that does nothing is told', () => {
  expect(found(['tickTime=2000', ...CLEAN_STANDALONE, 'tickTime=3000'])).toEqual(['duplicate-key@1'])
})

describe('releases', () => {
  test('the admin server is open by default until 3.9', () => {
    const open = CLEAN_STANDALONE.filter((line) => !line.startsWith('admin'))
    expect(found(open, { release: '3.9' })).toContain('admin-open-everywhere@1')
    expect(found(open, { release: '3.10' })).toEqual([])
  })

  test('a key that came later is told', () => {
    expect(added(CLEAN_STANDALONE, 'flushDelay=5', { release: '3.5' })).toEqual(['key-newer-than-release@1'])
    expect(added(CLEAN_STANDALONE, 'flushDelay=5', { release: '3.6' })).toEqual([])
  })

  test('an interval with a unit is refused until 3.10', () => {
    const rest = CLEAN_STANDALONE.filter((line) => !line.startsWith('autopurge'))
    expect(added(rest, 'autopurge.purgeInterval=1d', { release: '3.9' })[0]).toBe('purge-interval-suffix-pre-310@1')
    expect(added(rest, 'autopurge.purgeInterval=1d', { release: '3.10' })).not.toContain('integer-key-not-a-number@1')
  })
})

describe('the machine', () => {
  const on = (host: Partial<HostFacts>, more: Partial<ServerFiles> = {}): Looked => ({
    files: { host: { ...HOST, ...host }, ...more },
  })

  test('two folders on one device are told', () => {
    expect(found(CLEAN_STANDALONE, on({ dataLogDir: DISK }))).toEqual(['log-dir-shared@2'])
  })

  test('tmpfs is told, and a folder that cannot be written', () => {
    expect(found(CLEAN_STANDALONE, on({ dataDir: { ...DISK, fileSystem: 'tmpfs' } }))).toEqual(['data-dir-volatile@1'])
    expect(found(CLEAN_STANDALONE, on({ dataDir: { ...DISK, isWritable: false } }))).toEqual([
      'datadir-not-creatable@1',
    ])
  })

  test("logs and snapshots in each other's folder are told", () => {
    const logs = { ...DISK, dataFiles: ['log.1', 'snapshot.0'] }
    expect(found(CLEAN_STANDALONE, on({ dataDir: logs }))).toEqual(['logs-in-snap-dir@1'])
    expect(found(CLEAN_STANDALONE, on({ dataLogDir: { ...DISK, device: 2, dataFiles: ['snapshot.7'] } }))).toEqual([
      'snapshots-in-log-dir@2',
    ])
  })

  test('a heap of most of the memory is told, and one too small for the snapshot', () => {
    const jvm = (options: string): Partial<ServerFiles> => ({
      jvm: readJvmOptions('java.env', `JVMFLAGS="${options}"`),
    })
    expect(found(CLEAN_STANDALONE, on({}, jvm('-Xmx7g')))).toEqual(['whole-heap-vs-ram@1'])
    const tree = { ...DISK, snapshotSizeBytes: 1024 ** 3 }
    expect(found(CLEAN_STANDALONE, on({ dataDir: tree }, jvm('-Xmx2g')))).toEqual(['whole-heap-vs-ram@1'])
    expect(found(CLEAN_STANDALONE, on({}, jvm('-Xmx2g')))).toEqual([])
  })

  test("a backlog above the kernel's is told, and threads far above the cores", () => {
    expect(added(CLEAN_STANDALONE, 'clientPortListenBacklog=1000', on({}))).toEqual(['backlog-above-somaxconn@1'])
    expect(added(CLEAN_STANDALONE, 'nio.numWorkerThreads=64', on({}))).toEqual(['threads-above-cores@1'])
    expect(added(CLEAN_STANDALONE, 'maxCnxns=5000', on({}))).toEqual(['descriptors-too-few@1'])
  })
})

describe('the Java side', () => {
  test('options are read from shell lines', () => {
    const { properties, heapMaxBytes } = readJvmOptions(
      'java.env',
      '# -Xmx1g\nexport SERVER_JVMFLAGS="-Xmx512m -Djute.maxbuffer=100 -Da.b=\'x y\' -Dzookeeper.c -Dd=$E"\n',
    )
    expect(heapMaxBytes).toBe(512 * 1024 ** 2)
    expect(Object.fromEntries(properties)).toEqual({ 'jute.maxbuffer': '100', 'a.b': 'x y', 'zookeeper.c': '' })
    expect(readJvmOptions('zookeeper-env.sh', 'ZK_SERVER_HEAP="2000"').heapMaxBytes).toBe(2_000 * 1024 ** 2)
  })

  test('what it gives counts like a line, unless zoo.cfg has one', () => {
    const jvm = readJvmOptions(
      'java.env',
      '# own\n-Dzookeeper.4lw.commands.whitelist=* -Dzookeeper.ssl.keyStore.password=x',
    )
    expect(lint([{ file: 'zoo.cfg', text: CLEAN_STANDALONE.join('\n'), jvm }])).toMatchObject([
      { rule: 'secret-in-config', file: 'java.env', line: 2 },
      { rule: 'four-letter-wildcard', file: 'java.env', line: 2 },
    ])
    const rules = added(CLEAN_STANDALONE, '4lw.commands.whitelist=srvr', { files: { jvm } })
    expect(rules).toEqual(['zoocfg-overrides-jvm-flag@1', 'secret-in-config@2'])
  })

  test('what zoo.cfg overrides is told', () => {
    const jvm = readJvmOptions('java.env', '-Dzookeeper.snapCount=5000')
    expect(added(CLEAN_STANDALONE, 'snapCount=90000', { files: { jvm } })).toEqual(['zoocfg-overrides-jvm-flag@1'])
  })
})

describe('several servers', () => {
  const server = (number: number, lines: readonly string[], id = number): ServerFiles => ({
    file: `${number}/zoo.cfg`,
    text: lines.join('\n'),
    myid: { file: `${number}/myid`, text: `${id}\n` },
  })

  test('files that agree have no finding', () => {
    expect(lint([1, 2, 3].map((number) => server(number, CLEAN_ENSEMBLE)))).toEqual([])
  })

  test('one that differs is told, in its own file', () => {
    const other = CLEAN_ENSEMBLE.map((line) => (line === 'syncLimit=5' ? 'syncLimit=8' : line))
    const findings = lint([server(1, CLEAN_ENSEMBLE), server(2, other)])
    expect(findings.map(({ rule, file, line }) => [rule, file, line])).toEqual([
      ['quorum-settings-differ', '2/zoo.cfg', CLEAN_ENSEMBLE.indexOf('syncLimit=5') + 1],
    ])
  })

  test('a server may call itself by the wildcard', () => {
    const own = CLEAN_ENSEMBLE.map((line) => line.replace('server.2=zk2', 'server.2=0.0.0.0'))
    expect(lint([server(1, CLEAN_ENSEMBLE), server(2, own)])).toEqual([])
  })

  test('servers of one machine that share a port or a folder are told', () => {
    const here = CLEAN_ENSEMBLE.map((line) => line.replace(/=zk(\d):2888:3888/, '=localhost:288$1:388$1'))
    const findings = lint([server(1, here), server(2, here)])
    expect(findings.map(({ rule, key }) => [rule, key])).toEqual([
      ['one-machine-clash', 'dataDir'],
      ['one-machine-clash', 'dataLogDir'],
      ['one-machine-clash', 'clientPort'],
    ])
  })

  test('a number that two servers have is told', () => {
    const findings = lint([server(1, CLEAN_ENSEMBLE), server(2, CLEAN_ENSEMBLE, 1)])
    expect(findings.map(({ rule, file }) => [rule, file])).toEqual([['myid-used-twice', '2/myid']])
  })
})
