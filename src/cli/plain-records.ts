/** `--plain`: a figure a line, for grep and awk. Numbers have no grouping; their unit stands beside them. */
import type { BenchResult } from '../measure/bench-result.ts'
import { allMetrics, FAILOVER_METRIC, isLatency, parseMetric, readMetric } from '../measure/metric.ts'
import type { CompareResult } from '../tune/compare-result.ts'

/** A line's fields; null: there is no such figure. */
export type PlainRecord = readonly (string | null)[]

/** Metric, value, unit, phase, and the ends of its interval over the boots, for every metric that the run has. */
export function benchRecords(result: BenchResult): readonly PlainRecord[] {
  return Object.entries(allMetrics(result)).map(([name, value]) => {
    if (name === FAILOVER_METRIC) return [name, numberText(value), 'ms', 'failover', null, null]
    const metric = parseMetric(name, '--plain')
    const { phase } = readMetric(metric, result)
    const told = result.headline.find((figure) => figure.metric === name && figure.phase === phase)
    const unit = isLatency(metric) ? 'us' : metric.figure === 'errors' ? 'count' : 'ops/s'
    return [name, numberText(value), unit, phase, numberText(told?.low), numberText(told?.high)]
  })
}

/** Arm, metric, verdict, ratio to the first arm, the ends of its interval, and the medians with their unit, for every figure. */
export function comparisonRecords({ comparisons }: CompareResult): readonly PlainRecord[] {
  return comparisons.flatMap(({ arm, figures }) =>
    figures.map(({ metric, verdict, ratio, low, high, baseline, value, unit }) => {
      const ratios = [ratio, low, high].map((each) => each?.toPrecision(4) ?? null)
      return [arm, metric, verdict, ...ratios, numberText(baseline), numberText(value), unit]
    }),
  )
}

function numberText(value: number | null | undefined): string | null {
  return value === null || value === undefined ? null : String(Math.round(value * 10) / 10)
}
