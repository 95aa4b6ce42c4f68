import { describe, expect, test } from 'vitest'
import { shippedProfiles } from './shipped-profiles.ts'
import { ProfileLibrary, looksLikePath } from '../../src/profile/library.ts'
import { planOf } from '../../src/profile/plan-of.ts'
import type { PlanInputs, ProfileChoice } from '../../src/profile/plan-of.ts'
import type { Plan } from '../../src/profile/plan.ts'
import { readProfile } from '../../src/profile/profile-text.ts'
import type { Concern, Profile } from '../../src/profile/profile.ts'
import { propertyLine } from '../../src/zoocfg/properties.ts'
import { checkedConfig, readServerConfig } from '../../src/zoocfg/server-config.ts'

const library = ProfileLibrary.read(shippedProfiles())

function namesOf(...concerns: readonly Concern[]): string {
  const profiles = concerns.flatMap((concern) => library.all.filter((profile) => profile.concern === concern))
  return profiles.map(({ name }) => name).join(', ')
}

function plan(inputs: Partial<PlanInputs> = {}): Plan {
  return planOf({ library, profiles: [], config: null, flags: {}, freshSeed: 77, ...inputs })
}

function named(...profiles: (string | Profile)[]): { readonly profiles: readonly ProfileChoice[] } {
  return { profiles: profiles.map((profile) => ({ flag: '--profile', profile })) }
}

function own(text: string, name = 'own'): Profile {
  return readProfile({ file: `${name}.ini`, name, text })
}

function cfg(text: string): Pick<PlanInputs, 'config'> {
  return { config: { file: 'prod.cfg', text } }
}

function settingsOf({ settings }: Plan): Record<string, string> {
  return Object.fromEntries(settings.map(({ key, value, origin }) => [key, `${value} < ${origin}`]))
}

const threeServers = 'server.1=zk1:2888:3888\nserver.2=zk2:2888:3888\nserver.3=zk3:2888:3888\n'
const ensembleCfg = `tickTime=1000\ninitLimit=5\nsyncLimit=2\ndataDir=/prod\nclientPort=2181\n${threeServers}`

test('without any word there are three durable servers under a mixed load', () => {
  expect(plan()).toEqual({
    engine: 'builtin',
    apache: null,
    remote: null,
    seed: 77,
    profiles: { cluster: 'small-cluster', storage: 'durable', security: 'open' },
    clients: { tls: 'none', auth: 'none' },
    voters: 3,
    observers: 0,
    links: [],
    settings: [
      { key: 'tickTime', value: '2000', origin: 'profile small-cluster' },
      { key: 'initLimit', value: '10', origin: 'profile small-cluster' },
      { key: 'syncLimit', value: '5', origin: 'profile small-cluster' },
      { key: 'forceSync', value: 'yes', origin: 'profile durable' },
      { key: 'snapCount', value: '100000', origin: 'profile durable' },
      { key: 'preAllocSize', value: '65536', origin: 'profile durable' },
      { key: '4lw.commands.whitelist', value: '*', origin: 'profile open' },
    ],
    isUnsafe: false,
    workload: {
      name: 'mixed',
      mix: { get: 50, set: 50 },
      sessions: 16,
      inFlight: 16,
      valueSizeBytes: 1_024,
      keyCount: 1_000,
      shape: {
        keyOrder: 'uniform',
        valueSizes: [{ weight: 1, minBytes: 1_024, maxBytes: 1_024 }],
        folderSize: 16,
        depth: 1,
        multiSize: 4,
        watchers: 8,
        parties: 4,
        stormSize: 25,
        stormSpreadMs: 0,
        via: 'sessions',
      },
    },
    load: { kind: 'capacity', percents: [50, 70, 90], arrivals: 'constant' },
    generators: 1,
    repeats: 1,
    durationMs: 20_000,
    warmupMs: 2_000,
    dataParent: null,
    logParent: null,
    splitsLog: false,
    notHonoured: [],
    replaced: [],
    remarks: [],
    origins: {
      engine: 'default',
      links: 'default',
      voters: 'profile small-cluster',
      observers: 'profile small-cluster',
      'clients.tls': 'profile open',
      'clients.auth': 'profile open',
      seed: 'default',
      load: 'default',
      generators: 'default',
      repeats: 'default',
      durationMs: 'default',
      warmupMs: 'default',
      dataParent: 'default',
      logParent: 'default',
      'workload.mix': 'profile mixed',
      'workload.sessions': 'profile mixed',
      'workload.inFlight': 'profile mixed',
      'workload.valueSizeBytes': 'profile mixed',
      'workload.keyCount': 'profile mixed',
      'workload.shape': 'default',
    },
  })
})

