/**
 * One tuning from the starting configuration to a recommendation that was measured:
 *
 *   start, what rules propose → search → the winner without what the model sees no use in
 *     → ablation: the winner without each of its changes, in blocks → validation: recommended against start, in pairs
 *
 * What comes out is a function of the trials: see TrialLog.
 */
import { Prng } from '../../kernel/prng.ts'
import { blockEffects } from '../../stats/block-design.ts'
import type { Observation } from '../search/bayesian-search.ts'
import { BayesianSearch } from '../search/bayesian-search.ts'
import { gapBetween } from '../search/kernel.ts'
import { changedKeys, withKeysOf } from '../space/configuration-space.ts'
import type { Configuration, ConfigurationSpace } from '../space/configuration-space.ts'
import { ablate, WORTH_LOG } from './ablation.ts'
import type { RatioInterval } from './ablation.ts'
import { objectiveValue } from './objective.ts'
import type { Objective } from './objective.ts'
import type { TrialLog, TrialPurpose, TrialRecord } from './trial-log.ts'

/** Counted in trials of full length, or in milliseconds. */
export type Budget =
  { readonly kind: 'trials'; readonly count: number } | { readonly kind: 'time'; readonly ms: number }

export interface TuningTask {
  readonly space: ConfigurationSpace
  readonly objective: Objective
  readonly budget: Budget
  readonly seed: number
  /** What rules propose beside the start, most promising first. */
  readonly proposals: readonly Configuration[]
  /** Of a trial of full length, what does not shrink with it. */
  readonly fixedCost: number
  readonly log: TrialLog
  readonly onStage?: (stage: TuningStage) => void
}

export type TuningStage =
  /** In trials of full length: the whole budget, and what it comes to should everything that follows be needed. */
  | { readonly kind: 'search'; readonly trialsMax: number; readonly budget: number; readonly atMost: number }
  | { readonly kind: 'ablation'; readonly keys: readonly string[]; readonly trials: number }
  | { readonly kind: 'validation'; readonly pairs: number }

/** What became of one change of the search's winner. */
export type ChangeVerdict =
  | {
      readonly kind: 'kept'
      readonly key: string
      readonly from: string
      readonly to: string
      /** The recommended configuration over itself without this change; null: it fails without. */
      readonly effect: RatioInterval | null
    }
  | {
      readonly kind: 'put-back'
      readonly key: string
      readonly from: string
      readonly to: string
      /** Null: the model saw no use in it, and no trial was spent. */
      readonly effect: RatioInterval | null
    }

export type TuningVerdict =
  | { readonly kind: 'better'; readonly gain: RatioInterval }
  /** The search found nothing, or the interval includes no gain. */
  | { readonly kind: 'already-fine'; readonly gain: RatioInterval | null }
  /** The start fails, so there is nothing to be better than. */
  | { readonly kind: 'start-fails'; readonly what: string }
  /** No configuration ran and kept the constraints. */
  | { readonly kind: 'nothing-works'; readonly what: string }

export interface TuningResult {
  readonly verdict: TuningVerdict
  readonly start: Configuration
  readonly recommended: Configuration
  readonly changes: readonly ChangeVerdict[]
  /** How much of the explained differences each searched knob makes, by the model, most important first; sums to 1. */
  readonly importance: readonly { readonly key: string; readonly share: number }[]
  readonly records: readonly TrialRecord[]
  /** In trials of full length, as a budget counts them: a short one costs less. */
  readonly spentTrials: number
}

/** The rest is for what comes after it, */
const SEARCH_SHARE = 0.72
/** which may want so many trials of full length, with all changes in doubt to the end, */
const AFTER_SEARCH = 28
/** though a search with less than this finds nothing. */
const SEARCH_SHARE_LEAST = 0.5
const ABLATED_MAX = 4
/** Values so near to each other are alike: a share of a knob's range. */
const NEAR_START = 0.1
/** What a default may seem to lose beyond that, where the model cannot tell, and still be taken for its plainness. */
const PLAIN_LOG = 0.05
const PAIRS = { min: 4, max: 10 } as const

