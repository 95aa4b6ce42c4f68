import { ZktuneError } from '../kernel/errors.ts'
import { FAILOVER_METRIC, isLatency, metricName, parseMetric } from '../measure/metric.ts'
import type { PlannedLoad } from '../profile/plan.ts'
import type { FigureUnit } from './compare-result.ts'

/** A figure of a trial that arms are compared by. */
export interface ComparedMetric {
  readonly name: string
  readonly unit: FigureUnit
  readonly isHigherBetter: boolean
}

/**
 * @param name as thresholds spell it
 * @throws ZktuneError UnknownName; UsageConflict for errors, of which there is no ratio
 */
export function comparedMetric(name: string, where: string): ComparedMetric {
  const metric = parseMetric(name, where)
  if (metric.figure === 'errors') {
    throw new ZktuneError('UsageConflict', {
      where,
      what: 'errors are counted and named, and are not compared by their ratio',
      mend: 'Leave it out: an arm whose requests failed is never told to be better.',
    })
  }
  const isTime = isLatency(metric)
  return { name: metricName(metric), unit: isTime ? 'us' : 'ops/s', isHigherBetter: !isTime }
}

/** What a load is compared by unless somebody says otherwise. */
export function usualMetrics({ kind }: PlannedLoad): readonly ComparedMetric[] {
  const names = ['all.opsPerSecond', 'all.p50', 'all.p99']
  // At one rate the rate is given, and in a closed loop the latency is that of a queue which the load makes.
  const told = kind === 'open' ? names.slice(1) : kind === 'closed' ? names.slice(0, 1) : names
  return told.map((name) => comparedMetric(name, 'zktune compare'))
}

export const FAILOVER: ComparedMetric = { name: FAILOVER_METRIC, unit: 'ms', isHigherBetter: false }
