/** How much a series may move and still count as steady; shares of its mean. */
export interface SteadyLimits {
  /** From end to end of what is kept, where that stands out of the noise. */
  readonly trend: number
  /** Standard deviation of the intervals. */
  readonly variation: number
}

export interface SteadyState {
  /** How many values at the beginning are cut; the rest is what counts. */
  readonly cut: number
  readonly isSteady: boolean
  /** What stood against it, as the end of a sentence; null when it is steady. */
  readonly reason: string | null
}

/** Fewer values than this do not show a trend. */
const KEPT_MIN = 5
/** Two standard errors: a trend that chance alone shows once in twenty times. */
const TREND_CERTAINTY = 2

/**
 * Cuts the beginning of a series where that makes the mean of the rest most certain, and judges the rest. The cut is MSER,
 * the marginal standard error rule: of all beginnings up to half of the series, that one whose removal leaves the smallest squared
 * standard error of the mean. K. P. White, "An effective truncation heuristic for bias reduction in simulation output" (1997).
 *
 * @param series one value an interval, in the order of time; not negative
 * @param cutMax how many values may go; never more than half of them
 */
export function steadyState(series: readonly number[], limits: SteadyLimits, cutMax = Infinity): SteadyState {
  const cut = cutOf(series, Math.min(cutMax, Math.floor(series.length / 2)))
  const kept = series.slice(cut)
  if (kept.length < KEPT_MIN) return { cut, isSteady: false, reason: 'it was too short to tell' }
  const reason = movementOf(kept, limits)
  return { cut, isSteady: reason === null, reason }
}

function cutOf(series: readonly number[], cutMax: number): number {
  let best = 0
  let leastError = Infinity
  for (let cut = 0; cut <= cutMax && cut < series.length; cut++) {
    const kept = series.slice(cut)
    const error = squaresAround(kept, meanOf(kept)) / kept.length ** 2
    if (error < leastError) {
      leastError = error
      best = cut
    }
  }
  return best
}

function movementOf(kept: readonly number[], limits: SteadyLimits): string | null {
  const mean = meanOf(kept)
  if (mean === 0) return 'nothing came'
  const squares = squaresAround(kept, mean)
  const middle = (kept.length - 1) / 2
  const spread = kept.reduce((sum, _, index) => sum + (index - middle) ** 2, 0)
  const slope = kept.reduce((sum, value, index) => sum + (index - middle) * (value - mean), 0) / spread
  const residual = Math.max(0, squares - slope ** 2 * spread)
  const error = Math.sqrt(residual / (kept.length - 2) / spread)
  const change = (slope * (kept.length - 1)) / mean
  if (Math.abs(change) > limits.trend && Math.abs(slope) > TREND_CERTAINTY * error) {
    return `it ${change > 0 ? 'rose' : 'fell'} by ${percent(Math.abs(change))} of its mean over what was kept`
  }
  const variation = Math.sqrt(squares / (kept.length - 1)) / mean
  return variation > limits.variation ? `it varied by ${percent(variation)} from interval to interval` : null
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function squaresAround(values: readonly number[], centre: number): number {
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0)
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
