/** What is measured on one fresh ensemble: the phases of the plan's load, one after the other. */
import type { Ensemble, ServerCounters } from '../ensemble/ensemble.ts'
import { figuresOf, numberOf } from '../ensemble/server-figures.ts'
import type { Plan, PlannedLoad } from '../profile/plan.ts'
import type { BootPhase, BootResult, RateTryResult, Threshold } from './bench-result.ts'
import { GeneratorCrew, type CrewHooks, type CrewPhase, type CrewTask, type OpenCrewLoad } from './generator-crew.ts'
import type { AgreedTls } from './generator-message.ts'
import { machineOffsetMs } from './machine-clock.ts'
import { PhaseFigures } from './phase-figures.ts'
import { RateSearch } from './rate-search.ts'
import type { KeptPhase } from './run-record.ts'
import { ServerCosts } from './server-costs.ts'
import { judge, parseThreshold } from './threshold.ts'

/** Of the load that is measured, what finding the capacity takes; the shares of it divide the rest. */
const CAPACITY_PART = 0.4
/** Beside one rate alone. */
const CAPACITY_HALF = 0.5
/** Of a search, which has the capacity to begin from. */
const FIND_CAPACITY_PART = 0.15
const TRIES_MAX = 16
/** A try at a low rate lasts as long as its percentile needs, up to so many times the usual. */
const LENGTHENED_MAX = 5
/** Of a rate that was tried: less is no such rate. */
const ANSWERED_MIN = 0.95
const SWEPT_WARMUP_MS = 500

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
  /** What was tried for an objective, in order; empty: there was none. */
  readonly tries: readonly RateTryResult[]
  /** Found by them; null: none, or not looked for. */
  readonly foundRate: number | null
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
  const run = new BootRun(costs, ensemble, options)
  let capacity: number | null = null
  let foundRate: number | null = null
  let tls: AgreedTls | null = null
  for (const each of crewTasksOf(plan, task)) {
    if (signal?.aborted === true && run.phases.length > 0) break
    tls = await withCrew(plan, each.task, run, options, async () => {
      if (each.name !== null) await runStep(plan, run, each.name)
      else capacity = await runLoad(plan, run, options.capacity)
      if (plan.load.kind === 'find-rate' && capacity !== null) foundRate = await findRate(plan, run, capacity)
    })
  }
  const counters = await ensemble.counters()
  return {
    boot: await resultOf(ensemble, costs, run, { startMs, counters }),
    phases: run.figures,
    kept: run.kept,
    capacity,
    tries: run.tries,
    foundRate,
    tls,
  }
}

/** The crews of a boot, one after the other: one, but for a sweep. @returns the name of what each measures; null: the plan's load */
function crewTasksOf(plan: Plan, task: CrewTask): readonly { readonly task: CrewTask; readonly name: string | null }[] {
  const { load } = plan
  if (load.kind !== 'sweep') return [{ task, name: null }]
  return load.values.map((value) => {
    const workload = { ...task.workload, [load.over]: value }
    return { task: { ...task, workload }, name: `${load.over === 'sessions' ? 'sessions' : 'in flight'} ${value}` }
  })
}

/** Opens a crew, does the work with it unless that is no longer wanted, and closes it. */
async function withCrew(
  plan: Plan,
  task: CrewTask,
  run: BootRun,
  options: BootOptions,
  work: () => Promise<void>,
): Promise<AgreedTls | null> {
  const { signal } = options
  await using crew = GeneratorCrew.start(task, plan.generators, options)
  const cut = (): void => crew.cut()
  signal?.addEventListener('abort', cut, { once: true })
  try {
    if (signal?.aborted === true) cut()
    const tls = signal === null ? await crew.open() : await orNullWhenAborted(crew.open(), signal)
    run.crew = crew
    if (signal?.aborted !== true) await work()
    if (signal?.aborted !== true) await crew.close()
    return tls
  } finally {
    signal?.removeEventListener('abort', cut)
  }
}

/** One concurrency of a sweep. */
async function runStep({ load, warmupMs, durationMs }: Plan, run: BootRun, name: string): Promise<void> {
  if (load.kind !== 'sweep') return
  const closed = { kind: 'closed' } as const
  // The servers are warm after the first; the sessions are not.
  const ownWarmupMs = run.phases.length === 0 ? warmupMs : Math.min(warmupMs, SWEPT_WARMUP_MS)
  if (ownWarmupMs > 0) await run.warmUp({ name: 'warming up', load: closed, durationMs: ownWarmupMs })
  await run.measure({ name, load: closed, durationMs: durationMs / load.values.length })
}

