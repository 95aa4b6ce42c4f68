import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { RunningServer } from '../ensemble/ensemble.ts'
import { ZktuneError } from '../kernel/errors.ts'
import type { Plan } from '../profile/plan.ts'
import { shownPlan } from '../profile/shown-plan.ts'
import { LatencyHistogram, type SparseHistogram } from '../stats/latency-histogram.ts'
import type { BenchResult, BootPhase } from './bench-result.ts'
import type { RecordedPhase } from './generator-message.ts'

/** The file of a run's folder that holds what `--json` prints. */
export const RESULT_FILE = 'result.json'

/** A phase of one boot: its figures, and what each generator recorded of it. */
export interface KeptPhase {
  readonly phase: BootPhase
  readonly recorded: readonly RecordedPhase[]
}

/**
 * All that is known of a run, in a folder of its own. What is known is written at once, so that a run which ends early
 * leaves what it had.
 *
 * ```
 * <parent>/2026-11-22T20-45-12-mixed-42/
 *   plan.json         written first
 *   boot-1/           capacity.hlog (the log of HdrHistogram, an interval and operation a line), capacity.csv (the series),
 *                     server-1.log, …
 *   result.json       plan, environment, figures, series, events: what --json prints
 * ```
 */
export class RunRecord {
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  /** @throws ZktuneError DiskFailed */
  static begin(parent: string, plan: Plan, startedAt: string): RunRecord {
    const time = startedAt.slice(0, 19).replaceAll(':', '-')
    const name = `${time}-${plan.workload.name}-${plan.seed}`
    return onDisk(parent, 'the run', () => {
      let folder = join(parent, name)
      for (let copy = 2; existsSync(folder); copy++) folder = join(parent, `${name}-${copy}`)
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, 'plan.json'), `${JSON.stringify(shownPlan(plan), null, 2)}\n`)
      return new RunRecord(folder)
    })
  }

  /** @param repeat from 1. @throws ZktuneError DiskFailed */
  addBoot(repeat: number, phases: readonly KeptPhase[], servers: readonly RunningServer[]): void {
    const folder = join(this.folder, `boot-${repeat}`)
    onDisk(folder, 'the run', () => {
      mkdirSync(folder, { recursive: true })
      for (const { phase, recorded } of phases) {
        const name = phase.name.replaceAll(/[^A-Za-z0-9]+/g, '-')
        writeFileSync(join(folder, `${name}.hlog`), histogramLog(recorded))
        writeFileSync(join(folder, `${name}.csv`), seriesCsv(phase))
      }
      for (const { id, config } of servers) {
        if (config === null) continue // not ours: its log lies elsewhere
        const printed = join(dirname(config), 'server.out')
        if (existsSync(printed)) copyFileSync(printed, join(folder, `server-${id}.log`))
      }
    })
  }

  /** @throws ZktuneError DiskFailed */
  end(result: BenchResult): void {
    const file = join(this.folder, RESULT_FILE)
    onDisk(file, 'the run', () => writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`))
  }
}

/**
 * The interval log of HdrHistogram, version 1.3, which its own tools read: microseconds, tagged by operation, service times
 * with `.service` behind it. What came after the end of the phase stands in one interval more.
 */
export function histogramLog(recorded: readonly RecordedPhase[]): string {
  const [first] = recorded
  const lines = [
    '#[Histogram log format version 1.3]',
    `#[zktune: microseconds, ${first?.name ?? 'nothing'}]`,
    '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
  ]
  for (const { intervalMs, intervals } of recorded) {
    for (const { index, operations } of intervals) {
      const times = `${((index * intervalMs) / 1_000).toFixed(3)},${(intervalMs / 1_000).toFixed(3)}`
      const line = (tag: string, sparse: SparseHistogram): void => {
        if (sparse.maxUs === null) return
        const text = LatencyHistogram.ofSparse(sparse).standardForm()
        lines.push(`Tag=${tag},${times},${(sparse.maxUs / 1_000).toFixed(3)},${text}`)
      }
      for (const { kind, response, service } of operations) {
        line(kind, response)
        if (service !== null) line(`${kind}.service`, service)
      }
    }
  }
  return `${lines.join('\n')}\n`
}

function seriesCsv({ series }: BootPhase): string {
  const cell = (value: number | null): string => (value === null ? '' : String(value))
  const rows = series.points.map(({ operations, errors, p50, p99, max }, index) => {
    const isCut = index < series.cut ? 'cut' : 'counts'
    const startS = (index * series.intervalMs) / 1_000
    return [startS, isCut, operations, errors, cell(p50), cell(p99), cell(max)].join(',')
  })
  return `${['start_s,part,operations,errors,p50_us,p99_us,max_us', ...rows].join('\n')}\n`
}

/**
 * @param kept what is being written: `the run`
 * @throws ZktuneError DiskFailed when it could not be
 */
export function onDisk<T>(where: string, kept: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new ZktuneError('DiskFailed', {
      where,
      what: `${kept} cannot be kept there: ${error instanceof Error ? error.message : String(error)}`,
      mend: 'Name a folder that you may write to with --results, or keep nothing with --no-results.',
      cause: error,
    })
  }
}
