/** The one spelling of what is measured: `<operation | read | write | all>.<p50 … p999 | mean | max | opsPerSecond | errors>`. */
import { didYouMean } from '../kernel/did-you-mean.ts'
import { ZktuneError } from '../kernel/errors.ts'
import { OPERATION_KINDS } from '../profile/plan.ts'
import type { BenchResult, Metric, MetricSubject, OperationResult, PhaseResult } from './bench-result.ts'

export type { Metric }

const SUBJECTS: readonly MetricSubject[] = [...OPERATION_KINDS, 'read', 'write', 'all']
const LATENCIES = ['p50', 'p90', 'p95', 'p99', 'p999', 'mean', 'max'] as const
const FIGURES = [...LATENCIES, 'opsPerSecond', 'errors'] as const
const SHORT: Readonly<Record<string, string>> = { throughput: 'all.opsPerSecond', errors: 'all.errors' }

/** As much of a result as a metric is read from. */
export type MeasuredPhases = Pick<BenchResult, 'phases' | 'headline'>

export interface MetricValue {
  /** Microseconds, operations a second, or a count; null where it was not measured, or by too few samples. */
  readonly value: number | null
  /** Where it was measured. */
  readonly phase: string
}

/**
 * @param name `set.p99`, `throughput`
 * @param where what gave it, for the error
 * @throws ZktuneError UnknownName
 */
export function parseMetric(name: string, where: string): Metric {
  const [subjectName = '', figureName = '', ...more] = (SHORT[name] ?? name).split('.')
  const subject = SUBJECTS.find((known) => known === subjectName)
  const figure = FIGURES.find((known) => known === figureName)
  if (subject !== undefined && figure !== undefined && more.length === 0) return { subject, figure }
  const guess = subject !== undefined ? didYouMean(figureName, FIGURES) : didYouMean(subjectName, SUBJECT_NAMES)
  throw new ZktuneError('UnknownName', {
    where,
    what: `there is no metric "${name}"`,
    mend: `A metric is one of ${SUBJECTS.join(', ')}, a dot, and one of ${FIGURES.join(', ')}; or throughput, or errors.${guess}`,
  })
}

const SUBJECT_NAMES: readonly string[] = [...SUBJECTS, ...Object.keys(SHORT)]

export function metricName({ subject, figure }: Metric): string {
  return `${subject}.${figure}`
}

/** Whether the value is a time, in microseconds. */
export function isLatency({ figure }: Metric): boolean {
  return LATENCIES.some((known) => known === figure)
}

/**
 * Latencies are read where the headline has them, at a rate if one was measured; throughput where the capacity was looked for; errors
 * over all phases.
 */
export function readMetric({ subject, figure }: Metric, result: MeasuredPhases): MetricValue {
  if (figure === 'errors') return { value: errorsOf(subject, result), phase: 'all phases' }
  const phase = phaseFor(figure, result)
  const measured = phase === null ? null : subjectOf(subject, phase)
  const value =
    measured === null ? null : figure === 'opsPerSecond' ? measured.opsPerSecond : measured.latencyUs[figure]
  return { value, phase: phase?.name ?? 'nothing' }
}

/** Milliseconds without an acknowledged write after the leader was ended by SIGKILL; the mean of the boots. */
export const FAILOVER_METRIC = 'failover.withoutWritesMs'

/** All that a run has measured, by name; what it has not is not there. */
export function allMetrics(result: MeasuredPhases & Pick<BenchResult, 'boots'>): Readonly<Record<string, number>> {
  const metrics: Record<string, number> = {}
  for (const subject of SUBJECTS) {
    for (const figure of FIGURES) {
      const { value } = readMetric({ subject, figure }, result)
      if (value !== null) metrics[metricName({ subject, figure })] = value
    }
  }
  const gaps = result.boots.flatMap(({ failover }) => failover?.withoutWritesMs ?? [])
  if (gaps.length > 0) metrics[FAILOVER_METRIC] = gaps.reduce((sum, each) => sum + each, 0) / gaps.length
  return metrics
}

function phaseFor(figure: Metric['figure'], { phases, headline }: MeasuredPhases): PhaseResult | null {
  const unit = figure === 'opsPerSecond' ? 'ops/s' : 'us'
  const name = headline.find((each) => each.unit === unit)?.phase
  return phases.find((phase) => phase.name === name) ?? null
}

function subjectOf(subject: MetricSubject, phase: PhaseResult): OperationResult | null {
  if (subject === 'all') return phase
  return subject === 'read' || subject === 'write' ? phase[subject] : (phase.byOperation[subject] ?? null)
}

function errorsOf(subject: MetricSubject, { phases }: MeasuredPhases): number | null {
  const measured = phases.flatMap((phase) => subjectOf(subject, phase) ?? [])
  if (measured.length === 0) return null
  return measured.flatMap(({ errors }) => Object.values(errors)).reduce((sum, count) => sum + count, 0)
}
