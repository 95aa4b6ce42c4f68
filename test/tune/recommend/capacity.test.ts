import { describe, expect, test } from 'vitest'

import type { BenchOptions } from '../../../src/measure/run-bench.ts'
import { parseThreshold } from '../../../src/measure/threshold.ts'
import type { Plan } from '../../../src/profile/plan.ts'
import { inFlightValues, measureKnee, measureLosses } from '../../../src/tune/recommend/capacity.ts'
import type { Bench } from '../../../src/tune/recommend/capacity.ts'
import { CAPACITY, resultWith } from '../../report/bench-example.ts'
import { planWith } from './synthetic.ts'

const PLAN = { ...planWith('tickTime=2000\n'), durationMs: 3_000, repeats: 4 }

/** Asked, and what it answers. */
function benchOf(answer: Parameters<typeof resultWith>[1], rates: readonly number[] = [9_000]) {
  const asked: { readonly plan: Plan; readonly options: BenchOptions | undefined }[] = []
  const bench: Bench = (plan, options) => {
    asked.push({ plan, options })
    return Promise.resolve(
      resultWith(
        rates.map((opsPerSecond) => ({ ...CAPACITY, opsPerSecond })),
        answer,
      ),
    )
  }
  return { bench, asked }
}

test('requests in flight double from one, past what the workload keeps', () => {
  expect(inFlightValues({ inFlight: 16 })).toEqual([1, 2, 4, 8, 16, 32])
  expect(inFlightValues({ inFlight: 1 })).toEqual([1, 2, 4, 8, 16, 32])
  expect(inFlightValues({ inFlight: 48 })).toEqual([1, 2, 4, 8, 16, 32, 64, 128])
  expect(inFlightValues({ inFlight: 10_000 })).toHaveLength(9)
})

test('the knee is sought by one sweep on one ensemble, and counts the requests of all sessions', async () => {
  const rates = [100, 200, 390, 400, 398, 401]
  const { bench, asked } = benchOf({ scalability: { over: 'inFlight', points: [], law: null, refused: 'why' } }, rates)
  const { knee, points, law } = await measureKnee(PLAN, {}, bench)
  expect(asked.map(({ plan }) => [plan.load, plan.repeats])).toEqual([
    [{ kind: 'sweep', over: 'inFlight', values: [1, 2, 4, 8, 16, 32] }, 1],
  ])
  const { sessions } = PLAN.workload
  expect(points.map(({ concurrency }) => concurrency)).toEqual([1, 2, 4, 8, 16, 32].map((each) => each * sessions))
  expect(knee).toMatchObject({ concurrency: 4 * sessions, opsPerSecond: 390 })
  expect(law).toEqual({ law: null, refused: 'why' })
})

describe('with servers lost', () => {
  test('it is as much as goes where no limit was given', async () => {
    const { bench, asked } = benchOf({})
    const carried = await measureLosses(PLAN, { lost: 2, constraints: [parseThreshold('errors==0')] }, {}, bench)
    expect(asked.map(({ plan, options }) => [plan.load.kind, options?.losses])).toEqual([
      ['closed', 0],
      ['closed', 2],
    ])
    expect(carried.map(({ lost, slo, opsPerSecond }) => [lost, slo, opsPerSecond])).toEqual([
      [0, null, 9_000],
      [2, null, 9_000],
    ])
  })

  test('it is the highest rate that keeps the limit', async () => {
    const constraints = [parseThreshold('errors==0'), parseThreshold('throughput>100'), parseThreshold('set.p99<20ms')]
    const { bench, asked } = benchOf({
      rateSearch: { objective: parseThreshold('set.p99<20ms'), ratePerSecond: 4_000, low: null, high: null, boots: [] },
    })
    const carried = await measureLosses(PLAN, { lost: 1, constraints }, {}, bench)
    expect(asked.map(({ plan }) => plan.load)).toEqual(
      [0, 1].map(() => ({ kind: 'find-rate', objective: 'set.p99<20ms', arrivals: 'poisson' })),
    )
    // write-heavy: nine writes of ten requests
    expect(carried).toEqual(
      [0, 1].map((lost) => ({ lost, slo: 'set.p99<20ms', opsPerSecond: 4_000, writesPerSecond: 3_600, p99Ms: null })),
    )
  })
})
