/**
 * A point of Student's t distribution, by bisection of its distribution function.
 *
 * @param share 0 to 1, exclusive: 0.975 for a two-sided interval of 95 %
 * @param freedom degrees of freedom, at least 1
 */
export function studentQuantile(share: number, freedom: number): number {
  if (share < 0.5) return -studentQuantile(1 - share, freedom)
  let [low, high] = [0, 1]
  while (studentShare(high, freedom) < share && high < 1e6) high *= 2
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (studentShare(middle, freedom) < share) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/**
 * The share of the distribution below a value, for whole degrees of freedom: the finite series of Abramowitz and Stegun,
 * 26.7.3 and 26.7.4.
 */
export function studentShare(value: number, freedom: number): number {
  const angle = Math.atan(value / Math.sqrt(freedom))
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)]
  const isOdd = freedom % 2 === 1
  let term = isOdd ? cosine : 1
  let sum = freedom > 1 ? term : 0
  for (let at = isOdd ? 3 : 2; at <= freedom - 2; at += 2) {
    term *= ((at - 1) / at) * cosine * cosine
    sum += term
  }
  const inner = isOdd ? (2 / Math.PI) * (angle + sine * sum) : sine * sum
  return 0.5 + inner / 2
}
