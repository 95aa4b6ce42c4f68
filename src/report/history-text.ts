import type { BenchResult } from '../measure/bench-result.ts'
import type { CompareResult } from '../tune/compare-result.ts'
import { grouped, milliseconds } from './figures.ts'
import type { Style } from './style.ts'
import { narrowedTable } from './table.ts'

/** With what stands beside it a line of 80 columns is full. */
const WHAT_WIDTH = 34

export interface ListedRun {
  readonly folder: string
  /** Null: it has not ended, or not well. */
  readonly result: BenchResult | null
  /** Null: it is none. */
  readonly comparison: CompareResult | null
}

/** What a run is by, for programs: folder, when, engine, profile, and the headline in operations a second and microseconds; null where there is none. */
export function historyRecord({ folder, result, comparison }: ListedRun): readonly (string | null)[] {
  if (comparison !== null) return [folder, comparison.startedAt, 'compare', null, null, null, null]
  if (result === null) return [folder, null, null, null, null, null, null]
  const figures = [
    figureOf(result, 'ops/s', 'all.opsPerSecond'),
    figureOf(result, 'us', 'all.p50'),
    figureOf(result, 'us', 'all.p99'),
  ]
  const { engine, profiles } = result.plan
  const texts = figures.map((figure) => (figure === null ? null : String(Math.round(figure))))
  return [folder, result.startedAt, engine, profiles.cluster, ...texts]
}

/** The runs kept in a folder, a line each. Ends with a newline. */
export function historyText(parent: string, runs: readonly ListedRun[], style: Style): string {
  if (runs.length === 0) return `No run is kept in ${parent}.\n`
  const columns = [
    { title: 'run', align: 'left' } as const,
    { title: 'what', align: 'left', keep: 4 } as const,
    { title: 'ops/s', align: 'right', keep: 3 } as const,
    { title: 'p50', align: 'right', keep: 1 } as const,
    { title: 'p99', align: 'right', keep: 2 } as const,
  ]
  const rows = runs.map(({ folder, result, comparison }) => {
    const name = folder.slice(folder.lastIndexOf('/') + 1)
    if (comparison !== null) {
      const verdicts = comparison.comparisons.map(({ arm, verdict }) => `${arm} ${verdict.replace('-', ' ')}`)
      return [name, shortened(`comparison of ${comparison.arms.length}: ${verdicts.join(', ')}`, style), '', '', '']
    }
    if (result === null) return [name, 'no result', '', '', '']
    const rate = figureOf(result, 'ops/s', 'all.opsPerSecond')
    const what = `${result.plan.engine}, ${result.plan.profiles.cluster}${result.partial ? ', partial' : ''}`
    const latencies = [figureOf(result, 'us', 'all.p50'), figureOf(result, 'us', 'all.p99')].map(milliseconds)
    return [name, what, rate === null ? '-' : grouped(rate), ...latencies]
  })
  const last = runs.findLast(({ result, comparison }) => result !== null || comparison !== null)
  const next = last === undefined ? '' : ` Next: zktune report ${last.folder}`
  return `${parent}\n\n${narrowedTable(columns, rows, style)}\n\nlatencies in ms.${next}\n`
}

function shortened(text: string, { hasUnicode }: Style): string {
  const dots = hasUnicode ? '…' : '...'
  return text.length <= WHAT_WIDTH ? text : text.slice(0, WHAT_WIDTH - dots.length) + dots
}

function figureOf({ headline }: BenchResult, unit: string, metric: string): number | null {
  return headline.find((each) => each.unit === unit && each.metric === metric)?.value ?? null
}