/** Of a budget, in trials of full length, what the search takes. */
export function searchBudget(trials: number): number {
  return Math.max(SEARCH_SHARE_LEAST * trials, Math.min(SEARCH_SHARE * trials, trials - AFTER_SEARCH))
}

/** Trials of full length that a budget may come to: what confirms a finding is not cut short, for then nothing could be said. */
export function mostTrials(trials: number): number {
  return Math.ceil(Math.max(trials, searchBudget(trials) + AFTER_SEARCH))
}

export async function runTuning(task: TuningTask): Promise<TuningResult> {
  return await new Tuning(task).run()
}

class Tuning {
  readonly #task: TuningTask
  readonly #history: Observation[] = []
  #search: BayesianSearch

  constructor(task: TuningTask) {
    this.#task = task
    this.#search = this.#searchOf(task.budget.kind === 'trials' ? task.budget.count : PAIRS.min)
  }

  async run(): Promise<TuningResult> {
    const { space, log } = this.#task
    const first = await this.#observe('given', space.start, 1)
    await this.#searchOn(first)
    const best = this.#search.recommend(this.#history)
    if (best === null) {
      const failed = log.records.find(({ outcome }) => outcome.kind === 'failed')
      const what = failed?.outcome.kind === 'failed' ? failed.outcome.what : 'no trial ran to its end'
      return this.#result({ kind: 'nothing-works', what }, space.start, [])
    }
    const winner = this.#configurationOf(best.index)
    const startFailure = first.outcome.kind === 'failed' ? first.outcome.what : null
    const { reduced, putBack } = this.#reduced(winner, startFailure !== null)
    const ablation = await this.#ablate(reduced)
    const changes = [...ablation.changes, ...putBack]
    const recommended = ablation.recommended
    if (changedKeys(space.start, recommended).length === 0) {
      return this.#result({ kind: 'already-fine', gain: null }, space.start, changes)
    }
    if (startFailure !== null) {
      return this.#result({ kind: 'start-fails', what: startFailure }, recommended, changes)
    }
    const gain = await this.#validate(recommended)
    if (gain !== null && gain.low > 1) return this.#result({ kind: 'better', gain }, recommended, changes)
    return this.#result({ kind: 'already-fine', gain }, space.start, changes)
  }

