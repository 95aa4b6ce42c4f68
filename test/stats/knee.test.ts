import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { kneeOf } from '../../src/stats/knee.ts'

function points(...rates: readonly number[]) {
  return rates.map((opsPerSecond, index) => ({ concurrency: 2 ** index, opsPerSecond, p99Ms: null }))
}

describe('the knee', () => {
  test('is the first concurrency that has all but a twentieth of the most throughput', () => {
    expect(kneeOf(points(100, 190, 340, 400, 410, 405))?.concurrency).toBe(8)
    expect(kneeOf(points(100, 190, 170, 120))?.concurrency).toBe(2)
  })

  test('was not reached while the last step still brought more', () => {
    expect(kneeOf(points(100, 190, 370, 700))).toBeNull()
    expect(kneeOf(points(100))).toBeNull()
    expect(kneeOf([])).toBeNull()
  })

  test('has nothing beyond it that is more than a nineteenth faster', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 100_000 }), { maxLength: 9 }), (rates) => {
        const seen = points(...rates)
        const knee = kneeOf(seen)
        if (knee === null) return
        for (const { opsPerSecond } of seen) expect(opsPerSecond).toBeLessThanOrEqual(knee.opsPerSecond / 0.95)
        for (const { concurrency, opsPerSecond } of seen)
          if (concurrency < knee.concurrency) expect(opsPerSecond).toBeLessThan(0.95 * Math.max(...rates))
      }),
    )
  })
})
