import type { Summary } from './summary.ts'

/**
 * One thing that is measured, under the name that Apache ZooKeeper gives it, without the `zk_` of mntr.
 *
 * - `text`: for people and for mntr alone
 * - `gauge`: as it is now
 * - `counter`: only ever grows, until srst
 * - `counterSet`: counters of one name, told apart by a key; mntr puts the key in front of the name
 * - `summarySet`: summaries of one name, told apart by a key, in the same way
 * - `summary`: many values, in ms or as counts. Apache gives quantiles of some only: `advanced`
 */
export type Metric =
  | { readonly kind: 'text'; readonly name: string; readonly value: string }
  | { readonly kind: 'gauge'; readonly name: string; readonly value: number; readonly isDecimal: boolean }
  | { readonly kind: 'counter'; readonly name: string; readonly value: number }
  | { readonly kind: 'counterSet'; readonly name: string; readonly values: ReadonlyMap<string, number> }
  | { readonly kind: 'summarySet'; readonly name: string; readonly summaries: ReadonlyMap<string, Summary> }
  | {
      readonly kind: 'summary'
      readonly name: string
      readonly summary: Summary
      readonly detail: 'basic' | 'advanced'
    }

export function text(name: string, value: string): Metric {
  return { kind: 'text', name, value }
}

export function gauge(name: string, value: number): Metric {
  return { kind: 'gauge', name, value, isDecimal: false }
}

/** A gauge that Apache prints as a double, whole or not. */
export function decimalGauge(name: string, value: number): Metric {
  return { kind: 'gauge', name, value, isDecimal: true }
}

export function counter(name: string, value: number): Metric {
  return { kind: 'counter', name, value }
}

/** @param values by key: a namespace, for example */
export function counterSet(name: string, values: ReadonlyMap<string, number>): Metric {
  return { kind: 'counterSet', name, values }
}

export function summary(name: string, values: Summary, detail: 'basic' | 'advanced' = 'basic'): Metric {
  return { kind: 'summary', name, summary: values, detail }
}

/** @param summaries by key: a server's id, for example */
export function summarySet(name: string, summaries: ReadonlyMap<string, Summary>): Metric {
  return { kind: 'summarySet', name, summaries }
}

/** A number as one of mntr's lines or one field of `/commands/monitor` has it. */
export interface FlatMetric {
  readonly name: string
  readonly value: number | string
  /** Printed with a point even when it is whole. */
  readonly isDecimal: boolean
}

const QUANTILES: readonly (readonly [prefix: string, share: number])[] = [
  ['p50', 0.5],
  ['p95', 0.95],
  ['p99', 0.99],
  ['p999', 0.999],
]

/** A summary becomes `avg_X min_X max_X cnt_X sum_X`, an advanced one also `p50_X p95_X p99_X p999_X`; whole numbers. */
export function* flatMetrics(metrics: Iterable<Metric>): Iterable<FlatMetric> {
  for (const metric of metrics) {
    const { name } = metric
    if (metric.kind === 'summary') yield* flatSummary(name, metric.summary, metric.detail)
    else if (metric.kind === 'summarySet') {
      for (const [key, values] of metric.summaries) yield* flatSummary(`${key}_${name}`, values, 'advanced')
    } else if (metric.kind === 'counterSet') {
      for (const [key, value] of metric.values) yield whole(`${key}_${name}`, value)
    } else yield { name, value: metric.value, isDecimal: metric.kind === 'gauge' && metric.isDecimal }
  }
}

function* flatSummary(name: string, values: Summary, detail: 'basic' | 'advanced'): Iterable<FlatMetric> {
  yield { name: `avg_${name}`, value: values.average, isDecimal: true }
  yield whole(`min_${name}`, Math.floor(values.min))
  yield whole(`max_${name}`, Math.floor(values.max))
  yield whole(`cnt_${name}`, values.count)
  yield whole(`sum_${name}`, Math.round(values.sum))
  if (detail === 'basic') return
  for (const [prefix, share] of QUANTILES) yield whole(`${prefix}_${name}`, Math.floor(values.quantile(share)))
}

function whole(name: string, value: number): FlatMetric {
  return { name, value, isDecimal: false }
}

/** As Java prints a double: `0.0`, `2.5325`. */
export function decimalText(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value)
}
