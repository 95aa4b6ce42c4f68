import { Hono } from 'hono'
import { collectDefaultMetrics, Counter, Gauge, Registry, Summary as PrometheusSummary } from 'prom-client'
import type { AdminFacts } from './admin-facts.ts'
import type { Metric } from './metric.ts'
import { serverMetrics } from './server-metrics.ts'
import type { Summary } from './summary.ts'

const QUANTILES = { basic: [0.5], advanced: [0.5, 0.95, 0.99] } as const

/**
 * Prometheus' `/metrics`. A metric is made when its name first shows up and asks for its value when it is scraped; names
 * are Apache's, without a prefix.
 *
 * @param hasProcessFigures also memory, file descriptors and the event loop of this process (`process_…`, `nodejs_…`),
 *   where Apache has those of its Java machine
 */
export function metricsApp(facts: AdminFacts, hasProcessFigures: boolean): Hono {
  const registry = new Registry()
  if (hasProcessFigures) collectDefaultMetrics({ register: registry })
  const current = new Map<string, Metric>()
  const app = new Hono()
  app.get('/metrics', async (context) => {
    current.clear()
    for (const metric of serverMetrics(facts)) {
      current.set(metric.name, metric)
      if (registry.getSingleMetric(metric.name) === undefined) register(registry, metric, current)
    }
    return context.body(await registry.metrics(), 200, { 'Content-Type': registry.contentType })
  })
  return app
}

function register(registry: Registry, { kind, name }: Metric, current: ReadonlyMap<string, Metric>): void {
  const common = { name, help: name, registers: [registry] }
  switch (kind) {
    case 'text':
      return
    case 'gauge':
      new Gauge({
        ...common,
        collect() {
          const metric = current.get(name)
          if (metric?.kind === 'gauge') this.set(metric.value)
          else this.remove()
        },
      })
      return
    case 'counter':
      new Counter({
        ...common,
        collect() {
          const metric = current.get(name)
          this.reset()
          if (metric?.kind === 'counter') this.inc(metric.value)
        },
      })
      return
    case 'counterSet':
      new Counter({
        ...common,
        labelNames: ['key'],
        collect() {
          const metric = current.get(name)
          this.reset()
          if (metric?.kind === 'counterSet') for (const [key, value] of metric.values) this.inc({ key }, value)
        },
      })
      return
    case 'summary':
    case 'summarySet':
      registry.registerMetric(new KnownSummary(name, current))
      return
  }
}

/** A summary whose figures are kept elsewhere: prom-client's own would want every value once more. */
class KnownSummary extends PrometheusSummary {
  readonly #name: string
  readonly #current: ReadonlyMap<string, Metric>

  constructor(name: string, current: ReadonlyMap<string, Metric>) {
    super({ name, help: name, registers: [] })
    this.#name = name
    this.#current = current
  }

  override async get(): ReturnType<PrometheusSummary['get']> {
    const metric = this.#current.get(this.#name)
    return { ...(await super.get()), values: this.#values(metric) }
  }

  #values(metric: Metric | undefined): KnownValue[] {
    if (metric?.kind === 'summary') return valuesOf(this.#name, metric.summary, QUANTILES[metric.detail], {})
    if (metric?.kind !== 'summarySet') return []
    return [...metric.summaries].flatMap(([key, values]) => valuesOf(this.#name, values, QUANTILES.advanced, { key }))
  }
}

interface KnownValue {
  readonly metricName?: string
  readonly labels: Record<string, string | number>
  readonly value: number
}

function valuesOf(
  name: string,
  summary: Summary,
  quantiles: readonly number[],
  labels: Readonly<Record<string, string>>,
): KnownValue[] {
  return [
    ...quantiles.map((quantile) => ({ labels: { ...labels, quantile }, value: summary.quantile(quantile) })),
    { metricName: `${name}_sum`, labels, value: summary.sum },
    { metricName: `${name}_count`, labels, value: summary.count },
  ]
}
