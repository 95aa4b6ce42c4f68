import type { BenchResult } from '../measure/bench-result.ts'
import type { CompareResult } from '../tune/compare-result.ts'
import { grouped, milliseconds } from './figures.ts'
import type { Style } from './style.ts'
import { plainTable } from './table.ts'

export interface ListedRun {
  readonly folder: string
  /** Null: it has not ended, or not well. */
  readonly result: BenchResult | null
  /** Null: it is none. */
  readonly comparison: CompareResult | null
}

/** The runs kept in a folder, a line each. Ends with a newline. */
export function historyText(parent: string, runs: readonly ListedRun[], style: Style): string {
  if (runs.length === 0) return `No run is kept in ${parent}.\n`
  const columns = [
    { title: 'run', align: 'left' } as const,
    { title: 'what', align: 'left' } as const,
    ...['ops/s', 'p50', 'p99'].map((title) => ({ title, align: 'right' }) as const),
  ]
  const rows = runs.map(({ folder, result, comparison }) => {
    const name = folder.slice(folder.lastIndexOf('/') + 1)
    if (comparison !== null) {
      const verdicts = comparison.comparisons.map(({ arm, verdict }) => `${arm} ${verdict.replace('-', ' ')}`)
      return [name, `comparison of ${comparison.arms.length}: ${verdicts.join(', ')}`, '', '', '']
    }
    if (result === null) return [name, 'no result', '', '', '']
    const figure = (unit: string, metric: string): number | null =>
      result.headline.find((each) => each.unit === unit && each.metric === metric)?.value ?? null
    const rate = figure('ops/s', 'all.opsPerSecond')
    const what = `${result.plan.engine}, ${result.plan.profiles.cluster}${result.partial ? ', partial' : ''}`
    const latencies = [figure('us', 'all.p50'), figure('us', 'all.p99')].map(milliseconds)
    return [name, what, rate === null ? '-' : grouped(rate), ...latencies]
  })
  const last = runs.at(-1)?.folder ?? ''
  return `${parent}\n\n${plainTable(columns, rows, style)}\n\nlatencies in ms. Next: zktune report ${last}\n`
}
