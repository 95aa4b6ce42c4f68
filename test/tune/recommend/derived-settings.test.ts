import { describe, expect, test } from 'vitest'

import { connectionLimit, derivedSettings } from '../../../src/tune/recommend/derived-settings.ts'
import type { DerivedFacts } from '../../../src/tune/recommend/derived-settings.ts'

const NOTHING: DerivedFacts = { writesPerSecond: null, writesFrom: 'measured', bytesPerWrite: 1_152, failoverMs: null }
const MIB = 2 ** 20

function derived(text: string, facts: Partial<DerivedFacts> = {}): Readonly<Record<string, string>> {
  const lines = text.split('\n').filter((line) => line !== '')
  const settings = lines.map((line) => ({ key: line.split('=')[0] ?? '', value: line.split('=')[1] ?? '' }))
  const found = derivedSettings({ settings }, { ...NOTHING, ...facts })
  return Object.fromEntries(found.map(({ key, to }) => [key, to]))
}

describe('purging', () => {
  test('is asked for once a day, and once an hour where a day is much, or much of the disk', () => {
    expect(derived('')).toEqual({ 'autopurge.purgeInterval': '24' })
    // 100 writes of 1,152 bytes a second are 9.3 GiB a day.
    expect(derived('', { writesPerSecond: 100 })).toEqual({ 'autopurge.purgeInterval': '24' })
    expect(derived('', { writesPerSecond: 200 })).toEqual({ 'autopurge.purgeInterval': '1' })
    expect(derived('', { writesPerSecond: 100, roomBytes: 16 * 2 ** 30 })['autopurge.purgeInterval']).toBe('1')
    expect(derived('autopurge.purgeInterval=1\n', { writesPerSecond: 200 })).toEqual({})
  })
})

describe('snapCount', () => {
  test('is lowered where the logs that a purge keeps would not have room', () => {
    const kept = 'autopurge.purgeInterval=1\nsnapCount=100000\n'
    // Four logs of 100,000 writes of 1,152 bytes are 440 MiB.
    expect(derived(kept, { roomBytes: 1_000 * MIB })).toEqual({})
    expect(derived(kept, { roomBytes: 600 * MIB })).toEqual({ snapCount: '68000' })
  })
})

test('the slowest write raises syncLimit with a margin of four', () => {
  const text = 'autopurge.purgeInterval=1\ntickTime=2000\nsyncLimit=2\n'
  expect(derived(text, { stallMs: 900 })).toEqual({})
  expect(derived(text, { stallMs: 1_600 })).toEqual({ syncLimit: '4' })
  expect(derived('autopurge.purgeInterval=1\n', { stallMs: 60_000 })).toEqual({})
})

test('clients may come twice from one address', () => {
  const server = { settings: [{ key: 'maxClientCnxns', value: '4' }] }
  expect(connectionLimit(server, 16).map(({ to }) => to)).toEqual(['40'])
  expect(connectionLimit({ settings: [] }, 30)).toEqual([])
  expect(connectionLimit({ settings: [{ key: 'maxClientCnxns', value: '0' }] }, 900)).toEqual([])
})
