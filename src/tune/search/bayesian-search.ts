/**
 * The search: a Latin hypercube of short trials, then one trial after the other where a Gaussian process expects the largest
 * improvement. What it proposes is a function of the space, the options and the trials so far, so a search that was
 * interrupted goes on with the very trial that it would have made.
 */
import { Prng } from '../../kernel/prng.ts'
import { isSamePoint, latinHypercube, mutated, randomPoint } from './coded-space.ts'
import type { CodedSpace, Point } from './coded-space.ts'
import { augmentedImprovement, expectedImprovement, normalShare } from './expected-improvement.ts'
import { fitProcess } from './fit-process.ts'
import { GaussianProcess } from './gaussian-process.ts'
import type { Prediction, ProcessShape, Sample } from './gaussian-process.ts'

/** A trial that has ended, as the search sees it. */
export interface Observation {
  readonly point: Point
  /** What is to be raised, on a scale where equal differences count alike (a logarithm); null: the trial failed. */
  readonly value: number | null
  /** It ran, and it kept every constraint: it may be recommended. */
  readonly isAllowed: boolean
  /** Of a trial of full length, 0 to 1. */
  readonly fraction: number
}

export interface Proposal {
  readonly point: Point
  readonly fraction: number
  readonly stage: 'given' | 'screening' | 'model' | 'random'
}

export interface SearchOptions {
  readonly seed: number
  /** In trials of full length. */
  readonly budget: number
  /** What of a trial's cost does not shrink with its length, 0 to 1: boot, connecting, making the znodes. */
  readonly fixedCost: number
  /** Tried first, in this order: the starting configuration, then what rules propose. */
  readonly given: readonly Point[]
  readonly tuning?: Partial<SearchTuning>
}

/** What `bench/tuning` has found to work; only it passes others. */
export interface SearchTuning {
  /** Of the budget, what the short trials of the beginning take. */
  readonly screeningShare: number
  readonly screeningFraction: number
  /** Length of the trials after them. */
  readonly modelFraction: number
  /** New trials until the shape of the process is fitted anew. */
  readonly refitEvery: number
  readonly fitSteps: number
  readonly isAdditive: boolean
  /** A configuration may be tried again where that is expected to teach more than another one. */
  readonly mayRepeat: boolean
  /** Configurations that are looked at before one is tried: so many drawn from all, as many near the best, fewer on a climb. */
  readonly candidates: number
  /** A trial counts less where its noise would hide what it is made for, and what is to be beaten is the best that is sure. */
  readonly isAugmented: boolean
}

export const SEARCH_TUNING: SearchTuning = {
  screeningShare: 0.3,
  screeningFraction: 0.5,
  modelFraction: 0.5,
  refitEvery: 3,
  fitSteps: 60,
  isAdditive: false,
  mayRepeat: false,
  candidates: 1_200,
  isAugmented: true,
}

export interface Recommended {
  /** Into the observations. */
  readonly index: number
  readonly prediction: Prediction
}

const FIRST_FIT_STEPS = 150
/** Samples below which each fit begins from the priors. */
const FIRST_MILESTONE = 12
const NEAR_COUNT = 5
/** Steps of the climb from the best candidate, of the number of candidates. */
const CLIMB_SHARE = 0.4
/** How far such a step goes: at first, and at last. */
const STEP_FIRST = 0.2
const STEP_LAST = 0.017
const IMPORTANCE_STEPS: readonly number[] = [0, 0.25, 0.5, 0.75, 1]
/** How far a failure frightens, in units of the coordinate. */
const LABEL_LENGTH = 0.7
/** Below it a configuration is tried when nothing else is left to try. */
const CHANCE_MIN = 0.3
const HOPELESS = 1e-9
/** Beyond so many deviations of what all other trials predict, a low value is taken for a mishap rather than a finding. */
const OUTLIER_DEVIATIONS = 3

export class BayesianSearch {
  readonly #space: CodedSpace
  readonly #options: SearchOptions
  readonly #tuning: SearchTuning
  /** The shape fitted to the first so many samples; a function of these alone. */
  readonly #shapes = new Map<number, ProcessShape>()
  #screening: readonly Point[] | null = null

  constructor(space: CodedSpace, options: SearchOptions) {
    this.#space = space
    this.#options = options
    this.#tuning = { ...SEARCH_TUNING, ...options.tuning }
  }

  /** In trials of full length. */
  costOf(fraction: number): number {
    const { fixedCost } = this.#options
    return fixedCost + (1 - fixedCost) * fraction
  }

