import type { Prediction } from './gaussian-process.ts'

/**
 * How much better than `best` a trial is expected to be, counting what is worse as nothing. Jones, Schonlau and Welch
 * (1998).
 */
export function expectedImprovement({ mean, deviation }: Prediction, best: number): number {
  const gain = mean - best
  const scaled = gain / deviation
  return gain * normalShare(scaled) + deviation * normalDensity(scaled)
}

/**
 * As `expectedImprovement`, the less the larger the noise of a trial is beside what is not known there: a trial that could
 * not tell is worth little. Huang, Allen, Notz and Zeng (2006), "augmented".
 */
export function augmentedImprovement(prediction: Prediction, best: number, noiseVariance: number): number {
  const unknown = prediction.deviation ** 2
  return expectedImprovement(prediction, best) * (1 - Math.sqrt(noiseVariance / (noiseVariance + unknown)))
}

/** The share of the standard normal distribution below a value: Abramowitz and Stegun 7.1.26, right to 1e-7. */
export function normalShare(value: number): number {
  const z = Math.abs(value) / Math.SQRT2
  const t = 1 / (1 + 0.3275911 * z)
  const series = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t
  const tail = 0.5 * series * Math.exp(-z * z)
  return value < 0 ? tail : 1 - tail
}

function normalDensity(value: number): number {
  return Math.exp(-0.5 * value * value) / Math.sqrt(2 * Math.PI)
}
