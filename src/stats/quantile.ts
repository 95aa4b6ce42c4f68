/**
 * The quantile of a sample by linear interpolation between order statistics: type 7 of Hyndman and Fan (1996), as R
 * and NumPy do by default.
 *
 * @param sorted ascending, at least one value; not changed
 * @param share 0 (the smallest) to 1 (the largest)
 */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const position = (sorted.length - 1) * share
  const below = Math.floor(position)
  const low = sorted[below]
  if (low === undefined) throw new RangeError(`a quantile of ${sorted.length} values at ${share} does not exist`)
  const high = sorted[below + 1] ?? low
  return low + (high - low) * (position - below)
}

/** @param samples any order, at least one; not changed */
export function median(samples: Iterable<number>): number {
  return quantile(Float64Array.from(samples).sort(), 0.5)
}
