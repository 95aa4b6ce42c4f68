import type { BenchResult } from '../measure/bench-result.ts'
import { headlineLines } from './bench-headline.ts'
import { cautionsOf } from './bench-table.ts'
import { grouped } from './figures.ts'
import type { Style } from './style.ts'
import { strong, warned } from './style.ts'
import { thresholdLines } from './threshold-text.ts'

/** What stands for a run and nothing else; but no figure without what speaks against it. Ends with a newline. */
export function benchBrief(result: BenchResult, style: Style): string {
  const { phases, partial, thresholds } = result
  const doubts = phases.flatMap((phase) => cautionsOf(phase).map((text) => `CAUTION  ${phase.name}: ${text}`))
  const failed = phases.flatMap(({ errors }) => Object.values(errors)).reduce((sum, count) => sum + count, 0)
  const lines = [
    ...headlineLines(result, style).map((line) => strong(line, style)),
    ...doubts.map((line) => warned(line, style)),
    ...(failed === 0 ? [] : [warned(`CAUTION  ${grouped(failed)} requests failed`, style)]),
    ...(partial ? [warned('PARTIAL  interrupted', style)] : []),
    ...thresholdLines(thresholds, style),
  ]
  return lines.length === 0 ? 'Nothing was measured.\n' : `${lines.join('\n')}\n`
}
