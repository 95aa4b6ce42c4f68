import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { FaultyInput } from '../../../src/kernel/faults.ts'
import { ProfileLibrary } from '../../../src/profile/library.ts'
import { planOf } from '../../../src/profile/plan-of.ts'
import type { PlanFlags } from '../../../src/profile/plan-flags.ts'
import type { Plan } from '../../../src/profile/plan.ts'
import { decodeText, encodeText, rangeOf } from '../../../src/tune/space/knob-range.ts'
import { SEARCH_KNOBS } from '../../../src/tune/space/search-knob-data.ts'
import { NO_WISHES, searchSpaceOf } from '../../../src/tune/space/search-space.ts'
import type { SearchSpace, SpaceWishes } from '../../../src/tune/space/search-space.ts'
import { engineSupport } from '../../../src/zoocfg/engine-support.ts'
import { findKnob } from '../../../src/zoocfg/catalogue.ts'
import { shippedProfiles } from '../../profile/shipped-profiles.ts'

const library = ProfileLibrary.read(shippedProfiles())

function planWith(flags: PlanFlags = {}, text: string | null = null, workload = 'mixed'): Plan {
  const config = text === null ? null : { file: 'zoo.cfg', text }
  return planOf({ library, profiles: [{ flag: '--workload', profile: workload }], config, flags, freshSeed: 1 })
}

function spaceOf(plan: Plan, wishes: Partial<SpaceWishes> = {}): SearchSpace {
  return searchSpaceOf(plan, { ...NO_WISHES, ...wishes }, 4)
}

function keysOf({ dimensions }: SearchSpace): readonly string[] {
  return dimensions.map(({ key }) => key)
}

describe('the knobs', () => {
  test('are settings of ZooKeeper or of the built-in engine, each once, with words that the catalogue has', () => {
    const keys = SEARCH_KNOBS.map(({ key }) => key)
    expect(new Set(keys).size).toBe(keys.length)
    for (const { key, range } of SEARCH_KNOBS) {
      const knob = findKnob(key)
      expect(knob, key).not.toBeNull()
      if (range.kind === 'words' && knob?.words !== undefined)
        expect(knob.words, key).toEqual(expect.arrayContaining([...range.words]))
      expect(knob?.inZooCfg, key).not.toBe(false)
    }
  })

  test('on either engine are those that it acts on', () => {
    for (const key of keysOf(spaceOf(planWith()))) expect(engineSupport(key).honoured, key).toBe(true)
    expect(keysOf(spaceOf(planWith()))).not.toContain('commitProcessor.numWorkerThreads')
    expect(keysOf(spaceOf(planWith({ engine: 'apache' })))).toContain('commitProcessor.numWorkerThreads')
    expect(keysOf(spaceOf(planWith({ engine: 'apache' }), { knobs: ['zktune.logSync', 'snapCount'] }))).toEqual([
      'snapCount',
    ])
  })

  test('are those that the release knows which will run the result', () => {
    const older = spaceOf(planWith({ engine: 'apache' }), { release: { major: 3, minor: 5 } })
    expect(keysOf(older)).toContain('snapCount')
    expect(keysOf(older)).not.toContain('maxBatchSize')
    expect(older.left).toContainEqual({
      key: 'maxBatchSize',
      tier: 'usual',
      because: 'ZooKeeper 3.5 does not know it: it came with 3.6.0',
    })
    // Where one stands in the file all the same, the search leaves it alone.
    const given = spaceOf(planWith({}, 'maxBatchSize=1\n'), { release: { major: 3, minor: 5 } })
    expect(keysOf(given)).not.toContain('maxBatchSize')
  })

  test('are those that the workload can feel', () => {
    expect(keysOf(spaceOf(planWith({}, null, 'session-storm')))).toContain('clientPortListenBacklog')
    expect(keysOf(spaceOf(planWith({}, null, 'mixed')))).not.toContain('clientPortListenBacklog')
  })

  test('never trade safety unless named', () => {
    const unsafe = SEARCH_KNOBS.filter(({ tier }) => tier === 'unsafe').map(({ key }) => key)
    expect(unsafe).toEqual(['forceSync', 'digest.enabled', 'snapshot.trust.empty', 'skipACL'])
    for (const key of unsafe) expect(keysOf(spaceOf(planWith()))).not.toContain(key)
    expect(keysOf(spaceOf(planWith(), { allowUnsafe: ['forceSync'] }))).toContain('forceSync')
    expect(() => spaceOf(planWith(), { pins: ['forceSync=no'] })).toThrow('--allow-unsafe forceSync')
    expect(() => spaceOf(planWith(), { pins: ['forceSync=yes'] })).not.toThrow()
  })

  test('that a file sets oddly are searched though they are not usual, from where the file has them', () => {
    const space = spaceOf(planWith({}, 'txnLogSizeLimitInKb=1024\nrequest_throttle_max_requests=4\n'))
    const [limit, throttle] = ['txnLogSizeLimitInKb', 'request_throttle_max_requests'].map((key) =>
      space.dimensions.find((dimension) => dimension.key === key),
    )
    expect(limit).toMatchObject({ start: '1024', because: 'zoo.cfg:1 sets it', range: { low: 1024 } })
    expect(throttle).toMatchObject({ start: '4', range: { low: 4, high: 50_000 } })
  })

  test('stay where they are pinned', () => {
    const space = spaceOf(planWith(), { pins: ['snapCount=50000'] })
    expect(keysOf(space)).not.toContain('snapCount')
    expect(space.left).toContainEqual({ key: 'snapCount', tier: 'usual', because: 'it is pinned to 50000' })
  })

  test('that do not exist are all told at once', () => {
    const wishes = {
      knobs: ['flushdelay', 'tickTime'],
      pins: ['a', 'b=1', 'snapCount=50000'],
      allowUnsafe: ['snapCount'],
    }
    try {
      spaceOf(planWith(), wishes)
      expect.unreachable()
    } catch (error) {
      expect((error as FaultyInput).faults.map(({ where }) => where)).toEqual([
        '--knobs flushdelay',
        '--knobs tickTime',
        '--allow-unsafe snapCount',
        '--pin a',
        '--pin b=1',
      ])
    }
  })
})

