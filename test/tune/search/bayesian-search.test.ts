import { expect, test } from 'vitest'

import { Prng } from '../../../src/kernel/prng.ts'
import { BayesianSearch } from '../../../src/tune/search/bayesian-search.ts'
import type { Observation } from '../../../src/tune/search/bayesian-search.ts'
import { isSamePoint, normal, randomPoint } from '../../../src/tune/search/coded-space.ts'
import type { CodedSpace, Point } from '../../../src/tune/search/coded-space.ts'

/** Three numbers and a word of three; the last number means nothing unless the word is 1. */
const SPACE: CodedSpace = {
  dimensions: [{ kind: 'number' }, { kind: 'number' }, { kind: 'number' }, { kind: 'category', count: 3 }],
  snap: (point) => {
    const snapped = point.map((value, at) => (at < 3 ? Math.round(value * 50) / 50 : value))
    if (snapped[3] !== 1) snapped[2] = 0
    return snapped
  },
  isFeasible: (point) => (point[0] ?? 0) + (point[1] ?? 0) <= 1.5,
}
const START = Float64Array.from([0.1, 0.9, 0, 0])

function height([a = 0, b = 0, c = 0, word = 0]: Point): number {
  return -2 * (a - 0.7) ** 2 - (b - 0.3) ** 2 + (word === 1 ? 0.4 - (c - 0.6) ** 2 : 0)
}

function searchWith(seed: number, screeningFraction = 1): BayesianSearch {
  const tuning = { screeningFraction }
  return new BayesianSearch(SPACE, { seed, budget: 25, fixedCost: 0.3, given: [START], tuning })
}

/** Runs to the end of the budget. */
function run(search: BayesianSearch, noise: Prng): Observation[] {
  const history: Observation[] = []
  for (let proposal = search.propose(history); proposal !== null; proposal = search.propose(history)) {
    const { point, fraction } = proposal
    const hasFailed = (point[1] ?? 0) > 0.95
    const value = height(point) + (0.05 * normal(noise)) / Math.sqrt(fraction)
    history.push({ point, fraction, value: hasFailed ? null : value, isAllowed: !hasFailed })
  }
  return history
}

function observed(point: readonly number[], value: number | null, isAllowed: boolean): Observation {
  return { point: Float64Array.from(point), value, isAllowed, fraction: 1 }
}

test('finds the top of a hill that depends on a word, and beats as many draws of chance', () => {
  const seeds = [1, 2, 3, 4, 5]
  const own = seeds.map((seed) => {
    const search = searchWith(seed)
    const history = run(search, new Prng(seed))
    return 0.4 - height(history[search.recommend(history)?.index ?? 0]?.point ?? START)
  })
  const chance = seeds.map((seed) => {
    const prng = new Prng(seed)
    const drawn = Array.from({ length: 25 }, () => randomPoint(SPACE, prng) ?? START)
    const seen = drawn.map((point) => ({ point, value: height(point) + 0.05 * normal(prng) }))
    return 0.4 - height(seen.reduce((best, each) => (each.value > best.value ? each : best)).point)
  })
  const mean = (gaps: readonly number[]): number => gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
  expect(mean(own)).toBeLessThan(0.05)
  expect(mean(own)).toBeLessThan(0.5 * mean(chance))
})

test('begins with what it was given, then short trials where they are wanted, and spends no more than its budget', () => {
  const search = searchWith(7, 0.5)
  const history = run(search, new Prng(7))
  expect(history[0]).toMatchObject({ point: START, fraction: 1 })
  const short = history.filter(({ fraction }) => fraction < 1)
  expect(short.length).toBeGreaterThan(3)
  expect(history.slice(1, 1 + short.length)).toEqual(short)
  expect(search.spentOn(history)).toBeLessThanOrEqual(25 + 1e-9)
  expect(search.spentOn(history)).toBeGreaterThan(24)
})

test('taken up anew after any trial makes the same next one', () => {
  const whole = run(searchWith(3), new Prng(3))
  for (const after of [1, 5, 14, 20, whole.length - 1]) {
    const next = searchWith(3).propose(whole.slice(0, after))
    expect([...(next?.point ?? [])], `after ${after}`).toEqual([...(whole[after]?.point ?? [])])
  }
})

test('proposes feasible configurations only, and mostly each once', () => {
  const history = run(searchWith(11), new Prng(11))
  let repeated = 0
  for (const [at, { point }] of history.entries()) {
    expect(SPACE.isFeasible(point)).toBe(true)
    expect(SPACE.snap(point)).toEqual(point)
    if (history.slice(0, at).some((each) => isSamePoint(each.point, point))) repeated++
  }
  expect(repeated).toBeLessThan(history.length / 3)
})

test('recommends no trial that failed or broke a constraint, and nothing when all did', () => {
  const search = searchWith(5)
  const good = observed([0.1, 0.9, 0, 0], 0.1, true)
  const broken = observed([0.5, 0.5, 0, 0], 9, false)
  const crashed = observed([0.6, 0.4, 0, 2], null, false)
  expect(search.recommend([good, broken, crashed])?.index).toBe(0)
  expect(search.recommend([broken, crashed])).toBeNull()
  expect(search.recommend([crashed])).toBeNull()
})

test('keeps away from where trials fail, though everything leads there', () => {
  // Higher is better on the second number, and beyond 0.6 nothing runs.
  const space: CodedSpace = {
    dimensions: [{ kind: 'number' }, { kind: 'number' }],
    snap: (point) => point.map((value) => Math.round(value * 100) / 100),
    isFeasible: () => true,
  }
  const given = [Float64Array.from([0.5, 0.1])]
  const search = new BayesianSearch(space, { seed: 2, budget: 25, fixedCost: 0.3, given })
  const history: Observation[] = []
  for (let proposal = search.propose(history); proposal !== null; proposal = search.propose(history)) {
    const [, b = 0] = proposal.point
    history.push({ ...proposal, value: b > 0.6 ? null : b, isAllowed: b <= 0.6 })
  }
  // It feels its way along the edge, and does not go where trials have taught it that nothing runs.
  for (const { point } of history.slice(-10)) expect(point[1]).toBeLessThan(0.8)
  expect(history[search.recommend(history)?.index ?? 0]?.value).toBeGreaterThan(0.5)
})
