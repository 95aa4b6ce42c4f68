import { GeneratorCrew } from '../../src/measure/generator-crew.ts'
import { PhaseFigures } from '../../src/measure/phase-figures.ts'
import { cpuSecondsOf } from '../../src/measure/process-costs.ts'
import type { ComparedEnsemble } from '../engines.ts'
import type { Cell } from './cells.ts'

const WARMUP_MS = 3000

/** The order is that of the table, the steadiest figure first; the servers' CPU is that of all of them together. */
export const METRICS = ['server CPU µs/op', 'ops/s', 'p50 µs', 'p99 µs', 'generator CPU µs/op'] as const
/** What one cell measured on one ensemble; NaN where too few operations were done to say. */
export type LoadSample = Readonly<Record<(typeof METRICS)[number], number>>

/** @throws Error when an operation failed: figures with errors in them compare nothing */
export async function measureLoad(
  ensemble: ComparedEnsemble,
  { workload }: Cell,
  seed: number,
  seconds: number,
): Promise<LoadSample> {
  const task = {
    hosts: ensemble.hosts,
    chroot: '',
    workload,
    seed,
    sessionTimeoutMs: 10_000,
    tls: null,
    digest: null,
    urls: [],
  }
  await using crew = GeneratorCrew.start(task, 1)
  await crew.open()
  await crew.run({ name: 'warming up', load: { kind: 'closed' }, durationMs: WARMUP_MS })
  const before = cpuSeconds(ensemble)
  const recorded = await crew.run({ name: 'measuring', load: { kind: 'closed' }, durationMs: seconds * 1000 })
  const serverSeconds = cpuSeconds(ensemble) - before
  const { figures, boot } = PhaseFigures.ofBoot(recorded)
  await crew.close()
  const measured = figures.result()
  const errors = Object.entries(measured.errors)
  if (errors.length > 0) throw new Error(`${workload.name}: ${errors.map(([code, n]) => `${n} ${code}`).join(', ')}`)
  const operations = boot.series.points.reduce((sum, point) => sum + point.operations, 0)
  const generatorSeconds = boot.generators.reduce((sum, generator) => sum + generator.cpuSeconds, 0)
  return {
    'server CPU µs/op': (serverSeconds * 1e6) / operations,
    'ops/s': measured.opsPerSecond,
    'p50 µs': measured.latencyUs.p50 ?? NaN,
    'p99 µs': measured.latencyUs.p99 ?? NaN,
    'generator CPU µs/op': (generatorSeconds * 1e6) / operations,
  }
}

/** Of all servers together. */
function cpuSeconds({ pids }: ComparedEnsemble): number {
  return pids.reduce((sum, pid) => sum + (cpuSecondsOf(pid) ?? NaN), 0)
}