describe('the load', () => {
  test('is at a rate, closed, or the capacity and shares of it', () => {
    const load = (flags: PlanInputs['flags']): unknown => plan({ flags }).load
    expect(load({ rate: '5k' })).toEqual({ kind: 'open', ratePerSecond: 5_000, arrivals: 'constant' })
    expect(load({ rate: '250/s', arrivals: 'poisson' })).toEqual({
      kind: 'open',
      ratePerSecond: 250,
      arrivals: 'poisson',
    })
    expect(load({ closed: true })).toEqual({ kind: 'closed' })
    expect(load({ arrivals: 'poisson' })).toMatchObject({ kind: 'capacity', arrivals: 'poisson' })
    expect(plan({ flags: { rate: '5k' } })).toMatchObject({ durationMs: 10_000, origins: { load: '--rate' } })
  })

  test('is repeated as often as asked; --thorough gives way to what is said besides', () => {
    expect(plan({ flags: { repeat: '3', generators: '2' } })).toMatchObject({ repeats: 3, generators: 2 })
    expect(plan({ flags: { thorough: true, duration: '20s' } })).toMatchObject({
      repeats: 5,
      durationMs: 20_000,
      warmupMs: 5_000,
      origins: { repeats: '--thorough', durationMs: '--duration' },
    })
  })

  test('that contradicts itself, or is none, is refused', () => {
    const flags = { closed: true, rate: '5', arrivals: 'poison', repeat: '0' }
    expect(() => plan({ flags })).toThrow(/--closed.*--rate says when to send/s)
    expect(() => plan({ flags })).toThrow(/"poison" is no way to space requests.*Did you mean "poisson"/s)
    expect(() => plan({ flags })).toThrow(/--repeat: "0" is out of range/)
    expect(() => plan({ flags: { rate: '0' } })).toThrow(/--rate: "0" is out of range/)
  })
})

describe('a later layer wins', () => {
  test('of two profiles of one concern', () => {
    expect(plan(named('standalone', 'medium-cluster'))).toMatchObject({
      voters: 5,
      profiles: { cluster: 'medium-cluster' },
      origins: { engine: 'default', voters: 'profile medium-cluster' },
    })
    expect(plan(named('medium-cluster', 'standalone')).voters).toBe(1)
  })

  test('the zoo.cfg over the profiles, also where its lines are few', () => {
    const result = plan({ ...named('volatile'), ...cfg('snapCount=5000\nforceSync=yes\n') })
    expect(settingsOf(result)).toMatchObject({
      tickTime: '2000 < profile small-cluster',
      snapCount: '5000 < prod.cfg:1',
      forceSync: 'yes < prod.cfg:2',
      preAllocSize: '65536 < profile durable',
    })
  })

  test('the flags over everything', () => {
    const flags = { duration: '2m', warmup: '0', sessions: '4', inFlight: '1', size: '100', seed: '5', dataDir: '/ssd' }
    expect(plan({ ...named('write-heavy'), flags })).toMatchObject({
      seed: 5,
      durationMs: 120_000,
      warmupMs: 0,
      dataParent: '/ssd',
      logParent: null,
      workload: { name: 'write-heavy', sessions: 4, inFlight: 1, valueSizeBytes: 100, keyCount: 1_000 },
      origins: {
        seed: '--seed',
        dataParent: '--data-dir',
        'workload.sessions': '--sessions',
        'workload.mix': 'profile write-heavy',
      },
    })
  })

  test('a mix as a whole: what a later profile does not name is not done', () => {
    const creates = own('[profile]\nconcern=workload\ndescription=x\n[workload]\nmix.create=1\n')
    expect(plan(named(creates)).workload).toMatchObject({ name: 'own', mix: { create: 1 }, sessions: 16 })
  })

  test('what a profile says over what it extends', () => {
    const text = '[profile]\nconcern=storage\ndescription=x\nextends=volatile\n[settings]\nsnapCount=7\n'
    const result = plan(named(own(text)))
    expect(settingsOf(result)).toMatchObject({
      snapCount: '7 < profile own',
      forceSync: 'no < profile volatile',
      preAllocSize: '65536 < profile durable',
    })
    expect(result).toMatchObject({ isUnsafe: true, profiles: { storage: 'own' } })
  })
})

