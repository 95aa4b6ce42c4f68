/**
 * The trial: one configuration, measured once on a fresh ensemble. What comparisons repeat and searches propose.
 *
 * ```ts
 * const trial = await runTrial(overlaidPlan(plan, { snapCount: '400000' }, 'trial 7'), {
 *   signal,                                       // ends the trial and rejects as Interrupted
 *   lengthShare: 0.5,                             // half of the plan's duration
 *   constraints: [parseThreshold('errors==0')],   // broken: failed, and never "slow"
 *   giveUp: ({ phase, opsPerSecond }) =>          // asked five times a second
 *     phase === 'capacity' && opsPerSecond !== null && opsPerSecond < 1_000 ? 'half of the best' : null,
 * })
 * if (trial.kind === 'measured') trial.metrics['all.p99']
 * ```
 */
import { ZktuneError, type ErrorCode } from '../kernel/errors.ts'
import type { BenchResult, Durability, ServerEvent } from '../measure/bench-result.ts'
import { plannedDurability } from '../measure/environment.ts'
import { allMetrics } from '../measure/metric.ts'
import { runBench, type BenchOptions, type BenchProgress } from '../measure/run-bench.ts'
import { judge, type Threshold, type Verdict } from '../measure/threshold.ts'
import type { Plan } from '../profile/plan.ts'

/**
 * By name, as thresholds and objectives spell it: `all.opsPerSecond`, `set.p99`. Operations a second, microseconds or a count;
 * what was not measured, or by too few samples, is not there.
 */
export type Metrics = Readonly<Record<string, number>>

interface Tried {
  /** ISO 8601, UTC. */
  readonly startedAt: string
  /** Boot, load and end. */
  readonly tookMs: number
  /** Where the whole run is kept, as a bench run; null: it is not. */
  readonly folder: string | null
  /** Before it is measured: what the plan and the file systems say. */
  readonly durability: Durability
}

/** Everything was measured, and every constraint held. */
export interface MeasuredTrial extends Tried {
  readonly kind: 'measured'
  readonly metrics: Metrics
  readonly health: TrialHealth
  readonly result: BenchResult
}

/** There are no figures to compare: whatever was measured, this configuration did not do its work. */
export interface FailedTrial extends Tried {
  readonly kind: 'failed'
  /**
   * - `refused`: it was not even started: a value, or a size, that cannot work
   * - `did-not-boot`: a server ended, or did not serve in time
   * - `crashed`: a server ended under load, the clients lost it for good, or nothing at all succeeded
   * - `broke-constraint`: it ran, and broke what had to hold
   */
  readonly why: 'refused' | 'did-not-boot' | 'crashed' | 'broke-constraint'
  /** A sentence without its full stop. */
  readonly what: string
  /** Of `broke-constraint` those that were broken; else empty. */
  readonly breaches: readonly Verdict[]
  /** Null: there is none, or not a whole one. */
  readonly result: BenchResult | null
}

/** Somebody had seen enough. */
export interface StoppedTrial extends Tried {
  readonly kind: 'stopped'
  /** As `giveUp` said it. */
  readonly what: string
  /** Of what had been measured until then. */
  readonly metrics: Metrics
}

export type Trial = MeasuredTrial | FailedTrial | StoppedTrial

/** Whether a trial's figures should be believed. */
export interface TrialHealth {
  readonly steady: boolean
  /** The first phase that was not, with why; null: all were. */
  readonly unsteadyBecause: string | null
  /** Why a generator, and not the ensemble, may have set the figures; null when nothing speaks for it. */
  readonly clientLimited: string | null
  /** What happened in the servers while there was load. */
  readonly events: readonly ServerEvent[]
}

/** A trial that is under way. */
export interface TrialSoFar {
  /** `warming up`, `capacity`, `5,000/s`: see BenchProgress. */
  readonly phase: string
  /** Since the phase was asked for, and planned; null: it ends when it ends. */
  readonly phaseMs: number
  readonly plannedMs: number | null
  /** Over the phase so far; null while there is no load. */
  readonly opsPerSecond: number | null
  readonly errors: number
}

