import { expect, test } from 'vitest'
import { fitScalabilityLaw } from '../../src/stats/scalability-law.ts'
import { Prng } from '../../src/kernel/prng.ts'
import type { RateSearchResult } from '../../src/measure/bench-result.ts'
import { parseThreshold } from '../../src/measure/threshold.ts'
import { foundText, scalabilityLines, triesLines } from '../../src/report/search-text.ts'
import type { Style } from '../../src/report/style.ts'

const PLAIN: Style = { hasColour: false, hasUnicode: true, columns: 80 }
const TRY = {
  purpose: 'bracket',
  seconds: 2,
  value: 12_400,
  opsPerSecond: 4_199,
  isKept: true,
  clientLimited: null,
} as const

const FOUND: RateSearchResult = {
  objective: parseThreshold('write.p99<20ms'),
  ratePerSecond: 4_200,
  low: null,
  high: null,
  boots: [
    {
      ratePerSecond: 4_200,
      tries: [
        { ...TRY, ratePerSecond: 4_200 },
        { ...TRY, ratePerSecond: 6_300, value: null, isKept: false, purpose: 'narrow', clientLimited: 'why' },
      ],
    },
  ],
}

test('a rate that was found stands with its interval, and every try below', () => {
  expect(foundText(FOUND, PLAIN)).toBe('highest rate with write.p99<20ms: 4,200/s')
  expect(foundText({ ...FOUND, low: 4_000, high: 4_400 }, PLAIN)).toMatch(/4,200\/s \(4,000–4,400\)$/)
  expect(triesLines(FOUND, PLAIN).join('\n').replaceAll(/ +/g, ' ')).toContain(
    '4,200 4,199 12.4 kept bracket\n6,300 4,199 too few not kept narrow, client-limited',
  )
})

test('where there is none, it says so, and whether longer tries would help', () => {
  const none = { ...FOUND, ratePerSecond: null }
  expect(foundText(none, PLAIN)).toBe('highest rate with write.p99<20ms: none')
  const short = { ...none, boots: [{ ratePerSecond: null, tries: [{ ...TRY, ratePerSecond: 10, value: null }] }] }
  expect(foundText(short, PLAIN)).toMatch(/no try had enough samples/)
})

test('a law is told with its intervals and its fit, or why it is silent', () => {
  const points = [1, 2, 4, 8, 16, 32].map((n) => {
    return { concurrency: n, opsPerSecond: (1_000 * n) / (1 + 0.1 * (n - 1) + 0.002 * n * (n - 1)) }
  })
  const told = scalabilityLines({ over: 'sessions', points, ...fitScalabilityLaw(points, new Prng(1)) }, PLAIN)
  expect(told.join('\n')).toMatch(/contention {3}10 % .*\ncoherency {4}0\.2 % .*\nknee {9}knee at 21 sessions/)
  const silent = { over: 'inFlight', points, law: null, refused: 'it takes 6' } as const
  expect(scalabilityLines(silent, PLAIN)).toEqual(['No law of scalability is told: it takes 6.'])
})
