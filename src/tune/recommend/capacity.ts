/** What the recommended configuration can carry: by how much is asked of it at once, and with servers lost. */
import type { ScalabilityResult } from '../../measure/bench-result.ts'
import { isLatency } from '../../measure/metric.ts'
import { isWrite } from '../../measure/read-or-write.ts'
import { runBench } from '../../measure/run-bench.ts'
import type { BenchOptions } from '../../measure/run-bench.ts'
import type { Threshold } from '../../measure/threshold.ts'
import type { Plan, Workload } from '../../profile/plan.ts'
import { kneeOf } from '../../stats/knee.ts'
import type { LoadPoint } from '../../stats/knee.ts'
import type { ScalabilityFit } from '../../stats/scalability-law.ts'

export interface KneeResult {
  /** By concurrency, ascending. */
  readonly points: readonly LoadPoint[]
  /** Null: the largest concurrency still brought more. */
  readonly knee: LoadPoint | null
  /** What the Universal Scalability Law makes of the same points, by requests in flight of one session. */
  readonly law: ScalabilityFit
}

/** What an ensemble did with so many servers lost. */
export interface CarriedLoad {
  readonly lost: number
  /** The limit on latency that was kept; null: there was none, and it is as much as went. */
  readonly slo: string | null
  /** Operations a second; null: no rate that was tried kept the limit. */
  readonly opsPerSecond: number | null
  readonly writesPerSecond: number | null
  /** Of all operations, in milliseconds; null with a limit, or with too few samples. */
  readonly p99Ms: number | null
}

export type CapacityOptions = Pick<BenchOptions, 'signal' | 'onProgress' | 'onLeftBehind'>

/** Longer than a trial, for each of its parts has to be long enough. */
const LENGTHS_OF_TRIAL = 2
/** Of a search for a rate: each of its tries needs samples for a percentile. */
const RATE_SEARCH_LEAST_MS = 10_000
/** As many again as the workload keeps in flight, and so many at least, in powers of two. */
const IN_FLIGHT_LEAST = 32
const POINTS_MAX = 9

/** Another one in tests. */
export type Bench = typeof runBench

/** @throws ZktuneError as `runBench` */
export async function measureKnee(plan: Plan, options: CapacityOptions, bench: Bench = runBench): Promise<KneeResult> {
  const values = inFlightValues(plan.workload)
  const { sessions } = plan.workload
  const load = { kind: 'sweep', over: 'inFlight', values } as const
  const workload = { ...plan.workload, inFlight: values.at(-1) ?? 1 }
  const result = await bench({ ...longer(plan), workload, load }, { ...options, probesDisks: false })
  options.signal?.throwIfAborted()
  const points = result.phases.map(({ opsPerSecond, latencyUs }, index) => {
    return { concurrency: sessions * (values[index] ?? 0), opsPerSecond, p99Ms: inMs(latencyUs.p99) }
  })
  return { points, knee: kneeOf(points), law: lawOf(result.scalability) }
}

function lawOf(fit: ScalabilityResult | null): ScalabilityFit {
  if (fit === null) return { law: null, refused: 'nothing was varied' }
  // Without the points, which are there with their latencies.
  return fit.law === null ? { law: null, refused: fit.refused ?? 'it was not fitted' } : { law: fit.law, refused: null }
}

/**
 * With no server lost, and with so many of those that vote and do not lead.
 *
 * @throws ZktuneError as `runBench`
 */
export async function measureLosses(
  plan: Plan,
  { lost, constraints }: { readonly lost: number; readonly constraints: readonly Threshold[] },
  options: CapacityOptions,
  bench: Bench = runBench,
): Promise<readonly CarriedLoad[]> {
  const slo = constraints.find((each) => isLatency(each) && each.comparison.startsWith('<')) ?? null
  const carried: CarriedLoad[] = []
  for (const losses of lost === 0 ? [0] : [0, lost]) {
    carried.push(slo === null ? await asMuchAsGoes(losses) : await underLimit(losses, slo))
  }
  return carried

  async function asMuchAsGoes(losses: number): Promise<CarriedLoad> {
    const { phases } = await bench(
      { ...longer(plan), load: { kind: 'closed' } },
      { ...options, losses, probesDisks: false },
    )
    options.signal?.throwIfAborted()
    const [phase] = phases
    return {
      lost: losses,
      slo: null,
      opsPerSecond: phase?.opsPerSecond ?? null,
      writesPerSecond: phase?.write?.opsPerSecond ?? null,
      p99Ms: phase === undefined ? null : inMs(phase.latencyUs.p99),
    }
  }

  async function underLimit(losses: number, { text }: Threshold): Promise<CarriedLoad> {
    const load = { kind: 'find-rate', objective: text, arrivals: 'poisson' } as const
    const long = longer(plan)
    const durationMs = Math.max(RATE_SEARCH_LEAST_MS, long.durationMs)
    const { rateSearch } = await bench({ ...long, durationMs, load }, { ...options, losses, probesDisks: false })
    options.signal?.throwIfAborted()
    const opsPerSecond = rateSearch?.ratePerSecond ?? null
    const writesPerSecond = opsPerSecond === null ? null : opsPerSecond * writeShare(plan.workload)
    return { lost: losses, slo: text, opsPerSecond, writesPerSecond, p99Ms: null }
  }
}

/** 1, 2, 4 and so on, up to twice what the workload keeps in flight. */
export function inFlightValues({ inFlight }: Pick<Workload, 'inFlight'>): readonly number[] {
  const last = Math.max(IN_FLIGHT_LEAST, 2 * inFlight)
  const values: number[] = []
  for (let value = 1; value < 2 * last && values.length < POINTS_MAX; value *= 2) values.push(value)
  return values
}

function longer(plan: Plan): Plan {
  return { ...plan, repeats: 1, durationMs: LENGTHS_OF_TRIAL * plan.durationMs }
}

function writeShare({ mix }: Workload): number {
  const kinds = Object.entries(mix) as [keyof typeof mix, number][]
  const all = kinds.reduce((sum, [, weight]) => sum + weight, 0)
  return kinds.reduce((sum, [kind, weight]) => sum + (isWrite(kind) ? weight : 0), 0) / all
}

function inMs(us: number | null): number | null {
  return us === null ? null : us / 1_000
}
