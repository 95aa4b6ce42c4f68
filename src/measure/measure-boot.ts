/** What is measured on one fresh ensemble: the phases of the plan's load, one after the other. */
import type { Ensemble, ServerCounters } from '../ensemble/ensemble.ts'
import { figuresOf, numberOf } from '../ensemble/server-figures.ts'
import type { Plan, PlannedLoad } from '../profile/plan.ts'
import type { BootPhase, BootResult } from './bench-result.ts'
import { GeneratorCrew, type CrewHooks, type CrewPhase, type CrewTask, type OpenCrewLoad } from './generator-crew.ts'
import type { AgreedTls } from './generator-message.ts'
import { machineOffsetMs } from './machine-clock.ts'
import { PhaseFigures } from './phase-figures.ts'
import type { KeptPhase } from './run-record.ts'
import { ServerCosts } from './server-costs.ts'

/** Of the load that is measured, what finding the capacity takes; the shares of it divide the rest. */
const CAPACITY_PART = 0.4
/** Beside one rate alone. */
const CAPACITY_HALF = 0.5

export interface BootOptions extends CrewHooks {
  /** A phase is asked for. */
  readonly onPhase: (phase: CrewPhase) => void
  /** Of an earlier boot, whose rates this one takes over; null: what this one finds. Operations a second. */
  readonly capacity: number | null
  /** Aborted: what was measured until then is the result. */
  readonly signal: AbortSignal | null
}

export interface MeasuredBoot {
  readonly boot: BootResult
  readonly phases: readonly PhaseFigures[]
  /** What the generators recorded of each phase, for whoever keeps it. */
  readonly kept: readonly KeptPhase[]
  /** Operations a second; null when none was looked for, or nothing succeeded. */
  readonly capacity: number | null
  readonly tls: AgreedTls | null
}

/** @throws ZktuneError when a generator failed */
export async function measureBoot(
  plan: Plan,
  task: CrewTask,
  ensemble: Ensemble,
  options: BootOptions,
): Promise<MeasuredBoot> {
  const { signal } = options
  const costs = new ServerCosts(await ensemble.servers())
  const startMs = performance.now()
  await using crew = GeneratorCrew.start(task, plan.generators, options)
  const cut = (): void => crew.cut()
  signal?.addEventListener('abort', cut, { once: true })
  try {
    if (signal?.aborted === true) cut()
    const tls = signal === null ? await crew.open() : await orNullWhenAborted(crew.open(), signal)
    const run = new BootRun(crew, costs, ensemble, options)
    const capacity = signal?.aborted === true ? null : await runLoad(plan, run, options.capacity)
    const counters = await ensemble.counters()
    if (signal?.aborted !== true) await crew.close()
    return {
      boot: await resultOf(ensemble, costs, run, { startMs, counters }),
      phases: run.figures,
      kept: run.kept,
      capacity,
      tls,
    }
  } finally {
    signal?.removeEventListener('abort', cut)
  }
}

/** @returns the capacity as this boot has it */
async function runLoad(plan: Plan, run: BootRun, knownCapacity: number | null): Promise<number | null> {
  const { load, warmupMs, durationMs } = plan
  const warmup = load.kind === 'open' ? load : ({ kind: 'closed' } as const)
  if (warmupMs > 0) await run.warmUp({ name: 'warming up', load: warmup, durationMs: warmupMs })
  const atRate = (open: OpenCrewLoad, lengthMs: number): Promise<BootPhase | null> =>
    run.measure({ name: `${rateText(open.ratePerSecond)}/s`, load: open, durationMs: lengthMs })
  if (load.kind === 'open') {
    await atRate(load, durationMs)
    return null
  }
  const isAlone = load.kind === 'closed'
  const found = await run.measure({
    name: 'capacity',
    load: { kind: 'closed' },
    durationMs: isAlone ? durationMs : durationMs * capacityPart(load),
  })
  const capacity = knownCapacity ?? (found === null || found.opsPerSecond === 0 ? null : found.opsPerSecond)
  if (isAlone || capacity === null) return capacity
  if (load.kind === 'capacity-and-rate') {
    await atRate({ ...load, kind: 'open' }, durationMs * (1 - capacityPart(load)))
    return capacity
  }
  const { arrivals, percents } = load
  for (const percent of percents) {
    const ratePerSecond = rounded((capacity * percent) / 100)
    await run.measure({
      name: `${percent} % of capacity`,
      load: { kind: 'open', ratePerSecond, arrivals },
      durationMs: (durationMs * (1 - CAPACITY_PART)) / percents.length,
    })
  }
  return capacity
}

function capacityPart({ kind }: PlannedLoad): number {
  return kind === 'capacity-and-rate' ? CAPACITY_HALF : CAPACITY_PART
}

