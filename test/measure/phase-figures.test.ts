import { expect, test } from 'vitest'
import { PhaseFigures } from '../../src/measure/phase-figures.ts'
import type { Load, RecordedPhase } from '../../src/measure/generator-message.ts'
import { PhaseRecorder } from '../../src/measure/phase-recorder.ts'
import { WireError } from '../../src/protocol/wire-error.ts'

interface Shape {
  readonly load?: Load
  readonly seconds?: number
  readonly cpuSeconds?: number
}

/** Twenty intervals of 100 ms, filled as the test says. */
function recorded(fill: (recorder: PhaseRecorder) => void, shape: Shape = {}): RecordedPhase {
  const { load = { kind: 'closed' }, seconds = 2, cpuSeconds = 1 } = shape
  const isOpen = load.kind === 'open'
  const recorder = new PhaseRecorder({ startMs: 0, intervalMs: 100, intervalCount: 20, isOpen })
  fill(recorder)
  return {
    name: 'capacity',
    load,
    startMs: 0,
    seconds,
    intervalMs: 100,
    intervalCount: 20,
    intervals: recorder.close(),
    unansweredCount: 0,
    sending: null,
    costs: { pid: 42, cpuSeconds, eventLoopDelayMs: { p50: 0.01, p99: 0.02, max: 30 } },
  }
}

/** So many gets of one millisecond in each interval. */
function perInterval(recorder: PhaseRecorder, counts: readonly number[], kind: 'get' | 'set' = 'get'): void {
  counts.forEach((count, index) => {
    const nowMs = index * 100 + 50
    for (let each = 0; each < count; each++) recorder.record(kind, WireError.ok, nowMs, nowMs - 1, nowMs - 1)
  })
}

const flat = (count: number): number[] => Array.from({ length: 20 }, () => count)

test('a phase has rates, errors and percentiles for each kind, for reads and writes, and for all from one histogram', () => {
  const phase = recorded((recorder) => {
    for (let us = 1; us <= 100; us++) recorder.record('get', WireError.ok, 5, 5 - us / 1_000, 0)
    for (let us = 901; us <= 1_000; us++) recorder.record('set', WireError.ok, 5, 5 - us / 1_000, 0)
    recorder.record('get', WireError.connectionLoss, 5, 0, 0)
    recorder.record('set', WireError.connectionLoss, 5, 0, 0)
    recorder.record('set', WireError.noNode, 5, 0, 0)
  })
  const result = PhaseFigures.ofBoot([{ ...phase, seconds: 0.1 }]).figures.result()
  expect(result).toMatchObject({
    name: 'capacity',
    kind: 'closed',
    seconds: 0.1,
    operations: 200,
    opsPerSecond: 2_000,
    errors: { CONNECTIONLOSS: 2, NONODE: 1 },
    // The median of the whole is no mean of the two medians.
    latencyUs: { count: 200, min: 1, p50: 100, max: 1_000, p99: null },
    serviceUs: null,
    sending: null,
  })
  expect(Object.keys(result.byOperation)).toEqual(['get', 'set'])
  expect(result.byOperation.set).toMatchObject({
    operations: 100,
    opsPerSecond: 1_000,
    errors: { CONNECTIONLOSS: 1, NONODE: 1 },
    latencyUs: { p50: 950 },
  })
  expect(result.read).toEqual(result.byOperation.get)
  expect(result.write).toEqual(result.byOperation.set)
})

test('a kind that only failed has no latency, and still counts its errors', () => {
  const phase = recorded((recorder) => recorder.record('get', WireError.noAuth, 9, 0, 0))
  const result = PhaseFigures.ofBoot([phase]).figures.result()
  expect(result.byOperation.get).toMatchObject({
    operations: 0,
    errors: { NOAUTH: 1 },
    latencyUs: { count: 0, min: null, p50: null, max: null },
  })
  expect([result.write, result.steady, result.unsteadyBecause]).toEqual([null, false, 'nothing came'])
})

