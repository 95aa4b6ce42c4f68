import { describe, expect, test } from 'vitest'
import type { BenchResult } from '../../src/measure/bench-result.ts'
import { reproductionOf, sameAgain, surroundingsChanged } from '../../src/measure/same-again.ts'
import { parseThreshold } from '../../src/measure/threshold.ts'
import { Prng } from '../../src/kernel/prng.ts'
import { rerunText } from '../../src/report/rerun-text.ts'
import { bootOf, CAPACITY, OPEN, RESULT, resultWith } from '../report/bench-example.ts'

/** A run whose boots had these rates, and nothing else worth a headline. */
function runOf(rates: readonly number[]): BenchResult {
  const boots = rates.map((opsPerSecond) => bootOf([{ ...CAPACITY, opsPerSecond }]))
  const { headline, ...result } = resultWith([CAPACITY], { boots })
  return { ...result, headline: headline.slice(0, 1) }
}

function verdictOf(earlier: readonly number[], now: readonly number[]): string {
  return reproductionOf(sameAgain(runOf(earlier), runOf(now)))
}

describe('a run that was done again', () => {
  test('is reproduced when the difference is within what the boots vary by', () => {
    const [figure] = sameAgain(runOf([100, 110, 90]), runOf([104, 95, 112]))
    expect(figure).toMatchObject({ verdict: 'reproduced', earlierBoots: 3, boots: 3, metric: 'all.opsPerSecond' })
    // By hand: logs' means 4.5984, 4.6390 (ratio 1.041), pooled s 0.0925, t(4) 2.776: half 0.2098.
    expect(figure?.ratio).toBeCloseTo(1.041, 2)
    expect((figure?.high ?? 0) / (figure?.ratio ?? 1)).toBeCloseTo(Math.exp(0.2), 1)
    expect((figure?.low ?? 0) * (figure?.high ?? 0)).toBeCloseTo((figure?.ratio ?? 0) ** 2, 6)
  })

  test('is not when chance does not explain the difference', () => {
    expect(verdictOf([100, 101, 99], [80, 81, 79])).toBe('not-reproduced')
    expect(verdictOf([100], [130, 131, 129])).toBe('not-reproduced')
  })

  test('is, when a certain difference is too small to mind', () => {
    expect(verdictOf([100, 100.1, 99.9], [103, 103.1, 102.9])).toBe('reproduced')
  })

  test('cannot be told by boots that vary as they like, or by one boot beside one', () => {
    expect(verdictOf([100, 300, 50], [90, 20, 400])).toBe('inconclusive')
    expect(verdictOf([100], [100])).toBe('inconclusive')
    expect(sameAgain(runOf([100]), runOf([100]))).toMatchObject([{ ratio: null, low: null, high: null }])
  })

  test('one figure that differs is enough, and each has its interval widened for being one of several', () => {
    const boots = [1, 1.02, 0.98].map((factor) =>
      bootOf([CAPACITY, { ...OPEN, latencyUs: { ...OPEN.latencyUs, p50: 213 * factor } }]),
    )
    const slower = [1, 1.02, 0.98].map((factor) =>
      bootOf([CAPACITY, { ...OPEN, latencyUs: { ...OPEN.latencyUs, p50: 400 * factor } }]),
    )
    const figures = sameAgain(resultWith([CAPACITY, OPEN], { boots }), resultWith([CAPACITY, OPEN], { boots: slower }))
    expect(figures.map(({ verdict }) => verdict)).toEqual(['reproduced', 'not-reproduced', 'reproduced'])
    expect(reproductionOf(figures)).toBe('not-reproduced')
  })

  test('tells two runs of one thing apart about as often as the rule says: 5 times in 100', () => {
    const prng = new Prng(7)
    const normal = (): number => Math.sqrt(-2 * Math.log(1 - prng.float())) * Math.cos(2 * Math.PI * prng.float())
    const run = (): number[] => Array.from({ length: 3 }, () => 1_000 * Math.exp(0.1 * normal()))
    let apart = 0
    for (let trial = 0; trial < 2_000; trial++) if (verdictOf(run(), run()) === 'not-reproduced') apart++
    expect(apart).toBeGreaterThan(60)
    expect(apart).toBeLessThan(140)
  })
})

describe('a search for a rate that was done again', () => {
  const searchOf = (rates: readonly (number | null)[], value: number | null = 5): BenchResult => {
    const tried = { purpose: 'bracket', seconds: 1, opsPerSecond: 1, isKept: false, clientLimited: null } as const
    const boots = rates.map((ratePerSecond) => ({ ratePerSecond, tries: [{ ...tried, ratePerSecond: 1, value }] }))
    const objective = parseThreshold('write.p99<20ms')
    return { ...runOf([100, 101, 99]), rateSearch: { objective, ratePerSecond: null, low: null, high: null, boots } }
  }

  test('is held against the earlier one by the rate that was found, not by the capacity alone', () => {
    const figures = sameAgain(searchOf([4_000, 4_040, 3_960]), searchOf([2_000, 2_020, 1_980]))
    expect(figures).toMatchObject([
      { phase: 'highest with write.p99<20ms', unit: 'ops/s', verdict: 'not-reproduced', boots: 3 },
      { phase: 'capacity', verdict: 'reproduced' },
    ])
    expect(figures[0]?.ratio).toBeCloseTo(0.5, 3)
  })

  test('a rate where there was none, or none where there was one, is another finding; twice none is the same', () => {
    const verdictOfRate = (...runs: readonly [BenchResult, BenchResult]) => sameAgain(...runs)[0]?.verdict
    expect(verdictOfRate(searchOf([4_000]), searchOf([null, null, null]))).toBe('not-reproduced')
    expect(verdictOfRate(searchOf([null]), searchOf([4_000, 4_100, 3_900]))).toBe('not-reproduced')
    expect(verdictOfRate(searchOf([null]), searchOf([null, null, null]))).toBe('reproduced')
    // No try had the samples: that is no finding.
    expect(verdictOfRate(searchOf([null], null), searchOf([null, null], null))).toBe('inconclusive')
  })
})

test('what is not as it was is named', () => {
  const now = { ...RESULT, environment: { ...RESULT.environment, cores: 8, node: 'v22.0.0' } }
  expect(surroundingsChanged(RESULT, RESULT)).toEqual([])
  expect(surroundingsChanged(RESULT, now)).toEqual([
    { what: 'Node', earlier: 'v20.20.2', now: 'v22.0.0' },
    { what: 'processor', earlier: '2 × a processor', now: '8 × a processor' },
  ])
})

test('the report says the verdict, the figures, what chance alone would do, and by which rule', () => {
  const figures = sameAgain(runOf([100, 101, 99]), runOf([80, 81, 79]))
  const shown = {
    earlier: { folder: '/runs/a', startedAt: '2026-11-22T20:00:00.000Z' },
    verdict: reproductionOf(figures),
    rule: 'the rule',
    figures,
    surroundings: [{ what: 'Node', earlier: 'v20', now: 'v22' }],
  }
  expect(rerunText(shown, { hasColour: false, hasUnicode: true, columns: 80 })).toMatchInlineSnapshot(`
    "NOT REPRODUCED: the run of 2026-11-22T20:00:00.000Z
    earlier      /runs/a, 3 boots; now 3 boots
    CHANGED      Node: was v20, is v22

    figure          earlier   now  ratio  by chance
    ───────────────────────────────────────────────────────────────
    rate, capacity    100/s  80/s   0.80     ×÷1.03  not reproduced

    rule: the rule
    "
  `)
})
