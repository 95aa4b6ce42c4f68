import fc from 'fast-check'
import { expect, test } from 'vitest'
import { median, quantile } from '../../src/stats/quantile.ts'

test('a quantile interpolates between its neighbours, as R does by default', () => {
  // R: quantile(c(1, 2, 4, 8), c(0, .25, .5, .9, 1))
  const sorted = [1, 2, 4, 8]
  expect([0, 0.25, 0.5, 0.9, 1].map((share) => quantile(sorted, share))).toEqual([1, 1.75, 3, 6.800000000000001, 8])
})

test('the median has as many values below it as above it', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 }), (values) => {
      const middle = median(values)
      const below = values.filter((value) => value < middle).length
      const above = values.filter((value) => value > middle).length
      expect(below).toBeLessThanOrEqual(values.length / 2)
      expect(above).toBeLessThanOrEqual(values.length / 2)
    }),
  )
})

test('nothing has no quantile', () => {
  expect(() => quantile([], 0.5)).toThrow(RangeError)
})