test('generators are one: their histograms merge, and so do their intervals', () => {
  const one = recorded((recorder) => perInterval(recorder, flat(30)))
  const other = recorded((recorder) => perInterval(recorder, flat(10), 'set'))
  const { figures, boot } = PhaseFigures.ofBoot([one, other])
  expect(figures.result()).toMatchObject({ operations: 800, opsPerSecond: 400, steady: true, cutSeconds: 0 })
  expect(boot.series.points).toHaveLength(20)
  expect(boot.series.points[7]).toMatchObject({ operations: 40, errors: 0, p50: 1_000, p99: null })
  expect(boot.generators.map(({ cpuShare }) => cpuShare)).toEqual([0.5, 0.5])
})

test('a beginning that is not like the rest is cut, from the rate and from the percentiles', () => {
  const { figures, boot } = PhaseFigures.ofBoot([
    recorded((recorder) => perInterval(recorder, [2, 3, 9, 20, ...flat(50).slice(4)])),
  ])
  expect(figures.result()).toMatchObject({
    cutSeconds: 0.4,
    seconds: 1.6,
    operations: 800,
    opsPerSecond: 500,
    steady: true,
  })
  expect([boot.series.cut, boot.series.points.length]).toEqual([4, 20])
})

test('an error or a standstill is no warm-up: neither is ever cut away', () => {
  const silent = recorded((recorder) => perInterval(recorder, [20, 0, 0, 0, ...flat(50).slice(4)]))
  expect(PhaseFigures.ofBoot([silent]).figures.result().cutSeconds).toBeLessThanOrEqual(0.1)
  const failing = recorded((recorder) => {
    recorder.record('get', WireError.connectionLoss, 20, 10, 10)
    perInterval(recorder, [2, 3, 9, 20, ...flat(50).slice(4)])
  })
  expect(PhaseFigures.ofBoot([failing]).figures.result()).toMatchObject({
    cutSeconds: 0,
    errors: { CONNECTIONLOSS: 1 },
  })
})

test('an open loop loses nothing of its beginning', () => {
  const load = { kind: 'open', ratePerSecond: 500, arrivals: 'constant', offset: 0 } as const
  const phase = recorded(
    (recorder) => {
      for (let index = 0; index < 20; index++) {
        const nowMs = index * 100 + 99
        for (let each = 0; each < 50; each++)
          recorder.record('get', WireError.ok, nowMs, nowMs - (index < 4 ? 40 : 1), nowMs)
      }
    },
    { load },
  )
  expect(PhaseFigures.ofBoot([phase]).figures.result()).toMatchObject({
    cutSeconds: 0,
    operations: 1_000,
    steady: false,
    latencyUs: { max: 40_000 },
  })
})

test('a phase that falls all the way is not steady, and says so', () => {
  const falling = Array.from({ length: 20 }, (_, index) => 60 - 2 * index)
  const { steady, unsteadyBecause } = PhaseFigures.ofBoot([
    recorded((recorder) => perInterval(recorder, falling)),
  ]).figures.result()
  expect(steady).toBe(false)
  expect(unsteadyBecause).toMatch(/^it fell by \d+ % of its mean over what was kept$/)
})

test('the last interval of a phase that was cut short is not held against it', () => {
  const phase = recorded((recorder) => perInterval(recorder, [...flat(50).slice(0, 10), 4]), { seconds: 1.01 })
  const { figures, boot } = PhaseFigures.ofBoot([phase])
  expect(boot.series.points).toHaveLength(10)
  expect(figures.result()).toMatchObject({ steady: true, operations: 504 })
})

test('boots merge into one phase, whose percentiles are those of the whole', () => {
  const bootOf = (count: number): PhaseFigures =>
    PhaseFigures.ofBoot([recorded((recorder) => perInterval(recorder, flat(count)))]).figures
  expect(PhaseFigures.merged([bootOf(10), bootOf(30)]).result()).toMatchObject({
    operations: 800,
    seconds: 4,
    opsPerSecond: 200,
    steady: true,
  })
})

test('says so when a generator, and not the ensemble, may have set the figures', () => {
  const of = (cpuSeconds: number): string | null =>
    PhaseFigures.ofBoot([recorded((recorder) => perInterval(recorder, flat(50)), { cpuSeconds })]).figures.result()
      .clientLimited
  expect(of(1.94)).toBe('a generator took 97 % of a core')
  expect(of(1)).toBeNull()
})