/** @returns the highest rate that keeps the plan's objective; null: there was none */
async function findRate({ load, durationMs }: Plan, run: BootRun, capacity: number): Promise<number | null> {
  if (load.kind !== 'find-rate') return null
  const objective = parseThreshold(load.objective)
  const search = new RateSearch(capacity, TRIES_MAX)
  const shareOfSubject = subjectShare(objective, run.phases)
  const usualMs = (durationMs * (1 - FIND_CAPACITY_PART)) / TRIES_MAX
  for (let next = search.next; next !== null; next = search.next) {
    const { ratePerSecond, purpose } = next
    const neededMs = (1_100 * samplesNeeded(objective)) / (ratePerSecond * shareOfSubject)
    const tried = await run.tryRate(
      {
        name: `try ${run.tries.length + 1}: ${rateText(ratePerSecond)}/s`,
        load: { kind: 'open', ratePerSecond, arrivals: load.arrivals },
        durationMs: Math.max(usualMs, Math.min(neededMs, usualMs * LENGTHENED_MAX)),
      },
      objective,
      purpose,
    )
    if (tried === null) return null
    search.report(tried.isKept)
  }
  return search.found
}

/** Of all operations, those that the objective is about. */
function subjectShare({ subject }: Threshold, phases: readonly BootPhase[]): number {
  const [phase] = phases
  if (phase === undefined || subject === 'all') return 1
  const part = subject === 'read' || subject === 'write' ? phase[subject] : phase.byOperation[subject]
  return Math.max(0.001, (part?.operations ?? 0) / Math.max(1, phase.operations))
}

/** So that ten lie above the percentile. */
function samplesNeeded({ figure }: Threshold): number {
  return { p50: 20, p90: 100, p95: 200, p99: 1_000, p999: 10_000, mean: 1, max: 1, opsPerSecond: 1, errors: 1 }[figure]
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
  if (isAlone || capacity === null || load.kind === 'find-rate' || load.kind === 'sweep') return capacity
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
  if (kind === 'find-rate') return FIND_CAPACITY_PART
  return kind === 'capacity-and-rate' ? CAPACITY_HALF : CAPACITY_PART
}

class BootRun {
  readonly figures: PhaseFigures[] = []
  readonly phases: BootPhase[] = []
  readonly kept: KeptPhase[] = []
  readonly tries: RateTryResult[] = []
  /** With whom the next phase is run. */
  crew: GeneratorCrew | null = null
  /** Completed in all that was measured. */
  operations = 0
  readonly #costs: ServerCosts
  readonly #ensemble: Ensemble
  readonly #options: BootOptions
  #countersBefore: ServerCounters | null = null

  constructor(costs: ServerCosts, ensemble: Ensemble, options: BootOptions) {
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
    await this.crew?.run(phase)
  }

  /** @returns null when the run was interrupted before it began */
  async measure(phase: CrewPhase): Promise<BootPhase | null> {
    const measured = await this.#run(phase)
    if (measured === null) return null
    this.figures.push(measured.figures)
    this.phases.push(measured.boot)
    return measured.boot
  }

  /** A try is no phase of the result: each boot tries other rates. @returns null as `measure` */
  async tryRate(
    phase: CrewPhase & { readonly load: OpenCrewLoad },
    objective: Threshold,
    purpose: RateTryResult['purpose'],
  ): Promise<RateTryResult | null> {
    const measured = await this.#run(phase)
    if (measured === null) return null
    const { name, seconds, opsPerSecond, sending, clientLimited } = measured.boot
    const told = { phase: name, metric: '', value: null, low: null, high: null, boots: 1 }
    const headline = [{ ...told, unit: 'us' } as const, { ...told, unit: 'ops/s' } as const]
    const [verdict] = judge([objective], { phases: [measured.boot], headline })
    const { ratePerSecond } = phase.load
    const isAnswered = opsPerSecond >= ANSWERED_MIN * ratePerSecond && sending?.unsent === 0
    const tried: RateTryResult = {
      ratePerSecond,
      purpose,
      seconds,
      value: verdict?.value ?? null,
      opsPerSecond,
      isKept: verdict?.isKept === true && isAnswered,
      clientLimited,
    }
    this.tries.push(tried)
    return tried
  }

  async #run(phase: CrewPhase): Promise<{ readonly figures: PhaseFigures; readonly boot: BootPhase } | null> {
    if (this.#options.signal?.aborted === true) return null
    this.#countersBefore ??= await this.#ensemble.counters()
    this.#options.onPhase(phase)
    this.#costs.begin()
    const recorded = (await this.crew?.run(phase)) ?? []
    this.#costs.end()
    if (recorded.length === 0) return null
    const { figures, boot } = PhaseFigures.ofBoot(recorded)
    this.operations += operationsWith(boot)
    this.kept.push({ phase: boot, recorded })
    return { figures, boot }
  }
}

/**
 * @param startMs when load began, by `performance.now()`: the zero of all times in the result
 * @param counters of the servers when the last phase had ended
 */
async function resultOf(
  ensemble: Ensemble,
  costs: ServerCosts,
  { phases, operations, countersBefore }: BootRun,
  { startMs: zeroMs, counters }: { readonly startMs: number; readonly counters: ServerCounters },
): Promise<BootResult> {
  const servers = await ensemble.servers()
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
  let onAbort = (): void => undefined
  const aborted = new Promise<null>((resolve) => {
    onAbort = () => resolve(null)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    // A sweep opens many crews under one signal.
    signal.removeEventListener('abort', onAbort)
  }
}
