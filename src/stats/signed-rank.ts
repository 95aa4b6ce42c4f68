/** The signed-rank test of Wilcoxon (1945), exact, and the estimate and interval that go with it (Hodges and Lehmann, 1963). */

import { median } from './quantile.ts'

export interface Interval {
  readonly low: number
  readonly high: number
}

/**
 * How likely differences as far from 0 as these are, where they were symmetric about 0: two-sided, and exact for any number of them, ties
 * included. Differences of 0 say nothing and are left out, as Wilcoxon did.
 *
 * @param differences any order; not changed
 * @returns 1 where there is nothing to test
 */
export function signedRankP(differences: readonly number[]): number {
  const given = differences.filter((each) => each !== 0)
  const ranks = doubledRanks(given.map((each) => Math.abs(each)))
  const total = ranks.reduce((sum, rank) => sum + rank, 0)
  const positive = ranks.reduce((sum, rank, index) => sum + ((given[index] ?? 0) > 0 ? rank : 0), 0)
  const least = Math.min(positive, total - positive)
  return Math.min(1, 2 * shareUpTo(least, ranks, total))
}

/** The least that `signedRankP` can be with so many differences. */
export function leastP(count: number): number {
  return 2 ** (1 - count)
}

/**
 * The means of all pairs of the samples, each sample paired with itself too: Walsh averages, ascending. Their median is the estimate of
 * Hodges and Lehmann for the centre, nearly as sure as the mean without outliers, and hardly moved by them.
 */
export function walshAverages(samples: readonly number[]): Float64Array {
  const averages: number[] = []
  samples.forEach((one, first) => {
    for (let second = first; second < samples.length; second++) averages.push((one + (samples[second] ?? one)) / 2)
  })
  return Float64Array.from(averages).sort()
}

/** @param samples at least one */
export function hodgesLehmann(samples: readonly number[]): number {
  return median(walshAverages(samples))
}

/**
 * All centres that the signed-rank test does not reject: Tukey's interval between two Walsh averages.
 *
 * @param alpha how likely it may miss the centre, 0 to 1
 * @returns null where the samples are too few to be that sure of anything
 */
export function signedRankInterval(samples: readonly number[], alpha: number): Interval | null {
  const averages = walshAverages(samples)
  const ranks = samples.map((_, index) => 2 * (index + 1))
  const counts = sumCounts(ranks, averages.length * 2)
  // How many sums of ranks, from 0 on, are together unlikely enough for one side.
  let unlikely = 0
  let share = 0
  for (;;) {
    share += (counts[2 * unlikely] ?? 0) / 2 ** samples.length
    if (share > alpha / 2) break
    unlikely++
  }
  const low = averages[unlikely - 1]
  const high = averages[averages.length - unlikely]
  return low === undefined || high === undefined ? null : { low, high }
}

/** Ranks from 1, doubled so that the middle rank of a tie is whole too. */
function doubledRanks(magnitudes: readonly number[]): readonly number[] {
  const sorted = [...magnitudes].sort((one, other) => one - other)
  const rankOf = new Map<number, number>()
  for (let start = 0; start < sorted.length;) {
    const value = sorted[start] ?? 0
    let end = start
    while (sorted[end] === value) end++
    rankOf.set(value, start + 1 + end)
    start = end
  }
  return magnitudes.map((each) => rankOf.get(each) ?? 0)
}

/** Of all ways to give the ranks signs, the share in which those with a plus add up to `sum` at most. */
function shareUpTo(sum: number, ranks: readonly number[], total: number): number {
  const counts = sumCounts(ranks, total)
  let share = 0
  for (let each = 0; each <= sum; each++) share += counts[each] ?? 0
  return share / 2 ** ranks.length
}

/** How many subsets of the ranks have each sum. Counts beyond 2^53 lose their last digits, and no share that anybody reads. */
function sumCounts(ranks: readonly number[], total: number): Float64Array {
  const counts = new Float64Array(total + 1)
  counts[0] = 1
  for (const rank of ranks) {
    for (let sum = total; sum >= rank; sum--) counts[sum] = (counts[sum] ?? 0) + (counts[sum - rank] ?? 0)
  }
  return counts
}
