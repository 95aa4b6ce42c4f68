import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FaultyInput } from '../../src/kernel/faults.ts'
import { engineSupport } from '../../src/zoocfg/engine-support.ts'
import { outstandingLimitPerServer } from '../../src/zoocfg/settings/limit-settings.ts'
import { propertyLine } from '../../src/zoocfg/properties.ts'
import { checkedConfig, pathsIn, readServerConfig } from '../../src/zoocfg/server-config.ts'
import type { ServerConfig, ServerConfigReading } from '../../src/zoocfg/server-config.ts'

const standalone = 'dataDir=/var/lib/zookeeper\nclientPort=2181\n'
const ensemble = `tickTime=2000
initLimit=10
syncLimit=5
dataDir=/var/lib/zookeeper
clientPort=2181
server.1=zk1:2888:3888
server.2=zk2:2888:3888
server.3=zk3:2888:3888
`

function read(text: string, myid: string | null = null, dynamic: string | null = null): ServerConfigReading {
  return readServerConfig({
    file: 'zoo.cfg',
    text,
    myid,
    dynamic: dynamic === null ? null : { file: 'zoo.cfg.dynamic', text: dynamic },
  })
}

function config(text: string, myid: string | null = null): ServerConfig {
  return checkedConfig(read(text, myid))
}

function faultTexts(reading: ServerConfigReading): string[] {
  return reading.faults.map(({ where, what }) => `${where}: ${what}`)
}

test('what the file leaves out has the defaults of Apache', () => {
  expect(config(standalone)).toMatchObject({
    id: null,
    isDistributed: false,
    dataDir: '/var/lib/zookeeper',
    dataLogDir: '/var/lib/zookeeper',
    clientHost: null,
    clientPort: 2181,
    outstandingLimit: 1_000,
    notHonoured: [],
    settings: {
      cluster: { tickTimeMs: 3_000, initLimitTicks: null, syncLimitTicks: null, standaloneEnabled: true },
      sessions: { minSessionTimeoutMs: 6_000, maxSessionTimeoutMs: 60_000 },
      limits: {
        maxClientCnxns: 60,
        globalOutstandingLimit: 1_000,
        juteMaxBufferBytes: 1_048_575,
        clientPortListenBacklog: null,
      },
      storage: { snapCount: 100_000, preAllocSizeBytes: 67_108_864, forceSync: true, snapRetainCount: 3 },
      tree: {
        extendedTypesEnabled: false,
        enforceQuota: false,
        reconfigEnabled: false,
        digestEnabled: true,
        containerCheckIntervalMs: 60_000,
        containerMaxPerMinute: 10_000,
        containerMaxNeverUsedMs: 0,
      },
      admin: { fourLetterWords: ['srvr'] },
    },
  })
})

test('a member of an ensemble knows itself, the others, and its share of the outstanding limit', () => {
  const { id, isDistributed, members, outstandingLimit } = config(ensemble, '2\n')
  expect({ id, isDistributed, outstandingLimit }).toEqual({ id: 2, isDistributed: true, outstandingLimit: 500 })
  expect(members.servers.map((server) => [server.id, server.endpoints[0].host])).toEqual([
    [1, 'zk1'],
    [2, 'zk2'],
    [3, 'zk3'],
  ])
})

test.each([
  [1_000, 1, false, 1_000],
  [1_000, 2, false, 1_000],
  [1_000, 3, false, 500],
  [1_000, 5, false, 250],
  [1_000, 4, false, 333],
  [1_000, 5, true, 1_000],
])('a limit of %d with %d voters (observer: %s) leaves one server %d', (limit, voters, isObserver, share) => {
  expect(outstandingLimitPerServer(limit, voters, isObserver)).toBe(share)
})

test('every fault is gathered in one pass, each with its line', () => {
  const reading = read(
    'tickTime=2s\nclientPort=70000\nmaxClientCnxns=\nserver.1=zk1:2888\nsslQuorum=yes\nserver.x=a:1:2\n',
  )
  expect(reading.config).toBeNull()
  expect(faultTexts(reading)).toEqual([
    'zoo.cfg:4: server.1: "zk1:2888" is not host:quorumPort:electionPort[:role]',
    'zoo.cfg:6: server.x has no number after the dot',
    'zoo.cfg:1: tickTime is "2s" but must be a whole number of milliseconds without a unit or a comment behind it',
    'zoo.cfg:3: maxClientCnxns is "" but must be a whole number of connections without a unit or a comment behind it',
    'zoo.cfg:5: sslQuorum is "yes" but must be true or false',
    'zoo.cfg: dataDir is not set',
    'zoo.cfg:2: clientPort is "70000" but must be between 0 and 65535',
  ])
  expect(() => checkedConfig(reading)).toThrow(FaultyInput)
})

