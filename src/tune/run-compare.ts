/**
 * The comparison: every arm once a block, in an order drawn for each block, each time on a fresh ensemble.
 *
 * ```
 * block 0   B A       capacity alone: the rate that all arms are sent follows from the weakest
 * block 1   A B  ─┐
 * block 2   B A   ├─  a pair each: capacity, then the latency at that rate, then (--failover) the end of the leader
 *   …             │
 * block n   B A  ─┘
 * ```
 */
import { ZktuneError } from '../kernel/errors.ts'
import { Prng } from '../kernel/prng.ts'
import { plannedDurability } from '../measure/environment.ts'
import { checkCanFailOver } from '../measure/failover.ts'
import { shownPlan } from '../profile/shown-plan.ts'
import type { Arrivals, Plan } from '../profile/plan.ts'
import { planLooks, type Looks } from '../stats/looks.ts'
import type { Arm } from './arm.ts'
import { familySize, judgeArms } from './compare-judge.ts'
import { compareNotes, pairsNotes } from './compare-notes.ts'
import type { ArmComparison, CompareResult, TrialRecord } from './compare-result.ts'
import type { ComparedMetric } from './compared-metric.ts'
import { runTrial, type Trial, type TrialOptions } from './trial.ts'

export interface CompareRequest {
  /** At least two; labels and plans of one seed and one load. */
  readonly arms: readonly Arm[]
  readonly metrics: readonly ComparedMetric[]
  /** How many; or until every figure has a verdict, or the time is over. */
  readonly length:
    { readonly kind: 'pairs'; readonly pairs: number } | { readonly kind: 'conclusive'; readonly maxTimeMs: number }
  readonly minEffect: number
  readonly failover: boolean
  /** Durability classes may differ. */
  readonly acrossDurability: boolean
}

export interface CompareProgress {
  /** `pair 3 of 10, B: capacity` */
  readonly phase: string
  readonly totalMs: number | null
  readonly opsPerSecond: number | null
}

export interface CompareOptions {
  /** Aborted: the trial under way ends, and the result is of the pairs until then. */
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: CompareProgress) => void
  /** A trial has ended. */
  readonly onTrial?: (trial: TrialRecord) => void
  /** A pair has been measured: what the figures are so far, without a verdict on them. */
  readonly onBlock?: (block: number, trials: readonly TrialRecord[]) => void
  readonly onLeftBehind?: (error: ZktuneError) => void
  /** A folder for the runs of all trials; absent: nothing is kept. */
  readonly results?: string
}

/** As much of `runTrial` as a comparison needs; another one in tests. */
export type Try = (plan: Plan, options: TrialOptions) => Promise<Trial>

/** How likely the verdicts of a comparison may hold a wrong one: well below one in twenty, whatever the noise is like. */
export const ALPHA = 0.02
/** Of the intervals that are shown. */
const ALPHA_SHOWN = 0.05
/** Of the weakest arm's capacity: busy, and with room to spare. */
const RATE_PERCENT = 70
/** What finds the rate need not be sure. */
const PILOT_SHARE = 0.5
/** Whoever waits for so many has a question that pairs do not answer. */
const PAIRS_MAX = 400
/** An arm that fails so often in a row will go on to. */
const FAILURES_MAX = 3

/**
 * @throws ZktuneError UsageConflict for arms that may not be compared, Interrupted before the first pair, what this machine failed at
 */
export async function runCompare(
  request: CompareRequest,
  options: CompareOptions = {},
  tryOnce: Try = runTrial,
): Promise<CompareResult> {
  checkRequest(request)
  return await new Comparison(request, options, tryOnce).run()
}

/** Also for whoever wants to know before anything starts. */
export function checkRequest({ arms, failover, acrossDurability }: CompareRequest): void {
  if (failover) for (const { plan } of arms) checkCanFailOver(plan)
  const classes = arms.map(({ label, name, plan }) => ({ label, name, durability: plannedDurability(plan) }))
  if (acrossDurability || new Set(classes.map(({ durability }) => durability)).size === 1) return
  throw new ZktuneError('UsageConflict', {
    where: 'zktune compare',
    what: `the arms promise different things: ${classes.map(({ name, durability }) => `${name} is ${durability}`).join(', ')}`,
    mend: 'Compare what is equally safe, or say --across-durability to see the price of a sync.',
  })
}

/** Why so many pairs will be able to tell nothing; for whoever wants to know before they are measured. */
export function tooFewPairs({ arms, metrics }: CompareRequest, pairs: number): readonly string[] {
  return pairsNotes(familySize(arms, metrics), ALPHA, pairs).map(({ text }) => text)
}

