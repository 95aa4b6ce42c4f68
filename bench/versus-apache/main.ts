/**
 * The built-in engine beside Debian's Apache ZooKeeper: same settings, same disk, same durability, same load generator,
 * interleaved in pairs whose order alternates. `npm run bench -- versus-apache [--pairs 5] [--seconds 5] [--json FILE]`
 *
 * CPU per operation is the steadiest figure on a shared machine, so it stands first; each cell is the median of the
 * pairs, each ratio the median of the pairs' own ratios, with the lowest and the highest of them.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { GeneratorCrew } from '../../src/measure/generator-crew.ts'
import { PhaseFigures } from '../../src/measure/phase-figures.ts'
import { cpuSecondsOf } from '../../src/measure/process-costs.ts'
import type { OperationKind, Workload } from '../../src/profile/plan.ts'
import { median } from '../../src/stats/quantile.ts'
import { type ComparedEnsemble, type Engine, ENGINES, prepareEngines, startEngine } from '../engines.ts'

const SETTINGS = { tickTime: '2000', initLimit: '10', syncLimit: '5', maxClientCnxns: '0' }
const CASES = (['set', 'get'] as const).map((kind) => ({ kind, sessions: 16, inFlight: 16, valueSizeBytes: 1024 }))

type Case = (typeof CASES)[number]

interface Sample {
  readonly opsPerSecond: number
  readonly p50Us: number
  readonly p99Us: number
  /** CPU of all servers together. */
  readonly serverCpuUs: number
  readonly generatorCpuUs: number
  readonly errors: number
}

const METRICS = {
  serverCpuUs: 'server CPU µs/op',
  opsPerSecond: 'ops/s',
  p50Us: 'p50 µs',
  p99Us: 'p99 µs',
  generatorCpuUs: 'generator CPU µs/op',
} as const satisfies Partial<Record<keyof Sample, string>>

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    replicas: { type: 'string', default: '3' },
    json: { type: 'string' },
  },
})
const pairs = Number(values.pairs)
const seconds = Number(values.seconds)
const replicas = Number(values.replicas)

prepareEngines(ENGINES)
await run()

async function run(): Promise<void> {
  const samples = new Map<string, Sample[]>()
  const boots = new Map<Engine, number[]>(ENGINES.map((engine) => [engine, []]))
  for (let pair = 0; pair < pairs; pair++) {
    for (const engine of pair % 2 === 0 ? ENGINES : [...ENGINES].reverse()) {
      await using ensemble = await startEngine(engine, { replicas, settings: SETTINGS })
      boots.get(engine)?.push(ensemble.bootMs)
      for (const load of CASES) {
        const sample = await measure(ensemble, load, pair)
        const key = `${engine} ${load.kind}`
        samples.set(key, [...(samples.get(key) ?? []), sample])
        const { opsPerSecond, serverCpuUs, errors } = sample
        console.error(
          `pair ${pair + 1} ${key}: ${Math.round(opsPerSecond)} ops/s, ${serverCpuUs.toFixed(1)} µs, errors ${errors}`,
        )
      }
    }
  }
  report(samples, boots)
}

async function measure(ensemble: ComparedEnsemble, load: Case, seed: number): Promise<Sample> {
  const { kind, sessions, inFlight, valueSizeBytes } = load
  const mix: Partial<Record<OperationKind, number>> = { [kind]: 1 }
  const workload: Workload = { name: kind, mix, sessions, inFlight, valueSizeBytes, keyCount: 1000 }
  const task = { hosts: ensemble.hosts, workload, seed, sessionTimeoutMs: 10_000, tls: null, digest: null }
  await using crew = GeneratorCrew.start(task, 1)
  await crew.open()
  await crew.run({ name: 'warming up', load: { kind: 'closed' }, durationMs: 3000 })
  const cpu = (): number => ensemble.pids.reduce((sum, pid) => sum + (cpuSecondsOf(pid) ?? NaN), 0)
  const cpuBefore = cpu()
  const recorded = await crew.run({ name: 'measuring', load: { kind: 'closed' }, durationMs: seconds * 1000 })
  const cpuSeconds = cpu() - cpuBefore
  const { figures, boot } = PhaseFigures.ofBoot(recorded)
  const measured = figures.result()
  const operations = boot.series.points.reduce((sum, point) => sum + point.operations, 0)
  const generatorCpuSeconds = boot.generators.reduce((sum, generator) => sum + generator.cpuSeconds, 0)
  await crew.close()
  return {
    opsPerSecond: measured.opsPerSecond,
    p50Us: measured.latencyUs.p50 ?? NaN,
    p99Us: measured.latencyUs.p99 ?? NaN,
    serverCpuUs: (cpuSeconds * 1e6) / operations,
    generatorCpuUs: (generatorCpuSeconds * 1e6) / operations,
    errors: Object.values(measured.errors).reduce((sum, count) => sum + count, 0),
  }
}

function report(samples: ReadonlyMap<string, readonly Sample[]>, boots: ReadonlyMap<Engine, readonly number[]>): void {
  const rows: Record<string, unknown>[] = []
  console.log('| median of the pairs | builtin | apache | builtin / apache (lowest to highest pair) |')
  console.log('|---|---|---|---|')
  for (const { kind, sessions, inFlight, valueSizeBytes } of CASES) {
    for (const metric of Object.keys(METRICS) as (keyof typeof METRICS)[]) {
      const own = (samples.get(`builtin ${kind}`) ?? []).map((sample) => sample[metric])
      const theirs = (samples.get(`apache ${kind}`) ?? []).map((sample) => sample[metric])
      const name = `${kind} ${valueSizeBytes} B, ${sessions} × ${inFlight}: ${METRICS[metric]}`
      rows.push(row(name, own, theirs))
    }
  }
  rows.push(row('boot, ms', boots.get('builtin') ?? [], boots.get('apache') ?? []))
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ pairs, seconds, replicas, rows }, null, 2)}\n`)
}

function row(name: string, own: readonly number[], theirs: readonly number[]): Record<string, unknown> {
  const ratios = own.map((value, index) => value / (theirs[index] ?? NaN)).sort((a, b) => a - b)
  const ratio = { median: median(ratios), lowest: ratios[0], highest: ratios.at(-1) }
  const shown = `${rounded(ratio.median)} (${rounded(ratio.lowest)} to ${rounded(ratio.highest)})`
  console.log(`| ${name} | ${rounded(median(own))} | ${rounded(median(theirs))} | ${shown} |`)
  return { name, builtin: median(own), apache: median(theirs), ratio, ownSamples: own, theirSamples: theirs }
}

function rounded(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return '–'
  if (value >= 100) return String(Math.round(value))
  return value.toPrecision(3)
}