export interface TrialOptions extends Pick<
  BenchOptions,
  'keep' | 'results' | 'onProgress' | 'onLeftBehind' | 'probesDisks'
> {
  /** Aborted: the trial ends, leaves nothing behind, and rejects as Interrupted. */
  readonly signal?: AbortSignal
  /** What must hold. Default: nothing. */
  readonly constraints?: readonly Threshold[]
  /** Measures `failover.withoutWritesMs` too, after all else. Default false. */
  readonly failover?: boolean
  /** Of the plan's duration, above 0 to 1; the warm-up is whole. Default 1. */
  readonly lengthShare?: number
  /** Asked with every progress; @returns why the trial is hopeless, which stops it, or null */
  readonly giveUp?: (soFar: TrialSoFar) => string | null
}

/** As much of `runBench` as a trial needs; another one in tests. */
export type Bench = typeof runBench

/** Shorter phases than this have too few intervals to be judged. */
const PHASE_MIN_MS = 200

const REFUSALS: readonly ErrorCode[] = ['BadConfigValue', 'UnknownName', 'UsageConflict', 'NotSupported']
/** Of the servers, or of the clients that lost them. What else goes wrong is this machine's fault, and nobody's figure. */
const FAILURES: readonly ErrorCode[] = [
  'ServerFailed',
  'Timeout',
  'CannotConnect',
  'ConnectionLost',
  'DiskLost',
  'DamagedFile',
  'ForeignData',
]

/**
 * Boots the plan's ensemble once (whatever its `repeats`), puts its load on, ends it.
 *
 * @throws ZktuneError Interrupted when the signal was aborted; DiskFailed and the like when this machine failed, not the configuration
 */
export async function runTrial(plan: Plan, options: TrialOptions = {}, bench: Bench = runBench): Promise<Trial> {
  const { signal, lengthShare = 1, constraints = [] } = options
  signal?.throwIfAborted()
  const startMs = performance.now()
  const watch = new TrialWatch(options)
  const tried = (): Tried => ({
    startedAt: watch.startedAt,
    tookMs: performance.now() - startMs,
    folder: watch.folder,
    durability: plannedDurability(plan),
  })
  try {
    const result = await bench(shortened(plan, lengthShare), watch.benchOptions)
    signal?.throwIfAborted()
    if (watch.crash !== null) return { ...tried(), ...failure('crashed', watch.crash) }
    if (watch.hopeless !== null) {
      return { ...tried(), kind: 'stopped', what: watch.hopeless, metrics: allMetrics(result) }
    }
    return { ...tried(), ...judged(result, constraints) }
  } catch (error) {
    signal?.throwIfAborted()
    if (watch.crash !== null) return { ...tried(), ...failure('crashed', watch.crash) }
    if (watch.hopeless !== null) return { ...tried(), kind: 'stopped', what: watch.hopeless, metrics: {} }
    if (!(error instanceof ZktuneError)) throw error
    const why = whyOf(error.code, watch.isBooted)
    if (why === null) throw error
    return { ...tried(), ...failure(why, `${error.where}: ${error.what}`) }
  } finally {
    watch.end()
  }
}

/** What befell a trial while it ran, and the signal that ends it early. */
class TrialWatch {
  readonly startedAt = new Date().toISOString()
  readonly benchOptions: BenchOptions
  folder: string | null = null
  isBooted = false
  /** What ended a server; null: nothing has. */
  crash: string | null = null
  hopeless: string | null = null
  readonly #controller = new AbortController()
  readonly #options: TrialOptions
  readonly #onAbort = (): void => this.#controller.abort(this.#options.signal?.reason)
  #phase = ''
  #phaseStartMs = 0