class BootRun {
  readonly figures: PhaseFigures[] = []
  readonly phases: BootPhase[] = []
  readonly kept: KeptPhase[] = []
  readonly #crew: GeneratorCrew
  readonly #costs: ServerCosts
  readonly #ensemble: Ensemble
  readonly #options: BootOptions
  #countersBefore: ServerCounters | null = null

  constructor(crew: GeneratorCrew, costs: ServerCosts, ensemble: Ensemble, options: BootOptions) {
    this.#crew = crew
    this.#costs = costs
    this.#ensemble = ensemble
    this.#options = options
  }

  /** As the servers had them when the first measured phase began; null: none has begun. */
  get countersBefore(): ServerCounters | null {
    return this.#countersBefore
  }

  async warmUp(phase: CrewPhase): Promise<void> {
    this.#options.onPhase(phase)
    await this.#crew.run(phase)
  }

  /** @returns null when the run was interrupted before it began */
  async measure(phase: CrewPhase): Promise<BootPhase | null> {
    if (this.#options.signal?.aborted === true) return null
    this.#countersBefore ??= await this.#ensemble.counters()
    this.#options.onPhase(phase)
    this.#costs.begin()
    const recorded = await this.#crew.run(phase)
    this.#costs.end()
    if (recorded.length === 0) return null
    const { figures, boot } = PhaseFigures.ofBoot(recorded)
    this.figures.push(figures)
    this.phases.push(boot)
    this.kept.push({ phase: boot, recorded })
    return boot
  }
}

/**
 * @param startMs when load began, by `performance.now()`: the zero of all times in the result
 * @param counters of the servers when the last phase had ended
 */
async function resultOf(
  ensemble: Ensemble,
  costs: ServerCosts,
  { phases, countersBefore }: BootRun,
  { startMs: zeroMs, counters }: { readonly startMs: number; readonly counters: ServerCounters },
): Promise<BootResult> {
  const servers = await ensemble.servers()
  const operations = phases.reduce((sum, phase) => sum + operationsWith(phase), 0)
  return {
    engine: ensemble.kind,
    software: ensemble.software,
    bootMs: ensemble.bootMs,
    failover: null,
    servers: servers.map(({ id, pid, role, clientPort }) => {
      const { cpuSeconds, bytesWritten, memoryBytes } = costs.costOf(id, pid)
      const [now, before] = [counters.get(id) ?? null, countersBefore?.get(id) ?? null]
      const figures = now === null || before === null ? null : figuresOf(now, before)
      const each = (total: number | null): number | null =>
        total === null || operations === 0 ? null : total / operations
      return {
        id,
        pid,
        role,
        clientPort,
        cpuSeconds,
        cpuUsPerOperation: each(cpuSeconds === null ? null : cpuSeconds * 1e6),
        memoryBytes,
        bytesWritten,
        bytesWrittenPerOperation: each(bytesWritten),
        syncsPerOperation: each(figures?.syncs ?? null),
        figures,
      }
    }),
    znodes: znodesOf(countersBefore, counters),
    phases: phases.map((phase) => ({ ...phase, startMs: phase.startMs - machineOffsetMs() - zeroMs })),
    events: (await ensemble.events())
      .map((event) => ({ ...event, atMs: event.atMs - zeroMs }))
      .filter(({ atMs, durationMs }) => atMs + (durationMs ?? 0) >= 0),
  }
}

/** By the server that knows of most: the others may be behind. */
function znodesOf(before: ServerCounters | null, after: ServerCounters): BootResult['znodes'] {
  const most = (counters: ServerCounters | null): number =>
    Math.max(
      ...[...(counters?.values() ?? [])].map((each) => (each === null ? null : numberOf(each, 'znode_count')) ?? -1),
      -1,
    )
  const [first, last] = [most(before), most(after)]
  return first < 0 || last < 0 ? null : { before: first, after: last }
}

/** Also those in what was cut: the processor worked for them too. */
function operationsWith({ series }: BootPhase): number {
  return series.points.reduce((sum, { operations }) => sum + operations, 0)
}

/** Three digits: more would pretend that a rate of the load were a finding. */
function rounded(ratePerSecond: number): number {
  return Math.max(1, Number(ratePerSecond.toPrecision(3)))
}

function rateText(ratePerSecond: number): string {
  return ratePerSecond.toLocaleString('en-US')
}

async function orNullWhenAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | null> {
  work.catch(() => undefined)
  return await Promise.race([
    work,
    new Promise<null>((resolve) => {
      if (signal.aborted) resolve(null)
      signal.addEventListener('abort', () => resolve(null), { once: true })
    }),
  ])
}
