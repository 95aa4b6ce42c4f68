import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Prng } from '../../src/kernel/prng.ts'
import { CentreBootstrap } from '../../src/stats/bootstrap.ts'
import { hodgesLehmann, signedRankInterval, signedRankP } from '../../src/stats/signed-rank.ts'
import { normal } from './simulated-boots.ts'

/** All ways to give the ranks signs, one by one. */
function slowP(differences: readonly number[]): number {
  const given = differences.filter((each) => each !== 0)
  const size = given.map((each) => Math.abs(each))
  const ranks = size.map((each) =>
    size.reduce((sum, other) => sum + (other < each ? 1 : other === each ? 0.5 : 0), 0.5),
  )
  const plus = (isPlus: (index: number) => boolean): number =>
    ranks.reduce((sum, rank, index) => sum + (isPlus(index) ? rank : 0), 0)
  const seen = plus((index) => (given[index] ?? 0) > 0)
  const all = 2 ** ranks.length
  const sums = Array.from({ length: all }, (_, signs) => plus((index) => ((signs >> index) & 1) === 1))
  const share = (isFar: (sum: number) => boolean): number => sums.filter(isFar).length / all
  return Math.min(
    1,
    2 *
      Math.min(
        share((sum) => sum <= seen),
        share((sum) => sum >= seen),
      ),
  )
}

test('the signed-rank p is that of all signs counted one by one, ties and zeros included', () => {
  const differences = fc.array(fc.integer({ min: -6, max: 6 }), { maxLength: 9 })
  fc.assert(
    fc.property(differences, (some) => {
      expect(signedRankP(some)).toBeCloseTo(slowP(some), 12)
    }),
  )
})

test('five pairs that all agree are no proof at 5 %, six are', () => {
  expect(signedRankP([1, 2, 3, 4, 5])).toBe(0.0625)
  expect(signedRankP([1, 2, 3, 4, 5, 6])).toBe(0.03125)
})

test('the p of Hollander and Wolfe’s depression scale is the published one', () => {
  // Nonparametric Statistical Methods (1973), 29: before and after; R: wilcox.test(x, y, paired = TRUE), V = 40, one-sided 0.01953.
  const before = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3]
  const after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
  expect(signedRankP(before.map((each, index) => each - (after[index] ?? 0)))).toBeCloseTo(2 * 0.01953, 4)
})

test('the exact interval holds the centres that the test does not reject', () => {
  const some = fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 6, maxLength: 12 })
  fc.assert(
    fc.property(some, fc.integer({ min: -50, max: 50 }), (samples, near) => {
      const centre = near + 0.25 // so that no two differences are of one size
      const interval = signedRankInterval(samples, 0.05)
      if (interval === null) throw new Error('six samples are enough for 5 %')
      const isHeld = centre > interval.low && centre < interval.high
      expect(signedRankP(samples.map((each) => each - centre)) > 0.05).toBe(isHeld)
    }),
  )
  expect(signedRankInterval([1, 2, 3, 4, 5], 0.05)).toBeNull()
  expect(signedRankInterval([3, 1, 2, 5, 4], 0.0625)).toEqual({ low: 1, high: 5 })
})

test('one wild sample hardly moves the centre', () => {
  expect(hodgesLehmann([1, 2, 3, 4, 5])).toBe(3)
  expect(hodgesLehmann([1, 2, 3, 4, 5_000])).toBeLessThanOrEqual(4)
})

test('a bootstrap interval of few samples holds the true centre as often as it says', () => {
  let held = 0
  for (let seed = 1; seed <= 300; seed++) {
    const prng = new Prng(seed)
    const samples = Array.from({ length: 8 }, () => normal(prng))
    const interval = new CentreBootstrap(samples, prng.fork('bootstrap'), 400).interval(0.05)
    if (interval !== null && interval.low <= 0 && interval.high >= 0) held++
  }
  expect(held).toBeGreaterThanOrEqual(279) // 93 %; 95 % are asked for
})

test('the same seed draws the same interval, and one sample says nothing', () => {
  const draw = (): unknown => new CentreBootstrap([1, 2, 4, 8], new Prng(7), 200).interval(0.05)
  expect(draw()).toEqual(draw())
  expect(new CentreBootstrap([1], new Prng(7)).interval(0.05)).toBeNull()
})
