/** Steps to each doubling: a quantile is at most 1/16 too high. */
const STEPS_BITS = 4
const STEPS = 1 << STEPS_BITS
const BUCKETS = (32 - STEPS_BITS + 1) * STEPS
const PER_UNIT = 1000
const LARGEST = 2 ** 32 - 1

/**
 * What is known of many values after they are gone: how many, their sum, the least and the largest, and quantiles, all since
 * the start or the last reset. Values are not negative: durations in ms, or counts. Adding one costs a few nanoseconds.
 */
export class Summary {
  readonly #buckets = new Uint32Array(BUCKETS)
  #count = 0
  #sum = 0
  #min = 0
  #max = 0

  add(value: number): void {
    if (this.#count === 0 || value < this.#min) this.#min = value
    if (value > this.#max) this.#max = value
    this.#count++
    this.#sum += value
    const bucket = bucketOf(Math.min(LARGEST, Math.round(value * PER_UNIT)))
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1
  }

  get count(): number {
    return this.#count
  }

  get sum(): number {
    return this.#sum
  }

  /** 0 without values, as all the others. */
  get min(): number {
    return this.#min
  }

  get max(): number {
    return this.#max
  }

  /** Rounded to four decimals, as Apache prints it. */
  get average(): number {
    return this.#count === 0 ? 0 : Math.round((this.#sum / this.#count) * 1e4) / 1e4
  }

  /** @param share 0 to 1 */
  quantile(share: number): number {
    if (this.#count === 0) return 0
    let left = Math.max(1, Math.ceil(share * this.#count))
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= this.#buckets[bucket] ?? 0
      if (left <= 0) return Math.min(this.#max, upperEndOf(bucket) / PER_UNIT)
    }
    return this.#max
  }

  reset(): void {
    this.#buckets.fill(0)
    this.#count = 0
    this.#sum = 0
    this.#min = 0
    this.#max = 0
  }
}

/**
 * In thousandths. Below 16 each number has a bucket of its own; from there on each doubling has 16.
 *
 *   0 … 15    16 … 31    32, 34, … 62    64, 68, … 124
 */
function bucketOf(thousandths: number): number {
  if (thousandths < STEPS) return thousandths
  const shift = 31 - Math.clz32(thousandths) - STEPS_BITS
  return (shift + 1) * STEPS + ((thousandths >>> shift) - STEPS)
}

/** The largest number of a bucket. */
function upperEndOf(bucket: number): number {
  if (bucket < STEPS) return bucket
  const shift = Math.floor(bucket / STEPS) - 1
  return ((bucket % STEPS) + STEPS + 1) * 2 ** shift - 1
}
