import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LatencyHistogram } from '../../src/stats/latency-histogram.ts'

const latencies = fc.array(fc.integer({ min: 0, max: 60_000_000 }), { maxLength: 400 })

function histogramOf(values: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram()
  for (const value of values) histogram.record(value)
  return histogram
}

describe('a latency histogram', () => {
  test('keeps minimum, mean and maximum exact', () => {
    fc.assert(
      fc.property(latencies, (values) => {
        const { count, min, mean, max } = histogramOf(values).summary()
        expect(count).toBe(values.length)
        if (values.length === 0) {
          expect([min, mean, max]).toEqual([null, null, null])
          return
        }
        expect(min).toBe(Math.min(...values))
        expect(max).toBe(Math.max(...values))
        expect(mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / values.length, 3)
      }),
    )
  })

  test('gives percentiles within a thousandth of the sorted samples', () => {
    const many = fc.array(fc.integer({ min: 1, max: 10_000_000 }), { minLength: 1_000, maxLength: 1_500 })
    fc.assert(
      fc.property(many, (values) => {
        const sorted = values.toSorted((a, b) => a - b)
        const histogram = histogramOf(values)
        for (const perMille of [500, 900, 950, 990]) {
          const exact = sorted[Math.ceil((perMille * sorted.length) / 1000) - 1] as number
          const found = histogram.percentileUs(perMille) as number
          expect(Math.abs(found - exact)).toBeLessThanOrEqual(exact / 1000 + 1)
        }
      }),
      { numRuns: 20 },
    )
  })

  test('merged from two is what recording all into one gives', () => {
    fc.assert(
      fc.property(latencies, latencies, (left, right) => {
        const merged = histogramOf(left)
        merged.add(histogramOf(right))
        const whole = histogramOf([...left, ...right])
        expect(merged.summary()).toEqual(whole.summary())
        expect(merged.encode()).toEqual({ ...whole.encode(), counts: expect.any(String) as string })
      }),
    )
  })

  test('comes back unchanged from its encoded form, and still merges', () => {
    fc.assert(
      fc.property(latencies, latencies, (left, right) => {
        const travelled = JSON.parse(JSON.stringify(histogramOf(left).encode())) as ReturnType<
          LatencyHistogram['encode']
        >
        const decoded = LatencyHistogram.decode(travelled)
        expect(decoded.summary()).toEqual(histogramOf(left).summary())
        decoded.add(histogramOf(right))
        expect(decoded.summary()).toEqual(histogramOf([...left, ...right]).summary())
      }),
    )
  })

  test('gives no percentile with fewer than ten samples above it', () => {
    const of = (count: number): LatencyHistogram => histogramOf(Array.from({ length: count }, (_, index) => index + 1))
    expect(of(19).percentileUs(500)).toBeNull()
    expect(of(20).percentileUs(500)).toBe(10)
    expect(of(999).percentileUs(990)).toBeNull()
    expect(of(1_000).percentileUs(990)).toBe(990)
    expect(of(9_999).summary().p999).toBeNull()
    expect(of(10_000).summary().p999).not.toBeNull()
  })

  test('takes a clock that stepped back for zero, and forgets all on reset', () => {
    const histogram = histogramOf([-5, 7.6])
    expect(histogram.summary()).toMatchObject({ count: 2, min: 0, max: 8, mean: 4 })
    histogram.reset()
    expect(histogram.summary()).toEqual(new LatencyHistogram().summary())
  })

  test('refuses to decode what is no histogram', () => {
    expect(() => LatencyHistogram.decode({ counts: 'AAAAAAAA', minUs: null, maxUs: null, sumUs: 0 })).toThrow()
  })
})
