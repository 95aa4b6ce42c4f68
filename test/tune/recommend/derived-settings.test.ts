import fc from 'fast-check'
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

describe('the time that servers took to come back', () => {
  const PURGED = 'autopurge.purgeInterval=1\n'
  const returned = (lost: 'nothing' | 'data', syncMs: number) => {
    return { server: 2, lost, awayMs: 2_000, missedWrites: 9, startMs: 5_000, syncMs }
  }
  const recovery = (...returns: ReturnType<typeof returned>[]) => ({ tree: { znodes: 7_000, valueBytes: 64 }, returns })

  test('raises initLimit to three times the slowest without its data', () => {
    const facts = { recovery: recovery(returned('data', 7_000), returned('data', 9_100), returned('nothing', 100)) }
    expect(derived(`${PURGED}tickTime=2000\ninitLimit=5\n`, facts)).toEqual({ initLimit: '14' })
    expect(derived(`${PURGED}tickTime=2000\ninitLimit=14\n`, facts)).toEqual({})
    expect(derived(`${PURGED}initLimit=5\n`, facts)).toEqual({ initLimit: '10' })
    expect(derived(`${PURGED}tickTime=2000\n`, facts)).toEqual({})
  })

  test('raises syncLimit to twice the slowest with what it missed, or to four times a write where that is more', () => {
    const text = `${PURGED}tickTime=1000\nsyncLimit=2\n`
    const facts = { recovery: recovery(returned('data', 60_000), returned('nothing', 2_100)) }
    expect(derived(text, facts)).toEqual({ syncLimit: '5' })
    expect(derived(text, { ...facts, stallMs: 2_000 })).toEqual({ syncLimit: '8' })
  })

  test('lowers nothing, whatever it was', () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.nat(100_000), fc.integer({ min: 1, max: 60 }), (full, part, ticks) => {
        const text = `${PURGED}tickTime=2000\ninitLimit=${ticks}\nsyncLimit=${ticks}\n`
        const found = derived(text, { recovery: recovery(returned('data', full), returned('nothing', part)) })
        for (const to of Object.values(found)) expect(Number(to)).toBeGreaterThan(ticks)
        expect(2_000 * Number(found['initLimit'] ?? ticks)).toBeGreaterThanOrEqual(3 * full)
        expect(2_000 * Number(found['syncLimit'] ?? ticks)).toBeGreaterThanOrEqual(2 * part)
      }),
    )
  })
})

test('clients may come twice from one address', () => {
  const server = { settings: [{ key: 'maxClientCnxns', value: '4' }] }
  expect(connectionLimit(server, 16).map(({ to }) => to)).toEqual(['40'])
  expect(connectionLimit({ settings: [] }, 30)).toEqual([])
  expect(connectionLimit({ settings: [{ key: 'maxClientCnxns', value: '0' }] }, 900)).toEqual([])
})
