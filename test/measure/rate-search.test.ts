import { describe, expect, test } from 'vitest'
import { Prng } from '../../src/kernel/prng.ts'
import { RateSearch } from '../../src/measure/rate-search.ts'

/** Tries what is asked for. @param keeps whether a rate keeps the objective, this time */
function searched(
  capacity: number,
  keeps: (rate: number) => boolean,
  triesMax = 40,
): { found: number | null; tries: number[] } {
  const search = new RateSearch(capacity, triesMax)
  const tries: number[] = []
  for (let next = search.next; next !== null; next = search.next) {
    tries.push(next.ratePerSecond)
    search.report(keeps(next.ratePerSecond))
  }
  return { found: search.found, tries }
}

describe('the search for the highest rate', () => {
  test.each([100, 480, 700, 1_001, 2_500])('finds %d to 5 %, and has tried it twice', (truth) => {
    const { found, tries } = searched(1_000, (rate) => rate <= truth)
    expect((found ?? 0) / truth).toBeGreaterThan(0.94)
    expect((found ?? 0) / truth).toBeLessThanOrEqual(1)
    expect(tries.filter((rate) => rate === found).length).toBeGreaterThanOrEqual(2)
    expect(tries.length).toBeLessThanOrEqual(14)
  })

  test('finds nothing where nothing is kept, and ends', () => {
    const { found, tries } = searched(1_000, () => false)
    expect([found, tries.at(-1)]).toEqual([null, 1])
  })

  test('ends where all is kept: at four times the capacity', () => {
    expect(searched(1_000, () => true).found).toBe(4_000)
  })

  test('a lucky try is not taken for a rate', () => {
    let lucky = true
    const { found } = searched(1_000, (rate) => {
      if (rate <= 500) return true
      const isKept = rate < 800 && lucky
      if (isKept) lucky = false
      return isKept
    })
    expect(found).toBeLessThanOrEqual(500)
    expect(found).toBeGreaterThan(450)
  })

  test('under noise it stays near, and mostly below, where tries are kept half of the time', () => {
    const prng = new Prng(11)
    const found = Array.from({ length: 300 }, () => {
      // A logistic curve: kept almost always at 0.8 of 1,000, almost never at 1.2 of it.
      return searched(1_400, (rate) => prng.float() < 1 / (1 + Math.exp((rate / 1_000 - 1) * 25))).found ?? 0
    })
    const sorted = found.toSorted((one, other) => one - other)
    expect(sorted[15]).toBeGreaterThan(700)
    expect(sorted[284]).toBeLessThan(1_150)
  })

  test('ends when its tries are used up, with what was confirmed until then', () => {
    expect(searched(1_000, (rate) => rate <= 480, 3)).toMatchObject({ found: null })
    expect(searched(1_000, (rate) => rate <= 480, 3).tries).toHaveLength(3)
  })
})
