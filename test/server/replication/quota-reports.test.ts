import { expect, test } from 'vitest'
import { QuotaReports } from '../../../src/server/replication/quota-reports.ts'
import type { QuotaExcess } from '../../../src/tree/quota-excess.ts'
import { FakeClock } from '../fake-world.ts'

const SOFT: QuotaExcess = { path: '/app/a', what: 'count', isHard: false, isRefused: false, usage: 3, limit: 2 }
const HARD: QuotaExcess = { path: '/app/b', what: 'bytes', isHard: true, isRefused: true, usage: 11, limit: 10 }

test('exceeded quotas are told in at most one line a second, and all of them are counted', () => {
  const clock = new FakeClock()
  const notes: string[] = []
  const reports = new QuotaReports(clock, (note) => notes.push(note))
  for (const excess of [SOFT, HARD, SOFT]) reports.onExcess(excess)
  clock.advance(999)
  reports.onExcess(HARD)
  clock.advance(1)
  reports.onExcess(HARD)
  clock.advance(1_000)
  reports.onExcess(SOFT)
  expect(notes).toEqual([
    'a write exceeds the quota of /app/a: 3 znodes where the soft limit is 2',
    'a write was refused that exceeds the quota of /app/b: 11 bytes where the hard limit is 10; ' +
      'so did 3 others since the last such line',
    'a write exceeds the quota of /app/a: 3 znodes where the soft limit is 2',
  ])
  expect(reports.toleratedCount).toBe(3)
  expect([...reports.refusedByNamespace]).toEqual([['app', 3]])
})