// Each of these is refused by QuorumPeerConfig of Apache ZooKeeper 3.8.0, and so by its server.
describe('refused as Apache refuses it', () => {
  test.each([
    ['clientPort=2181', 'dataDir is not set'],
    [`${standalone}tickTime=0`, 'tickTime is "0" but must be at least 1'],
    [`${standalone}tickTime=-2000`, 'tickTime is "-2000"'],
    [`${standalone}tickTime=2000 # ms`, 'tickTime is "2000 # ms"'],
    [`${standalone}quorumListenOnAllIPs=yes`, 'must be true or false'],
    [`${standalone}minSessionTimeout=9000\nmaxSessionTimeout=8000`, 'minSessionTimeout, 9000 ms, is larger'],
    [`${standalone}tickTime=1000\nminSessionTimeout=30000`, 'is larger than maxSessionTimeout, 20000 (20 ticks) ms'],
    ['dataDir=/d\nclientPortAddress=127.0.0.1', 'clientPortAddress is set but clientPort is not'],
    [`${standalone}secureClientPort=70000`, 'secureClientPort is "70000" but must be between 0 and 65535'],
    [`${standalone}secureClientPort=no`, 'secureClientPort is "no" but must be a whole number'],
    [`${standalone}electionAlg=1`, 'electionAlg is "1" but must be 3'],
    [`${standalone}peerType=voter`, 'peerType is "voter" but must be participant or observer'],
    [`${standalone}autopurge.purgeInterval=10m`, 'autopurge.purgeInterval is "10m"'],
    [`${standalone}standaloneEnabled=false`, 'there is no server.N line'],
    [`${standalone}server.1=a:1:2:observer`, 'observers but no participant'],
    [`${standalone}server.1=a:1:2\nserver.2=b:1:2:observer`, 'there are observers'],
    [`${ensemble}group.1=1:2`, 'server 3 is in no group'],
    [`${ensemble}weight.1=2`, 'servers 1, 2, 3 are in no group'],
    [`${ensemble}group.1=1:2:3\ngroup.2=2`, 'server 2 is in more than one group'],
    [`${ensemble}group.a=1:2:3`, 'group.a has no number'],
    [`${ensemble}group.1=1:2:3:4`, 'server 4 is in a group but without a server.N line'],
    [`${ensemble}version=zz`, 'version is "zz" but must be a hexadecimal number'],
    [`${standalone}secureClientPortAddress=::1`, 'secureClientPortAddress is set but secureClientPort is not'],
    [`${standalone}snapCount=\\u12`, 'four hexadecimal digits'],
  ])('%j', (text, what) => {
    expect(faultTexts(read(text, '1')).join('\n')).toContain(what)
  })

  test('an ensemble without initLimit and syncLimit', () => {
    const text = ensemble.replace(/(initLimit|syncLimit)=.*\n/g, '')
    expect(faultTexts(read(text, '1'))).toEqual(['zoo.cfg: initLimit is not set', 'zoo.cfg: syncLimit is not set'])
  })

  test('a member without myid, or with one that is no number or no member', () => {
    const dir = '/var/lib/zookeeper/myid'
    expect(faultTexts(read(ensemble))[0]).toBe(
      `${dir}: the file is missing, so the server does not know which of the ensemble it is`,
    )
    expect(faultTexts(read(ensemble, 'one'))).toEqual([`${dir}: "one" is not a number`])
    expect(faultTexts(read(ensemble, '1 \n'))).toEqual([`${dir}: "1 " is not a number`])
    expect(faultTexts(read(ensemble, ''))).toEqual([`${dir}: "" is not a number`])
    expect(faultTexts(read(ensemble, '9\n'))).toEqual([
      `${dir}: server 9 has no server.9 line in zoo.cfg, which knows 1, 2, 3`,
    ])
  })

  test('a clientPort that the own server line contradicts', () => {
    const text = ensemble.replace('zk1:2888:3888', 'zk1:2888:3888;2182')
    expect(faultTexts(read(text, '1'))).toEqual(['zoo.cfg:5: clientPort is 2181, but the line server.1 says 2182'])
    expect(read(text, '2').faults).toEqual([])
  })
})

