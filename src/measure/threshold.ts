/** What a run has to keep: `set.p99<20ms`, `errors==0`, `throughput>5000`. */
import { ZktuneError } from '../kernel/errors.ts'
import type { Threshold, Verdict } from './bench-result.ts'
import { isLatency, parseMetric, readMetric, type MeasuredPhases } from './metric.ts'

const US_PER_UNIT: Readonly<Record<string, number>> = { us: 1, µs: 1, ms: 1_000, s: 1_000_000 }

const COMPARED = {
  '<': (value: number, limit: number) => value < limit,
  '<=': (value: number, limit: number) => value <= limit,
  '>': (value: number, limit: number) => value > limit,
  '>=': (value: number, limit: number) => value >= limit,
  '==': (value: number, limit: number) => value === limit,
} as const

export type { Threshold, Verdict }

/** @throws ZktuneError UnknownName for a metric that does not exist, BadConfigValue for what is no threshold */
export function parseThreshold(text: string, flag = '--threshold'): Threshold {
  const match = /^\s*([A-Za-z0-9.]+)\s*(<=|>=|==|<|>)\s*(\d+(?:\.\d+)?)\s*([A-Za-zµ]*)\s*$/.exec(text)
  if (match === null)
    throw bad(flag, text, 'is no threshold', "Write one such as 'set.p99<20ms', 'errors==0' or 'throughput>5000'.")
  const [, name = '', comparison = '', number = '', unit = ''] = match
  const metric = parseMetric(name, `${flag} ${text}`)
  const isTime = isLatency(metric)
  const factor = isTime ? US_PER_UNIT[unit] : unit === '' ? 1 : undefined
  if (factor === undefined) {
    const mend = isTime ? `Write the unit: ${number}ms, ${number}us or ${number}s.` : `Write ${number}, without a unit.`
    throw bad(flag, text, `has ${unit === '' ? 'no unit' : `the unit "${unit}"`}`, mend)
  }
  return {
    text: text.trim(),
    ...metric,
    comparison: comparison as keyof typeof COMPARED,
    limit: Number(number) * factor,
    unit: isTime ? 'us' : metric.figure === 'errors' ? 'count' : 'ops/s',
  }
}

/**
 * Latencies are judged where the headline has them, at a rate if one was measured; throughput where the capacity was looked for; errors over
 * all phases.
 */
export function judge(thresholds: readonly Threshold[], result: MeasuredPhases): readonly Verdict[] {
  return thresholds.map((threshold) => {
    const { comparison, limit } = threshold
    const { value, phase } = readMetric(threshold, result)
    return { threshold, value, isKept: value !== null && COMPARED[comparison](value, limit), phase }
  })
}

function bad(flag: string, text: string, what: string, mend: string): ZktuneError {
  return new ZktuneError('BadConfigValue', { where: flag, what: `"${text}" ${what}`, mend })
}
