import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import type { Ensemble, RunningServer } from '../ensemble/ensemble.ts'
import { openEnsemble, requireEngine } from '../ensemble/open-ensemble.ts'
import type { RunOptions } from '../ensemble/start-ensemble.ts'
import { ZktuneError } from '../kernel/errors.ts'
import { ensembleSizeText } from '../profile/ensemble-size.ts'
import type { Plan } from '../profile/plan.ts'
import { shownPlan } from '../profile/shown-plan.ts'
import type { BenchResult, BootResult, RateSearchResult, ScalabilityResult, Threshold } from './bench-result.ts'
import { probeDisks, writesOf, type DiskResult } from './disk-probe.ts'
import { durabilityOf, environmentOf, type DataFolders } from './environment.ts'
import type { CrewTask } from './generator-crew.ts'
import type { LoadProgress } from './generator-message.ts'
import { measureFailover } from './failover.ts'
import { headlineOf } from './headline.ts'
import { measureBoot, type MeasuredBoot } from './measure-boot.ts'
import { PhaseFigures } from './phase-figures.ts'
import { RunRecord } from './run-record.ts'
import { checkSessionRoom } from './session-room.ts'
import { judge, parseThreshold } from './threshold.ts'
import { Prng } from '../kernel/prng.ts'
import { meanInterval } from '../stats/mean-interval.ts'
import { fitScalabilityLaw } from '../stats/scalability-law.ts'

/** Long enough that a run outlives an election, short enough that a lost server is noticed within it. */
const SESSION_TIMEOUT_MS = 10_000
/** Of both folders together. */
const PROBE_MS = 400

export interface BenchProgress extends LoadProgress {
  /** `booting 3 servers`, `connecting`, `preparing`, `warming up`, or the name of what is measured. */
  readonly phase: string
  /** Planned length of the phase in milliseconds; null when it ends when it ends. */
  readonly totalMs: number | null
}

export interface BenchOptions extends Pick<RunOptions, 'keep' | 'onServerExit' | 'onLeftBehind'> {
  /** What the run has to keep; the result says whether it did. */
  readonly thresholds?: readonly Threshold[]
  /** Operations a second of which the rates of the open loop are shares, of an earlier run; null or absent: what is found. */
  readonly capacity?: number | null
  /** Whether the disks are measured before the first boot; else the result has none. Default true. */
  readonly probesDisks?: boolean
  /** So many voters that do not lead are stopped before there is load. Default 0. */
  readonly losses?: number
  /** Ends the leader of each ensemble by SIGKILL, once all phases have been measured. Default false. */
  readonly failover?: boolean
  /** A folder for folders of runs, in which all that is known of this one is kept; absent: nothing is. */
  readonly results?: string
  /** @param folder of this run in there, as soon as it is made */
  readonly onRecord?: (folder: string) => void
  readonly onProgress?: (progress: BenchProgress) => void
  /** An ensemble is there, and load begins. */
  readonly onBooted?: (ensemble: Pick<Ensemble, 'folder' | 'hosts' | 'chroot'>) => void
  /**
   * Aborted while the first ensemble boots: the run rejects as Interrupted. Later: it resolves early, with what was
   * measured until then and `partial` set.
   */
  readonly signal?: AbortSignal
}

/**
 * Carries out a plan: as many fresh ensembles as it has repeats, the load generators beside each, the phases, the result.
 * Whatever happens, no process, port or folder is left when the promise settles (with `keep`, the folders).
 *
 * @throws ZktuneError UsageConflict for more sessions than the servers take, what the engine lacks on this machine, what kept the ensemble from starting, or a generator from measuring
 */