describe('taken as Apache takes it, with a remark', () => {
  test.each([
    ['snapCount=10k', 'bad-value', { storage: { snapCount: 100_000 } }],
    ['snapCount=1', 'clamped', { storage: { snapCount: 2 } }],
    ['preAllocSize=64M', 'bad-value', { storage: { preAllocSizeBytes: 67_108_864 } }],
    ['globalOutstandingLimit=', 'bad-value', { limits: { globalOutstandingLimit: 1_000 } }],
    ['autopurge.snapRetainCount=1', 'clamped', { storage: { snapRetainCount: 3 } }],
    ['forceSync=false', 'bad-value', { storage: { forceSync: true } }],
    ['forceSync=NO', 'bad-value', { storage: { forceSync: true } }],
    ['tickTime=1000\ntickTime=2500', 'duplicate-key', { cluster: { tickTimeMs: 2_500 } }],
    ['znode.container.checkIntervalMs=0x100', 'differs-from-apache', { tree: { containerCheckIntervalMs: 256 } }],
    ['jute.maxbuffer=0x400000', 'differs-from-apache', { limits: { juteMaxBufferBytes: 4_194_304 } }],
  ])('%s', (line, kind, settings) => {
    const reading = read(`${standalone}${line}\n`)
    expect(reading.faults).toEqual([])
    expect(reading.config?.settings).toMatchObject(settings)
    expect(reading.remarks.map((remark) => remark.kind)).toEqual([kind])
  })

  test('an unknown key does nothing, and the one that was meant is named', () => {
    const reading = read(`${standalone}tickTme=2000\nzookeeper.snapCount=5\nrequestThrottleLimit=10\nfoo=bar\n`)
    expect(reading.faults).toEqual([])
    expect(reading.remarks.map(({ where, mend }) => `${where} ${mend}`)).toEqual([
      'zoo.cfg:3 Did you mean "tickTime"?',
      'zoo.cfg:4 Did you mean "snapCount"?',
      'zoo.cfg:5 Did you mean "request_throttle_max_requests"?',
      'zoo.cfg:6 Delete the line.',
    ])
    expect(reading.config?.notHonoured.map(({ key }) => key)).toEqual([
      'tickTme',
      'zookeeper.snapCount',
      'requestThrottleLimit',
      'foo',
    ])
  })

  test('one server line alone runs standalone', () => {
    const reading = read(`${standalone}server.1=zk1:2888:3888;10.0.0.1:2181\n`, '1')
    expect(reading.config).toMatchObject({ isDistributed: false, id: 1, clientHost: '10.0.0.1', clientPort: 2181 })
    expect(reading.remarks).toMatchObject([{ kind: 'members' }])
  })

  test('one server line is an ensemble of one when standaloneEnabled says so', () => {
    const text = `${standalone}server.1=zk1:2888:3888\nstandaloneEnabled=FALSE\ninitLimit=5\nsyncLimit=2\n`
    expect(config(text, '1')).toMatchObject({ isDistributed: true, outstandingLimit: 1_000 })
  })

  test('of several addresses the first is used, which is said', () => {
    const reading = read(ensemble.replace('zk2:2888:3888', 'zk2:2888:3888|zk2b:2888:3888'), '1')
    expect(reading.remarks).toMatchObject([{ kind: 'differs-from-apache', key: 'server.2', where: 'zoo.cfg:7' }])
    expect(reading.config?.notHonoured).toMatchObject([{ key: 'server.2' }])
  })
})

test('forceSync=no is the one word that turns syncing off', () => {
  expect(config(`${standalone}forceSync = no \n`).settings.storage.forceSync).toBe(false)
})

test('the whitelist always has srvr, and a star stands for all', () => {
  const wordsOf = (list: string): readonly string[] =>
    config(`${standalone}4lw.commands.whitelist=${list}`).settings.admin.fourLetterWords
  expect(wordsOf('ruok, mntr,')).toEqual(['srvr', 'ruok', 'mntr'])
  expect(wordsOf('ruok, *')).toEqual(['*'])
})

test('the own client part of a server line says where clients connect', () => {
  const text = ensemble.replace('clientPort=2181\n', '').replace('zk2:2888:3888', 'zk2:2888:3888;[::1]:2191')
  expect(config(text, '2')).toMatchObject({ clientHost: '::1', clientPort: 2191 })
  expect(config(text, '1')).toMatchObject({ clientHost: null, clientPort: null })
})