  constructor(options: TrialOptions) {
    const { keep, results, failover, onLeftBehind, probesDisks, signal } = options
    this.#options = options
    signal?.addEventListener('abort', this.#onAbort, { once: true })
    this.benchOptions = {
      ...(keep === undefined ? {} : { keep }),
      ...(results === undefined ? {} : { results }),
      ...(failover === undefined ? {} : { failover }),
      ...(onLeftBehind === undefined ? {} : { onLeftBehind }),
      ...(probesDisks === undefined ? {} : { probesDisks }),
      signal: this.#controller.signal,
      onRecord: (folder) => (this.folder = folder),
      onBooted: () => (this.isBooted = true),
      onServerExit: (id, code, killedBy) => {
        this.crash ??= `server ${id} ended under load (${killedBy ?? `exit code ${code}`})`
        this.#controller.abort()
      },
      onProgress: (progress) => this.#onProgress(progress),
    }
  }

  end(): void {
    this.#options.signal?.removeEventListener('abort', this.#onAbort)
  }

  #onProgress(progress: BenchProgress): void {
    this.#options.onProgress?.(progress)
    const nowMs = performance.now()
    if (progress.phase !== this.#phase) {
      this.#phase = progress.phase
      this.#phaseStartMs = nowMs
    }
    const { giveUp } = this.#options
    if (giveUp === undefined || this.#controller.signal.aborted) return
    const phaseMs = nowMs - this.#phaseStartMs
    const { phase, totalMs, operations, errors } = progress
    const isLoad = progress.opsPerSecond !== null && phaseMs > 0
    const opsPerSecond = isLoad ? (operations * 1_000) / phaseMs : null
    this.hopeless = giveUp({ phase, phaseMs, plannedMs: totalMs, opsPerSecond, errors })
    if (this.hopeless !== null) this.#controller.abort()
  }
}

function shortened(plan: Plan, share: number): Plan {
  if (!(share > 0 && share <= 1)) throw new RangeError('a trial is a share of its plan, above 0 to 1')
  const durationMs = Math.max(PHASE_MIN_MS, plan.durationMs * share)
  // Servers and clients take as long to warm up, however short the load is that follows.
  return { ...plan, repeats: 1, durationMs }
}

function judged(
  result: BenchResult,
  constraints: readonly Threshold[],
): Omit<MeasuredTrial, keyof Tried> | Omit<FailedTrial, keyof Tried> {
  const metrics = allMetrics(result)
  if (result.phases.every(({ operations }) => operations === 0)) {
    return { ...failure('crashed', 'not one request succeeded'), result }
  }
  if (result.boots.some(({ failover }) => failover?.withoutWritesMs === null)) {
    return { ...failure('crashed', 'no write was acknowledged within 30 s of the end of the leader'), result }
  }
  const breaches = judge(constraints, result).filter(({ isKept }) => !isKept)
  if (breaches.length > 0) {
    const what = breaches.map(breachText).join(', ')
    return { ...failure('broke-constraint', what), breaches, result }
  }
  return { kind: 'measured', metrics, health: healthOf(result), result }
}

/** What could not be judged is not kept, and a longer trial may show that it is. */
function breachText({ threshold: { text }, value }: Verdict): string {
  return value === null ? `it had too few samples to tell whether ${text}` : `it broke ${text}`
}

function healthOf({ phases, boots }: BenchResult): TrialHealth {
  const unsteady = phases.find(({ steady }) => !steady)
  return {
    steady: unsteady === undefined,
    unsteadyBecause: unsteady === undefined ? null : `${unsteady.name}: ${unsteady.unsteadyBecause ?? 'it was not'}`,
    clientLimited: phases.find(({ clientLimited }) => clientLimited !== null)?.clientLimited ?? null,
    events: boots.flatMap(({ events }) => events),
  }
}

function failure(why: FailedTrial['why'], what: string): Omit<FailedTrial, keyof Tried> {
  return { kind: 'failed', why, what, breaches: [], result: null }
}

/** @returns null for what is no fault of the configuration */
function whyOf(code: ErrorCode, isBooted: boolean): FailedTrial['why'] | null {
  if (REFUSALS.includes(code)) return 'refused'
  if (!FAILURES.includes(code)) return null
  return isBooted ? 'crashed' : 'did-not-boot'
}