describe('a plan is unsafe', () => {
  test('by its storage profile, or by forceSync=no wherever it comes from', () => {
    expect(plan(named('volatile')).isUnsafe).toBe(true)
    expect(plan(cfg('forceSync=no')).isUnsafe).toBe(true)
    expect(plan(named('volatile', 'durable')).isUnsafe).toBe(false)
  })
})

describe('--workload', () => {
  test('takes a workload profile', () => {
    expect(plan({ profiles: [{ flag: '--workload', profile: 'read-heavy' }] }).workload.name).toBe('read-heavy')
  })

  test('knows no profile of another concern, and guesses among workloads', () => {
    const given = (profile: string | Profile) => () => plan({ profiles: [{ flag: '--workload', profile }] })
    expect(given('read-hevy')).toThrow(
      `--workload: there is no workload profile "read-hevy". There are ${namesOf('workload')}; ` +
        'a path to a file has a / or ends in .ini. Did you mean "read-heavy"?',
    )
    expect(given('durable')).toThrow(
      '--workload: "durable" is a storage profile, not a workload. Write --profile durable.',
    )
  })
})

test('every fault of profiles, file and flags comes up at once', () => {
  const attempt = (): Plan =>
    plan({
      ...named('small-custer', 'medium-cluster'),
      ...cfg(`${ensembleCfg}maxClientCnxns=many\n`),
      flags: { duration: '30', seed: 'abc', sessions: '0' },
    })
  expect(attempt).toThrow(
    [
      `--profile: there is no profile "small-custer". zktune profiles lists those that are there; a path to a file has a / or ends in .ini. Did you mean "small-cluster"?`,
      '--profile: the cluster profile "medium-cluster" stands beside prod.cfg, whose server.N lines set the ensemble. Leave out --profile medium-cluster, or the server.N lines.',
      'prod.cfg:9: maxClientCnxns is "many" but must be a whole number of connections without a unit or a comment behind it. Correct it, or delete the line to take the default of 60.',
      '--duration: "30" is not a duration such as 30s, 250ms, 5m or 1h. A unit is missing: 30s or 30ms?',
      '--sessions: "0" is out of range. It must be at least 1.',
      '--seed: "abc" is not a seed. Write a whole number from 0 to 9007199254740991.',
    ].join('\n'),
  )
})

describe('a zoo.cfg with servers', () => {
  test('sets the size of the ensemble; its hosts, ports and folders are replaced', () => {
    const result = plan(cfg(ensembleCfg))
    expect(result).toMatchObject({
      voters: 3,
      profiles: { cluster: 'prod.cfg', storage: 'durable' },
      origins: { engine: 'default', voters: 'prod.cfg' },
      notHonoured: [],
    })
    expect(result.replaced.map(({ key }) => key)).toEqual(['dataDir', 'clientPort', 'server.1', 'server.2', 'server.3'])
    expect(settingsOf(result)).toMatchObject({ tickTime: '1000 < prod.cfg:1', initLimit: '5 < prod.cfg:2' })
  })

  test('takes nothing from the default cluster profile: without tickTime it ticks as ZooKeeper would', () => {
    const result = plan(cfg(ensembleCfg.replace('tickTime=1000\n', '')))
    expect(settingsOf(result)).not.toHaveProperty('tickTime')
  })

  test('without initLimit is refused as Apache refuses it', () => {
    expect(() => plan(cfg(ensembleCfg.replace('initLimit=5\n', '')))).toThrow(
      'prod.cfg: initLimit is not set, and an ensemble needs it. Add initLimit=10.',
    )
  })

  test('with one server is standalone, and observers come behind the voters', () => {
    expect(plan(cfg('server.1=zk1:2888:3888\n')).voters).toBe(1)
    const result = plan(cfg(`${ensembleCfg}server.4=zk4:2888:3888:observer\n`))
    expect(result).toMatchObject({ voters: 3, observers: 1, notHonoured: [], origins: { observers: 'prod.cfg' } })
  })

  test('keeps its groups, with the ids that the servers get here', () => {
    const servers = [10, 20, 30, 40].map((id) => `server.${id}=zk${id}:2888:3888${id === 20 ? ':observer' : ''}\n`)
    const groups = 'group.7=10:30\ngroup.8=40\nweight.40=3\n'
    const { voters, observers, settings } = plan(cfg(`initLimit=5\nsyncLimit=2\n${servers.join('')}${groups}`))
    expect({ voters, observers }).toEqual({ voters: 3, observers: 1 })
    const lines = settings.map(({ key, value }) => `${key}=${value}`)
    expect(lines).toEqual(expect.arrayContaining(['group.7=1:2', 'group.8=3', 'weight.3=3']))
  })

  test('with sizes that could miss each other is refused', () => {
    expect(() => plan(cfg(`${ensembleCfg}zktune.quorum=1:2\n`))).toThrow('1 of 3 voters could promise')
  })

  test('with only observers, or more servers than a machine can hold, is refused', () => {
    expect(() => plan(cfg('server.4=zk4:2888:3888:observer\n'))).toThrow('name 0 voting servers')
    const many = Array.from({ length: 40 }, (_, index) => `server.${index + 1}=zk:2888:3888\n`).join('')
    expect(() => plan(cfg(`initLimit=5\nsyncLimit=2\n${many}`))).toThrow('A local ensemble has 1 to 31.')
  })

  test('may have broken server lines, which are named', () => {
    expect(() => plan(cfg('server.1=zk1:2888\nserver.2=zk2:2888:3888\n'))).toThrow('prod.cfg:1: server.1: "zk1:2888"')
  })
})