describe('a dynamic file', () => {
  const fixed = `${ensemble.replace(/server.*\n/g, '')}dynamicConfigFile=/etc/zoo.cfg.dynamic\n`
  const servers = 'server.1=zk1:2888:3888:participant;2181\nserver.2=zk2:2888:3888\nserver.3=zk3:2888:3888'

  test('has the servers that the static file points to', () => {
    expect(pathsIn(fixed)).toEqual({ dataDir: '/var/lib/zookeeper', dynamicConfigFile: '/etc/zoo.cfg.dynamic' })
    const reading = read(fixed, '1', servers)
    expect(reading.faults).toEqual([])
    expect(reading.config?.members.servers).toHaveLength(3)
  })

  test('must be there, and be the only place of servers', () => {
    expect(faultTexts(read(fixed, null))).toEqual([
      'zoo.cfg:6: dynamicConfigFile names /etc/zoo.cfg.dynamic, which cannot be read',
    ])
    expect(faultTexts(read(`${fixed}server.1=a:1:2\n`, '1', servers))).toEqual([
      'zoo.cfg:7: server.1 stands beside dynamicConfigFile',
    ])
  })

  test('holds servers, groups and weights only', () => {
    expect(faultTexts(read(fixed, '1', `${servers}\nversion=100\ntickTime=1\n`))).toEqual([
      'zoo.cfg.dynamic:4: a dynamic file has no version line',
      'zoo.cfg.dynamic:5: tickTime stands in the dynamic file',
    ])
  })
})

test('every setting that is not acted on is named with its reason', () => {
  const text = `${ensemble}oraclePath=/o\nnetty.advancedFlowControl.enabled=true\njmx.log4j.disable=true\n`
  const reading = read(text, '1')
  expect(reading.remarks).toEqual([])
  expect(reading.config?.notHonoured).toEqual(
    ['oraclePath', 'netty.advancedFlowControl.enabled', 'jmx.log4j.disable'].map((key) => {
      const support = engineSupport(key)
      return { key, reason: support.honoured ? '' : support.reason }
    }),
  )
})

test('a role that the own server line denies is remarked, and the line counts', () => {
  const reading = read(`${ensemble}peerType=observer\n`, '1')
  expect(reading.faults).toEqual([])
  expect(reading.remarks).toMatchObject([{ kind: 'members', key: 'peerType' }])
  expect(read(`${ensemble}peerType=Participant\n`, '1').remarks).toEqual([])
})

test('what is written is read: any valid settings come back as they went in', () => {
  const shared = fc.record({
    tickTime: fc.integer({ min: 1, max: 100_000 }),
    initLimit: fc.integer({ min: 1, max: 1_000 }),
    syncLimit: fc.integer({ min: 1, max: 1_000 }),
    snapCount: fc.integer({ min: 2, max: 2 ** 31 - 1 }),
    preAllocSize: fc.integer({ min: 0, max: 10 ** 6 }),
    maxClientCnxns: fc.integer({ min: 0, max: 10 ** 6 }),
    forceSync: fc.constantFrom('yes', 'no'),
  })
  const folder = fc.string({ unit: 'binary', minLength: 1 }).map((name) => `/${name}/x`)
  fc.assert(
    fc.property(shared, folder, fc.integer({ min: 2, max: 9 }), (settings, dataDir, servers) => {
      const lines = Object.entries({ ...settings, dataDir, clientPort: 2181 }).map(([key, value]) =>
        propertyLine(key, String(value)),
      )
      for (let id = 1; id <= servers; id++) lines.push(propertyLine(`server.${id}`, `127.0.0.1:${id}:${id + 100}`))
      const result = config(lines.join('\n'), '1')
      expect(result.members.servers).toHaveLength(servers)
      expect(result).toMatchObject({
        dataDir,
        settings: {
          cluster: {
            tickTimeMs: settings.tickTime,
            initLimitTicks: settings.initLimit,
            syncLimitTicks: settings.syncLimit,
          },
          storage: {
            snapCount: settings.snapCount,
            preAllocSizeBytes: settings.preAllocSize * 1024,
            forceSync: settings.forceSync === 'yes',
          },
          limits: { maxClientCnxns: settings.maxClientCnxns },
        },
      })
    }),
    { numRuns: 50 },
  )
})
