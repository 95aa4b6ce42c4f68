import { plainShape } from '../../../src/profile/workload-shape.ts'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runBench, type BenchProgress } from '../../../src/measure/run-bench.ts'
import type { Plan } from '../../../src/profile/plan.ts'
import { faultsOf } from '../../schema/published-schema.ts'
import { childrenRunning } from '../processes.ts'

const GENERATOR = 'generator-main'
const SERVER = 'server-main'

let scratch: string

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'bench-test-'))
})

afterEach(() => {
  // Whatever a run did, nothing of it is left.
  expect(childrenRunning(GENERATOR)).toEqual([])
  expect(childrenRunning(SERVER)).toEqual([])
  expect(readdirSync(scratch)).toEqual([])
  rmSync(scratch, { recursive: true, force: true })
})

function planOf(changes: Partial<Plan>): Plan {
  const origin = 'test'
  return {
    engine: 'builtin',
    apache: null,
    remote: null,
    seed: 42,
    profiles: { cluster: 'standalone', storage: 'durable', security: 'open' },
    voters: 1,
    observers: 0,
    links: [],
    settings: [
      { key: 'tickTime', value: '500', origin },
      { key: 'initLimit', value: '10', origin },
      { key: 'syncLimit', value: '4', origin },
      { key: '4lw.commands.whitelist', value: '*', origin },
    ],
    isUnsafe: false,
    clients: { tls: 'none', auth: 'none' },
    workload: {
      name: 'test',
      mix: { get: 5, set: 2, exists: 1, children: 1, create: 1 },
      sessions: 4,
      inFlight: 4,
      valueSizeBytes: 100,
      keyCount: 50,
      shape: plainShape(100),
    },
    load: { kind: 'capacity', percents: [50], arrivals: 'constant' },
    generators: 1,
    repeats: 1,
    durationMs: 4_000,
    warmupMs: 500,
    dataParent: scratch,
    logParent: null,
    splitsLog: false,
    notHonoured: [{ key: 'secureClientPort', reason: 'not yet' }],
    replaced: [],
    remarks: [],
    origins: {
      links: 'default',
      engine: 'default',
      'clients.tls': origin,
      'clients.auth': origin,
      voters: origin,
      observers: origin,
      seed: origin,
      load: origin,
      generators: origin,
      repeats: origin,
      durationMs: origin,
      warmupMs: origin,
      dataParent: origin,
      logParent: origin,
      'workload.mix': origin,
      'workload.sessions': origin,
      'workload.inFlight': origin,
      'workload.valueSizeBytes': origin,
      'workload.keyCount': origin,
      'workload.shape': origin,
    },
    ...changes,
  }
}

test('a run gives figures of every kind of operation, of whom it ran on, and of what it cost', async () => {
  const plan = planOf({})
  const phases: string[] = []
  const result = await runBench(plan, {
    onProgress: ({ phase }) => {
      if (phases.at(-1) !== phase) phases.push(phase)
    },
  })
  expect(phases).toEqual([
    'measuring a sync',
    'booting 1 server',
    'connecting',
    'preparing',
    'warming up',
    'capacity',
    '50 % of capacity',
  ])
  expect(result).toMatchObject({
    schemaVersion: 1,
    command: 'bench',
    seed: 42,
    plan,
    partial: false,
    notHonoured: plan.notHonoured,
    boots: [{ engine: 'builtin', servers: [{ id: 1, role: 'standalone' }] }],
  })
  expect(faultsOf(JSON.parse(JSON.stringify(result)), 'BenchResult')).toEqual([])
  const [capacity, half] = result.phases
  expect(capacity).toMatchObject({ name: 'capacity', kind: 'closed', errors: {}, serviceUs: null, sending: null })
  expect((capacity?.seconds ?? 0) + (capacity?.cutSeconds ?? 0)).toBeCloseTo(1.6, 1)
  expect(Object.keys(capacity?.byOperation ?? {})).toEqual(['get', 'set', 'exists', 'children', 'create', 'delete'])
  const counts = Object.values(capacity?.byOperation ?? {}).map(({ operations }) => operations)
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(capacity?.operations)
  expect(capacity?.operations).toBeGreaterThan(100)
  expect(half).toMatchObject({ kind: 'open', arrivals: 'constant', errors: {} })
  // The rate is half of what was found, to three digits; every request that was due was sent and answered.
  expect(Math.abs((half?.ratePerSecond ?? 0) / (capacity?.opsPerSecond ?? 1) - 0.5)).toBeLessThan(0.01)
  expect(half?.sending).toMatchObject({ unsent: 0, sent: Math.ceil((half?.ratePerSecond ?? 0) * 2.4) })
  expect(half?.latencyUs.p50).toBeGreaterThanOrEqual(half?.serviceUs?.p50 ?? Infinity)
  const [boot] = result.boots
  expect(boot?.bootMs).toBeGreaterThan(0)
  expect(boot?.phases.map(({ series }) => series.points.length)).toEqual([32, 24])
  expect(boot?.phases[0]?.generators[0]?.cpuSeconds).toBeGreaterThan(0)
  if (process.platform === 'linux') {
    expect(boot?.servers[0]?.cpuUsPerOperation).toBeGreaterThan(0)
    expect(boot?.servers[0]?.memoryBytes).toBeGreaterThan(2 ** 20)
    expect(boot?.servers[0]?.bytesWrittenPerOperation).toBeGreaterThan(1)
    expect(boot?.servers[0]?.syncsPerOperation).toBeGreaterThan(0)
  }
  expect(result.disk).toMatchObject({ log: { folder: scratch }, data: null, sameDevice: null })
  expect(result.disk?.log.alone.syncUs.count).toBeGreaterThanOrEqual(3)
  expect(result.headline.map(({ phase, metric, low }) => [phase, metric, low])).toEqual([
    ['capacity', 'all.opsPerSecond', null],
    ['50 % of capacity', 'all.p50', null],
    ['50 % of capacity', 'all.p99', null],
  ])
})

