import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'

import type { RecoveryResult } from '../../../src/measure/recovery.ts'
import { recommendationFiles } from '../../../src/tune/output/recommendation-files.ts'
import type { Recommendation } from '../../../src/tune/output/recommendation.ts'
import { verdictText } from '../../../src/tune/output/verdict-text.ts'
import { commentedText } from '../../../src/tune/output/zoo-cfg-text.ts'
import { parseObjective } from '../../../src/tune/recommend/objective.ts'
import type { TuningVerdict } from '../../../src/tune/recommend/tuning.ts'
import { lint } from '../../../src/zoocfg/lint/lint.ts'
import { readZooCfg } from '../../../src/zoocfg/zoo-cfg.ts'
import { DISK } from '../../report/bench-example.ts'
import type { Afterwards } from '../../../src/tune/recommend/afterwards.ts'
import { planWith } from '../recommend/synthetic.ts'

const SERVERS = [1, 2, 3].map((id) => `server.${id}=zk${id}:2888:3888\n`).join('')
const START = `# mine\ntickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=/data\nclientPort : 2181\nmaxBatchSize = 20\n${SERVERS}`
const RETURN = { server: 2, awayMs: 2_010, missedWrites: 3_456, startMs: 420 }
const RECOVERY: RecoveryResult = {
  tree: { znodes: 1_000, valueBytes: 100 },
  returns: [
    { ...RETURN, lost: 'nothing', syncMs: 160 },
    { ...RETURN, lost: 'data', syncMs: 800 },
  ],
}
const POINTS = [
  { concurrency: 16, opsPerSecond: 4_000, p99Ms: 5 },
  { concurrency: 32, opsPerSecond: 7_000, p99Ms: 6 },
  { concurrency: 64, opsPerSecond: 7_100, p99Ms: 11 },
]
const AFTERWARDS: Afterwards = {
  recovery: { kind: 'measured', value: RECOVERY },
  losses: {
    kind: 'measured',
    value: [
      { lost: 0, slo: null, opsPerSecond: 7_000, writesPerSecond: 6_300, p99Ms: 9 },
      { lost: 1, slo: null, opsPerSecond: 6_000, writesPerSecond: 5_400, p99Ms: 12 },
    ],
  },
  knee: {
    kind: 'measured',
    value: { points: POINTS, knee: POINTS[1] ?? null, law: { law: null, refused: 'it takes 6 concurrencies' } },
  },
}
const HOST: Recommendation['host'] = {
  cores: 2,
  memoryBytes: 8 * 2 ** 30,
  roomBytes: null,
  cgroup: { cores: 1.5, memoryBytes: null },
  disks: [DISK],
}
const BETTER: TuningVerdict = { kind: 'better', gain: { ratio: 1.5, low: 1.3, high: 1.7 } }

function recommendationWith(verdict: TuningVerdict = BETTER, text = START): Recommendation {
  const start = new Map([
    ['maxBatchSize', '20'],
    ['snapCount', '100000'],
  ])
  const recommended = verdict.kind === 'better' ? new Map([...start, ['maxBatchSize', '900']]) : start
  const metrics = { 'all.opsPerSecond': 9_000, 'write.opsPerSecond': 8_000, 'failover.withoutWritesMs': 812 }
  return {
    schemaVersion: 1,
    command: 'recommend',
    startedAt: '2026-11-22T20:00:00.000Z',
    seed: 7,
    line: 'zktune recommend --config zoo.cfg --seed 7',
    plan: planWith(text),
    recommendedPlan: planWith(text),
    objective: parseObjective('throughput'),
    constraints: ['errors==0'],
    budget: '60 trials',
    tuning: {
      verdict,
      start,
      recommended,
      changes: [
        { kind: 'kept', key: 'maxBatchSize', from: '20', to: '900', effect: { ratio: 1.5, low: 1.25, high: 1.8 } },
        { kind: 'put-back', key: 'snapCount', from: '100000', to: '300000', effect: null },
      ],
      importance: [{ key: 'maxBatchSize', share: 0.9 }],
      spentTrials: 58.2,
      records: [
        {
          number: 1,
          purpose: 'validation',
          configuration: recommended,
          fraction: 1,
          outcome: { kind: 'measured', metrics, steady: true },
          startedAt: '2026-11-22T20:00:00.000Z',
          tookMs: 9_000,
        },
      ],
    },
    mends: [],
    tree: { znodes: 1_000, valueBytes: 100 },
    afterwards: AFTERWARDS,
    derived: [{ key: 'autopurge.purgeInterval', from: null, to: '1', why: 'the disk fills up', basis: 'measured' }],
    zookeeperVersion: '3.8',
    startFile: 'start.cfg',
    host: HOST,
  }
}

