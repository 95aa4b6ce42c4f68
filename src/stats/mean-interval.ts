import { studentPoint } from './student.ts'

export interface MeanInterval {
  /** The geometric mean. */
  readonly value: number
  readonly low: number
  readonly high: number
}

/**
 * The 95 % interval of the mean of a few repeats, by Student's t on their logarithms: rates and latencies are positive, vary
 * by factors, and their interval must not reach below 0.
 *
 * @param samples above 0
 * @returns null for fewer than two samples, which say nothing about how much they vary
 */
export function meanInterval(samples: readonly number[]): MeanInterval | null {
  const count = samples.length
  if (count < 2) return null
  const logs = samples.map((sample) => Math.log(sample))
  const mean = logs.reduce((sum, log) => sum + log, 0) / count
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (count - 1)
  const half = studentPoint(0.025, count - 1) * Math.sqrt(variance / count)
  return { value: Math.exp(mean), low: Math.exp(mean - half), high: Math.exp(mean + half) }
}
