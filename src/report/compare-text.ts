/** A comparison as a terminal shows it: what differs, the figures with their intervals drawn, and what limits them. */
import type { ArmComparison, ComparedArm, ComparedFigure, CompareResult } from '../tune/compare-result.ts'
import {
  armOf,
  nameText,
  designLines,
  differenceValue,
  figureName,
  figureVerdict,
  intervalText,
  percent,
  pText,
  ratioText,
  valueText,
  verdictLine,
} from './compare-figures.ts'
import { IntervalChart, type DrawnInterval } from './interval-chart.ts'
import { strong, type Style } from './style.ts'
import { plainTable, type TableColumn } from './table.ts'
import { wrapped } from './wrap.ts'

/** Odd, so that there is a middle. */
const CHART_WIDTH = 25
const CHART_WIDTH_MIN = 13
/** `inconclusive (about 491 more pairs)`, and the blanks between the columns. */
const BESIDE_CHART = 35 + 4
const COLUMNS_MAX = 80

/** Ends with a newline. */
export function compareText(result: CompareResult, style: Style): string {
  const width = Math.min(style.columns, COLUMNS_MAX)
  const lines: string[] = []
  for (const comparison of result.comparisons) {
    lines.push(...wrapped(verdictLine(result, comparison), width).map((line) => strong(line, style)))
  }
  lines.push(...designLines(result).flatMap((line) => wrapped(line, width)))
  if (result.partial) lines.push('PARTIAL: interrupted; what follows is of the pairs until then.')
  for (const comparison of result.comparisons) {
    const [first, arm] = [armOf(result, null), armOf(result, comparison.arm)]
    lines.push('', ...differenceLines(first, arm, comparison, width, style))
    lines.push('', ...figureLines(result, comparison, style))
  }
  for (const { text } of result.notes) lines.push('', ...wrapped(`Note: ${text}`, width))
  lines.push('', ...wrapped(nextText(result), width))
  return `${lines.join('\n')}\n`
}

/** What would be compared, before anything is. Ends with a newline. */
export function planDifferencesText(
  arms: readonly Named[],
  differences: readonly DifferingArm[],
  style: Style,
): string {
  const [first] = arms
  const width = Math.min(style.columns, COLUMNS_MAX)
  const blocks = differences.map((each) => {
    const arm = arms.find(({ label }) => label === each.arm)
    return first === undefined || arm === undefined ? '' : differenceLines(first, arm, each, width, style).join('\n')
  })
  return `${blocks.join('\n\n')}\n`
}

type Named = Pick<ComparedArm, 'label' | 'name'>
type DifferingArm = Pick<ArmComparison, 'arm' | 'differences' | 'unheeded'>

function differenceLines(
  first: Named,
  arm: Named,
  { differences, unheeded }: DifferingArm,
  width: number,
  style: Style,
): readonly string[] {
  const title = strong(`what differs between ${nameText(first)} and ${nameText(arm)}`, style)
  if (differences.length === 0 && unheeded.length === 0) return [title, '  nothing that counts']
  const indented = (text: string): readonly string[] => wrapped(text, width - 4).map((line) => `    ${line}`)
  return [
    title,
    ...differences.flatMap((difference) => [
      `  ${difference.key}`,
      ...indented(`${first.label}: ${differenceValue(difference.baseline, difference)}`),
      ...indented(`${arm.label}: ${differenceValue(difference.arm, difference)}`),
      ...(difference.effect === null ? [] : indented(difference.effect)),
    ]),
    ...unheeded.flatMap(({ label, key, reason }) => [
      `  ${key}`,
      ...indented(`of ${label} alone, and not acted on: ${reason}`),
    ]),
  ]
}

function figureLines(result: CompareResult, { arm, figures }: ArmComparison, style: Style): readonly string[] {
  const { confidence, minEffect } = result.design
  const first = armOf(result, null).label
  const columns: readonly TableColumn[] = [
    { title: 'medians', align: 'left' },
    ...[first, arm, `${arm} / ${first}`, `${percent(confidence)} interval`, 'p (Holm)'].map(
      (title) => ({ title, align: 'right' }) as const,
    ),
  ]
  const rows = figures.map((figure) => [
    figureName(figure),
    valueText(figure.baseline, figure.unit),
    valueText(figure.value, figure.unit),
    ratioText(figure),
    intervalText(figure),
    pText(figure.adjustedP),
  ])
  const names = Math.max(...figures.map(({ metric }) => metric.length))
  const room = Math.min(style.columns, COLUMNS_MAX) - names - BESIDE_CHART
  const width = Math.max(CHART_WIDTH_MIN, Math.min(CHART_WIDTH, room % 2 === 1 ? room : room - 1))
  const intervals = figures.flatMap((figure) => drawn(figure) ?? [])
  const chart = new IntervalChart(intervals, minEffect, width, style)
  return [
    plainTable(columns, rows, style),
    '',
    `${' '.repeat(names + 2)}${chart.scale}`,
    ...figures.map((figure) => {
      const row = chart.row(drawn(figure)).padEnd(width)
      return `${figure.metric.padEnd(names)}  ${row}  ${figureVerdict(figure, minEffect)}`.trimEnd()
    }),
  ]
}

function drawn({ low, ratio, high }: ComparedFigure): DrawnInterval | null {
  return low === null || ratio === null || high === null ? null : { low, centre: ratio, high }
}

/** The advice depends on what was found. */
function nextText(result: CompareResult): string {
  const figures = result.comparisons.flatMap((comparison) => comparison.figures)
  const isOpen = figures.some(({ verdict }) => verdict === 'inconclusive')
  const failed = result.arms.find((arm) => arm.failed > 0)
  if (failed !== undefined) return `Next, why ${failed.label} failed: zktune bench with it alone and --keep.`
  if (result.partial)
    return `Next: the same line again, to its end (--seed ${result.seed} repeats the order and the load).`
  if (isOpen && !result.design.untilConclusive)
    return 'Next, for a verdict: --until-conclusive --max-time 20m, or more --pairs.'
  if (isOpen)
    return 'Next, for a verdict: a longer --max-time, or a longer --duration, which makes each trial less noisy.'
  const engine = result.arms[0]?.plan.engine
  return engine === 'builtin'
    ? 'Next, whether it holds for Apache ZooKeeper: --engine apache.'
    : 'Next, on your own load: --workload FILE.ini.'
}
