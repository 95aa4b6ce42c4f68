import { expect, test } from 'vitest'
import { parseCount, parseDurationMs, parseSizeBytes } from '../../src/kernel/quantity.ts'

const where = '--duration'

test.each([
  ['30s', 30_000],
  ['250ms', 250],
  ['1.5m', 90_000],
  ['2min', 120_000],
  ['1h', 3_600_000],
  ['.5s', 500],
  ['0', 0],
])('%s is %d milliseconds', (text, expectedMs) => {
  expect(parseDurationMs(text, { where })).toBe(expectedMs)
})

test.each([
  ['512', 512],
  ['1KiB', 1024],
  ['1.5MiB', 1_572_864],
  ['2kB', 2000],
  ['1MB', 1_000_000],
  ['7B', 7],
])('%s is %d bytes', (text, expectedBytes) => {
  expect(parseSizeBytes(text, { where: '--size' })).toBe(expectedBytes)
})

test.each([
  ['16', 16],
  ['10k', 10_000],
  ['1.1k', 1_100],
  ['2M', 2_000_000],
])('%s is the count %d', (text, expected) => {
  expect(parseCount(text, { where: '--sessions' })).toBe(expected)
})

test('a duration without its unit is asked which one', () => {
  expect(() => parseDurationMs('30', { where })).toThrow(
    '--duration: "30" is not a duration such as 30s, 250ms, 5m or 1h. A unit is missing: 30s or 30ms?',
  )
})

test('a size in bare K is asked which one', () => {
  expect(() => parseSizeBytes('4k', { where: '--size' })).toThrow(
    'Which one: 4KiB (powers of 1024) or 4KB (powers of 1000)?',
  )
})

test.each(['', 's', '-1s', '1 s', '3 days', '1e3s', '1..5s', 'NaN'])('%j is no duration', (text) => {
  expect(() => parseDurationMs(text, { where })).toThrow('is not a duration')
})

test('half a session is no count', () => {
  expect(() => parseCount('1.5', { where: '--sessions' })).toThrow('is not a whole number')
})

test('a value outside its range is told the bound it broke', () => {
  expect(() => parseCount('0', { where: '--sessions', min: 1, max: 100 })).toThrow(
    '--sessions: "0" is out of range. It must be at least 1.',
  )
  expect(() => parseDurationMs('2h', { where, max: 3_600_000 })).toThrow('It must be at most 3600000 ms.')
})
