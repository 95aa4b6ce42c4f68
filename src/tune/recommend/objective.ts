/** What a tuning raises or lowers: `throughput`, `p99 at 5000/s`, `set.p99`, `write.p99 at 2k/s`. */
import { ZktuneError } from '../../kernel/errors.ts'
import { parseCount } from '../../kernel/quantity.ts'
import { isLatency, metricName, parseMetric } from '../../measure/metric.ts'
import type { Metric } from '../../measure/metric.ts'
import type { Threshold } from '../../measure/threshold.ts'
import type { PlannedLoad } from '../../profile/plan.ts'
import type { Metrics } from '../trial.ts'

export interface Objective {
  /** As it was given. */
  readonly text: string
  readonly metric: Metric
  readonly direction: 'raise' | 'lower'
  /** Requests a second at which it is measured; null: at whatever the ensemble does. */
  readonly ratePerSecond: number | null
}

const RATE_MAX = 10_000_000
/** Of the capacity: where latencies are judged that no rate was given for. */
const BUSY_PERCENT = 70

/** @throws ZktuneError UnknownName for a metric that does not exist, BadConfigValue for one that is no objective */
export function parseObjective(text: string): Objective {
  const where = `--objective '${text}'`
  const [, name = '', rate] = /^\s*(\S+?)(?:\s+at\s+(\S+?)(?:\/s)?)?\s*$/.exec(text) ?? []
  if (name === '') {
    const mend = "Write throughput, write.p99, or 'p99 at 5000/s'."
    throw new ZktuneError('BadConfigValue', { where, what: 'it is no objective', mend })
  }
  // `p99` is that of all operations.
  const metric = parseMetric(/^(p\d+|mean|max)$/.test(name) ? `all.${name}` : name, where)
  if (metric.figure === 'errors') {
    const mend = "Errors are a constraint: --slo 'errors==0', which always holds."
    throw new ZktuneError('BadConfigValue', { where, what: 'errors are not traded for anything', mend })
  }
  const ratePerSecond = rate === undefined ? null : parseCount(rate, { where, min: 1, max: RATE_MAX })
  if (!isLatency(metric) && ratePerSecond !== null) {
    const mend = 'Leave out the rate.'
    throw new ZktuneError('BadConfigValue', { where, what: 'throughput at a rate is that rate', mend })
  }
  return { text: text.trim(), metric, direction: isLatency(metric) ? 'lower' : 'raise', ratePerSecond }
}

/** @returns a logarithm, the higher the better; null where it was not measured */
export function objectiveValue({ metric, direction }: Objective, metrics: Metrics): number | null {
  const value = metrics[metricName(metric)]
  if (value === undefined || value <= 0) return null
  return direction === 'raise' ? Math.log(value) : -Math.log(value)
}

/** How many times as good: 1.2 is a fifth more throughput, or latency divided by 1.2. */
export function ratioOf(value: number, than: number): number {
  return Math.exp(value - than)
}

/** The load that measures the objective and every constraint, and nothing else: a trial is short enough. */
export function loadFor(objective: Objective, constraints: readonly Threshold[]): PlannedLoad {
  const arrivals = 'poisson'
  if (objective.ratePerSecond !== null) return { kind: 'open', ratePerSecond: objective.ratePerSecond, arrivals }
  const hasLatency = isLatency(objective.metric) || constraints.some(isLatency)
  return hasLatency ? { kind: 'capacity', percents: [BUSY_PERCENT], arrivals } : { kind: 'closed' }
}
