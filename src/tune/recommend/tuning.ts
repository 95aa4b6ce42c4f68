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
import { studentBelow } from '../../stats/student.ts'
import type { Observation } from '../search/bayesian-search.ts'
import { BayesianSearch } from '../search/bayesian-search.ts'
import { changedKeys, withKeysOf } from '../space/configuration-space.ts'
import type { Configuration, ConfigurationSpace } from '../space/configuration-space.ts'
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

/** A ratio, above 1 for better, with its 95 % interval. */
export interface RatioInterval {
  readonly ratio: number
  readonly low: number
  readonly high: number
}

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
/** A change that the model expects less of is not worth a line. */
const WORTH_LOG = 0.02
const ABLATED_MAX = 4
/** All variants so often; then those in doubt alone, so many times more. */
const BLOCKS_FIRST = 2
const BLOCKS_MORE = { min: 2, max: 6 } as const
/** A loss of this much in each of the first blocks is no noise, and its own is not that of the others. */
const CLEAR_LOG = Math.log(1.5)
const PAIRS = { min: 4, max: 10 } as const
/** How likely it may be that any change is kept for nothing; all that are tried share it. */
const VAIN_CHANCE = 0.05

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
    // Where the start fails nobody knows which change mends it: every one is tried by itself.
    for (;;) {
      const options = space
        .together(changedKeys(start, reduced))
        .map((keys) => ({ keys, mean: predict(withKeysOf(reduced, start, keys)) }))
        .sort((one, other) => other.mean - one.mean)
      const [least] = options
      const isTooMany = options.length > ABLATED_MAX
      if (least === undefined || (!isTooMany && (doesStartFail || least.mean < whole - WORTH_LOG))) break
      reduced = withKeysOf(reduced, start, least.keys)
      putBack.push(...least.keys.map((key) => this.#change('put-back', key, winner, null)))
    }
    return { reduced: this.#plainest(reduced, whole, predict), putBack }
  }

  /** Where the default is as good as what chance has drawn, it is the default: nobody has to explain it. */
  #plainest(reduced: Configuration, whole: number, predict: (configuration: Configuration) => number): Configuration {
    const { space } = this.#task
    return changedKeys(space.start, reduced).reduce((plainer, key) => {
      const other = withKeysOf(plainer, space.fallbacks, [key])
      const isPlain = other.get(key) === plainer.get(key) || other.get(key) === space.start.get(key)
      const isWhole = space.isFeasible(space.pointOf(other)) && predict(other) >= whole - WORTH_LOG
      return !isPlain && isWhole ? other : plainer
    }, reduced)
  }

  /**
   * Measures the winner and the winner without each change, block by block, and puts back what did not earn its place. What is
   * clear after the first blocks is left out of the others. Changes that mean nothing without each other are one.
   */
  async #ablate(
    reduced: Configuration,
  ): Promise<{ readonly recommended: Configuration; readonly changes: readonly ChangeVerdict[] }> {
    const { space, seed, onStage } = this.#task
    const units = space.together(changedKeys(space.start, reduced))
    if (units.length === 0) return { recommended: reduced, changes: [] }
    const variants = [reduced, ...units.map((keys) => withKeysOf(reduced, space.start, keys))]
    const blocks: (number | null)[][] = []
    const prng = new Prng(seed).fork('ablation')
    const measure = async (columns: readonly number[], count: number): Promise<void> => {
      const keys = columns.flatMap((at) => units[at - 1] ?? [])
      onStage?.({ kind: 'ablation', keys, trials: count * (columns.length + 1) })
      for (let block = 0; block < count; block++) {
        const values: (number | null)[] = variants.map(() => null)
        for (const at of prng.shuffle([0, ...columns])) {
          const variant = variants[at] ?? reduced
          const record = await this.#task.log.trial({ purpose: 'ablation', configuration: variant, fraction: 1 })
          values[at] = record.outcome.kind === 'measured' ? this.#valueOf(record) : null
        }
        blocks.push(values)
      }
    }
    const all = units.map((_, index) => index + 1)
    await measure(all, BLOCKS_FIRST)
    const clear = new Set(all.filter((column) => blocks.every((block) => isClearLoss(block[0], block[column]))))
    const verdicts = new Map([...clear].map((column) => [column, this.#judged(units, column, blocks, reduced, true)]))
    const doubtful = all.filter((column) => !clear.has(column))
    if (doubtful.length > 0) {
      await measure(doubtful, this.#affordable(doubtful.length + 1, 2 * PAIRS.min, BLOCKS_MORE))
      for (const column of doubtful) verdicts.set(column, this.#judged(units, column, blocks, reduced, false))
    }
    const changes = all.flatMap((column) => verdicts.get(column) ?? [])
    const back = changes.filter(({ kind }) => kind === 'put-back').map(({ key }) => key)
    return { recommended: withKeysOf(reduced, space.start, back), changes }
  }

  /**
   * @param column of the winner without this change
   * @param isClear it has earned its place already; how much it brings is what is asked
   */
  #judged(
    units: readonly (readonly string[])[],
    column: number,
    blocks: readonly (readonly (number | null)[])[],
    reduced: Configuration,
    isClear: boolean,
  ): readonly ChangeVerdict[] {
    const judged = (kind: ChangeVerdict['kind'], effect: RatioInterval | null): readonly ChangeVerdict[] =>
      (units[column - 1] ?? []).map((key) => this.#change(kind, key, reduced, effect))
    const failures = blocks.filter((block) => block[0] !== null && block[column] === null).length
    if (failures > blocks.length / 2) return judged('kept', null)
    // All columns that were measured in every block share their noise.
    const columns = [0, column, ...(blocks[0] ?? []).keys()].filter((at, place, all) => {
      return all.indexOf(at) === place && (at === 0 || at === column || blocks.every((block) => block[at] !== null))
    })
    const whole = blocks
      .map((block) => columns.map((at) => block[at] ?? null))
      .filter((block): block is number[] => block.every((value) => value !== null))
    const [effect] = blockEffects(whole)
    if (effect === undefined || effect.freedom === 0) return judged(isClear ? 'kept' : 'put-back', null)
    // The effect is of the winner without the change: what it loses, the change gains.
    const gained = -effect.difference
    const interval = { ratio: Math.exp(gained), low: Math.exp(-effect.high), high: Math.exp(-effect.low) }
    const isSure =
      effect.standardError === 0 ||
      1 - studentBelow(gained / effect.standardError, effect.freedom) <= VAIN_CHANCE / units.length
    return judged(isClear || (gained > WORTH_LOG && isSure) ? 'kept' : 'put-back', interval)
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

/** Without the change it failed, or did much worse. */
function isClearLoss(winner: number | null | undefined, without: number | null | undefined): boolean {
  if (typeof winner !== 'number') return false
  return typeof without !== 'number' || winner - without > CLEAR_LOG
}
