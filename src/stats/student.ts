import { errorFunction } from 'simple-statistics'

/** The share of a standard normal distribution below `z`, to about 1e-7. */
export function normalBelow(z: number): number {
  return 0.5 * (1 + errorFunction(z / Math.SQRT2))
}

/**
 * The share of Student's t below `value`. Abramowitz and Stegun, 26.7.3 and 26.7.4: a finite sum for whole degrees of freedom.
 *
 * @param freedom degrees of freedom, whole, from 1
 */
export function studentBelow(value: number, freedom: number): number {
  const angle = Math.atan(value / Math.sqrt(freedom))
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)]
  const isOdd = freedom % 2 === 1
  let term = isOdd ? cosine : 1
  let sum = freedom === 1 ? 0 : term
  for (let power = isOdd ? 3 : 2; power <= freedom - 2; power += 2) {
    term *= ((power - 1) / power) * cosine ** 2
    sum += term
  }
  const within = isOdd ? (2 / Math.PI) * (angle + sine * sum) : sine * sum
  return (1 + within) / 2
}

const POINT_MAX = 1e6
const HALVINGS = 60

/**
 * The point of Student's t that leaves `above` of it above, by bisection.
 *
 * @param above 0 to 0.5, both excluded: 0.025 for a two-sided interval of 95 %
 * @param freedom degrees of freedom, whole, from 1
 */
export function studentPoint(above: number, freedom: number): number {
  if (!(above > 0 && above < 0.5)) throw new RangeError('the tail of a distribution is above 0 and below a half')
  if (!(freedom >= 1)) throw new RangeError('Student’s t has a degree of freedom at least')
  let [low, high] = [0, POINT_MAX]
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (low + high) / 2
    if (1 - studentBelow(middle, freedom) > above) low = middle
    else high = middle
  }
  return high
}
