import { tmpdir } from 'node:os'
import type { Ensemble, RunningServer } from '../ensemble/ensemble.ts'
import { startPlannedEnsemble, type RunOptions } from '../ensemble/start-ensemble.ts'
import { ensembleSizeText } from '../profile/ensemble-size.ts'
import type { Plan } from '../profile/plan.ts'
import { shownPlan } from '../profile/shown-plan.ts'
import { cpuUsPerOperation, generatorCost, operationsOf, phaseResult } from './bench-phases.ts'
import type { BenchResult } from './bench-result.ts'
import { durabilityOf, environmentOf } from './environment.ts'
import type { AgreedTls, GeneratorTask, LoadProgress, PhaseTask, RecordedPhase } from './generator-message.ts'
import { GeneratorProcess } from './generator-process.ts'
import { cpuSecondsOf } from './process-costs.ts'
import { checkSessionRoom } from './session-room.ts'

/** Long enough that a run outlives an election, short enough that a lost server is noticed within it. */
const SESSION_TIMEOUT_MS = 10_000

export interface BenchProgress extends LoadProgress {
  /** `booting 3 servers`, `connecting`, `preparing`, `warming up`, `measuring`. */
  readonly phase: string
  /** Planned length of the phase in milliseconds; null when it ends when it ends. */
  readonly totalMs: number | null
}

export interface BenchOptions extends Pick<RunOptions, 'keep' | 'onServerExit'> {
  readonly onProgress?: (progress: BenchProgress) => void
  /** @param folder where the configurations of the run lie, and unless told otherwise its data */
  readonly onBooted?: (folder: string) => void
  /**
   * Aborted while the ensemble boots: the run rejects as Interrupted. Later: it resolves early, with what was measured
   * until then and `partial` set.
   */
  readonly signal?: AbortSignal
}

/**
 * Carries out a plan once: a fresh ensemble, a load generator beside it, the phases, the result. Whatever happens, no
 * process, port or folder is left when the promise settles (with `keep`, the folders).
 *
 * @throws ZktuneError UsageConflict for more sessions than the servers take, what kept the ensemble from starting, or the generator from measuring
 */
export async function runBench(plan: Plan, options: BenchOptions = {}): Promise<BenchResult> {
  const { keep, onServerExit, signal } = options
  checkSessionRoom(plan)
  tell(options, { phase: `booting ${ensembleSizeText(plan)}`, totalMs: null })
  await using ensemble = await startPlannedEnsemble(plan, {
    ...(keep === undefined ? {} : { keep }),
    ...(onServerExit === undefined ? {} : { onServerExit }),
    ...(signal === undefined ? {} : { signal }),
  })
  options.onBooted?.(ensemble.folder)
  return await measure(plan, ensemble, options)
}

