/** A result for other programs and for documents: CSV, Markdown, and beside another one. */
import type { BenchResult, OperationResult, PhaseResult } from '../measure/bench-result.ts'
import { grouped, milliseconds } from './figures.ts'
import { headlineLines } from './bench-headline.ts'
import { sentenceOf } from './threshold-text.ts'
import { plainTable } from './table.ts'
import type { Style } from './style.ts'

export const BENCH_ENDINGS = ['.json', '.csv', '.md'] as const

const PLAIN: Style = { hasColour: false, hasUnicode: true, columns: 1_000 }

/** What a result is as a file, by the file's ending. */
export function benchForms(result: BenchResult): Readonly<Record<(typeof BENCH_ENDINGS)[number], () => string>> {
  return {
    '.json': () => `${JSON.stringify(result, null, 2)}\n`,
    '.csv': () => benchCsv(result),
    '.md': () => benchMarkdown(result),
  }
}

/** A line for each phase and operation, and for all of them; latencies in microseconds, empty where there is no figure. */
export function benchCsv(result: BenchResult): string {
  const head =
    'phase,kind,due_per_s,steady,client_limited,operation,count,ops_per_s,errors,' +
    'p50_us,p90_us,p95_us,p99_us,p999_us,max_us,service_p50_us,service_p99_us'
  const rows = result.phases.flatMap((phase) =>
    linesOf(phase).map(([operation, figures]) => {
      const { latencyUs, serviceUs } = figures
      const cells = [
        quoted(phase.name),
        phase.kind,
        phase.ratePerSecond,
        phase.steady,
        phase.clientLimited !== null,
        operation,
        figures.operations,
        figures.opsPerSecond.toFixed(1),
        errorCount(figures),
        latencyUs.p50,
        latencyUs.p90,
        latencyUs.p95,
        latencyUs.p99,
        latencyUs.p999,
        latencyUs.max,
        serviceUs?.p50 ?? null,
        serviceUs?.p99 ?? null,
      ]
      return cells.map((cell) => cell ?? '').join(',')
    }),
  )
  return `${[head, ...rows].join('\n')}\n`
}

/** Headings and tables, as a pull request or a wiki takes them. */
export function benchMarkdown(result: BenchResult): string {
  const { plan, environment } = result
  const lines = [
    `## ${[plan.profiles.cluster, plan.profiles.storage, plan.profiles.security, plan.workload.name].join(' · ')}`,
    '',
    ...headlineLines(result, PLAIN).map((line) => `- ${line}`),
    `- ${plan.engine}, durability ${result.durability}, ${environment.cpu}, ${environment.cores} cores, seed ${result.seed}`,
    ...result.thresholds.map((verdict) => `- ${verdict.isKept ? 'kept' : '**breached**'} ${sentenceOf(verdict)}`),
    '',
    '| phase | due/s | operation | ops/s | errors | p50 ms | p99 ms | p99.9 ms | max ms | |',
    '|---|---|---|---|---|---|---|---|---|---|',
    ...result.phases.flatMap((phase) =>
      linesOf(phase).map(([operation, figures]) => {
        const { p50, p99, p999, max } = figures.latencyUs
        const due = phase.ratePerSecond === null ? '' : grouped(phase.ratePerSecond)
        const doubt = [phase.steady ? '' : 'not steady', phase.clientLimited === null ? '' : 'client-limited']
        const cells = [
          phase.name,
          due,
          operation,
          grouped(figures.opsPerSecond),
          grouped(errorCount(figures)),
          ...[p50, p99, p999, max].map(milliseconds),
          doubt.filter((word) => word !== '').join(', '),
        ]
        return `| ${cells.join(' | ')} |`
      }),
    ),
  ]
  return `${lines.join('\n')}\n`
}

/**
 * Two results beside each other, phase by phase. It says no more than what each of them was: they were not measured in turn, so
 * whatever else changed in between is in the difference.
 */
export function besideText(
  one: { readonly name: string; readonly result: BenchResult },
  other: { readonly name: string; readonly result: BenchResult },
  style: Style,
): string {
  const rows = one.result.phases.flatMap((phase) => {
    const match = other.result.phases.find(({ name }) => name === phase.name)
    return match === undefined ? [] : comparedRows(phase, match)
  })
  const columns = [
    { title: 'phase', align: 'left' } as const,
    { title: '', align: 'left' } as const,
    ...['this', 'against', 'ratio'].map((title) => ({ title, align: 'right' }) as const),
  ]
  return [
    `this      ${one.name} (${one.result.startedAt})`,
    `against   ${other.name} (${other.result.startedAt})`,
    'UNPAIRED  measured at different times: whatever else changed in between is in the ratio',
    '',
    rows.length === 0 ? 'They have no phase in common.' : plainTable(columns, rows, style),
    '',
  ].join('\n')
}

function comparedRows(phase: PhaseResult, match: PhaseResult): string[][] {
  const row = (
    label: string,
    mine: number | null,
    theirs: number | null,
    text: (value: number | null) => string,
  ): string[] => {
    const ratio = mine === null || theirs === null || theirs === 0 ? '-' : (mine / theirs).toPrecision(2)
    return [phase.name, label, text(mine), text(theirs), ratio]
  }
  const rate = (value: number | null): string => (value === null ? '-' : grouped(value))
  return [
    row('ops/s', phase.opsPerSecond, match.opsPerSecond, rate),
    row('p50 ms', phase.latencyUs.p50, match.latencyUs.p50, milliseconds),
    row('p99 ms', phase.latencyUs.p99, match.latencyUs.p99, milliseconds),
    row('errors', errorCount(phase), errorCount(match), rate),
  ]
}

function linesOf(phase: PhaseResult): [string, OperationResult][] {
  return [...Object.entries(phase.byOperation), ['all', phase]]
}

function errorCount({ errors }: OperationResult): number {
  return Object.values(errors).reduce((sum, count) => sum + count, 0)
}

function quoted(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
