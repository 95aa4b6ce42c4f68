import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { DiskFigures } from '../../../src/measure/disk-probe.ts'
import { ConfigurationSpace } from '../../../src/tune/space/configuration-space.ts'
import { boundedByDisk, fasterLog } from '../../../src/tune/space/disk-bounds.ts'
import { NO_WISHES, searchSpaceOf } from '../../../src/tune/space/search-space.ts'
import type { SearchSpace } from '../../../src/tune/space/search-space.ts'
import { DISK } from '../../report/bench-example.ts'
import { planWith } from '../recommend/synthetic.ts'

function disk(folder: string, syncMs: number): DiskFigures {
  return { ...DISK, folder, alone: { ...DISK.alone, syncUs: { ...DISK.alone.syncUs, p50: syncMs * 1_000 } } }
}

function waitsIn(space: SearchSpace): object {
  const { range } = space.dimensions.find(({ key }) => key === 'flushDelay') ?? { range: null }
  return range?.kind === 'whole' ? { low: range.low, high: range.high, usual: range.usual } : {}
}

const spaceOf = (text: string): SearchSpace => searchSpaceOf(planWith(text), NO_WISHES, 2)

describe('how long a flush may wait', () => {
  test('is no less than a sync takes, and reaches to four of them', () => {
    const space = spaceOf('tickTime=2000\n')
    expect(waitsIn(space)).toEqual({ low: 1, high: 20, usual: { low: 1, high: 20 } })
    expect(waitsIn(boundedByDisk(space, [disk('/a', 0.3)]))).toEqual({ low: 1, high: 20, usual: { low: 1, high: 20 } })
    expect(waitsIn(boundedByDisk(space, [disk('/a', 7.2)]))).toEqual({ low: 8, high: 29, usual: { low: 8, high: 29 } })
    expect(waitsIn(boundedByDisk(space, []))).toEqual(waitsIn(space))
  })

  test('of several folders suits each', () => {
    const disks = [disk('/slow', 12), disk('/fast', 2)]
    expect(waitsIn(boundedByDisk(spaceOf('tickTime=2000\n'), disks))).toMatchObject({ low: 2, high: 48 })
  })

  test('takes in what the file has, and none, on any disk', () => {
    const waits = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 900 }))
    fc.assert(
      fc.property(waits, fc.double({ min: 0, max: 90, noNaN: true }), (wait, syncMs) => {
        const text = `flushDelay=${wait}\nmaxWriteQueuePollTime=${wait}\n`
        const space = new ConfigurationSpace(boundedByDisk(spaceOf(text), [disk('/a', syncMs)]))
        const again = space.configurationOf(space.pointOf(space.start))
        expect(again.get('flushDelay')).toBe(String(wait))
        const none = new Map([...space.start, ['flushDelay', '0']])
        expect(space.configurationOf(space.pointOf(none)).get('flushDelay')).toBe('0')
      }),
    )
  })
})

describe('the folder of the log to begin with', () => {
  const start = new Map([
    ['dataLogDir', '/a'],
    ['snapCount', '100000'],
  ])

  test('is tried where a probe finds it clearly faster', () => {
    expect(fasterLog(start, [disk('/a', 2), disk('/b', 1), disk('/c', 0.5)])?.get('dataLogDir')).toBe('/c')
    expect(fasterLog(start, [disk('/a', 2), disk('/b', 1.7)])).toBeNull()
    expect(fasterLog(start, [disk('/a', 1), disk('/b', 2)])).toBeNull()
    expect(fasterLog(new Map([['snapCount', '100000']]), [disk('/a', 2), disk('/b', 1)])).toBeNull()
  })
})
