import { meanInterval } from '../stats/mean-interval.ts'
import type { BenchResult, HeadlineFigure, PhaseResult } from './bench-result.ts'

/** Of the open-loop phases, the one whose latency stands for the run: busy, and with room to spare. */
const TOLD_PERCENT = '70 % of capacity'

/**
 * The figures that stand for a run. Their values are those of all boots together, their intervals what the boots, each
 * taken for itself, say about the next one.
 */
export function headlineOf({ phases, boots }: Pick<BenchResult, 'phases' | 'boots'>): readonly HeadlineFigure[] {
  // Of a sweep that concurrency at which most was done.
  const closed = phases
    .filter(({ kind }) => kind === 'closed')
    .reduce<PhaseResult | undefined>((best, phase) => {
      return best === undefined || phase.opsPerSecond > best.opsPerSecond ? phase : best
    }, undefined)
  const open = phases.find(({ name }) => name === TOLD_PERCENT) ?? phases.find(({ kind }) => kind === 'open')
  const latencyOf = open ?? closed
  const figure = (
    { name }: PhaseResult,
    metric: string,
    unit: HeadlineFigure['unit'],
    read: (phase: PhaseResult) => number | null,
  ): HeadlineFigure => {
    const values = boots.flatMap((boot) =>
      boot.phases.filter((phase) => phase.name === name).flatMap((phase) => read(phase) ?? []),
    )
    const merged = phases.find((phase) => phase.name === name)
    const interval = values.every((value) => value > 0) ? meanInterval(values) : null
    return {
      phase: name,
      metric,
      unit,
      value: interval?.value ?? (merged === undefined ? null : read(merged)),
      low: interval?.low ?? null,
      high: interval?.high ?? null,
      boots: values.length,
    }
  }
  const rate = closed ?? open
  return [
    ...(rate === undefined ? [] : [figure(rate, 'all.opsPerSecond', 'ops/s', (phase) => phase.opsPerSecond)]),
    ...(latencyOf === undefined
      ? []
      : [
          figure(latencyOf, 'all.p50', 'us', (phase) => phase.latencyUs.p50),
          figure(latencyOf, 'all.p99', 'us', (phase) => phase.latencyUs.p99),
        ]),
  ]
}
