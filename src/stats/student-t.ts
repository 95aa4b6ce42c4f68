import { errorFunction, probit } from 'simple-statistics'

/**
 * The quantile of Student's t: the value that |t| exceeds with a given probability. G. W. Hill, "Algorithm 396: Student's
 * t-quantiles" (1970): six digits, and exact for one and two degrees of freedom.
 *
 * @param twoSided above 0, below 1: 0.05 for a 95 % interval
 * @param degrees of freedom, at least 1
 */
export function studentT(twoSided: number, degrees: number): number {
  if (degrees < 1 || twoSided <= 0 || twoSided >= 1) {
    throw new RangeError(`t with ${degrees} degrees of freedom at ${twoSided} does not exist`)
  }
  if (degrees === 1) return 1 / Math.tan((twoSided * Math.PI) / 2)
  if (degrees === 2) return Math.sqrt(2 / (twoSided * (2 - twoSided)) - 2)
  const a = 1 / (degrees - 0.5)
  const b = 48 / (a * a)
  let c = (((20_700 * a) / b - 98) * a - 16) * a + 96.36
  const d = ((94.5 / (b + c) - 3) / b + 1) * Math.sqrt((a * Math.PI) / 2) * degrees
  let y = (d * twoSided) ** (2 / degrees)
  if (y <= 0.05 + a) {
    const tail = (degrees + 6) / (degrees * y) - 0.089 * d - 0.822
    y = ((1 / (tail * (degrees + 2) * 3) + 0.5 / (degrees + 4)) * y - 1) * ((degrees + 1) / (degrees + 2)) + 1 / y
    return Math.sqrt(degrees * y)
  }
  const x = normalQuantile(twoSided / 2)
  y = x * x
  if (degrees < 5) c += 0.3 * (degrees - 4.5) * (x + 0.6)
  c += (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b
  y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x
  return Math.sqrt(degrees * Math.expm1(a * y * y))
}

/** The library's value is good to two digits or three; two steps of Newton's make six of them. */
function normalQuantile(share: number): number {
  let x = probit(share)
  for (let step = 0; step < 2; step++) {
    const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)
    x -= ((1 + errorFunction(x / Math.SQRT2)) / 2 - share) / density
  }
  return x
}