export async function runBench(plan: Plan, options: BenchOptions = {}): Promise<BenchResult> {
  checkSessionRoom(plan)
  await requireEngine(plan)
  const startedAt = new Date().toISOString()
  const record = options.results === undefined ? null : RunRecord.begin(options.results, plan, startedAt)
  if (record !== null) options.onRecord?.(record.folder)
  const disk = await probe(plan, options)
  const boots: MeasuredBoot[] = []
  for (let repeat = 1; repeat <= plan.repeats; repeat++) {
    if (repeat > 1 && options.signal?.aborted === true) break
    const capacity = options.capacity ?? boots[0]?.capacity ?? null
    try {
      const killed = new Set<number>()
      const onServerExit: BenchOptions['onServerExit'] = (id, code, killedBy) => {
        if (!killed.has(id)) options.onServerExit?.(id, code, killedBy)
      }
      await using ensemble = await boot(plan, repeat, { ...options, onServerExit })
      await loseFollowers(ensemble, options.losses ?? 0)
      options.onBooted?.(ensemble)
      const measured = await measureEnd(
        await measure(plan, ensemble, { repeat, capacity }, options),
        ensemble,
        options,
        (id) => killed.add(id),
      )
      boots.push(measured)
      // While the ensemble stands: its logs go with it.
      record?.addBoot(repeat, measured.kept, await ensemble.servers())
    } catch (error) {
      // What earlier boots measured is not thrown away because somebody has seen enough.
      if (repeat === 1 || options.signal?.aborted !== true) throw error
    }
  }
  const result = resultOf(plan, {
    startedAt,
    disk,
    boots,
    thresholds: options.thresholds ?? [],
    isPartial: options.signal?.aborted === true,
  })
  record?.end(result)
  return result
}

/** Before there is anything else on them. */
async function probe(plan: Plan, options: BenchOptions): Promise<DiskResult | null> {
  if (plan.remote !== null || options.probesDisks === false) return null
  tell(options, { phase: 'measuring a sync', totalMs: null })
  return await probeDisks(foldersOf(plan), writesOf(plan.workload), PROBE_MS, options.signal ?? null)
}

/** Where the run makes its own. */
function foldersOf({ dataParent, logParent, splitsLog }: Plan): DataFolders {
  const dataFolder = dataParent ?? tmpdir()
  return { dataFolder, logFolder: logParent ?? (splitsLog ? dataFolder : null) }
}

async function boot(plan: Plan, repeat: number, options: BenchOptions): Promise<Ensemble> {
  const { keep, onServerExit, onLeftBehind, signal } = options
  const doing = plan.remote === null ? `booting ${ensembleSizeText(plan)}` : `connecting to ${plan.remote.connect}`
  tell(options, { phase: nthText(plan, repeat) + doing, totalMs: null })
  return await openEnsemble(plan, {
    ...(keep === undefined ? {} : { keep }),
    ...(onServerExit === undefined ? {} : { onServerExit }),
    ...(onLeftBehind === undefined ? {} : { onLeftBehind }),
    ...(signal === undefined ? {} : { signal }),
  })
}

/** @throws ZktuneError ServerFailed when not so many follow, or they are not ours to stop */
async function loseFollowers(ensemble: Ensemble, count: number): Promise<void> {
  if (count === 0) return
  const { control } = ensemble
  const followers = (await ensemble.servers()).filter(({ role }) => role === 'follower').slice(0, count)
  if (control === null || followers.length < count) {
    throw new ZktuneError('ServerFailed', {
      where: 'ensemble',
      what: `${count} followers were to be stopped, and ${control === null ? 0 : followers.length} are there`,
      mend: 'Look into the logs of the servers (--keep).',
    })
  }
  await Promise.all(followers.map(({ id }) => control.stop(id)))
}

/** @throws ZktuneError NotSupported when a server has no such port: only it can tell, after it has started */
function urlsOf({ workload: { shape, name } }: Plan, servers: readonly RunningServer[]): string[] {
  const { via } = shape
  if (via === 'sessions') return []
  return servers.map(({ id, host, adminPort, gatewayPort }) => {
    const port = via === 'admin' ? adminPort : gatewayPort
    if (port !== null) return `http://${host}:${port}`
    throw new ZktuneError('NotSupported', {
      where: `--workload ${name}`,
      what: `server ${id} has no ${via === 'admin' ? 'AdminServer' : 'REST gateway'} that answers`,
      mend:
        via === 'admin'
          ? 'See admin.enableServer in its zoo.cfg, --admin-port for one that runs already, and whether Jetty is on the class path of Apache.'
          : 'See the log of the server: its port may have been taken.',
    })
  })
}

/** Last, for the ensemble is not what it was afterwards. */
async function measureEnd(
  measured: MeasuredBoot,
  ensemble: Ensemble,
  { failover, signal }: BenchOptions,
  onKill: (id: number) => void,
): Promise<MeasuredBoot> {
  if (failover !== true || signal?.aborted === true) return measured
  const result = await measureFailover(ensemble, { signal: signal ?? null, onKill })
  return { ...measured, boot: { ...measured.boot, failover: result } }
}

