/** 97.5 % points of Student's t by degrees of freedom, from 1; beyond them the normal distribution is near enough. */
const T_975: readonly number[] = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
]
const NORMAL_975 = 1.96

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
  const half = (T_975[count - 2] ?? NORMAL_975) * Math.sqrt(variance / count)
  return { value: Math.exp(mean), low: Math.exp(mean - half), high: Math.exp(mean + half) }
}