  spentOn(history: readonly Observation[]): number {
    return history.reduce((sum, { fraction }) => sum + this.costOf(fraction), 0)
  }

  /** @returns null when the budget is spent, or every feasible configuration was tried */
  propose(history: readonly Observation[]): Proposal | null {
    const { given, budget } = this.#options
    const { screeningFraction, modelFraction } = this.#tuning
    const left = budget - this.spentOn(history)
    const next = given[history.length]
    if (next !== undefined) return left > 0 ? { point: next, fraction: 1, stage: 'given' } : null
    const screening = this.#screeningPoints()[history.length - given.length]
    if (screening !== undefined && left >= this.costOf(screeningFraction) - 1e-9) {
      return { point: screening, fraction: screeningFraction, stage: 'screening' }
    }
    if (left < this.costOf(modelFraction) - 1e-9) return null
    const prng = new Prng(this.#options.seed).fork(`trial ${history.length}`)
    const point = this.#byModel(history, prng)
    if (point !== null) return { point, fraction: modelFraction, stage: 'model' }
    const random = randomPoint(this.#space, prng)
    return random === null ? null : { point: random, fraction: modelFraction, stage: 'random' }
  }

  /** The tried configuration that the model holds for the best: never the luckiest single trial. Null: none was allowed. */
  recommend(history: readonly Observation[]): Recommended | null {
    const process = this.#process(history)
    let best: Recommended | null = null
    history.forEach(({ point, isAllowed, value }, index) => {
      if (!isAllowed || value === null || process === null) return
      const prediction = process.predict(point)
      if (best === null || prediction.mean > best.prediction.mean) best = { index, prediction }
    })
    return best
  }

  /** What a trial of full length would see there; null before there is anything to learn from. */
  predict(history: readonly Observation[], point: Point): Prediction | null {
    return this.#process(history)?.predict(point) ?? null
  }

  /**
   * How much each dimension alone moves the prediction, averaged over the configurations that were tried: the variance when
   * it takes any of its values, as a share of the sum over all dimensions. All 0 where nothing is known.
   */
  importance(history: readonly Observation[]): readonly number[] {
    const process = this.#process(history)
    const { dimensions } = this.#space
    if (process === null) return dimensions.map(() => 0)
    const variances = dimensions.map((dimension, index) => {
      const values = dimension.kind === 'number' ? IMPORTANCE_STEPS : [...Array(dimension.count).keys()]
      const spreads = history.map(({ point }) => {
        const means = values.map((value) => {
          const other = Float64Array.from(point)
          other[index] = value
          return process.predict(this.#space.snap(other)).mean
        })
        const mean = means.reduce((sum, each) => sum + each, 0) / means.length
        return means.reduce((sum, each) => sum + (each - mean) ** 2, 0) / means.length
      })
      return spreads.reduce((sum, spread) => sum + spread, 0) / spreads.length
    })
    const total = variances.reduce((sum, variance) => sum + variance, 0)
    return variances.map((variance) => (total === 0 ? 0 : variance / total))
  }

  #screeningPoints(): readonly Point[] {
    if (this.#screening !== null) return this.#screening
    const { budget, given, seed } = this.#options
    const { screeningShare, screeningFraction } = this.#tuning
    const count = Math.floor((budget * screeningShare - given.length) / this.costOf(screeningFraction))
    this.#screening = latinHypercube(this.#space, Math.max(0, count), new Prng(seed).fork('screening'))
    return this.#screening
  }

  #byModel(history: readonly Observation[], prng: Prng): Point | null {
    const process = this.#process(history)
    if (process === null) return null
    const allowed = history.filter(({ isAllowed, value }) => isAllowed && value !== null)
    const ranked = (allowed.length > 0 ? allowed : history)
      .map(({ point }) => ({ point, ...process.predict(point) }))
      .sort((one, other) => other.mean - one.mean)
    const improvement = this.#improvement(process, ranked)
    const chance = this.#chanceAllowed(history)
    const scoreOf = (point: Point): number => improvement(process.predict(point)) * chance(point)

    let top: Point | null = null
    let topScore = -Infinity
    const consider = (point: Point): void => {
      if (!this.#space.isFeasible(point)) return
      if (!this.#tuning.mayRepeat && history.some((each) => isSamePoint(each.point, point))) return
      const score = scoreOf(point)
      if (score > topScore) {
        top = point
        topScore = score
      }
    }
    const { candidates } = this.#tuning
    for (let draw = 0; draw < candidates; draw++) {
      const point = randomPoint(this.#space, prng)
      if (point !== null) consider(point)
    }
    const near = ranked.slice(0, NEAR_COUNT)
    for (let draw = 0; draw < candidates && near.length > 0; draw++) {
      const { point } = prng.pick(near)
      consider(mutated(this.#space, point, { chance: prng.pick([0.1, 0.25, 0.5]), step: 0.2 }, prng))
    }
    if (this.#tuning.mayRepeat) for (const { point } of near) consider(point)
    const steps = Math.round(candidates * CLIMB_SHARE)
    for (let step = 0; step < steps && top !== null; step++) {
      const stride = STEP_FIRST * (STEP_LAST / STEP_FIRST) ** (step / steps)
      consider(mutated(this.#space, top, { chance: 0.15, step: stride }, prng))
    }
    return top
  }

  /** @param ranked what was tried, the best first */
  #improvement(process: GaussianProcess, ranked: readonly Prediction[]): (prediction: Prediction) => number {
    if (!this.#tuning.isAugmented) {
      const best = ranked[0]?.mean ?? 0
      return (prediction) => expectedImprovement(prediction, best)
    }
    const surest = ranked.reduce((one, other) => {
      return other.mean - other.deviation > one.mean - one.deviation ? other : one
    })
    const noiseVariance = process.noiseVariance / this.#tuning.modelFraction
    return (prediction) => augmentedImprovement(prediction, surest.mean, noiseVariance)
  }

  #process(history: readonly Observation[]): GaussianProcess | null {
    const samples = history.flatMap(({ point, value, fraction }): readonly Sample[] => {
      return value === null ? [] : [{ point, value, noiseFactor: 1 / fraction, isShort: fraction < 1 }]
    })
    if (samples.length < 2) return null
    const { dimensions } = this.#space
    const shape = this.#shapeFor(samples)
    const process = new GaussianProcess(dimensions, samples, shape)
    const distances = process.leaveOneOut()
    if (distances.every((distance) => distance > -OUTLIER_DEVIATIONS)) return process
    const trusted = samples.map((sample, at) => {
      const distance = distances[at] as number
      if (distance > -OUTLIER_DEVIATIONS) return sample
      return { ...sample, noiseFactor: sample.noiseFactor * distance ** 2 }
    })
    return new GaussianProcess(dimensions, trusted, shape)
  }

  /** Fitted to the samples up to the last milestone, from the fit of the one before, back to the first of them. */
  #shapeFor(samples: readonly Sample[]): ProcessShape {
    const { refitEvery, fitSteps, isAdditive } = this.#tuning
    const milestone = Math.max(
      Math.min(FIRST_MILESTONE, samples.length),
      samples.length - (samples.length % refitEvery),
    )
    const known = this.#shapes.get(milestone)
    if (known !== undefined) return known
    const isFirst = milestone <= FIRST_MILESTONE
    const shape = fitProcess(this.#space.dimensions, samples.slice(0, milestone), {
      from: isFirst ? null : this.#shapeFor(samples.slice(0, milestone - 1)),
      steps: isFirst ? FIRST_FIT_STEPS : fitSteps,
      prng: new Prng(this.#options.seed).fork(`fit ${milestone}`),
      isAdditive,
    })
    this.#shapes.set(milestone, shape)
    return shape
  }

  /** How likely a configuration is to run and to keep the constraints, by how its neighbours fared. */
  #chanceAllowed(history: readonly Observation[]): (point: Point) => number {
    if (history.every(({ isAllowed }) => isAllowed)) return () => 1
    const labels = history.map(({ point, isAllowed }): Sample => {
      return { point, value: isAllowed ? 1 : 0, noiseFactor: 1, isShort: false }
    })
    const { dimensions } = this.#space
    const lengths = new Float64Array(dimensions.length).fill(LABEL_LENGTH)
    const process = new GaussianProcess(dimensions, labels, { lengths, additiveShare: 0.5, noise: 0.05, shortBias: 0 })
    return (point) => {
      const { mean, deviation } = process.predict(point)
      const chance = normalShare((mean - 0.5) / (0.1 + 0.5 * deviation))
      // Beyond an edge the model of the objective, which has seen nothing there, hopes for anything.
      return chance < CHANCE_MIN ? chance * HOPELESS : chance
    }
  }
}
