/** Which shape of a Gaussian process explains what was seen best, by priors that a few dozen trials can hold against. */
import type { Prng } from '../../kernel/prng.ts'
import { normal } from './coded-space.ts'
import type { CodedDimension } from './coded-space.ts'
import { GaussianProcess } from './gaussian-process.ts'
import type { ProcessShape, Sample } from './gaussian-process.ts'

/*
 * The shape as free numbers: the logarithms of the lengths, then of the noise and the bias, then the logit of the additive
 * share. All have normal priors: median and standard deviation.
 */

/**
 * The median of so many knobs; it grows with the root of their number as the distances between configurations do, so that
 * what one tells of another does not depend on how many there are (Hvarfner, Hellsten and Nardi 2024).
 */
const LENGTH_PRIOR = { median: 1.5, knobs: 10, deviation: 1 }
/** Most of what differs between two trials is their configuration. */
const NOISE_PRIOR = { median: 0.1, deviation: 1.2 }
const BIAS_PRIOR = { median: 0.02, deviation: 1 }
const SHARE_PRIOR = { logit: 0.5, deviation: 1.5 }

/** Beyond them nothing changes any more. */
const LENGTH_LIMITS = [0.05, 30] as const
const NOISE_LIMITS = [1e-4, 2] as const

export interface FitOptions {
  /** Of an earlier fit on fewer samples; null: the medians of the priors. */
  readonly from: ProcessShape | null
  /** Likelihoods that are worked out. */
  readonly steps: number
  readonly prng: Prng
  /** False: knobs are looked at together only, as most searches do. */
  readonly isAdditive: boolean
}

export function priorShape(dimensions: readonly CodedDimension[]): ProcessShape {
  return {
    lengths: new Float64Array(dimensions.length).fill(medianLength(dimensions.length)),
    additiveShare: 1 / (1 + Math.exp(-SHARE_PRIOR.logit)),
    noise: NOISE_PRIOR.median,
    shortBias: BIAS_PRIOR.median,
  }
}

function medianLength(dimensions: number): number {
  return LENGTH_PRIOR.median * Math.sqrt(dimensions / LENGTH_PRIOR.knobs)
}

/** Climbs from a shape to a likelier one, a random coordinate or all of them at a time: the maximum a posteriori, nearly. */
export function fitProcess(
  dimensions: readonly CodedDimension[],
  samples: readonly Sample[],
  { from, steps, prng, isAdditive }: FitOptions,
): ProcessShape {
  // Without an additive part its share, the last of the free numbers, stands still.
  const shapeFrom = (free: Float64Array): ProcessShape => {
    const shape = shapeOf(free)
    return isAdditive ? shape : { ...shape, additiveShare: 0 }
  }
  const score = (free: Float64Array): number => {
    return logPrior(free) + new GaussianProcess(dimensions, samples, shapeFrom(free)).logLikelihood
  }
  let best = freeOf(from ?? priorShape(dimensions))
  if (!isAdditive) best[best.length - 1] = SHARE_PRIOR.logit
  let bestScore = score(best)
  const stride = new Float64Array(best.length).fill(0.7)
  for (let step = 0; step < steps; step++) {
    const trial = Float64Array.from(best)
    const at = prng.below(best.length - (isAdditive ? 0 : 1))
    const isJoint = step % 8 === 7
    if (isJoint)
      trial.forEach((value, index) => {
        if (isAdditive || index < trial.length - 1) trial[index] = value + 0.15 * normal(prng)
      })
    else trial[at] = (trial[at] as number) + (stride[at] as number) * normal(prng)
    const trialScore = score(trial)
    const isBetter = trialScore > bestScore
    if (isBetter) {
      best = trial
      bestScore = trialScore
    }
    // Steps that succeed grow, others shrink: the one-fifth rule, roughly, for each coordinate.
    if (!isJoint) stride[at] = Math.min(2, Math.max(0.1, (stride[at] as number) * (isBetter ? 1.5 : 0.88)))
  }
  return shapeFrom(best)
}

function logPrior(free: Float64Array): number {
  let prior = 0
  const add = (value: number, median: number, deviation: number): void => {
    prior -= 0.5 * ((value - median) / deviation) ** 2
  }
  const count = free.length - 3
  const length = Math.log(medianLength(count))
  for (let at = 0; at < count; at++) add(free[at] as number, length, LENGTH_PRIOR.deviation)
  add(free[count] as number, Math.log(NOISE_PRIOR.median), NOISE_PRIOR.deviation)
  add(free[count + 1] as number, Math.log(BIAS_PRIOR.median), BIAS_PRIOR.deviation)
  add(free[count + 2] as number, SHARE_PRIOR.logit, SHARE_PRIOR.deviation)
  return prior
}

function freeOf({ lengths, noise, shortBias, additiveShare }: ProcessShape): Float64Array {
  return Float64Array.from([
    ...lengths.map(Math.log),
    Math.log(noise),
    Math.log(shortBias),
    Math.log(additiveShare / (1 - additiveShare)),
  ])
}

function shapeOf(free: Float64Array): ProcessShape {
  const count = free.length - 3
  const within = (value: number, [low, high]: readonly [number, number]): number => Math.min(high, Math.max(low, value))
  return {
    lengths: free.slice(0, count).map((value) => within(Math.exp(value), LENGTH_LIMITS)),
    noise: within(Math.exp(free[count] as number), NOISE_LIMITS),
    shortBias: within(Math.exp(free[count + 1] as number), NOISE_LIMITS),
    additiveShare: 1 / (1 + Math.exp(-within(free[count + 2] as number, [-6, 6]))),
  }
}