test('what the file asks for and the engine does not do is named, never a path, port or secret of it', () => {
  const text = `dataLogDir=/log\naudit.impl.class=A\nsasl.client.username=hunter2\nsnapcount=5\n${ensembleCfg}`
  const result = plan(cfg(text))
  expect(result.notHonoured).toEqual([
    { key: 'audit.impl.class', reason: 'it names a Java class' },
    { key: 'sasl.client.username', reason: 'it is a setting of clients, not of servers' },
    { key: 'snapcount', reason: 'ZooKeeper has no setting of this name; did you mean "snapCount"?' },
  ])
  expect(result.remarks).toMatchObject([{ where: 'prod.cfg:4', mend: 'Did you mean "snapCount"?' }])
  expect(JSON.stringify(result)).not.toMatch(/hunter2|\/log|zk1|2888/)
})

test('an odd value is remarked once and counts as it does with Apache', () => {
  const result = plan(cfg('snapCount=10k\n'))
  expect(result.remarks.map(({ where }) => where)).toEqual(['prod.cfg:1'])
  expect(settingsOf(result)).toMatchObject({ snapCount: '10k < prod.cfg:1' })
})

test('the servers of a plan read back the settings that it lists', () => {
  const result = plan({ ...named('medium-cluster', 'volatile'), ...cfg('maxClientCnxns=0\nsnapCount=50\n') })
  const lines = result.settings.map(({ key, value }) => propertyLine(key, value))
  for (let id = 1; id <= result.voters; id++) lines.push(`server.${id}=127.0.0.1:${3000 + id}:${4000 + id}`)
  const text = [...lines, 'dataDir=/run/data', 'clientPort=2181'].join('\n')
  const config = checkedConfig(readServerConfig({ file: 'zoo.cfg', text, myid: '5\n', dynamic: null }))
  expect(config).toMatchObject({ id: 5, isDistributed: true, outstandingLimit: 250, notHonoured: [] })
  expect(config.settings).toMatchObject({
    cluster: { tickTimeMs: 2_000, initLimitTicks: 10, syncLimitTicks: 5 },
    storage: { forceSync: false, snapCount: 50 },
    limits: { maxClientCnxns: 0 },
    admin: { fourLetterWords: ['*'] },
  })
})

test('values that do not fit a request are refused before anything starts', () => {
  expect(() => plan({ flags: { size: '1MiB' } })).toThrow(
    '--size: values of 1048576 bytes do not fit a request of at most 1048575 bytes.',
  )
  expect(plan({ ...cfg('jute.maxbuffer=4194304'), flags: { size: '1MiB' } }).workload.valueSizeBytes).toBe(1_048_576)
})

test('settings that only together make no sense are refused where one of them stands', () => {
  expect(() => plan(cfg('maxSessionTimeout=3000'))).toThrow(
    'prod.cfg:1: minSessionTimeout, 4000 (2 ticks) ms, is larger than maxSessionTimeout, 3000 ms',
  )
})

