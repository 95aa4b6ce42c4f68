/**
 * Regression by a Gaussian process with noise that is known up to a factor for each observation (Rasmussen and Williams
 * 2006, chapters 2 and 5). The amplitude is not searched: given the rest, the one that explains the values best has a
 * closed form.
 */
import { CholeskyDecomposition, Matrix } from 'ml-matrix'

import { assert } from '../../kernel/assert.ts'
import type { CodedDimension, Point } from './coded-space.ts'
import { similarity } from './kernel.ts'
import type { KernelShape } from './kernel.ts'

export interface Sample {
  readonly point: Point
  readonly value: number
  /** Of the noise, relative to a trial of full length. */
  readonly noiseFactor: number
  /** Short trials may all be off by the same amount, which is then no property of their configurations. */
  readonly isShort: boolean
}

export interface ProcessShape extends KernelShape {
  /** Variance of the noise of a trial of full length, relative to that of the values. */
  readonly noise: number
  /** Likewise, of what short trials are off by. */
  readonly shortBias: number
}

export interface Prediction {
  readonly mean: number
  /** Standard deviation of what lies behind the noise. */
  readonly deviation: number
}

/** Keeps the matrix invertible when two configurations are as good as one. */
const JITTER = 1e-8

export class GaussianProcess {
  readonly #dimensions: readonly CodedDimension[]
  readonly #samples: readonly Sample[]
  readonly #shape: ProcessShape
  readonly #mean: number
  readonly #amplitude: number
  readonly #weights: Float64Array
  readonly #factor: CholeskyDecomposition
  #inverse: readonly Float64Array[] | null = null
  /** Of the values, given the shape; natural logarithm, up to a constant. */
  readonly logLikelihood: number

  /** @param samples at least one */
  constructor(dimensions: readonly CodedDimension[], samples: readonly Sample[], shape: ProcessShape) {
    assert(samples.length > 0, 'a process has seen something')
    this.#dimensions = dimensions
    this.#samples = samples
    this.#shape = shape
    const count = samples.length
    const covariance = new Matrix(count, count)
    for (let row = 0; row < count; row++) {
      for (let column = 0; column <= row; column++) {
        const between = this.#between(samples[row] as Sample, samples[column] as Sample)
        const noise = row === column ? shape.noise * (samples[row] as Sample).noiseFactor + JITTER : 0
        covariance.set(row, column, between + noise)
        covariance.set(column, row, between + noise)
      }
    }
    this.#factor = new CholeskyDecomposition(covariance)
    assert(this.#factor.isPositiveDefinite(), 'a covariance with noise on its diagonal is positive definite')
    this.#mean = this.#generalisedMean()
    const centred = samples.map(({ value }) => value - this.#mean)
    this.#weights = this.#solve(centred)
    const misfit = centred.reduce((sum, value, at) => sum + value * (this.#weights[at] as number), 0)
    this.#amplitude = Math.max(misfit / count, 1e-12)
    let logDeterminant = 0
    const lower = this.#factor.lowerTriangularMatrix
    for (let at = 0; at < count; at++) logDeterminant += 2 * Math.log(lower.get(at, at))
    this.logLikelihood = -0.5 * (count * Math.log(this.#amplitude) + logDeterminant)
  }

  /** Of a trial of full length, on the scale of the squared values. */
  get noiseVariance(): number {
    return this.#shape.noise * this.#amplitude
  }

  /** Of a trial of full length. */
  predict(point: Point): Prediction {
    const count = this.#samples.length
    const near = new Float64Array(count)
    const at: Sample = { point, value: 0, noiseFactor: 1, isShort: false }
    let mean = this.#mean
    for (let row = 0; row < count; row++) {
      const between = this.#between(at, this.#samples[row] as Sample)
      near[row] = between
      mean += between * (this.#weights[row] as number)
    }
    this.#inverse ??= this.#inverted()
    let explained = 0
    for (let row = 0; row < count; row++) {
      const line = this.#inverse[row] as Float64Array
      let sum = 0
      for (let column = 0; column < row; column++) sum += (line[column] as number) * (near[column] as number)
      const own = near[row] as number
      explained += own * (2 * sum + (line[row] as number) * own)
    }
    return { mean, deviation: Math.sqrt(Math.max(1e-10, 1 - explained) * this.#amplitude) }
  }

  /**
   * How far each value lies from what all others predict for it, in standard deviations of that prediction, noise included
   * (Rasmussen and Williams, 5.4.2).
   */
  leaveOneOut(): readonly number[] {
    this.#inverse ??= this.#inverted()
    const inverse = this.#inverse
    return this.#samples.map((_, at) => {
      const precision = (inverse[at] as Float64Array)[at] as number
      return (this.#weights[at] as number) / Math.sqrt(precision * this.#amplitude)
    })
  }

  #between(one: Sample, other: Sample): number {
    const shared = one.isShort && other.isShort ? this.#shape.shortBias : 0
    return similarity(this.#dimensions, this.#shape, one.point, other.point) + shared
  }

  /** The constant around which the values lie, each as heavy as it tells something new. */
  #generalisedMean(): number {
    const ones = this.#solve(this.#samples.map(() => 1))
    let total = 0
    let weight = 0
    this.#samples.forEach(({ value }, at) => {
      total += value * (ones[at] as number)
      weight += ones[at] as number
    })
    return total / weight
  }

  #solve(values: readonly number[]): Float64Array {
    return Float64Array.from(this.#factor.solve(Matrix.columnVector([...values])).to1DArray())
  }

  #inverted(): readonly Float64Array[] {
    const count = this.#samples.length
    const inverse = this.#factor.solve(Matrix.eye(count))
    return Array.from({ length: count }, (_, row) => Float64Array.from(inverse.getRow(row)))
  }
}