async function measure(
  plan: Plan,
  ensemble: Ensemble,
  { repeat, capacity }: { readonly repeat: number; readonly capacity: number | null },
  options: BenchOptions,
): Promise<MeasuredBoot> {
  const task: CrewTask = {
    hosts: ensemble.hosts,
    chroot: ensemble.chroot,
    workload: plan.workload,
    // The same load on each boot: only the ensemble is another one.
    seed: plan.seed,
    sessionTimeoutMs: SESSION_TIMEOUT_MS,
    tls: ensemble.tls?.client ?? null,
    // Known to this run alone, and gone with it.
    urls: urlsOf(plan, await ensemble.servers()),
    digest: ensemble.digest ?? (plan.clients.auth === 'digest' ? `zktune:${randomBytes(16).toString('hex')}` : null),
  }
  const nth = nthText(plan, repeat)
  let current: { readonly name: string; readonly totalMs: number } | null = null
  return await measureBoot(plan, task, ensemble, {
    capacity,
    signal: options.signal ?? null,
    onPhase: ({ name, durationMs }) => {
      current = { name, totalMs: durationMs }
      tell(options, { phase: nth + name, totalMs: durationMs })
    },
    onProgress: (progress) => {
      const totalMs = current?.name === progress.phase ? current.totalMs : null
      tell(options, { ...progress, phase: nth + progress.phase, totalMs })
    },
  })
}

function resultOf(
  plan: Plan,
  run: {
    readonly startedAt: string
    readonly disk: DiskResult | null
    readonly boots: readonly MeasuredBoot[]
    readonly thresholds: readonly Threshold[]
    readonly isPartial: boolean
  },
): BenchResult {
  const own = environmentOf(foldersOf(plan))
  const environment = {
    ...own,
    // The file systems of this machine say nothing about servers elsewhere.
    ...(plan.remote === null ? {} : { dataFileSystem: null, logFileSystem: null, isLogApart: null }),
    tls: run.boots[0]?.tls ?? null,
  }
  const boots = run.boots.map(({ boot }) => boot)
  const names = [...new Set(run.boots.flatMap(({ phases }) => phases.map(({ name }) => name)))]
  const phases = names.map((name) =>
    PhaseFigures.merged(
      run.boots.flatMap(({ phases: measured }) => measured.filter((phase) => phase.name === name)),
    ).result(),
  )
  const headline = headlineOf({ phases, boots })
  return {
    schemaVersion: 1,
    command: 'bench',
    startedAt: run.startedAt,
    seed: plan.seed,
    plan: shownPlan(plan),
    environment,
    durability: durabilityOf(plan, environment.logFileSystem, process.platform),
    disk: run.disk,
    headline,
    phases,
    boots,
    rateSearch: rateSearchOf(plan, run.boots),
    scalability: scalabilityOf(plan, boots),
    thresholds: judge(run.thresholds, { phases, headline }),
    notHonoured: plan.notHonoured,
    partial: run.isPartial,
  }
}

function rateSearchOf({ load }: Plan, boots: readonly MeasuredBoot[]): RateSearchResult | null {
  if (load.kind !== 'find-rate') return null
  const rates = boots.flatMap(({ foundRate }) => foundRate ?? [])
  const isFound = rates.length > 0 && rates.length === boots.length
  const interval = isFound ? meanInterval(rates) : null
  return {
    objective: parseThreshold(load.objective),
    ratePerSecond: isFound ? (interval?.value ?? rates[0] ?? null) : null,
    low: interval?.low ?? null,
    high: interval?.high ?? null,
    boots: boots.map(({ foundRate, tries }) => ({ ratePerSecond: foundRate, tries })),
  }
}

function scalabilityOf({ load, seed }: Plan, boots: readonly BootResult[]): ScalabilityResult | null {
  if (load.kind !== 'sweep') return null
  const points = boots.flatMap(({ phases }) =>
    phases.map(({ opsPerSecond }, index) => ({ concurrency: load.values[index] ?? 0, opsPerSecond })),
  )
  return { over: load.over, points, ...fitScalabilityLaw(points, new Prng(seed)) }
}

/** `boot 2 of 5: `; nothing where there is only one. */
function nthText(plan: Plan, repeat: number): string {
  return plan.repeats === 1 ? '' : `boot ${repeat} of ${plan.repeats}: `
}

function tell(
  options: BenchOptions,
  progress: Partial<BenchProgress> & Pick<BenchProgress, 'phase' | 'totalMs'>,
): void {
  options.onProgress?.({ operations: 0, errors: 0, opsPerSecond: null, ...progress })
}
