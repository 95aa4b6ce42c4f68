/** The words and figures that every form of a comparison's report shares. */
import type {
  ArmComparison,
  ArmVerdict,
  ComparedArm,
  ComparedFigure,
  CompareResult,
  FigureUnit,
} from '../tune/compare-result.ts'
import type { ArmDifference, ArmValue } from '../tune/arm.ts'
import { grouped, milliseconds, seconds, withinReach } from './figures.ts'

export const VERDICT_WORDS: Readonly<Record<ArmVerdict, string>> = {
  better: 'BETTER',
  worse: 'WORSE',
  'no-difference': 'NO DIFFERENCE',
  inconclusive: 'INCONCLUSIVE',
  mixed: 'MIXED',
  failed: 'FAILED',
}

/** What latencies are told in; the others as they are. */
const SHOWN_UNIT: Readonly<Record<FigureUnit, string>> = { 'ops/s': 'ops/s', us: 'ms', ms: 'ms' }

const MORE_PAIRS_MAX = 999

/** `all.p99, ms`; a name that says its unit says it once. */
export function figureName({ metric, unit }: ComparedFigure): string {
  if (metric.endsWith('Ms')) return metric
  return `${metric}, ${SHOWN_UNIT[unit]}`
}

export function valueText(value: number | null, unit: FigureUnit): string {
  if (value === null) return '-'
  return unit === 'us' ? milliseconds(value) : grouped(value)
}

/** With the digits that the interval supports; `-` without pairs. */
export function ratioText({ ratio, low, high }: ComparedFigure): string {
  return ratio === null ? '-' : withinReach(ratio, low === null || high === null ? null : { low, high })
}

export function intervalText({ low, high }: ComparedFigure): string {
  if (low === null || high === null) return '-'
  return `${withinReach(low, { low, high })} to ${withinReach(high, { low, high })}`
}

/** Three digits, and no zero where it is only small. */
export function pText(p: number): string {
  return p < 0.001 ? '< 0.001' : p.toFixed(3)
}

/** `no difference (within 5 %)`, `inconclusive (about 12 more pairs)` */
export function figureVerdict(
  { verdict, morePairs, isHigherBetter, ratio }: ComparedFigure,
  minEffect: number,
): string {
  switch (verdict) {
    case 'better':
    case 'worse':
      return `${VERDICT_WORDS[verdict]} (${(ratio ?? 1) > 1 ? 'higher' : 'lower'}${isHigherBetter ? '' : ' latency'})`
    case 'no-difference':
      return `no difference (within ${percent(minEffect)})`
    case 'inconclusive':
      return morePairs === null ? 'inconclusive' : `inconclusive (${morePairsText(morePairs)})`
  }
}

/** About how many; where the noise is that large, no number of pairs is the answer. */
function morePairsText(morePairs: number): string {
  return morePairs >= MORE_PAIRS_MAX ? `${MORE_PAIRS_MAX}+ more pairs` : `about ${morePairs} more pairs`
}

export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`
}

/** `10 pairs of fresh ensembles, in random order within each; 3 m 12 s` */
export function designLines(result: CompareResult): readonly string[] {
  const { design, arms, partial } = result
  const measured = Math.max(0, ...result.comparisons.flatMap(({ figures }) => figures.map(({ pairs }) => pairs)))
  const planned = design.pairs === null || design.pairs === measured ? '' : ` of ${design.pairs}`
  const until = design.untilConclusive ? `, until conclusive or ${seconds(design.maxTimeMs ?? 0)} s were over` : ''
  const [plan] = arms.map((arm) => arm.plan)
  const rate =
    design.ratePerSecond === null
      ? []
      : [`latency at ${grouped(design.ratePerSecond)} requests a second, the same for all: ${design.rateFrom ?? ''}`]
  const load = plan === undefined ? [] : [`${plan.engine}, workload ${plan.workload.name}; seed ${result.seed}`]
  return [
    `${grouped(measured)}${planned} ${measured === 1 && planned === '' ? 'pair' : 'pairs'} of fresh ensembles, in random order within each; ${seconds(result.tookMs)} s${until}${partial ? '; interrupted' : ''}`,
    ...load,
    ...rate,
  ]
}

/** @param label null: the one that the others are held against */
export function armOf({ arms }: CompareResult, label: string | null): Pick<ComparedArm, 'label' | 'name'> {
  const arm = label === null ? arms[0] : arms.find((each) => each.label === label)
  return arm ?? { label: label ?? 'A', name: '' }
}

export function nameText({ label, name }: Pick<ComparedArm, 'label' | 'name'>): string {
  return `${label} ${name}`
}

/** `B batched-sync against A durable: MIXED: worse in all.p50; better in all.p99` */
export function verdictLine(result: CompareResult, { arm, verdict, because }: ArmComparison): string {
  const of = `${nameText(armOf(result, arm))} against ${nameText(armOf(result, null))}`
  // A verdict in one figure is said by the figure.
  return `${of}: ${VERDICT_WORDS[verdict]}${because === '' ? '' : ` (${because})`}`
}

export function differenceValue({ value, from }: ArmValue, { unit }: ArmDifference): string {
  const shown = value === null ? 'none' : value === '' ? '(empty)' : value
  const measure = unit === null || value === null || !/^(ms|s|bytes|kB|KiB|ticks?|count)$/.test(unit) ? '' : ` ${unit}`
  return `${shown}${measure} (${from})`
}
