/** From trials, block by block, to what they say about each arm. */
import type { Prng } from '../kernel/prng.ts'
import { judgePairs, type PairedJudgement, type PairedRules } from '../stats/paired-verdict.ts'
import { median } from '../stats/quantile.ts'
import { armDifferences, unheededSettings, type Arm } from './arm.ts'
import type { ComparedMetric } from './compared-metric.ts'
import type { ArmComparison, ArmVerdict, ComparedFigure, TrialRecord } from './compare-result.ts'

/**
 * Judges every arm but the first against the first, all figures of all of them as one family.
 *
 * @param prng draws the resamples
 */
export function judgeArms(
  arms: readonly Arm[],
  metrics: readonly ComparedMetric[],
  trials: readonly TrialRecord[],
  rules: PairedRules,
  prng: Prng,
): readonly ArmComparison[] {
  const [first, ...others] = arms
  if (first === undefined) throw new RangeError('a comparison has arms')
  const cells = others.flatMap((arm) =>
    metrics.map((metric) => ({ arm, metric, pairs: pairsOf(trials, first, arm, metric) })),
  )
  const judged = judgePairs(
    cells.map(({ metric, pairs }) => ({
      logRatios: pairs.map(([left, right]) => Math.log(right / left)),
      isHigherBetter: metric.isHigherBetter,
    })),
    rules,
    prng,
  )
  const figures = cells.map(({ metric, pairs }, index) => figureOf(metric, pairs, judged[index] as PairedJudgement))
  return others.map((arm, index) => {
    const own = figures.slice(index * metrics.length, (index + 1) * metrics.length)
    return {
      arm: arm.label,
      ...verdictOf(own, first, arm, trials),
      differences: armDifferences(first, arm),
      unheeded: unheededSettings(first, arm),
      figures: own,
    }
  })
}

/** How many figures are judged together. */
export function familySize(arms: readonly Arm[], metrics: readonly ComparedMetric[]): number {
  return (arms.length - 1) * metrics.length
}

type Pair = readonly [baseline: number, arm: number]

/** Of the blocks in which both were measured, and have the figure. */
function pairsOf(trials: readonly TrialRecord[], first: Arm, arm: Arm, { name }: ComparedMetric): readonly Pair[] {
  const valueIn = (block: number, { label }: Arm): number => {
    const trial = trials.find((each) => each.block === block && each.arm === label && each.kind === 'measured')
    return trial?.metrics[name] ?? 0
  }
  const blocks = [...new Set(trials.map(({ block }) => block))].filter((block) => block > 0)
  return blocks
    .map((block): Pair => [valueIn(block, first), valueIn(block, arm)])
    .filter(([left, right]) => left > 0 && right > 0)
}

function figureOf(metric: ComparedMetric, pairs: readonly Pair[], judged: PairedJudgement): ComparedFigure {
  const middle = (side: 0 | 1): number | null => (pairs.length === 0 ? null : median(pairs.map((pair) => pair[side])))
  return {
    metric: metric.name,
    unit: metric.unit,
    isHigherBetter: metric.isHigherBetter,
    baseline: middle(0),
    value: middle(1),
    ratio: judged.ratio,
    low: judged.interval?.low ?? null,
    high: judged.interval?.high ?? null,
    p: judged.p,
    adjustedP: judged.adjustedP,
    pairs: judged.pairs,
    verdict: judged.verdict,
    morePairs: judged.morePairs,
  }
}

function verdictOf(
  figures: readonly ComparedFigure[],
  first: Arm,
  arm: Arm,
  trials: readonly TrialRecord[],
): { readonly verdict: ArmVerdict; readonly because: string } {
  const ofArm = trials.filter(({ arm: label }) => label === arm.label)
  const failures = ofArm.filter(({ kind }) => kind === 'failed')
  const told = (verdict: ComparedFigure['verdict']): readonly string[] =>
    figures.filter((figure) => figure.verdict === verdict).map(({ metric }) => metric)
  const parts = (['worse', 'better', 'no-difference', 'inconclusive'] as const).flatMap((verdict) => {
    const metrics = told(verdict)
    return metrics.length === 0 ? [] : [`${verdict.replace('-', ' ')} in ${metrics.join(', ')}`]
  })
  const all = parts.join('; ')
  // The verdict of all figures alike need not be said twice.
  const because = parts.length === 1 ? all.replace(/^.* in /, 'in ') : all
  const [isWorse, isBetter] = [told('worse').length > 0, told('better').length > 0]
  if (failures.length > 0) {
    const what = failures[0]?.what ?? ''
    return { verdict: 'failed', because: `${failures.length} of ${ofArm.length} trials: ${what}` }
  }
  const failed = errorsOf(trials, arm)
  if (isBetter && failed > 0 && errorsOf(trials, first) === 0) {
    return { verdict: 'mixed', because: `${all}; but ${failed} of its requests failed, and none of ${first.label}'s` }
  }
  if (isWorse && isBetter) return { verdict: 'mixed', because }
  if (isWorse || isBetter) return { verdict: isWorse ? 'worse' : 'better', because }
  return { verdict: told('inconclusive').length > 0 ? 'inconclusive' : 'no-difference', because }
}

/** Requests that failed in the arm's trials that were measured, those before the first pair left out. */
export function errorsOf(trials: readonly TrialRecord[], { label }: Pick<Arm, 'label'>): number {
  const own = trials.filter(({ arm, block }) => arm === label && block > 0)
  return own.reduce((sum, { metrics }) => sum + (metrics['all.errors'] ?? 0), 0)
}
