import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64 } from 'hdr-histogram-js'

/**
 * Microseconds. Minimum, mean and maximum are exact and null when nothing was recorded; a percentile has three
 * significant digits and is null where fewer than ten samples lie above it.
 */
export interface LatencySummary {
  readonly count: number
  readonly min: number | null
  readonly mean: number | null
  readonly p50: number | null
  readonly p90: number | null
  readonly p95: number | null
  readonly p99: number | null
  readonly p999: number | null
  readonly max: number | null
}

/** A histogram as it travels between processes and rests while others are filled; plain JSON. */
export interface SparseHistogram {
  /** Buckets that hold anything, ascending, each followed by its count. */
  readonly pairs: readonly number[]
  /** Null when nothing was recorded. */
  readonly minUs: number | null
  readonly maxUs: number | null
  readonly sumUs: number
}

/** Below this many samples a percentile says more about luck than about the system. */
const SAMPLES_ABOVE_MIN = 10

/**
 * The buckets of HdrHistogram for three significant digits: one a microsecond below 2,048, and from there on 1,024 for
 * each doubling, each twice as wide as those before it. So an index is its doubling's number and ten bits of the value.
 */
const HALF_BITS = 10
const HALF = 2 ** HALF_BITS
/** 35 minutes: whatever took longer counts as this. */
const LARGEST_US = 2 ** 31 - 1
const BUCKETS_MAX = bucketOf(LARGEST_US) + 1
/** Up to 131 ms; grown once when something slower comes. */
const BUCKETS_AT_FIRST = bucketOf(2 ** 17)

/**
 * Latencies in whole microseconds at three significant digits. Histograms merge: recording into two and adding one to
 * the other gives what recording into one gives. Percentiles of parts are never averaged.
 *
 * The buckets are those of HdrHistogram, so what one holds can be written in its standard form and read by its tools;
 * the extremes and the sum are kept exactly, which that form does not do.
 */
export class LatencyHistogram {
  #counts = new Float64Array(BUCKETS_AT_FIRST)
  #count = 0
  #minUs = Infinity
  #maxUs = -Infinity
  #sumUs = 0

  get count(): number {
    return this.#count
  }