describe('profiles that extend each other', () => {
  const text = (name: string, parents: string, concern = 'storage'): Profile =>
    own(`[profile]\nconcern=${concern}\ndescription=x\nextends=${parents}\n`, name)

  test('in a circle are refused', () => {
    const circle = new ProfileLibrary([text('a', 'b'), text('b', 'c'), text('c', 'a')])
    expect(() => circle.lineage(circle.get('a', 'test'))).toThrow(
      'c.ini [profile] extends: profiles extend each other in a circle: a > b > c > a. Let one of them extend nothing.',
    )
  })

  test('are laid over each other once, the extended ones first', () => {
    const diamond = new ProfileLibrary([text('a', 'b, c'), text('b', 'd'), text('c', 'd'), text('d', '')])
    expect(diamond.lineage(diamond.get('a', 'test')).map(({ name }) => name)).toEqual(['d', 'b', 'c', 'a'])
  })

  test('must be of one concern, and be there', () => {
    const mixed = new ProfileLibrary([text('a', 'b'), text('b', '', 'security'), text('c', 'bb')])
    expect(() => mixed.lineage(mixed.get('a', 'test'))).toThrow('"b" is a security profile, "a" a storage profile')
    expect(() => mixed.lineage(mixed.get('c', 'test'))).toThrow('there is no storage profile "bb"')
  })

  test('an own profile may have the name of the shipped one that it extends', () => {
    const durable = own(
      '[profile]\nconcern=storage\ndescription=x\nextends=durable\n[settings]\nsnapCount=9\n',
      'durable',
    )
    expect(settingsOf(plan(named(durable)))).toMatchObject({ snapCount: '9 < profile durable' })
  })
})

test('two profiles of one name are refused', () => {
  const twice = [
    own('[profile]\nconcern=storage\ndescription=x\n'),
    own('[profile]\nconcern=security\ndescription=x\n'),
  ]
  expect(() => new ProfileLibrary(twice)).toThrow('own.ini: the profile name "own" is taken by own.ini')
})

test('an argument with a slash or the ending of a profile is a path', () => {
  expect(['durable', './durable', 'a/b', 'my.ini'].map(looksLikePath)).toEqual([false, true, true, true])
})

test('a storage profile that splits the log gives it a folder of its own, which the plan says', () => {
  const split = plan({ profiles: [{ flag: '--profile', profile: 'split-log-device' }] })
  expect(split).toMatchObject({ splitsLog: true, logParent: null })
  expect(split.origins.logParent).toBe('profile split-log-device')
})

test('clients come by TLS, or prove who they are, as the security profile says', () => {
  expect(plan(named('tls-client')).clients).toEqual({ tls: 'server', auth: 'none' })
  expect(plan(named('mtls-client')).clients).toEqual({ tls: 'mutual', auth: 'none' })
  expect(plan(named('digest-acl')).clients).toEqual({ tls: 'none', auth: 'digest' })
})

test('a zoo.cfg without a plain port has TLS clients, with keys of the run in the place of its own', () => {
  const stores = 'ssl.keyStore.location=/etc/k.pem\nssl.keyStore.password=a secret of theirs\n'
  const result = plan(cfg(`secureClientPort=2281\n${stores}`))
  expect(result.clients.tls).toBe('mutual')
  expect(result.replaced.map(({ key }) => key)).toEqual([
    'secureClientPort',
    'ssl.keyStore.location',
    'ssl.keyStore.password',
  ])
  expect(JSON.stringify(result)).not.toContain('a secret of theirs')
  expect(plan(cfg(`clientPort=2181\nsecureClientPort=2281\n${stores}`)).clients.tls).toBe('none')
})