function filesOf(recommendation: Recommendation, startText: string | null = START): ReadonlyMap<string, string> {
  return new Map(recommendationFiles(recommendation, startText).map(({ name, text }) => [name, text]))
}

describe('the zoo.cfg', () => {
  test('is the user’s with changed lines commented in place, and all else untouched', () => {
    expect(filesOf(recommendationWith()).get('zoo.cfg')).toBe(
      START.replace(
        'maxBatchSize = 20\n',
        '# was 20; without it: -33 % [-44 %, -20 %] [95 %]; measured on the engine builtin on 2026-11-22\nmaxBatchSize=900\n',
      ) + '\n# Added by zktune recommend\n# was not set; measured: the disk fills up\nautopurge.purgeInterval=1\n',
    )
  })

  test('says above a line that lint mended what it was', () => {
    const slip = { rule: 'snap-retain', key: 'tickTime', line: 2, from: '2s', to: '2000', why: 'tickTime is "2s"' }
    const files = filesOf({ ...recommendationWith(), mends: [slip] })
    expect(files.get('zoo.cfg')).toContain(
      '# mine\n# was "2s"; mended before the search: tickTime is "2s" (snap-retain)\ntickTime=2000\n',
    )
    expect(files.get('RECOMMENDATION.md')).toContain('| `tickTime` | 2 | `2s` | `2000` | tickTime is "2s"')
  })

  test('of a start that is fine has no searched change, though derived settings', () => {
    const text = filesOf(recommendationWith({ kind: 'already-fine', gain: null })).get('zoo.cfg')
    expect(text).toContain('maxBatchSize = 20')
    expect(text).toContain('autopurge.purgeInterval=1')
  })

  test('has nothing that lint finds and the user’s did not have; made whole, only that servers speak in the clear', () => {
    const found = (text: string): readonly string[] =>
      lint([{ file: 'zoo.cfg', text }]).flatMap(({ severity, rule }) => (severity === 'info' ? [] : [rule]))
    const own = filesOf(recommendationWith()).get('zoo.cfg') ?? ''
    expect(found(START)).toEqual(expect.arrayContaining([...found(own)]))
    const fresh = filesOf(recommendationWith(), null).get('zoo.cfg') ?? ''
    expect(found(fresh)).toEqual(['quorum-unauthenticated'])
    expect(readZooCfg('zoo.cfg', fresh).findings.faults).toEqual([])
  })

  test('has no settings of the built-in engine when it was made on Apache', () => {
    const { plan, ...rest } = recommendationWith()
    const derived = [{ key: 'zktune.logSync', from: null, to: 'inline', why: 'x', basis: 'measured' as const }]
    const text = filesOf({ ...rest, plan: { ...plan, engine: 'apache' }, derived }).get('zoo.cfg')
    expect(text).not.toContain('zktune.')
  })

  test('keeps continued lines, odd separators and a last line without a break', () => {
    const text = 'a=1\\\n  2\nmaxBatchSize:20'
    const settings = [{ key: 'maxBatchSize', value: '5', comment: ['two\nlines'] }]
    expect(commentedText(text, settings)).toBe('a=1\\\n  2\n# two lines\nmaxBatchSize=5')
    const added = commentedText('a=1\\\n  2\nb', [{ key: 'c', value: '3', comment: [] }])
    expect(readZooCfg('x', added).settings.get('c')?.value).toBe('3')
    expect(readZooCfg('x', added).settings.get('b')?.value).toBe('')
  })
})

