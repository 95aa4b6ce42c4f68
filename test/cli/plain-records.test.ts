import { expect, test } from 'vitest'

import { benchRecords, comparisonRecords } from '../../src/cli/plain-records.ts'
import { RESULT } from '../report/bench-example.ts'
import { comparisonExample } from '../report/compare-example.ts'

test('a run has a line for each metric, with the unit, the phase that it was read in, and the interval of the headline', () => {
  const records = benchRecords(RESULT)
  const [rate] = RESULT.headline
  expect(records).toContainEqual(['set.p99', '12400.2', 'us', '70 % of capacity', null, null])
  expect(records).toContainEqual(['all.errors', '0', 'count', 'all phases', null, null])
  const told = records.find(([name]) => name === 'all.opsPerSecond')
  expect(told?.slice(2)).toEqual(['ops/s', rate?.phase, text(rate?.low), text(rate?.high)])
  expect(new Set(records.map(({ length }) => length))).toEqual(new Set([6]))
})

test('a comparison has a line for each figure of each arm, with its verdict and the ratio in its interval', () => {
  const result = comparisonExample()
  const records = comparisonRecords(result)
  expect(records).toHaveLength(result.comparisons.flatMap(({ figures }) => figures).length)
  const [arm, metric, verdict, ratio, low, high] = records[0] ?? []
  expect([arm, metric, verdict]).toEqual(['B', 'all.opsPerSecond', 'worse'])
  expect(Number(low)).toBeLessThan(Number(ratio))
  expect(Number(high)).toBeGreaterThan(Number(ratio))
})

function text(value: number | null | undefined): string | null {
  return value === null || value === undefined ? null : String(value)
}