describe('a range', () => {
  const ranges = SEARCH_KNOBS.map(({ range }) => rangeOf(range, 4, []))

  test('gives texts that are its own, which code and decode to themselves', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ranges), fc.double({ min: 0, max: 1, noNaN: true }), (range, share) => {
        const coordinate = range.kind === 'words' ? Math.floor(share * (range.words.length - 1)) : share
        const text = decodeText(range, coordinate)
        expect(decodeText(range, encodeText(range, text))).toBe(text)
      }),
    )
  })

  test('has its bounds at its ends, and no limit beyond them', () => {
    const [log] = SEARCH_KNOBS.filter(({ key }) => key === 'request_throttle_max_requests').map(({ range }) =>
      rangeOf(range, 4, []),
    )
    if (log === undefined) throw new Error('the knob is gone')
    expect([0, 0.85, 1].map((at) => decodeText(log, at))).toEqual(['500', '50000', '0'])
    expect(decodeText(log, 0.425)).toBe('5000') // the geometric middle
    expect(encodeText(log, '0')).toBe(1)
  })

  test('is widened by where the search starts', () => {
    const range = rangeOf({ kind: 'whole', scale: 'log', low: 100, high: 10_000 }, 4, ['1', '20000', 'nonsense', '-1'])
    expect(range).toMatchObject({ low: 1, high: 20_000 })
    expect(rangeOf({ kind: 'words', words: ['yes', 'no'] }, 4, ['Yes', 'maybe'])).toMatchObject({
      words: ['yes', 'no', 'maybe'],
    })
  })

  test('grows with the cores where it is about threads', () => {
    const bounds = { kind: 'whole', scale: 'linear', low: 0, high: { perCore: 3, atLeast: 4 } } as const
    expect([1, 8].map((cores) => rangeOf(bounds, cores, []))).toMatchObject([{ high: 4 }, { high: 24 }])
  })
})
