import { expect, test } from 'vitest'

import { blockEffects } from '../../src/stats/block-design.ts'

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
