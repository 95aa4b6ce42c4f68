import { expect, test } from 'vitest'

import { grouped, milliseconds, seconds } from '../../src/report/figures.ts'

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