describe('with --engine apache', () => {
  const apache = { flags: { engine: 'apache' } }

  test('settings that mean nothing to the built-in engine reach the server, and its own do not', () => {
    const { config } = cfg('tickTime=1000\nnio.numSelectorThreads=2\nzktune.historyWindowMs=5\nclient.secure=true\n')
    const builtin = plan({ config })
    expect(settingsOf(builtin)['nio.numSelectorThreads']).toBeUndefined()
    const planned = plan({ config, ...apache })
    expect(planned.engine).toBe('apache')
    expect(settingsOf(planned)['nio.numSelectorThreads']).toBe('2 < prod.cfg:2')
    expect(planned.notHonoured.map(({ key }) => key)).toEqual(['zktune.historyWindowMs', 'client.secure'])
  })

  test('what acts as a JVM property only is one when a profile sets it; a line of zoo.cfg stays without effect', () => {
    const profile = own('[profile]\nconcern=storage\ndescription=x\n[settings]\njute.maxbuffer=4194304\n')
    expect(settingsOf(plan({ ...named(profile), ...apache }))['jute.maxbuffer']).toBe('4194304 < profile own')
    const planned = plan({ ...cfg('jute.maxbuffer=4194304\n'), ...apache })
    expect(settingsOf(planned)['jute.maxbuffer']).toBeUndefined()
    expect(planned.notHonoured).toMatchObject([{ key: 'jute.maxbuffer', reason: /does nothing in zoo\.cfg/ }])
  })

  test('certificates between servers are named as left out', () => {
    const planned = plan({ ...cfg('sslQuorum=true\nssl.quorum.keyStore.location=/k.jks\n'), ...apache })
    expect(planned.notHonoured.map(({ key }) => key)).toEqual(['sslQuorum'])
    expect(planned.replaced.map(({ key }) => key)).toEqual(['ssl.quorum.keyStore.location'])
  })

  test('heap and home are taken, and refused for an engine without a JVM', () => {
    const flags = { engine: 'apache', heap: '512MiB', zookeeperHome: '/opt/zk' }
    expect(plan({ flags }).apache).toEqual({ zookeeperHome: '/opt/zk', heapBytes: 512 * 2 ** 20 })
    expect(() => plan({ flags: { ...flags, engine: 'builtin' } })).toThrow(
      /--zookeeper-home: the engine "builtin" cannot run on Java.*\n--heap: the engine "builtin" cannot/,
    )
    expect(() => plan({ flags: { engine: 'apache', heap: '1MiB' } })).toThrow(/--heap: "1MiB" is out of range/)
  })

  test('quorums of other sizes are refused by the profile or line that asks for them', () => {
    expect(() => plan({ ...named('unanimous'), ...apache })).toThrow(
      /unanimous\.ini \[settings\] zktune\.quorum: the engine "apache" cannot decide by quorums of other sizes/,
    )
    expect(() => plan({ ...cfg('zktune.quorum=majority\n'), ...apache })).not.toThrow()
  })
})

test('an engine that there is not is refused, with the one that was meant', () => {
  expect(() => plan({ flags: { engine: 'apche' } })).toThrow(/no engine "apche".*Did you mean "apache"\?/)
})

