/** The Universal Scalability Law: what a system does at a concurrency, by what its parts wait for and agree on. */
import { levenbergMarquardt } from 'ml-levenberg-marquardt'
import type { Prng } from '../kernel/prng.ts'
import { quantile } from './quantile.ts'

/** What was measured at one concurrency; several of one concurrency count each. */
export interface ScalabilityPoint {
  readonly concurrency: number
  readonly opsPerSecond: number
}

/** With the 95 % interval of a bootstrap over the residuals. */
export interface Estimate {
  readonly value: number
  readonly low: number
  readonly high: number
}

export interface ScalabilityLaw {
  /** Operations a second that one alone would do. */
  readonly single: Estimate
  /** The share of the work for which one waits for the other: α. */
  readonly contention: Estimate
  /** The price of agreement between each two, as a share of one's work: β. */
  readonly coherency: Estimate
  /** The concurrency from which on more is less; null: none up to ten times what was measured. */
  readonly knee: Estimate | null
  /** By the law, at the knee; null without one. */
  readonly peakPerSecond: number | null
  /** Share of the variation that the law explains. */
  readonly rSquared: number
  /** The largest deviation of a point from the law, as a share of the law's value. */
  readonly worstResidual: number
}

/** The law, or why it does not speak: the end of a sentence. */
export type ScalabilityFit =
  { readonly law: ScalabilityLaw; readonly refused: null } | { readonly law: null; readonly refused: string }

/** Three parameters, and as many points again to be wrong about. */
export const CONCURRENCIES_MIN = 6
const R_SQUARED_MIN = 0.95
const RESIDUAL_MAX = 0.2
const RESAMPLES = 200
const ITERATIONS = 30
/** From where the law already is. */
const ITERATIONS_OF_RESAMPLE = 8
/** Beyond so many times the largest concurrency a knee is nothing that was seen. */
const KNEE_REACH = 10

interface Parameters {
  readonly single: number
  readonly contention: number
  readonly coherency: number
}

/**
 * Fits X(N) = λN / (1 + α(N − 1) + βN(N − 1)) by least squares of relative errors. N. J. Gunther, "Guerrilla Capacity Planning" (2007).
 *
 * @param prng draws the resamples
 */
export function fitScalabilityLaw(points: readonly ScalabilityPoint[], prng: Prng): ScalabilityFit {
  const usable = points.filter(({ concurrency, opsPerSecond }) => concurrency >= 1 && opsPerSecond > 0)
  const distinct = new Set(usable.map(({ concurrency }) => concurrency)).size
  if (distinct < CONCURRENCIES_MIN) {
    return refused(`it takes ${CONCURRENCIES_MIN} concurrencies at least, and there are ${distinct}`)
  }
  const fitted = fit(usable, null)
  const residuals = usable.map(({ concurrency, opsPerSecond }) => opsPerSecond / lawAt(fitted, concurrency) - 1)
  const worstResidual = Math.max(...residuals.map(Math.abs))
  const mean = usable.reduce((sum, { opsPerSecond }) => sum + opsPerSecond, 0) / usable.length
  const total = usable.reduce((sum, { opsPerSecond }) => sum + (opsPerSecond - mean) ** 2, 0)
  const left = usable.reduce((sum, each) => sum + (each.opsPerSecond - lawAt(fitted, each.concurrency)) ** 2, 0)
  const rSquared = total === 0 ? 0 : 1 - left / total
  if (rSquared < R_SQUARED_MIN || worstResidual > RESIDUAL_MAX) {
    const explains = `it explains ${Math.round(Math.max(0, rSquared) * 100)} % of what was seen`
    return refused(`${explains} and misses a point by ${Math.round(worstResidual * 100)} %`)
  }
  const resampled = Array.from({ length: RESAMPLES }, () => {
    const drawn = usable.map(({ concurrency }) => {
      const residual = residuals[Math.floor(prng.float() * residuals.length)] ?? 0
      return { concurrency, opsPerSecond: lawAt(fitted, concurrency) * (1 + residual) }
    })
    return fit(drawn, fitted)
  })
  const estimate = (read: (parameters: Parameters) => number): Estimate => {
    const values = Float64Array.from(resampled.map(read)).sort()
    return { value: read(fitted), low: quantile(values, 0.025), high: quantile(values, 0.975) }
  }
  const reach = KNEE_REACH * Math.max(...usable.map(({ concurrency }) => concurrency))
  const knee = estimate((parameters) => Math.min(reach, kneeOf(parameters)))
  const hasKnee = knee.value < reach
  return {
    refused: null,
    law: {
      single: estimate(({ single }) => single),
      contention: estimate(({ contention }) => contention),
      coherency: estimate(({ coherency }) => coherency),
      knee: hasKnee ? knee : null,
      peakPerSecond: hasKnee ? lawAt(fitted, knee.value) : null,
      rSquared,
      worstResidual,
    },
  }
}

/** Where the law is largest: √((1 − α) / β); infinite without coherency. */
function kneeOf({ contention, coherency }: Parameters): number {
  if (coherency <= 0) return Infinity
  return Math.max(1, Math.sqrt(Math.max(0, 1 - contention) / coherency))
}

function lawAt({ single, contention, coherency }: Parameters, concurrency: number): number {
  return (single * concurrency) / (1 + contention * (concurrency - 1) + coherency * concurrency * (concurrency - 1))
}

/**
 * On scales on which all three are about 1: the largest concurrency for the parameters, the first guess for the rate.
 * Fitted is the logarithm, so that each point counts by its relative error.
 */
function fit(points: readonly ScalabilityPoint[], near: Parameters | null): Parameters {
  const largest = Math.max(...points.map(({ concurrency }) => concurrency))
  const guess = Math.max(...points.map(({ concurrency, opsPerSecond }) => opsPerSecond / concurrency))
  const x = points.map(({ concurrency }) => concurrency)
  const y = points.map(({ opsPerSecond }) => Math.log(opsPerSecond / guess))
  const parametersOf = ([a = 0, b = 0, c = 0]: readonly number[]): Parameters => {
    return { single: guess * Math.exp(a), contention: b / largest, coherency: c / largest ** 2 }
  }
  const initial =
    near === null
      ? [0, 1, 1]
      : [Math.log(near.single / guess), near.contention * largest, near.coherency * largest ** 2]
  const shapesOf = (n: number): readonly [number, number] => [(n - 1) / largest, (n * (n - 1)) / largest ** 2]
  const divisorOf = ([, b = 0, c = 0]: readonly number[], [waiting, agreeing]: readonly [number, number]): number =>
    1 + b * waiting + c * agreeing
  const { parameterValues } = levenbergMarquardt(
    { x, y },
    (values) => (n) => Math.log(n) + (values[0] ?? 0) - Math.log(divisorOf(values, shapesOf(n))),
    {
      initialValues: initial,
      minValues: [-5, 0, 0],
      maxValues: [5, largest, largest ** 2],
      jacobianFunction: (values) => (n) => {
        const shapes = shapesOf(n)
        const divisor = divisorOf(values, shapes)
        return [1, -shapes[0] / divisor, -shapes[1] / divisor]
      },
      damping: 1e-2,
      maxIterations: near === null ? ITERATIONS : ITERATIONS_OF_RESAMPLE,
      errorTolerance: 1e-12,
    },
  )
  return parametersOf(parameterValues)
}

function refused(because: string): ScalabilityFit {
  return { law: null, refused: because }
}