describe('the files for containers', () => {
  const files = filesOf(recommendationWith())
  const yaml = (name: string): unknown => parse(files.get(name) ?? '')

  test('Compose has a service a server, the ZOO_* variables of the image, and the rest as ZOO_CFG_EXTRA', () => {
    expect(yaml('docker/compose.yaml')).toMatchObject({
      services: {
        'zookeeper-3': {
          image: 'zookeeper:3.8',
          environment: {
            ZOO_MY_ID: '3',
            ZOO_TICK_TIME: '2000',
            ZOO_AUTOPURGE_PURGEINTERVAL: '1',
            ZOO_CFG_EXTRA: expect.stringContaining('maxBatchSize=900') as string,
            ZOO_SERVERS: expect.stringContaining('server.2=zookeeper-2:2888:3888;2181') as string,
          },
        },
      },
    })
  })

  test('Pravega has typed fields as numbers, the rest as additionalConfig', () => {
    expect(yaml('kubernetes/pravega.yaml')).toMatchObject({
      kind: 'ZookeeperCluster',
      spec: {
        replicas: 3,
        config: { tickTime: 2000, autoPurgePurgeInterval: 1, additionalConfig: { maxBatchSize: '900' } },
      },
    })
  })

  test('Stackable has configOverrides', () => {
    expect(yaml('kubernetes/stackable.yaml')).toMatchObject({
      spec: {
        servers: { configOverrides: { 'zoo.cfg': { maxBatchSize: '900' } }, roleGroups: { default: { replicas: 3 } } },
      },
    })
  })

  test('the StatefulSet mounts a zoo.cfg that names its own pods and passes for one', () => {
    const documents = parseAllDocuments(files.get('kubernetes/statefulset.yaml') ?? '').map(
      (each) => each.toJS() as object,
    )
    expect(documents.map((each) => ('kind' in each ? each.kind : ''))).toEqual([
      'ConfigMap',
      'Service',
      'PodDisruptionBudget',
      'StatefulSet',
    ])
    const [config] = documents as { readonly data: Record<string, string> }[]
    const { settings } = readZooCfg('zoo.cfg', config?.data['zoo.cfg'] ?? '')
    expect(settings.get('server.1')?.value).toBe('zookeeper-0.zookeeper-headless:2888:3888;2181')
    expect(settings.get('maxBatchSize')?.value).toBe('900')
    expect(settings.get('dataDir')?.value).toBe('/data')
  })
})

test('the page says what changed, what went back, what it carries and what it risks', () => {
  const page = filesOf(recommendationWith()).get('RECOMMENDATION.md') ?? ''
  expect(page).toContain('throughput is better by +50 % [+30 %, +70 %] with 1 change')
  expect(page).toContain('| `maxBatchSize` | `20` | `900` | +50 % [+25 %, +80 %] |')
  expect(page).toContain('| `snapCount` | `300000` | - | the model sees no use in it |')
  expect(page).toContain('the loss of its leader costs 812 ms without writes')
  expect(page).toMatch(/^zktune compare start\.cfg zoo\.cfg --engine apache .*--workload write-heavy$/m)
  expect(page).toContain('- in trials of full length, as a budget counts them: 58.2 of 60 trials')
})

