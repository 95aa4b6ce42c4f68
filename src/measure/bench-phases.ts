import { LatencyHistogram } from '../stats/latency-histogram.ts'
import type { OperationKind } from '../profile/plan.ts'
import type { GeneratorCost, OperationResult, PhaseResult } from './bench-result.ts'
import type { RecordedPhase } from './generator-message.ts'

/** What the generator recorded of one phase, as a result: rates, and percentiles of histograms merged over the kinds. */
export function phaseResult(phase: RecordedPhase): PhaseResult {
  const all = new LatencyHistogram()
  const allErrors: Record<string, number> = {}
  const byOperation: Partial<Record<OperationKind, OperationResult>> = {}
  for (const { kind, errors, histogram: encoded } of phase.operations) {
    const histogram = LatencyHistogram.decode(encoded)
    all.add(histogram)
    for (const [name, count] of Object.entries(errors)) allErrors[name] = (allErrors[name] ?? 0) + count
    byOperation[kind] = operationResult(histogram, errors, phase.seconds)
  }
  return {
    name: phase.name,
    kind: 'closed',
    seconds: phase.seconds,
    ...operationResult(all, allErrors, phase.seconds),
    byOperation,
  }
}

/** @returns null when no phase was measured */
export function generatorCost(pid: number, phases: readonly RecordedPhase[]): GeneratorCost | null {
  if (phases.length === 0) return null
  const sum = (of: (phase: RecordedPhase) => number): number => phases.reduce((total, phase) => total + of(phase), 0)
  const worst = (of: (phase: RecordedPhase) => number): number => Math.max(...phases.map(of))
  const cpuSeconds = sum((phase) => phase.cpuSeconds)
  const seconds = sum((phase) => phase.seconds)
  return {
    pid,
    cpuSeconds,
    cpuUsPerOperation: cpuUsPerOperation(cpuSeconds, operationsOf(phases)),
    cpuShare: seconds === 0 ? 0 : cpuSeconds / seconds,
    // Percentiles of several phases do not merge here: the worst one is told.
    eventLoopDelayMs: {
      p50: worst((phase) => phase.eventLoopDelayMs.p50),
      p99: worst((phase) => phase.eventLoopDelayMs.p99),
      max: worst((phase) => phase.eventLoopDelayMs.max),
    },
  }
}

export function operationsOf(phases: readonly RecordedPhase[]): number {
  return phases
    .flatMap((phase) => phase.operations)
    .reduce((total, { histogram }) => total + LatencyHistogram.decode(histogram).count, 0)
}

/** @returns null where no operation succeeded */
export function cpuUsPerOperation(cpuSeconds: number, operations: number): number | null {
  return operations === 0 ? null : (cpuSeconds * 1e6) / operations
}

function operationResult(
  histogram: LatencyHistogram,
  errors: Readonly<Record<string, number>>,
  seconds: number,
): OperationResult {
  const operations = histogram.count
  return {
    operations,
    errors,
    opsPerSecond: seconds === 0 ? 0 : operations / seconds,
    latencyUs: histogram.summary(),
  }
}
