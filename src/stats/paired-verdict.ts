/** What pairs of measurements say: which of two things is better, by how much, and how sure that is. */
import type { Prng } from '../kernel/prng.ts'
import { CentreBootstrap } from './bootstrap.ts'
import { hodgesLehmann, leastP, signedRankInterval, signedRankP, type Interval } from './signed-rank.ts'
import { studentPoint } from './student.ts'

/**
 * - `better`, `worse`: there is a difference, and as estimated it is no smaller than the least one that matters
 * - `no-difference`: whatever difference there is, it is smaller than the least one that matters
 * - `inconclusive`: neither can be said yet
 */
export type PairedVerdict = 'better' | 'worse' | 'no-difference' | 'inconclusive'

export interface PairedFigure {
  /** What one pair each says: the logarithm of B / A. */
  readonly logRatios: readonly number[]
  readonly isHigherBetter: boolean
}

export interface PairedRules {
  /** The least difference that matters, as a share: 0.05. A ratio of 1.05 and one of 1 / 1.05 are as far from 1. */
  readonly minEffect: number
  /** How likely at least one verdict of the whole family may be wrong. */
  readonly alpha: number
  /** How likely the interval that is shown of one figure may miss its ratio. */
  readonly alphaShown: number
  readonly resamples?: number
}

export interface PairedJudgement {
  readonly pairs: number
  /** B / A: the centre of the pairs by Hodges and Lehmann; null where there is no pair. */
  readonly ratio: number | null
  /** By bootstrap, for this figure alone at `1 - alphaShown`; null where there are too few pairs. */
  readonly interval: Interval | null
  /** Of the signed-rank test: this figure alone, and held against all figures of the family by Holm. */
  readonly p: number
  readonly adjustedP: number
  readonly verdict: PairedVerdict
  /** About how many more pairs a verdict needs; null where there is one, or where nobody can tell. */
  readonly morePairs: number | null
}

/**
 * Judges figures of the same pairs together: the more of them, the likelier that one differs by chance.
 *
 * A difference is told where the signed-rank test, corrected by Holm (1979), and the bootstrap interval at the level which that correction gives
 * both exclude 1. No difference is told where that interval and the test's own both lie within the least difference that matters (two
 * one-sided tests, Schuirmann 1987, corrected by Bonferroni). Neither is told by one of the two alone.
 */
export function judgePairs(
  figures: readonly PairedFigure[],
  rules: PairedRules,
  prng: Prng,
): readonly PairedJudgement[] {
  const steps = holmSteps(figures.map(({ logRatios }) => signedRankP(logRatios)))
  return figures.map((figure, index) =>
    judgeOne(figure, { ...rules, ...steps[index], figures: figures.length }, prng.fork(`figure ${index}`)),
  )
}

function judgeOne(
  { logRatios, isHigherBetter }: PairedFigure,
  rules: PairedRules & Partial<HolmStep> & { readonly figures: number },
  prng: Prng,
): PairedJudgement {
  const { minEffect, alpha, alphaShown, resamples, figures, p = 1, adjustedP = 1, divisor = figures } = rules
  const pairs = logRatios.length
  if (pairs === 0) {
    return { pairs, ratio: null, interval: null, p, adjustedP, verdict: 'inconclusive', morePairs: null }
  }
  const most = Math.log(1 + minEffect)
  const centre = hodgesLehmann(logRatios)
  const bootstrap = new CentreBootstrap(logRatios, prng, resamples)
  const shown = bootstrap.interval(alphaShown)
  const judged = { pairs, ratio: Math.exp(centre), interval: expBoth(shown), p, adjustedP }

  const strict = bootstrap.interval(alpha / divisor)
  const isThere = adjustedP <= alpha && strict !== null && (strict.low > 0 || strict.high < 0)
  if (isThere && Math.abs(centre) >= most) {
    return { ...judged, verdict: centre > 0 === isHigherBetter ? 'better' : 'worse', morePairs: null }
  }
  const level = Math.min(alpha, (2 * alpha) / figures)
  const close = bootstrap.interval(level)
  const isWithin = (interval: Interval | null): boolean =>
    interval !== null && interval.low > -most && interval.high < most
  if (isWithin(close) && isWithin(signedRankInterval(logRatios, level))) {
    return { ...judged, verdict: 'no-difference', morePairs: null }
  }
  if (strict === null || close === null) return { ...judged, verdict: 'inconclusive', morePairs: null }
  const half = Math.max(strict.high - strict.low, close.high - close.low) / 2
  const needed = Math.max(
    pairsForHalfWidth(pairs, half, targetOf(Math.abs(centre), most)),
    leastPairs(alpha / figures),
    pairs + 1,
  )
  return { ...judged, verdict: 'inconclusive', morePairs: needed - pairs }
}

/**
 * How many pairs find a difference nearly always.
 *
 * @param deviation of a pair's log ratio; √2 times that of one boot's
 * @param effect the difference to be found, as a share
 * @param alpha how likely a difference may be told where there is none, with the correction for other figures in it
 * @param power how likely it is to be found
 */
export function pairsFor({
  deviation,
  effect,
  alpha,
  power,
}: {
  readonly deviation: number
  readonly effect: number
  readonly alpha: number
  readonly power: number
}): number {
  const logEffect = Math.log(1 + effect)
  for (let pairs = Math.max(3, leastPairs(alpha)); ; pairs++) {
    const reach = studentPoint(alpha / 2, pairs - 1) + studentPoint(1 - power, pairs - 1)
    if (reach * Math.sqrt(RANK_COST / pairs) * deviation <= logEffect) return pairs
  }
}

/** What ranks cost beside the mean where the noise is normal: π / 3. */
const RANK_COST = Math.PI / 3

/** Half of an interval narrower than this share of the least difference would be asked for only by chance. */
const TARGET_LEAST = 0.5

/** How near the centre the ends of the interval must come, so that there is a verdict if the centre stays where it is. */
function targetOf(distance: number, most: number): number {
  return distance >= most ? distance : Math.max(most - distance, TARGET_LEAST * most)
}

function pairsForHalfWidth(pairs: number, half: number, target: number): number {
  return Math.ceil(pairs * (half / target) ** 2)
}

/** Fewer pairs than this cannot be that sure, whatever they say. */
export function leastPairs(alpha: number): number {
  let pairs = 1
  while (leastP(pairs) > alpha) pairs++
  return pairs
}

interface HolmStep {
  readonly p: number
  readonly adjustedP: number
  /** Against how many figures it is held. */
  readonly divisor: number
}

/** S. Holm, "A simple sequentially rejective multiple test procedure" (1979): the least p is held against all, the next against the others… */
function holmSteps(ps: readonly number[]): readonly HolmStep[] {
  const order = ps.map((p, index) => ({ p, index })).sort((one, other) => one.p - other.p)
  const steps: HolmStep[] = ps.map((p) => ({ p, adjustedP: 1, divisor: ps.length }))
  let adjustedP = 0
  order.forEach(({ p, index }, place) => {
    const divisor = ps.length - place
    adjustedP = Math.max(adjustedP, Math.min(1, divisor * p))
    steps[index] = { p, adjustedP, divisor }
  })
  return steps
}

function expBoth(logs: Interval | null): Interval | null {
  return logs === null ? null : { low: Math.exp(logs.low), high: Math.exp(logs.high) }
}
