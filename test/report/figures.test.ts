import { expect, test } from 'vitest'

import { grouped, milliseconds, seconds, withinReach } from '../../src/report/figures.ts'

test('a latency has three digits that count, whatever its size', () => {
  expect([12, 213.4, 9_999.6, 12_400, 99_960, 1_234_567].map(milliseconds)).toEqual([
    '0.012',
    '0.213',
    '10.0',
    '12.4',
    '100',
    '1,235',
  ])
})

test('a percentile that was not measured is a dash, not a nought', () => {
  expect(milliseconds(null)).toBe('-')
})

test('counts are grouped and durations are in seconds', () => {
  expect(grouped(46_012.4)).toBe('46,012')
  expect(seconds(1_250)).toBe('1.3')
})

test('a figure has no more digits than its interval supports, and two where there is none', () => {
  expect(withinReach(12_345, null)).toBe('12,000')
  expect(withinReach(0.6123, null)).toBe('0.61')
  expect(withinReach(12_345, { low: 12_000, high: 12_700 })).toBe('12,300')
  expect(withinReach(12_345, { low: 8_000, high: 17_000 })).toBe('12,000')
  expect(withinReach(1.2345, { low: 0.6, high: 2.4 })).toBe('1.2')
  expect(withinReach(5, { low: 1, high: 40 })).toBe('5')
  expect(withinReach(0.61234, { low: 0.6123, high: 0.61235 })).toBe('0.6123')
})
