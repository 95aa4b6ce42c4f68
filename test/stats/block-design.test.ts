import { expect, test } from 'vitest'

import { blockEffects } from '../../src/stats/block-design.ts'
import { studentQuantile } from '../../src/stats/student-quantile.ts'

test('points of Student’s t are those of the tables', () => {
  const known: readonly (readonly [number, number, number])[] = [
    [0.975, 1, 12.7062],
    [0.975, 2, 4.3027],
    [0.975, 3, 3.1824],
    [0.975, 10, 2.2281],
    [0.9, 8, 1.3968],
    [0.975, 30, 2.0423],
    [0.025, 5, -2.5706],
  ]
  for (const [share, freedom, point] of known) expect(studentQuantile(share, freedom)).toBeCloseTo(point, 3)
})

test('what drifts from block to block is no effect', () => {
  const [effect] = blockEffects([
    [1, 1.5],
    [11, 11.5],
    [21, 21.5],
  ])
  expect(effect?.difference).toBeCloseTo(0.5, 12)
  expect(effect?.high).toBeCloseTo(0.5, 9)
})

test('with two configurations the interval is that of the paired t test', () => {
  // Differences 0.1, 0.3, 0.2: mean 0.2, standard deviation 0.1, t(2) = 4.3027.
  const [effect] = blockEffects([
    [0, 0.1],
    [5, 5.3],
    [7, 7.2],
  ])
  expect(effect?.difference).toBeCloseTo(0.2, 12)
  expect(effect?.high).toBeCloseTo(0.2 + (4.30265 * 0.1) / Math.sqrt(3), 4)
})

test('a single block tells nothing of how much it may vary', () => {
  expect(blockEffects([[1, 2, 3]])).toMatchObject([{ low: -Infinity }, { high: Infinity }])
})