describe('the network between servers', () => {
  const ALL = { jitterMs: 0, lossPercent: 0 }

  test('is as a profile says, for each pair of servers', () => {
    const { links, voters, origins } = plan(named('wan-regional'))
    expect(voters).toBe(3)
    expect(links).toEqual([
      { a: 1, b: 2, delayMs: 6, jitterMs: 1, lossPercent: 0.01 },
      { a: 1, b: 3, delayMs: 10, jitterMs: 1, lossPercent: 0.01 },
      { a: 2, b: 3, delayMs: 10, jitterMs: 1, lossPercent: 0.01 },
    ])
    expect(origins.links).toBe('profile wan-regional')
    expect(plan(named('wan-continental')).links).toHaveLength(10)
  })

  test('is as flags say for all pairs, over what a profile says', () => {
    const flags = { linkDelay: '20ms', linkJitter: '5ms', linkLoss: '0.1%' }
    const { links, origins } = plan({ flags })
    expect(links.map(({ a, b }) => `${a}-${b}`)).toEqual(['1-2', '1-3', '2-3'])
    expect(links[0]).toEqual({ a: 1, b: 2, delayMs: 20, jitterMs: 5, lossPercent: 0.1 })
    expect(origins.links).toBe('--link-delay, --link-jitter, --link-loss')
    const over = plan({ ...named('wan-regional'), flags: { linkJitter: '0' } })
    expect(over.links[1]).toEqual({ a: 1, b: 3, delayMs: 10, jitterMs: 0, lossPercent: 0.01 })
    expect(over.origins.links).toBe('profile wan-regional, --link-jitter')
  })

  test('of a profile has one delay for all pairs, and others for some', () => {
    const profile = own(
      '[profile]\nconcern=cluster\ndescription=x\n[cluster]\nvoters=3\n[links]\ndelay=3ms\ndelay.3-1=9ms\n',
    )
    expect(plan(named(profile)).links).toEqual([
      { a: 1, b: 2, delayMs: 3, ...ALL },
      { a: 1, b: 3, delayMs: 9, ...ALL },
      { a: 2, b: 3, delayMs: 3, ...ALL },
    ])
  })

  test('goes with the cluster profile, or the server lines, that say who is there', () => {
    expect(plan(named('wan-regional', 'medium-cluster')).links).toEqual([])
    const three = cfg('initLimit=10\nsyncLimit=5\nserver.1=a:1:2\nserver.2=b:1:2\nserver.3=c:1:2\n')
    expect(plan(three).links).toEqual([])
    expect(plan({ ...three, flags: { linkDelay: '1ms' } }).links).toHaveLength(3)
  })

  test('cannot be told to servers of Apache that learn of each other from their leader', () => {
    const profile = own('[profile]\nconcern=security\ndescription=x\n[settings]\nreconfigEnabled=true\n')
    const chosen = named('wan-regional', profile)
    expect(() => plan({ ...chosen, flags: { engine: 'apache' } })).toThrow(/reconfigEnabled/)
    expect(plan(chosen).links).toHaveLength(3)
  })

  test('is not for servers that run already, nor for one alone', () => {
    const remote = { engine: 'remote', connect: 'a:1', allowRemoteWrites: true }
    expect(() => plan({ flags: { ...remote, linkDelay: '5ms' } })).toThrow(
      /--link-delay.*"remote" cannot be given a network/,
    )
    expect(() => plan({ ...named('standalone'), flags: { linkLoss: '1%' } })).toThrow(
      /--link-loss.*one server has no links/,
    )
  })

  test.each([
    ['linkDelay', '5'],
    ['linkDelay', '1h'],
    ['linkJitter', 'x'],
    ['linkLoss', '0.1'],
    ['linkLoss', '80%'],
  ])('is refused where %s is %s', (flag, value) => {
    expect(() => plan({ flags: { [flag]: value } })).toThrow(/--link-/)
  })

  test.each(['delay.1-1=5ms', 'delay.1=5ms', 'delay.1-2=5', 'loss=80%', 'loss=1', 'jitter=x', 'roundTrip=5ms'])(
    'is refused when a profile writes it as %s',
    (line) => {
      expect(() => own(`[profile]\nconcern=cluster\ndescription=x\n[links]\n${line}\n`)).toThrow(/\[links\]/)
    },
  )

  test('is refused for a server that is not there', () => {
    const profile = own('[profile]\nconcern=cluster\ndescription=x\n[cluster]\nvoters=3\n[links]\ndelay.1-4=5ms\n')
    expect(() => plan(named(profile))).toThrow(/delay\.1-4: the ensemble has 3 servers/)
  })
})

describe('a workload that goes by HTTP', () => {
  const withFlags =
    (profile: string, flags: PlanInputs['flags'] = {}) =>
    (): Plan =>
      plan({ profiles: [{ flag: '--workload', profile }], flags })

  test('is a closed loop unless something else is asked for, which is refused by name', () => {
    expect(withFlags('http-admin')()).toMatchObject({
      load: { kind: 'closed' },
      origins: { load: 'profile http-admin' },
    })
    expect(withFlags('http-gateway', { closed: true })().load).toEqual({ kind: 'closed' })
    expect(withFlags('http-admin', { rate: '100' })).toThrow(/^--rate: autocannon/)
    expect(withFlags('http-gateway', { arrivals: 'poisson' })).toThrow(/^--arrivals: autocannon/)
  })

  test('by the gateway is for the built-in engine alone', () => {
    expect(withFlags('http-gateway', { engine: 'apache' })).toThrow(/^profile http-gateway: the engine "apache" cannot/)
    expect(withFlags('http-admin', { engine: 'apache' })().engine).toBe('apache')
  })

  test('has only what goes by it', () => {
    const file = (text: string) => (): Plan =>
      plan({ profiles: [{ flag: '--workload', profile: readProfile({ file: 'w.ini', name: 'w', text }) }] })
    const head = '[profile]\nconcern=workload\ndescription=d\n[workload]\n'
    expect(file(`${head}via=gateway\nmix.multi=1\n`)).toThrow(/the mix has "multi", which does not go by gateway/)
    expect(file(`${head}mix.admin=1\n`)).toThrow(/the mix has "admin", which does not go by sessions/)
  })
})