  /** @param latencyUs rounded to whole microseconds; below 0 (a clock that stepped) counts as 0 */
  record(latencyUs: number): void {
    const whole = latencyUs > 0 ? Math.min(Math.round(latencyUs), LARGEST_US) : 0
    const bucket = bucketOf(whole)
    if (bucket >= this.#counts.length) this.#grow()
    ;(this.#counts[bucket] as number)++
    this.#count++
    this.#sumUs += whole
    if (whole < this.#minUs) this.#minUs = whole
    if (whole > this.#maxUs) this.#maxUs = whole
  }

  /** Adds all that `other` holds; `other` is not changed. */
  add(other: LatencyHistogram): void {
    this.addSparse(other.sparse())
  }

  addSparse({ pairs, minUs, maxUs, sumUs }: SparseHistogram): void {
    for (let at = 0; at < pairs.length; at += 2) {
      const bucket = pairs[at] as number
      if (bucket >= this.#counts.length) this.#grow()
      this.#counts[bucket] = (this.#counts[bucket] as number) + (pairs[at + 1] as number)
      this.#count += pairs[at + 1] as number
    }
    this.#sumUs += sumUs
    this.#minUs = Math.min(this.#minUs, minUs ?? Infinity)
    this.#maxUs = Math.max(this.#maxUs, maxUs ?? -Infinity)
  }

  reset(): void {
    if (this.#count > 0) this.#counts.fill(0, bucketOf(this.#minUs), bucketOf(this.#maxUs) + 1)
    this.#count = 0
    this.#minUs = Infinity
    this.#maxUs = -Infinity
    this.#sumUs = 0
  }

  /**
   * The smallest latency that at least this share of the samples does not exceed, in microseconds.
   *
   * @param perMille 1 to 999: 500 is the median, 999 the 99.9th percentile; whole, so that the count of samples above
   *   is exact
   * @returns null where fewer than ten samples lie above it
   */
  percentileUs(perMille: number): number | null {
    const above = Math.floor((this.#count * (1000 - perMille)) / 1000)
    return above < SAMPLES_ABOVE_MIN ? null : this.#atRank(this.#count - above)
  }

  /** The median however few the samples: for series that are judged as a whole. Null where there is none. */
  medianUs(): number | null {
    return this.#count === 0 ? null : this.#atRank(Math.ceil(this.#count / 2))
  }

  /** How many samples fell into buckets above the one of `us`. */
  countAbove(us: number): number {
    let count = 0
    for (let bucket = bucketOf(us) + 1; bucket < this.#counts.length; bucket++) count += this.#counts[bucket] as number
    return count
  }

  summary(): LatencySummary {
    const count = this.#count
    return {
      count,
      min: count === 0 ? null : this.#minUs,
      mean: count === 0 ? null : this.#sumUs / count,
      p50: this.percentileUs(500),
      p90: this.percentileUs(900),
      p95: this.percentileUs(950),
      p99: this.percentileUs(990),
      p999: this.percentileUs(999),
      max: count === 0 ? null : this.#maxUs,
    }
  }

  sparse(): SparseHistogram {
    if (this.#count === 0) return { pairs: [], minUs: null, maxUs: null, sumUs: 0 }
    const pairs: number[] = []
    const last = bucketOf(this.#maxUs)
    for (let bucket = bucketOf(this.#minUs); bucket <= last; bucket++) {
      const count = this.#counts[bucket] as number
      if (count > 0) pairs.push(bucket, count)
    }
    return { pairs, minUs: this.#minUs, maxUs: this.#maxUs, sumUs: this.#sumUs }
  }

  /** The standard form of HdrHistogram: V2, compressed, base64. It knows the extremes to the width of their bucket only. */
  standardForm(): string {
    const standard = build({ bitBucketSize: 64, numberOfSignificantValueDigits: 3 })
    const { pairs } = this.sparse()
    for (let at = 0; at < pairs.length; at += 2) {
      standard.recordValueWithCount(lowestOf(pairs[at] as number), pairs[at + 1] as number)
    }
    return encodeIntoCompressedBase64(standard)
  }

  static ofSparse(sparse: SparseHistogram): LatencyHistogram {
    const histogram = new LatencyHistogram()
    histogram.addSparse(sparse)
    return histogram
  }

  /**
   * From the standard form; its extremes and sum are those of the lower edges of the buckets.
   *
   * @throws Error when it is no histogram in the standard form, or one of other than three significant digits
   */
  static ofStandardForm(text: string): LatencyHistogram {
    const standard = decodeFromCompressedBase64(text, 64)
    if (standard.numberOfSignificantValueDigits !== 3)
      throw new Error('a histogram of three significant digits is asked for')
    const pairs: number[] = []
    const last = standard.totalCount === 0 ? -1 : bucketOf(Math.min(standard.maxValue, LARGEST_US))
    let sumUs = 0
    for (let bucket = 0; bucket <= last; bucket++) {
      const count = countAt(standard, bucket)
      if (count === 0) continue
      pairs.push(bucket, count)
      sumUs += count * lowestOf(bucket)
    }
    const first = pairs[0]
    if (first === undefined) return new LatencyHistogram()
    return LatencyHistogram.ofSparse({ pairs, minUs: lowestOf(first), maxUs: lowestOf(last), sumUs })
  }

  /** @param rank of a sample among all, from 1 */
  #atRank(rank: number): number {
    let left = rank
    for (let bucket = bucketOf(this.#minUs); ; bucket++) {
      left -= this.#counts[bucket] as number
      // A bucket is named by its upper edge, which may lie above the largest sample.
      if (left <= 0) return Math.min(lowestOf(bucket + 1) - 1, this.#maxUs)
    }
  }

  #grow(): void {
    const counts = new Float64Array(BUCKETS_MAX)
    counts.set(this.#counts)
    this.#counts = counts
  }
}

/** @param value whole, 0 to LARGEST_US */
function bucketOf(value: number): number {
  const doubling = 31 - HALF_BITS - Math.clz32(value | (2 * HALF - 1))
  return (doubling << HALF_BITS) + (value >>> doubling)
}

/** The smallest value that falls into a bucket. */
function lowestOf(bucket: number): number {
  const doubling = Math.max(0, (bucket >>> HALF_BITS) - 1)
  return (bucket - (doubling << HALF_BITS)) * 2 ** doubling
}

/** The library numbers its buckets as we do, and keeps the method that tells a count out of its interface. */
function countAt(standard: object, bucket: number): number {
  const { getCountAtIndex } = standard as { readonly getCountAtIndex?: (index: number) => number }
  if (getCountAtIndex === undefined) throw new Error('hdr-histogram-js has changed its inside')
  return getCountAtIndex.call(standard, bucket)
}
