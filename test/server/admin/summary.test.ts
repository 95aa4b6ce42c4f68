import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Summary } from '../../../src/server/admin/summary.ts'

test('an empty summary is all zeros', () => {
  const { count, sum, min, max, average } = new Summary()
  expect([count, sum, min, max, average, new Summary().quantile(0.99)]).toEqual([0, 0, 0, 0, 0, 0])
})

test('the average has four decimals', () => {
  const summary = new Summary()
  for (const value of [1, 1, 2]) summary.add(value)
  expect(summary.average).toBe(1.3333)
})

test('count, sum and extremes are exact, and a quantile is at most a sixteenth above the sorted one', () => {
  const values = fc.array(
    fc.nat(4_000_000_000).map((thousandths) => thousandths / 1000),
    { minLength: 1, maxLength: 200 },
  )
  fc.assert(
    fc.property(values, fc.constantFrom(0.5, 0.95, 0.99, 0.999), (given, share) => {
      const summary = new Summary()
      for (const value of given) summary.add(value)
      const sorted = [...given].sort((one, other) => one - other)
      const exact = sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? NaN
      expect(summary.count).toBe(given.length)
      expect(summary.min).toBe(sorted[0])
      expect(summary.max).toBe(sorted.at(-1))
      expect(summary.quantile(share)).toBeGreaterThanOrEqual(exact - 0.0005)
      expect(summary.quantile(share)).toBeLessThanOrEqual(exact * (1 + 1 / 16) + 0.001)
    }),
  )
})

test('a reset forgets all', () => {
  const summary = new Summary()
  summary.add(5)
  summary.reset()
  expect([summary.count, summary.max, summary.quantile(0.5)]).toEqual([0, 0, 0])
})
