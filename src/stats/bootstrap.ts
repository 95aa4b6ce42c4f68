import type { Prng } from '../kernel/prng.ts'
import type { Interval } from './signed-rank.ts'
import { normalBelow, studentPoint } from './student.ts'

export const RESAMPLES = 4_000

/**
 * What the centre of Hodges and Lehmann comes to in resamples of the samples, and the intervals that follow: percentiles, at levels expanded for small samples. B. Efron,
 * R. Tibshirani, "An Introduction to the Bootstrap" (1993), ch. 13; T. Hesterberg, "What teachers should know about the bootstrap"
 * (2015), 5.1. Without the expansion an interval of ten samples is a tenth too narrow.
 */
export class CentreBootstrap {
  readonly #count: number
  /** Ascending. */
  readonly #centres: Float64Array

  /**
   * @param samples any order, at least 1; not changed
   * @param prng draws the resamples, so that a report is reproducible from its seed
   */
  constructor(samples: readonly number[], prng: Prng, resamples = RESAMPLES) {
    this.#count = samples.length
    const averages = new SortedAverages(samples)
    this.#centres = new Float64Array(resamples)
    const times = new Int32Array(samples.length)
    for (let index = 0; index < resamples; index++) {
      times.fill(0)
      for (let draw = 0; draw < times.length; draw++) {
        const drawn = Math.floor((prng.uint32() / 2 ** 32) * times.length)
        times[drawn] = (times[drawn] as number) + 1
      }
      this.#centres[index] = averages.middle(times)
    }
    this.#centres.sort()
  }

  /**
   * @param alpha how likely the interval may miss the centre. No end lies beyond the resamples' own: a level finer than they can tell is theirs
   * @returns null for fewer than two samples, which say nothing about how much they vary
   */
  interval(alpha: number): Interval | null {
    const [count, resamples] = [this.#count, this.#centres.length]
    if (count < 2) return null
    const tail = normalBelow(-Math.sqrt(count / (count - 1)) * studentPoint(alpha / 2, count - 1))
    const skipped = Math.floor(tail * resamples)
    return { low: this.#centres[skipped] as number, high: this.#centres[resamples - 1 - skipped] as number }
  }
}

/** The Walsh averages of samples, ascending, and of which two samples each is the mean: those of a resample are these, each so many times. */
class SortedAverages {
  readonly #values: Float64Array
  readonly #firsts: Int32Array
  readonly #seconds: Int32Array

  constructor(samples: readonly number[]) {
    const pairs = samples.flatMap((one, first) =>
      samples.slice(first).map((other, ahead) => ({ value: (one + other) / 2, first, second: first + ahead })),
    )
    pairs.sort((left, right) => left.value - right.value)
    this.#values = Float64Array.from(pairs, ({ value }) => value)
    this.#firsts = Int32Array.from(pairs, ({ first }) => first)
    this.#seconds = Int32Array.from(pairs, ({ second }) => second)
  }

  /** The median of those of a resample. @param times how often each sample was drawn */
  middle(times: Int32Array): number {
    const [values, firsts, seconds] = [this.#values, this.#firsts, this.#seconds]
    const total = (times.length * (times.length + 1)) / 2
    const [below, above] = [Math.ceil(total / 2), Math.floor(total / 2) + 1]
    let seen = 0
    let index = 0
    for (; seen < below; index++) {
      const one = times[firsts[index] as number] as number
      // One that was drawn thrice has six means of itself with itself.
      seen +=
        firsts[index] === seconds[index] ? (one * (one + 1)) / 2 : one * (times[seconds[index] as number] as number)
    }
    const low = values[index - 1] as number
    if (seen >= above) return low
    for (; ; index++) {
      if ((times[firsts[index] as number] as number) * (times[seconds[index] as number] as number) > 0) {
        return (low + (values[index] as number)) / 2
      }
    }
  }
}