class Comparison {
  readonly #request: CompareRequest
  readonly #options: CompareOptions
  readonly #tryOnce: Try
  readonly #prng: Prng
  readonly #order: Prng
  readonly #startedAt = new Date().toISOString()
  readonly #startMs = performance.now()
  readonly #trials: TrialRecord[] = []
  #looks: Looks
  #looksDone = 0
  #rate: { readonly perSecond: number; readonly from: string } | null = null
  #environment: CompareResult['environment'] = null
  readonly #software = new Map<string, CompareResult['arms'][number]['software']>()

  constructor(request: CompareRequest, options: CompareOptions, tryOnce: Try) {
    const [first] = request.arms
    if (first === undefined) throw new RangeError('a comparison has arms')
    this.#request = request
    this.#options = options
    this.#tryOnce = tryOnce
    this.#prng = new Prng(first.plan.seed)
    this.#order = this.#prng.fork('order')
    const { length } = request
    // Of a comparison without a number of pairs the first block tells how many there is time for.
    this.#looks = length.kind === 'pairs' ? { at: [length.pairs], alphaEach: ALPHA } : { at: [], alphaEach: ALPHA }
  }

  async run(): Promise<CompareResult> {
    await this.#pilot()
    for (let block = 1; !this.#isOver(block - 1); block++) {
      const startMs = performance.now()
      await this.#block(block, (plan) => plan)
      if (block === 1 && !this.#isAborted) this.#planLooks(performance.now() - startMs)
      if (!this.#isAborted) this.#options.onBlock?.(block, this.#trials)
    }
    return this.#result()
  }

  get #isAborted(): boolean {
    return this.#options.signal?.aborted === true
  }

  /** Finds the rate, where the load has one that follows from the capacity. */
  async #pilot(): Promise<void> {
    const [first] = this.#request.arms
    const load = first?.plan.load
    if (load?.kind === 'open') {
      this.#rate = { perSecond: load.ratePerSecond, from: first?.plan.origins.load ?? '' }
    }
    if (load?.kind !== 'capacity') return
    const closed = (plan: Plan): Plan => ({ ...plan, load: { kind: 'closed' } })
    await this.#block(0, closed, PILOT_SHARE)
    const capacities = this.#trials.flatMap(({ arm, metrics }) => {
      const capacity = metrics['all.opsPerSecond']
      return capacity === undefined ? [] : [{ arm, capacity }]
    })
    const weakest = capacities.toSorted((one, other) => one.capacity - other.capacity)[0]
    if (weakest === undefined) return
    const perSecond = Math.max(1, Number(((weakest.capacity * RATE_PERCENT) / 100).toPrecision(3)))
    const all = Math.round(weakest.capacity).toLocaleString('en-US')
    this.#rate = {
      perSecond,
      from: `${RATE_PERCENT} % of the ${all} of ${weakest.arm}, the weakest in the block before the first`,
    }
  }

  /** Every arm once, in an order of its own. Ends early when it is interrupted, without the trial under way. */
  async #block(block: number, change: (plan: Plan) => Plan, lengthShare = 1): Promise<void> {
    for (const arm of this.#order.shuffle([...this.#request.arms])) {
      if (this.#isAborted) return
      try {
        const trial = await this.#try(block, arm, change(this.#loaded(arm.plan)), lengthShare)
        const record = recordOf(block, arm, trial)
        if (trial.kind === 'measured') {
          this.#environment ??= trial.result.environment
          this.#software.set(arm.label, trial.result.boots[0]?.software ?? [])
        }
        this.#trials.push(record)
        this.#options.onTrial?.(record)
      } catch (error) {
        // Pairs that are there are not thrown away because somebody has seen enough.
        if (!this.#isAborted || !this.#trials.some((each) => each.block > 0)) throw error
      }
    }
  }

  #try(block: number, arm: Arm, plan: Plan, lengthShare: number): Promise<Trial> {
    const { results, signal, onLeftBehind, onProgress } = this.#options
    const of = this.#looks.at.length === 0 ? '' : ` of ${this.#looks.at.at(-1) ?? 0}`
    const where = `${block === 0 ? 'before the first pair' : `pair ${block}${of}`}, ${arm.label}`
    return this.#tryOnce(plan, {
      lengthShare,
      failover: this.#request.failover && block > 0,
      ...(results === undefined ? {} : { results }),
      ...(signal === undefined ? {} : { signal }),
      ...(onLeftBehind === undefined ? {} : { onLeftBehind }),
      onProgress: ({ phase, totalMs, opsPerSecond }) =>
        onProgress?.({ phase: `${where}: ${phase}`, totalMs, opsPerSecond }),
    })
  }

  /** The plan with the rate that all arms have. */
  #loaded(plan: Plan): Plan {
    if (plan.load.kind !== 'capacity' || this.#rate === null) return plan
    const arrivals: Arrivals = plan.load.arrivals
    return { ...plan, load: { kind: 'capacity-and-rate', ratePerSecond: this.#rate.perSecond, arrivals } }
  }

  /** @param blockMs how long a block takes */
  #planLooks(blockMs: number): void {
    const { length, arms, metrics } = this.#request
    if (length.kind !== 'conclusive') return
    const leftMs = length.maxTimeMs - (performance.now() - this.#startMs)
    const most = Math.min(PAIRS_MAX, 1 + Math.max(0, Math.floor(leftMs / blockMs)))
    this.#looks = planLooks(most, ALPHA, familySize(arms, metrics))
  }

  /** @param blocks that have been measured */
  #isOver(blocks: number): boolean {
    if (this.#isAborted || this.#hasGivenUp()) return true
    const { length } = this.#request
    if (length.kind === 'pairs') return blocks >= length.pairs
    const last = this.#looks.at.at(-1)
    if (blocks === 0 || last === undefined) return false
    if (blocks >= last || performance.now() - this.#startMs >= length.maxTimeMs) return true
    if (this.#looks.at[this.#looksDone] !== blocks) return false
    this.#looksDone++
    const figures = this.#judge().flatMap((comparison) => comparison.figures)
    return figures.every(({ verdict }) => verdict !== 'inconclusive')
  }

  /** An arm fails again and again. */
  #hasGivenUp(): boolean {
    return this.#request.arms.some(({ label }) => {
      const own = this.#trials.filter(({ arm }) => arm === label)
      const last = own.slice(-FAILURES_MAX)
      const pilot = own[0]
      if (pilot?.block === 0 && pilot.kind === 'failed') return true
      return last.length === FAILURES_MAX && last.every(({ kind }) => kind === 'failed')
    })
  }

  #judge(): readonly ArmComparison[] {
    const { arms, metrics, minEffect } = this.#request
    const { alphaEach } = this.#looks
    // Looks share out the chance of a wrong verdict; that of an interval which misses goes with it.
    const alphaShown = ALPHA_SHOWN * (alphaEach / ALPHA)
    const rules = { minEffect, alpha: alphaEach, alphaShown }
    return judgeArms(arms, metrics, this.#trials, rules, this.#prng.fork('bootstrap'))
  }

  #result(): CompareResult {
    const { arms, metrics, length, minEffect } = this.#request
    const comparisons = this.#judge()
    const pairs = Math.max(0, ...this.#trials.map(({ block }) => block))
    const { alphaEach, at } = this.#looks
    return {
      schemaVersion: 1,
      command: 'compare',
      startedAt: this.#startedAt,
      tookMs: performance.now() - this.#startMs,
      seed: arms[0]?.plan.seed ?? 0,
      environment: this.#environment,
      design: {
        pairs: at.at(-1) ?? null,
        untilConclusive: length.kind === 'conclusive',
        maxTimeMs: length.kind === 'conclusive' ? length.maxTimeMs : null,
        minEffect,
        alpha: ALPHA,
        confidence: 1 - ALPHA_SHOWN * (alphaEach / ALPHA),
        looks: at,
        ratePerSecond: this.#rate?.perSecond ?? null,
        rateFrom: this.#rate?.from ?? null,
      },
      arms: arms.map(({ label, name, plan }) => {
        const own = this.#trials.filter(({ arm, block }) => arm === label && block > 0)
        return {
          label,
          name,
          plan: shownPlan(plan),
          durability: plannedDurability(plan),
          software: this.#software.get(label) ?? [],
          measured: own.filter(({ kind }) => kind === 'measured').length,
          failed: own.filter(({ kind }) => kind === 'failed').length,
        }
      }),
      comparisons,
      notes: compareNotes(arms, metrics, this.#trials, { alpha: alphaEach, pairs }),
      trials: this.#trials,
      partial: this.#isAborted,
    }
  }
}

function recordOf(block: number, arm: Arm, trial: Trial): TrialRecord {
  const { startedAt, tookMs, folder } = trial
  const own = { block, arm: arm.label, startedAt, tookMs, run: folder === null ? null : baseName(folder) }
  if (trial.kind === 'measured') {
    const { steady, unsteadyBecause, clientLimited, events } = trial.health
    const count = (kind: string): number => events.filter((event) => event.kind === kind).length
    return {
      ...own,
      kind: 'measured',
      why: null,
      what: null,
      metrics: trial.metrics,
      unsteadyBecause: steady ? null : unsteadyBecause,
      clientLimited,
      snapshots: count('snapshot'),
      elections: count('election'),
    }
  }
  const why = trial.kind === 'failed' ? trial.why : 'broke-constraint'
  const nothing = { metrics: {}, unsteadyBecause: null, clientLimited: null, snapshots: 0, elections: 0 }
  return { ...own, kind: 'failed', why, what: trial.what, ...nothing }
}

function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
}
