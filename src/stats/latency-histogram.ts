import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js'

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

/** A histogram as it travels between processes; plain JSON. */
export interface EncodedHistogram {
  /** The counts in HdrHistogram's standard form: V2, compressed, base64. */
  readonly counts: string
  /** Null when nothing was recorded. */
  readonly minUs: number | null
  readonly maxUs: number | null
  readonly sumUs: number
}

/** Below this many samples a percentile says more about luck than about the system. */
const SAMPLES_ABOVE_MIN = 10

/**
 * Latencies in whole microseconds at three significant digits. Histograms merge: recording into two and adding one to
 * the other gives what recording into one gives. Percentiles of parts are never averaged.
 *
 * The counts are hdr-histogram-js in its plain JavaScript mode (0.12 µs a record); the extremes and the sum are kept
 * beside it, for the decoder of the standard form knows the extremes only to the width of their bucket.
 */
export class LatencyHistogram {
  readonly #counts: Histogram
  #minUs: number
  #maxUs: number
  #sumUs: number

  constructor() {
    this.#counts = build({ bitBucketSize: 64, numberOfSignificantValueDigits: 3 })
    this.#minUs = Infinity
    this.#maxUs = -Infinity
    this.#sumUs = 0
  }

  get count(): number {
    return this.#counts.totalCount
  }

  /** @param latencyUs rounded to whole microseconds; below 0 (a clock that stepped) counts as 0 */
  record(latencyUs: number): void {
    const whole = latencyUs > 0 ? Math.round(latencyUs) : 0
    this.#counts.recordValue(whole)
    this.#sumUs += whole
    if (whole < this.#minUs) this.#minUs = whole
    if (whole > this.#maxUs) this.#maxUs = whole
  }

  /** Adds all that `other` holds; `other` is not changed. */
  add(other: LatencyHistogram): void {
    this.#counts.add(other.#counts)
    this.#sumUs += other.#sumUs
    this.#minUs = Math.min(this.#minUs, other.#minUs)
    this.#maxUs = Math.max(this.#maxUs, other.#maxUs)
  }

  reset(): void {
    this.#counts.reset()
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
    const above = Math.floor((this.count * (1000 - perMille)) / 1000)
    if (above < SAMPLES_ABOVE_MIN) return null
    // A bucket is named by its upper edge, which may lie above the largest sample.
    return Math.min(this.#counts.getValueAtPercentile(perMille / 10), this.#maxUs)
  }

  summary(): LatencySummary {
    const count = this.count
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

  encode(): EncodedHistogram {
    const isEmpty = this.count === 0
    return {
      counts: encodeIntoCompressedBase64(this.#counts),
      minUs: isEmpty ? null : this.#minUs,
      maxUs: isEmpty ? null : this.#maxUs,
      sumUs: this.#sumUs,
    }
  }

  /** @throws Error when `encoded.counts` is not a histogram in the standard form */
  static decode(encoded: EncodedHistogram): LatencyHistogram {
    const histogram = new LatencyHistogram()
    histogram.#counts.add(decodeFromCompressedBase64(encoded.counts, 64))
    histogram.#minUs = encoded.minUs ?? Infinity
    histogram.#maxUs = encoded.maxUs ?? -Infinity
    histogram.#sumUs = encoded.sumUs
    return histogram
  }
}
