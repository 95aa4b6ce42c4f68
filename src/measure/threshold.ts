/** What a run has to keep: `set.p99<20ms`, `errors==0`, `throughput>5000`. */
import { didYouMean } from '../kernel/did-you-mean.ts'
import { ZktuneError } from '../kernel/errors.ts'
import { OPERATION_KINDS, type OperationKind } from '../profile/plan.ts'
import type { BenchResult, OperationResult, PhaseResult } from './bench-result.ts'

type Subject = OperationKind | 'read' | 'write' | 'all'

const SUBJECTS: readonly Subject[] = [...OPERATION_KINDS, 'read', 'write', 'all']
const LATENCIES = ['p50', 'p90', 'p95', 'p99', 'p999', 'mean', 'max'] as const
const FIGURES = [...LATENCIES, 'opsPerSecond', 'errors'] as const
const SHORT: Readonly<Record<string, string>> = { throughput: 'all.opsPerSecond', errors: 'all.errors' }
const US_PER_UNIT: Readonly<Record<string, number>> = { us: 1, µs: 1, ms: 1_000, s: 1_000_000 }

const COMPARED = {
  '<': (value: number, limit: number) => value < limit,
  '<=': (value: number, limit: number) => value <= limit,
  '>': (value: number, limit: number) => value > limit,
  '>=': (value: number, limit: number) => value >= limit,
  '==': (value: number, limit: number) => value === limit,
} as const

export interface Threshold {
  /** As it was given. */
  readonly text: string
  readonly subject: Subject
  readonly figure: (typeof FIGURES)[number]
  readonly comparison: keyof typeof COMPARED
  /** Microseconds, operations a second, or a count. */
  readonly limit: number
}

export interface Verdict {
  readonly threshold: Threshold
  /** In the unit of the limit; null where it was not measured, or by too few samples: then it is not kept. */
  readonly value: number | null
  readonly isKept: boolean
  /** Where it was measured. */
  readonly phase: string
}

/** @throws ZktuneError UnknownName for a metric that does not exist, BadConfigValue for what is no threshold */
export function parseThreshold(text: string): Threshold {
  const match = /^\s*([A-Za-z0-9.]+)\s*(<=|>=|==|<|>)\s*(\d+(?:\.\d+)?)\s*([A-Za-zµ]*)\s*$/.exec(text)
  if (match === null)
    throw bad(text, 'is no threshold', "Write one such as 'set.p99<20ms', 'errors==0' or 'throughput>5000'.")
  const [, name = '', comparison = '', number = '', unit = ''] = match
  const [subjectName = '', figureName = '', ...more] = (SHORT[name] ?? name).split('.')
  const subject = SUBJECTS.find((known) => known === subjectName)
  const figure = FIGURES.find((known) => known === figureName)
  if (subject === undefined || figure === undefined || more.length > 0)
    throw unknownMetric(text, name, subjectName, figureName)
  const isLatency = LATENCIES.some((known) => known === figure)
  const factor = isLatency ? US_PER_UNIT[unit] : unit === '' ? 1 : undefined
  if (factor === undefined) {
    const mend = isLatency
      ? `Write the unit: ${number}ms, ${number}us or ${number}s.`
      : `Write ${number}, without a unit.`
    throw bad(text, `has ${unit === '' ? 'no unit' : `the unit "${unit}"`}`, mend)
  }
  return {
    text: text.trim(),
    subject,
    figure,
    comparison: comparison as keyof typeof COMPARED,
    limit: Number(number) * factor,
  }
}

/**
 * Latencies are judged where the headline has them, at a rate if one was measured; throughput where the capacity was looked for; errors over
 * all phases.
 */
export function judge(thresholds: readonly Threshold[], result: BenchResult): readonly Verdict[] {
  return thresholds.map((threshold) => {
    const { subject, figure, comparison, limit } = threshold
    const phase = phaseFor(figure, result)
    const value = figure === 'errors' ? errorsOf(subject, result) : phase === null ? null : valueOf(threshold, phase)
    const isKept = value !== null && COMPARED[comparison](value, limit)
    return { threshold, value, isKept, phase: figure === 'errors' ? 'all phases' : (phase?.name ?? 'nothing') }
  })
}

function phaseFor(figure: Threshold['figure'], { phases, headline }: BenchResult): PhaseResult | null {
  const unit = figure === 'opsPerSecond' ? 'ops/s' : 'us'
  const name = headline.find((each) => each.unit === unit)?.phase
  return phases.find((phase) => phase.name === name) ?? null
}

function subjectOf(subject: Subject, phase: PhaseResult): OperationResult | null {
  if (subject === 'all') return phase
  return subject === 'read' || subject === 'write' ? phase[subject] : (phase.byOperation[subject] ?? null)
}

function valueOf({ subject, figure }: Threshold, phase: PhaseResult): number | null {
  const measured = subjectOf(subject, phase)
  if (measured === null || figure === 'errors') return null
  return figure === 'opsPerSecond' ? measured.opsPerSecond : measured.latencyUs[figure]
}

function errorsOf(subject: Subject, { phases }: BenchResult): number | null {
  const measured = phases.flatMap((phase) => subjectOf(subject, phase) ?? [])
  if (measured.length === 0) return null
  return measured.flatMap(({ errors }) => Object.values(errors)).reduce((sum, count) => sum + count, 0)
}

function unknownMetric(text: string, name: string, subject: string, figure: string): ZktuneError {
  const guess = SUBJECTS.some((known) => known === subject)
    ? didYouMean(figure, FIGURES)
    : didYouMean(subject, [...SUBJECTS, ...Object.keys(SHORT)])
  return new ZktuneError('UnknownName', {
    where: `--threshold ${text}`,
    what: `there is no metric "${name}"`,
    mend: `A metric is one of ${SUBJECTS.join(', ')}, a dot, and one of ${FIGURES.join(', ')}; or throughput, or errors.${guess}`,
  })
}

function bad(text: string, what: string, mend: string): ZktuneError {
  return new ZktuneError('BadConfigValue', { where: '--threshold', what: `"${text}" ${what}`, mend })
}