test('a repeated run has an interval, and the sessions of all generators', async () => {
  const plan = planOf({ repeats: 2, generators: 2, load: { kind: 'closed' }, durationMs: 1_000 })
  const { headline, boots, phases } = await runBench(plan)
  expect(boots.map((boot) => boot.phases.map(({ generators }) => generators.length))).toEqual([[2], [2]])
  const [rate] = headline
  expect(rate).toMatchObject({ metric: 'all.opsPerSecond', boots: 2 })
  expect(rate?.low ?? 0).toBeLessThan(rate?.value ?? 0)
  expect(rate?.high ?? 0).toBeGreaterThan(rate?.value ?? Infinity)
  expect(phases.map(({ name, errors }) => [name, errors])).toEqual([['capacity', {}]])
  expect(phases[0]?.operations).toBe(boots.reduce((sum, boot) => sum + (boot.phases[0]?.operations ?? 0), 0))
})

test('the highest rate that keeps an objective is searched for, try by try', async () => {
  const load = { kind: 'find-rate', objective: 'all.p50<30s', arrivals: 'constant' } as const
  const result = await runBench(planOf({ load, durationMs: 3_000, warmupMs: 0 }))
  expect(faultsOf(JSON.parse(JSON.stringify(result)), 'BenchResult')).toEqual([])
  expect(result.phases.map(({ name }) => name)).toEqual(['capacity'])
  const [boot] = result.rateSearch?.boots ?? []
  expect(boot?.tries.length).toBeGreaterThan(2)
  expect(boot?.tries[0]).toMatchObject({ purpose: 'bracket' })
  expect(result.rateSearch?.ratePerSecond).toBe(boot?.ratePerSecond)
})

test('a sweep measures one concurrency after the other, each with sessions of its own', async () => {
  const load = { kind: 'sweep', over: 'sessions', values: [1, 2, 3] } as const
  const result = await runBench(planOf({ load, durationMs: 1_500, warmupMs: 0 }))
  expect(faultsOf(JSON.parse(JSON.stringify(result)), 'BenchResult')).toEqual([])
  expect(result.phases.map(({ name }) => name)).toEqual(['sessions 1', 'sessions 2', 'sessions 3'])
  expect(result.scalability?.points.map(({ concurrency }) => concurrency)).toEqual([1, 2, 3])
  expect(result.scalability?.refused).toContain('it takes 6 concurrencies at least, and there are 3')
})

test('a run that is interrupted while it measures gives a partial result', async () => {
  const abort = new AbortController()
  const onProgress = ({ phase, operations }: BenchProgress): void => {
    if (phase === 'capacity' && operations > 0) abort.abort()
  }
  const plan = planOf({ voters: 3, load: { kind: 'closed' }, durationMs: 600_000, warmupMs: 0 })
  const result = await runBench(plan, { onProgress, signal: abort.signal })
  expect(result.partial).toBe(true)
  expect(result.phases[0]?.operations).toBeGreaterThan(0)
  expect(result.phases[0]?.seconds).toBeLessThan(60)
})

test('a run that is interrupted while it boots has no result', async () => {
  const abort = new AbortController()
  const run = runBench(planOf({ voters: 3 }), { onProgress: () => abort.abort(), signal: abort.signal })
  await expect(run).rejects.toMatchObject({ code: 'Interrupted' })
})

test('a run goes on over the death of the leader, and tells the errors', async () => {
  const exits: unknown[] = []
  let isKilled = false
  const onProgress = ({ phase, operations }: BenchProgress): void => {
    if (isKilled || phase !== 'capacity' || operations === 0) return
    isKilled = true
    // Of three servers with empty logs the last one leads: elections favour the highest id.
    const [last] = childrenRunning(join('server-3', 'zoo.cfg'))
    if (last !== undefined) process.kill(last, 'SIGKILL')
  }
  const plan = planOf({ voters: 3, load: { kind: 'closed' }, durationMs: 8_000, warmupMs: 0 })
  const result = await runBench(plan, {
    onProgress,
    onServerExit: (id, code, signal) => exits.push([id, code, signal]),
  })
  expect(exits).toEqual([[3, null, 'SIGKILL']])
  const roles = result.boots[0]?.servers.map(({ role }) => role) ?? []
  expect(roles.toSorted()).toEqual(['down', 'follower', 'leader'])
  expect(result.phases[0]?.errors['CONNECTIONLOSS']).toBeGreaterThan(0)
  expect(result.phases[0]?.byOperation.set?.operations).toBeGreaterThan(10)
  expect(result.partial).toBe(false)
})

test.runIf(process.platform === 'linux')('a run whose generator dies says so', async () => {
  const onProgress = ({ phase }: BenchProgress): void => {
    if (phase !== 'capacity') return
    for (const pid of childrenRunning(GENERATOR)) process.kill(pid, 'SIGKILL')
  }
  await expect(runBench(planOf({}), { onProgress })).rejects.toMatchObject({
    code: 'ServerFailed',
    where: expect.stringContaining('load generator') as string,
    what: expect.stringContaining('SIGKILL') as string,
  })
})