test('what was measured on the built-in engine is told to hold on Apache as far as its kind of figure did', () => {
  const risksOf = (objective: string, plan: Partial<Recommendation['plan']> = {}): string => {
    const made = recommendationWith()
    const page = filesOf({ ...made, objective: parseObjective(objective), plan: { ...made.plan, ...plan } })
    return (
      page
        .get('RECOMMENDATION.md')
        ?.split(/^## /m)
        .find((section) => section.startsWith('Risks')) ?? ''
    )
  }
  expect(risksOf('throughput')).toContain('five times of six')
  expect(risksOf('throughput')).not.toContain('latencies do not carry over')
  expect(risksOf('p99 at 5000/s')).toContain('latencies do not carry over')
  expect(risksOf('p99 at 5000/s')).not.toContain('five times of six')
  expect(risksOf('throughput', { engine: 'apache' })).not.toContain('not on Apache ZooKeeper')
})

test('the line that confirms it puts the same load on both', () => {
  const { plan, ...rest } = recommendationWith()
  const valueSizes = [
    { weight: 9, minBytes: 100, maxBytes: 100 },
    { weight: 1, minBytes: 1_024, maxBytes: 4_096 },
  ]
  const shape = { ...plan.workload.shape, valueSizes }
  const asked = { ...plan, workload: { ...plan.workload, sessions: 4, shape }, origins: { ...plan.origins } }
  asked.origins['workload.sessions'] = '--sessions'
  asked.origins['workload.valueSizeBytes'] = '--size'
  const page = filesOf({ ...rest, plan: asked }).get('RECOMMENDATION.md')
  expect(page).toMatch(/^zktune compare .* --workload write-heavy --sessions 4 --size 9:100B,1:1024B..4096B$/m)
})

test('a gain that the noise may hide is not called none', () => {
  const wide = { kind: 'already-fine', gain: { ratio: 1.1, low: 0.7, high: 1.9 } } as const
  expect(verdictText(recommendationWith(wide))).toMatch(/^No gain was confirmed/)
  const narrow = { kind: 'already-fine', gain: { ratio: 1.01, low: 0.98, high: 1.04 } } as const
  expect(verdictText(recommendationWith(narrow))).toMatch(/^The starting configuration is already fine/)
})

describe('how servers come back', () => {
  test('is told with what the limits allow', () => {
    const page = filesOf(recommendationWith()).get('RECOMMENDATION.md')
    expect(page).toContain('| server 2 | all its data | 2.0 s, 3,460 writes | 0.42 s | 0.80 s |')
    expect(page).toContain('`initLimit=10` allows 20.0 s: 25 times what the slowest took without its data')
    expect(page).toContain('`syncLimit=5` allows 10.0 s: 63 times what the slowest took with what it had')
  })

  test('is not told where nobody measured it, but why', () => {
    const recovery = { kind: 'not-measured', why: 'server 2: not serving after 600000 ms' } as const
    const page = filesOf({ ...recommendationWith(), afterwards: { ...AFTERWARDS, recovery } }).get('RECOMMENDATION.md')
    expect(page).toContain('## How servers come back\n\nNot measured: server 2: not serving after 600000 ms.\n')
  })
})

describe('an ensemble that is another', () => {
  const changed = (key: string, from: string, to: string, plan: Partial<Recommendation['plan']>): Recommendation => {
    const recommendation = recommendationWith()
    const { tuning } = recommendation
    const change = { kind: 'kept', key, from, to, effect: { ratio: 1.4, low: 1.2, high: 1.6 } } as const
    const [start, recommended] = [tuning.start, tuning.recommended].map((each, at) => {
      return new Map([...each, [key, at === 0 ? from : to]])
    })
    return {
      ...recommendation,
      recommendedPlan: { ...recommendation.plan, ...plan },
      tuning: { ...tuning, start: start ?? new Map(), recommended: recommended ?? new Map(), changes: [change] },
    }
  }

  test('has its servers in every file', () => {
    const files = filesOf(changed('size', '3', '5', { voters: 5 }))
    expect(files.get('zoo.cfg')).toContain('\nserver.5=zookeeper-5:2888:3888\n')
    expect(files.get('zoo.cfg')).not.toMatch(/^size/m)
    expect(files.get('server-5/myid')).toBe('5\n')
    expect(files.get('docker/compose.yaml')).toContain('hostname: zookeeper-5')
    expect(files.get('kubernetes/statefulset.yaml')).toContain('replicas: 5')
    const page = files.get('RECOMMENDATION.md')
    expect(page).toContain('# Recommendation for write-heavy on 5 voters\n')
    expect(page).toContain('| `size` | `3` | `5` | +40 % [+20 %, +60 %] | more servers that may be lost for')
    expect(page).not.toContain('zktune compare')
  })

  test('keeps its log where the search found it', () => {
    const files = filesOf(changed('dataLogDir', '/slow', '/fast', { logParent: '/fast' }))
    expect(files.get('zoo.cfg')).toMatch(/# was \/slow; without it: .*\ndataLogDir=\/fast\n/)
    const fresh = filesOf(changed('dataLogDir', '/slow', '/fast', { logParent: '/fast' }), null).get('zoo.cfg')
    expect(fresh).toMatch(/# was \/slow; without it: .*\ndataLogDir=\/fast\nclientPort/)
  })

  test('says at the end of its zoo.cfg what another security takes', () => {
    const { plan } = recommendationWith()
    const profiles = { ...plan.profiles, security: 'tls-client' }
    const files = filesOf(
      changed('security', 'open', 'tls-client', { profiles, clients: { tls: 'server', auth: 'none' } }),
    )
    expect(files.get('zoo.cfg')).toMatch(
      /# Measured with the security profile tls-client \(was open\)\.\n(# .*\n)*# ssl\.keyStore\.location/,
    )
    expect(files.get('zoo.cfg')).not.toMatch(/^security/m)
    expect(files.get('RECOMMENDATION.md')).toContain('**Security is another**: tls-client instead of open')
  })
})

test('a whole new file says what the security takes that it was measured with, changed or not', () => {
  const recommendation = recommendationWith()
  const { plan } = recommendation
  const tls = {
    ...plan,
    profiles: { ...plan.profiles, security: 'tls-client' },
    clients: { tls: 'server', auth: 'none' } as const,
  }
  const secured = { ...recommendation, plan: tls, recommendedPlan: tls }
  const fresh = filesOf(secured, null).get('zoo.cfg')
  expect(fresh).toMatch(/# Measured with the security profile tls-client\.\n(# .*\n)*# secureClientPort=2281\n/)
  expect(filesOf(recommendation, null).get('zoo.cfg')).not.toContain('security profile')
  // The user's own file has its lines already.
  expect(filesOf(secured).get('zoo.cfg')).not.toContain('security profile')
})

describe('the capacity card', () => {
  const card = (recommendation: Recommendation): string => {
    const page = filesOf(recommendation).get('RECOMMENDATION.md') ?? ''
    return /## What it can carry\n([^]*?)\n## /.exec(page)?.[1] ?? ''
  }

  test('has what was measured: rates with servers lost, the knee, the disk', () => {
    const text = card(recommendationWith())
    expect(text).toContain('- 9,000 operations a second, 8,000 of them writes; the median of 1 trials')
    expect(text).toContain('the loss of its leader costs 812 ms without writes')
    expect(text).toContain('| 0 | 7,000 | 6,300 | 9.00 ms |\n| 1 | 6,000 | 5,400 | 12.0 ms |')
    expect(text).toContain('The knee is at 32 requests in flight: 7,000 operations a second.')
    expect(text).toContain('The Universal Scalability Law says nothing here: it takes 6 concurrencies.')
    expect(text).toMatch(/the disk of .* makes at most [\d,]+ such writes a second durable/)
  })

  test('of a limit on latency has the rate that kept it, or says that none did', () => {
    const slo = 'set.p99<20ms'
    const value = [
      { lost: 0, slo, opsPerSecond: 5_000, writesPerSecond: 4_500, p99Ms: null },
      { lost: 1, slo, opsPerSecond: null, writesPerSecond: null, p99Ms: null },
    ]
    const text = card({
      ...recommendationWith(),
      afterwards: { ...AFTERWARDS, losses: { kind: 'measured', value } },
    })
    expect(text).toContain('The highest rate that kept set.p99<20ms')
    expect(text).toContain('| 0 | 5,000 | 4,500 |\n| 1 | none that was tried | - |')
  })

  test('claims nothing that nobody measured', () => {
    const why = { kind: 'not-measured', why: 'its clients come by HTTP' } as const
    const text = card({ ...recommendationWith(), afterwards: { ...AFTERWARDS, losses: why, knee: why } })
    expect(text).toContain('With servers lost it was not measured: its clients come by HTTP.')
    expect(text).not.toContain('The knee is at')
  })
})

test('the page says what the machine and its cgroup allow, and what a sync costs', () => {
  const page = filesOf(recommendationWith()).get('RECOMMENDATION.md')
  expect(page).toContain('- engine builtin, 2 cores, 8 GiB of memory (the cgroup allows 1.5 cores)')
  expect(page).toMatch(/- a sync in .* takes .* ms; with \d+ writes? to a sync it is at most/)
})
