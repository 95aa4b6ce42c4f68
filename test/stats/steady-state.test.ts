import { expect, test } from 'vitest'
import { Prng } from '../../src/kernel/prng.ts'
import { meanInterval } from '../../src/stats/mean-interval.ts'
import { steadyState } from '../../src/stats/steady-state.ts'

const LIMITS = { trend: 0.1, variation: 0.3 }

/** A level with noise of so many percent, evenly spread. */
function noisy(prng: Prng, level: number, count: number, noise: number): number[] {
  return Array.from({ length: count }, () => level * (1 + noise * (2 * prng.float() - 1)))
}

test('a level stays whole and is steady', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const { cut, isSteady } = steadyState(noisy(new Prng(seed), 1_000, 40, 0.05), LIMITS)
    expect(isSteady).toBe(true)
    expect(cut).toBeLessThanOrEqual(20)
  }
  expect(steadyState([5, 5, 5, 5, 5, 5], LIMITS)).toEqual({ cut: 0, isSteady: true, reason: null })
})

test('a warm-up is cut, all of it and little more', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const prng = new Prng(seed)
    const warmup = [100, 200, 350, 500, 650, 800]
    const { cut, isSteady } = steadyState([...warmup, ...noisy(prng, 1_000, 30, 0.03)], LIMITS)
    expect(isSteady).toBe(true)
    expect(cut).toBeGreaterThanOrEqual(5)
    expect(cut).toBeLessThanOrEqual(18)
  }
})

test('no more than half of a series is ever cut', () => {
  expect(steadyState([0, 0, 0, 0, 0, 0, 0, 0, 9, 9], LIMITS).cut).toBeLessThanOrEqual(5)
})

test('what rises or falls through to its end, or jumps about, is not steady, and says why', () => {
  const rising = Array.from({ length: 20 }, (_, index) => 100 + 3 * index)
  expect(steadyState(rising, LIMITS).reason).toMatch(/^it rose by/)
  const jumping = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 10 : 90))
  expect(steadyState(jumping, LIMITS).reason).toMatch(/^it varied by/)
})

test('what is too short, or nothing at all, is not called steady', () => {
  expect(steadyState([1, 1, 1, 1], LIMITS)).toMatchObject({ isSteady: false, reason: 'it was too short to tell' })
  expect(steadyState([], LIMITS).isSteady).toBe(false)
  expect(steadyState([0, 0, 0, 0, 0, 0], LIMITS)).toMatchObject({ isSteady: false, reason: 'nothing came' })
})

test('the interval of a mean is that of Student, on logarithms', () => {
  // By hand: logs of 100 and 200 have the mean ln 141.42 and the standard error 0.34657; t with one degree is 12.706.
  const interval = meanInterval([100, 200])
  expect(interval?.value).toBeCloseTo(141.42, 2)
  expect(interval?.high).toBeCloseTo(141.42 * Math.exp(12.706 * 0.346_574), -1)
  expect(interval?.low).toBeCloseTo(141.42 / Math.exp(12.706 * 0.346_574), 2)
  expect(meanInterval([100])).toBeNull()
  expect(meanInterval([7, 7, 7])).toMatchObject({ low: expect.closeTo(7) as number, high: expect.closeTo(7) as number })
})

test('of samples of a known mean nineteen intervals in twenty contain it', () => {
  const prng = new Prng(11)
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - prng.float())) * Math.cos(2 * Math.PI * prng.float())
  let hits = 0
  for (let round = 0; round < 2_000; round++) {
    const interval = meanInterval(Array.from({ length: 5 }, () => Math.exp(3 + 0.2 * normal())))
    if (interval !== null && interval.low <= Math.exp(3) && Math.exp(3) <= interval.high) hits++
  }
  expect(hits / 2_000).toBeGreaterThan(0.935)
  expect(hits / 2_000).toBeLessThan(0.965)
})