  async #searchOn(first: TrialRecord): Promise<void> {
    const { budget, proposals, space, log, onStage } = this.#task
    const units = budget.kind === 'trials' ? budget.count : budget.ms / Math.max(1, first.tookMs)
    const forSearch = searchBudget(units)
    this.#search = this.#searchOf(forSearch)
    onStage?.({ kind: 'search', trialsMax: Math.round(forSearch), budget: units, atMost: mostTrials(units) })
    for (const proposal of proposals) await this.#observe('given', proposal, 1)
    for (;;) {
      if (budget.kind === 'time' && log.tookMs >= budget.ms * (forSearch / units)) return
      const proposal = this.#search.propose(this.#history)
      if (proposal === null) return
      await this.#observe('search', space.configurationOf(proposal.point), proposal.fraction)
    }
  }

  #searchOf(units: number): BayesianSearch {
    const { space, seed, fixedCost, proposals } = this.#task
    const given = [space.start, ...proposals].map((configuration) => space.pointOf(configuration))
    return new BayesianSearch(space, { seed, budget: units, fixedCost, given })
  }

  /** A trial that the model learns from. */
  async #observe(purpose: TrialPurpose, configuration: Configuration, fraction: number): Promise<TrialRecord> {
    const { space, log } = this.#task
    const record = await log.trial({ purpose, configuration, fraction })
    const value = this.#valueOf(record)
    const { outcome } = record
    const length = outcome.kind === 'stopped' ? Math.max(0.05, outcome.share) * fraction : fraction
    const isAllowed = value !== null && outcome.kind !== 'failed'
    this.#history.push({ point: space.pointOf(configuration), value, isAllowed, fraction: length })
    return record
  }

  /** Null where there is no figure. A broken constraint has one all the same: the model may learn from it. */
  #valueOf({ outcome }: TrialRecord): number | null {
    return outcome.metrics === null ? null : objectiveValue(this.#task.objective, outcome.metrics)
  }

  /** Of the first trials of the log: those of the history. */
  #configurationOf(index: number): Configuration {
    const record = this.#task.log.records[index]
    return record?.configuration ?? this.#task.space.start
  }

  /**
   * Takes back every change that the model sees next to no use in, the most useless first, while all of them together cost
   * less than one that would be worth a line. No trial is spent.
   */
  #reduced(
    winner: Configuration,
    doesStartFail: boolean,
  ): { readonly reduced: Configuration; readonly putBack: readonly ChangeVerdict[] } {
    const { space } = this.#task
    const { start } = space
    let reduced = winner
    const putBack: ChangeVerdict[] = []
    const predict = (configuration: Configuration): number => {
      return this.#search.predict(this.#history, space.pointOf(configuration))?.mean ?? -Infinity
    }
    const whole = predict(winner)
    // Where the start fails nobody knows which change mends it: every one is tried by itself. When they are too many, those go
    // first that cannot be it, for something has run with what the start has there.
    for (;;) {
      const options = space
        .together(changedKeys(start, reduced))
        .map((keys) => {
          const isSuspect = doesStartFail && keys.some((key) => !this.#hasRunNearStart(key))
          return { keys, isSuspect, mean: predict(withKeysOf(reduced, start, keys)) }
        })
        .sort((one, other) => Number(one.isSuspect) - Number(other.isSuspect) || other.mean - one.mean)
      const [least] = options
      const isTooMany = options.length > ABLATED_MAX
      if (least === undefined || (!isTooMany && (doesStartFail || least.mean < whole - WORTH_LOG))) break
      reduced = withKeysOf(reduced, start, least.keys)
      putBack.push(...least.keys.map((key) => this.#change('put-back', key, winner, null)))
    }
    return { reduced: this.#plainest(reduced, whole), putBack }
  }

  /** Whether a trial ran that had there what the start has, or next to it. */
  #hasRunNearStart(key: string): boolean {
    const { space } = this.#task
    const at = [...space.start.keys()].indexOf(key)
    const start = space.pointOf(space.start)[at] as number
    const dimension = space.dimensions[at]
    return this.#history.some(({ point, isAllowed }) => {
      return dimension !== undefined && isAllowed && gapBetween(dimension, point[at] as number, start) <= NEAR_START
    })
  }

  /**
   * Where the default may be as good as what chance has drawn, as far as the model can tell, it is the default: nobody has to
   * explain it.
   */
  #plainest(reduced: Configuration, whole: number): Configuration {
    const { space } = this.#task
    const hope = (configuration: Configuration): number => {
      const prediction = this.#search.predict(this.#history, space.pointOf(configuration))
      return prediction === null ? -Infinity : prediction.mean + Math.min(prediction.deviation, PLAIN_LOG)
    }
    return changedKeys(space.start, reduced).reduce((plainer, key) => {
      const other = withKeysOf(plainer, space.fallbacks, [key])
      const isPlain = other.get(key) === plainer.get(key) || other.get(key) === space.start.get(key)
      const isWhole = space.isFeasible(space.pointOf(other)) && hope(other) >= whole - WORTH_LOG
      return !isPlain && isWhole ? other : plainer
    }, reduced)
  }

  /** @returns what is left of the winner when each change has had to earn its place */
  async #ablate(
    reduced: Configuration,
  ): Promise<{ readonly recommended: Configuration; readonly changes: readonly ChangeVerdict[] }> {
    const { space, seed, onStage, log } = this.#task
    const verdicts = await ablate({
      winner: reduced,
      units: space.together(changedKeys(space.start, reduced)),
      without: (keys) => withKeysOf(reduced, space.start, keys),
      prng: new Prng(seed).fork('ablation'),
      measure: async (configuration) => {
        const record = await log.trial({ purpose: 'ablation', configuration, fraction: 1 })
        return record.outcome.kind === 'measured' ? this.#valueOf(record) : null
      },
      affordable: (trialsEach, limits) => this.#affordable(trialsEach, 2 * PAIRS.min, limits),
      onRound: (keys, trials) => onStage?.({ kind: 'ablation', keys, trials }),
    })
    const changes = verdicts.flatMap(({ keys, isEarned, effect }) =>
      keys.map((key) => this.#change(isEarned ? 'kept' : 'put-back', key, reduced, effect)),
    )
    const back = changes.filter(({ kind }) => kind === 'put-back').map(({ key }) => key)
    return { recommended: withKeysOf(reduced, space.start, back), changes }
  }

  #change(
    kind: ChangeVerdict['kind'],
    key: string,
    configuration: Configuration,
    effect: RatioInterval | null,
  ): ChangeVerdict {
    const from = this.#task.space.start.get(key) ?? ''
    return { kind, key, from, to: configuration.get(key) ?? '', effect }
  }

  /** The recommended configuration and the start on fresh ensembles, in turns of random order. @returns null: too few ran to say */
  async #validate(recommended: Configuration): Promise<RatioInterval | null> {
    const { space, seed, onStage } = this.#task
    const pairs = this.#affordable(2, 0, PAIRS)
    onStage?.({ kind: 'validation', pairs })
    const prng = new Prng(seed).fork('validation')
    const blocks: number[][] = []
    for (let pair = 0; pair < pairs; pair++) {
      const values: (number | null)[] = [null, null]
      for (const at of prng.shuffle([0, 1])) {
        const configuration = at === 0 ? space.start : recommended
        const record = await this.#task.log.trial({ purpose: 'validation', configuration, fraction: 1 })
        values[at] = record.outcome.kind === 'measured' ? this.#valueOf(record) : null
      }
      const [start, other] = values
      if (typeof start === 'number' && typeof other === 'number') blocks.push([start, other])
    }
    const [effect] = blockEffects(blocks)
    if (effect === undefined || effect.freedom === 0) return null
    return { ratio: Math.exp(effect.difference), low: Math.exp(effect.low), high: Math.exp(effect.high) }
  }

  get #spent(): number {
    return this.#task.log.records.reduce((sum, { fraction }) => sum + this.#search.costOf(fraction), 0)
  }

  /**
   * How many rounds of so many trials the rest of the budget pays, within limits: below them nothing could be said.
   *
   * @param reserved trials that something else is to have of it
   */
  #affordable(
    trialsEach: number,
    reserved: number,
    { min, max }: { readonly min: number; readonly max: number },
  ): number {
    const { budget, log } = this.#task
    const spent = this.#spent
    const meanMs = log.tookMs / Math.max(1, spent)
    const left = (budget.kind === 'trials' ? budget.count - spent : (budget.ms - log.tookMs) / meanMs) - reserved
    return Math.min(max, Math.max(min, Math.floor(left / trialsEach)))
  }

  #result(verdict: TuningVerdict, recommended: Configuration, changes: readonly ChangeVerdict[]): TuningResult {
    const { space, log } = this.#task
    const keys = [...space.start.keys()]
    const importance = this.#search
      .importance(this.#history)
      .map((share, at) => ({ key: keys[at] ?? '', share }))
      .sort((one, other) => other.share - one.share)
    return {
      verdict,
      start: space.start,
      recommended,
      changes,
      importance,
      records: log.records,
      spentTrials: this.#spent,
    }
  }
}
