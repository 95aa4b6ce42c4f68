/** Where more load brings latency and no throughput. */

/** What was measured at one concurrency. */
export interface LoadPoint {
  /** Requests in flight. */
  readonly concurrency: number
  readonly opsPerSecond: number
  /** Milliseconds; null: too few samples. */
  readonly p99Ms: number | null
}

/** Of the most that was seen: what lies above it is no more throughput. */
const ENOUGH = 0.95

/**
 * The least concurrency that has all but a twentieth of the most throughput seen.
 *
 * @param points by concurrency, ascending
 * @returns null while the last one is the first to have it: more may bring more
 */
export function kneeOf(points: readonly LoadPoint[]): LoadPoint | null {
  const most = Math.max(...points.map(({ opsPerSecond }) => opsPerSecond))
  const at = points.findIndex(({ opsPerSecond }) => opsPerSecond >= ENOUGH * most)
  return at === points.length - 1 ? null : (points[at] ?? null)
}