async function measure(plan: Plan, ensemble: Ensemble, options: BenchOptions): Promise<BenchResult> {
  const { signal } = options
  const phases = phasesOf(plan)
  const costs = new ServerCosts(await ensemble.servers(), phases)
  await using generator = GeneratorProcess.start(taskOf(plan, ensemble, phases), {
    onProgress: ({ phase, operations, errors, opsPerSecond }) => {
      const totalMs = phases.find(({ name }) => name === phase)?.durationMs ?? null
      tell(options, { phase, totalMs, operations, errors, opsPerSecond })
    },
    onPhase: (event, phaseIndex) => {
      costs.onPhase(event, phaseIndex)
      const phase = phases[phaseIndex]
      if (event === 'began' && phase !== undefined) tell(options, { phase: phase.name, totalMs: phase.durationMs })
    },
  })
  const stop = (): void => generator.stop()
  if (signal?.aborted === true) stop()
  signal?.addEventListener('abort', stop, { once: true })
  try {
    const { phases: recorded, tls } = await generator.done
    const servers = await ensemble.servers()
    return resultOf(plan, ensemble, {
      recorded,
      tls,
      servers,
      costs,
      generatorPid: generator.pid,
      isPartial: signal?.aborted === true,
    })
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

function resultOf(
  plan: Plan,
  ensemble: Ensemble,
  run: {
    readonly recorded: readonly RecordedPhase[]
    readonly tls: AgreedTls | null
    readonly servers: readonly RunningServer[]
    readonly costs: ServerCosts
    readonly generatorPid: number
    readonly isPartial: boolean
  },
): BenchResult {
  const { recorded, servers } = run
  const dataFolder = servers[0]?.dataDir ?? plan.dataParent ?? tmpdir()
  const environment = {
    ...environmentOf({ dataFolder, logFolder: plan.logParent ?? (plan.splitsLog ? dataFolder : null) }),
    tls: run.tls,
  }
  const operations = operationsOf(recorded)
  return {
    schemaVersion: 1,
    command: 'bench',
    seed: plan.seed,
    plan: shownPlan(plan),
    environment,
    durability: durabilityOf(plan, environment.logFileSystem, process.platform),
    ensemble: {
      engine: ensemble.kind,
      software: ensemble.software,
      bootMs: ensemble.bootMs,
      servers: servers.map(({ id, pid, role, clientPort }) => {
        const cpuSeconds = run.costs.cpuSecondsOf(id, pid)
        const perOperation = cpuSeconds === null ? null : cpuUsPerOperation(cpuSeconds, operations)
        return { id, pid, role, clientPort, cpuSeconds, cpuUsPerOperation: perOperation }
      }),
    },
    phases: recorded.map(phaseResult),
    generator: generatorCost(run.generatorPid, recorded),
    notHonoured: plan.notHonoured,
    partial: run.isPartial,
  }
}

function phasesOf(plan: Plan): PhaseTask[] {
  const warmup: PhaseTask = { name: 'warming up', durationMs: plan.warmupMs, isMeasured: false }
  const measured: PhaseTask = { name: 'measuring', durationMs: plan.durationMs, isMeasured: true }
  return plan.warmupMs > 0 ? [warmup, measured] : [measured]
}

function taskOf(plan: Plan, ensemble: Ensemble, phases: readonly PhaseTask[]): GeneratorTask {
  const { workload, seed } = plan
  const tls = ensemble.tls?.client ?? null
  const { auth } = plan.clients
  return { hosts: ensemble.hosts, workload, seed, sessionTimeoutMs: SESSION_TIMEOUT_MS, tls, auth, phases }
}

/** CPU time of each server over the measured phases. */
class ServerCosts {
  readonly #servers: readonly RunningServer[]
  readonly #phases: readonly PhaseTask[]
  readonly #atStart = new Map<number, number | null>()
  /** Null once one reading failed: half a sum would mislead. */
  readonly #sums = new Map<number, number | null>()

  constructor(servers: readonly RunningServer[], phases: readonly PhaseTask[]) {
    this.#servers = servers
    this.#phases = phases
  }

  onPhase(event: 'began' | 'ended', phaseIndex: number): void {
    if (this.#phases[phaseIndex]?.isMeasured !== true) return
    for (const { id, pid } of this.#servers) {
      const now = cpuSecondsOf(pid)
      if (event === 'began') {
        this.#atStart.set(id, now)
        continue
      }
      const before = this.#atStart.get(id) ?? null
      const sum = this.#sums.get(id) ?? (this.#sums.has(id) ? null : 0)
      this.#sums.set(id, now === null || before === null || sum === null ? null : sum + now - before)
    }
  }

  /** @returns null when it could not be read, nothing was measured, or another process serves now under that id */
  cpuSecondsOf(id: number, pid: number): number | null {
    const wasHere = this.#servers.some((server) => server.id === id && server.pid === pid)
    return wasHere ? (this.#sums.get(id) ?? null) : null
  }
}

function tell(
  options: BenchOptions,
  progress: Partial<BenchProgress> & Pick<BenchProgress, 'phase' | 'totalMs'>,
): void {
  options.onProgress?.({ operations: 0, errors: 0, opsPerSecond: null, ...progress })
}
