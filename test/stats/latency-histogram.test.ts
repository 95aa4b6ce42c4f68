import fc from 'fast-check'
import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64 } from 'hdr-histogram-js'
import { describe, expect, test } from 'vitest'
import { LatencyHistogram, type SparseHistogram } from '../../src/stats/latency-histogram.ts'

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
        expect(merged.sparse()).toEqual(whole.sparse())
      }),
    )
  })

  test('comes back unchanged from its sparse form, and still merges', () => {
    fc.assert(
      fc.property(latencies, latencies, (left, right) => {
        const travelled = JSON.parse(JSON.stringify(histogramOf(left).sparse())) as SparseHistogram
        const back = LatencyHistogram.ofSparse(travelled)
        expect(back.summary()).toEqual(histogramOf(left).summary())
        back.add(histogramOf(right))
        expect(back.summary()).toEqual(histogramOf([...left, ...right]).summary())
      }),
    )
  })

  test('has the buckets and the percentiles of HdrHistogram', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 2 ** 31 - 1 }), { minLength: 40, maxLength: 200 }), (values) => {
        const standard = build({ bitBucketSize: 64, numberOfSignificantValueDigits: 3 })
        for (const value of values) standard.recordValue(value)
        const own = histogramOf(values)
        expect(own.percentileUs(500)).toBe(Math.min(standard.getValueAtPercentile(50), Math.max(...values)))
        const read = decodeFromCompressedBase64(own.standardForm())
        expect(read.totalCount).toBe(values.length)
        for (const percent of [10, 50, 90, 99, 100]) {
          expect(read.getValueAtPercentile(percent)).toBe(standard.getValueAtPercentile(percent))
        }
      }),
    )
  })

  test('is read back from the standard form of HdrHistogram, with extremes as exact as their buckets', () => {
    fc.assert(
      fc.property(latencies, (values) => {
        const own = histogramOf(values)
        const back = LatencyHistogram.ofStandardForm(own.standardForm())
        expect(back.sparse().pairs).toEqual(own.sparse().pairs)
        expect(Math.abs((back.summary().mean ?? 0) - (own.summary().mean ?? 0))).toBeLessThanOrEqual(
          (own.summary().mean ?? 0) / 1_000 + 1,
        )
      }),
      { numRuns: 30 },
    )
  })

  test('counts what took longer than 35 minutes as 35 minutes', () => {
    expect(histogramOf([1e12, 5]).summary()).toMatchObject({ max: 2 ** 31 - 1, count: 2 })
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

  test('refuses what is no histogram', () => {
    expect(() => LatencyHistogram.ofStandardForm('AAAAAAAA')).toThrow()
    const coarse = build({ bitBucketSize: 64, numberOfSignificantValueDigits: 2 })
    expect(() => LatencyHistogram.ofStandardForm(encodeIntoCompressedBase64(coarse))).toThrow('three')
  })
})
