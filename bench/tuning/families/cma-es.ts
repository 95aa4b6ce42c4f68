/** CMA-ES with a diagonal covariance, categories by rounding. Ros and Hansen (2008). */
import { normal } from '../../../src/tune/search/coded-space.ts'
import type { Point } from '../../../src/tune/search/coded-space.ts'
import { bestOf } from './tuner.ts'
import type { Tried, Tuner } from './tuner.ts'

const FINAL_REPEATS = 4

export const cmaEs: Tuner = (purse, prng) => {
  const { surface } = purse
  const { dimensions } = surface
  const count = dimensions.length
  const lambda = 4 + Math.floor(3 * Math.log(count))
  const mu = Math.floor(lambda / 2)
  const raw = Array.from({ length: mu }, (_, rank) => Math.log(mu + 0.5) - Math.log(rank + 1))
  const total = raw.reduce((sum, weight) => sum + weight, 0)
  const weights = raw.map((weight) => weight / total)
  const effective = 1 / weights.reduce((sum, weight) => sum + weight ** 2, 0)
  const cSigma = (effective + 2) / (count + effective + 5)
  const dSigma = 1 + cSigma + 2 * Math.max(0, Math.sqrt((effective - 1) / (count + 1)) - 1)
  // Faster than with a full matrix: there is less to learn.
  const cMu = Math.min(1, ((count + 2) / 3) * ((2 * (effective - 2 + 1 / effective)) / ((count + 2) ** 2 + effective)))
  const expected = Math.sqrt(count) * (1 - 1 / (4 * count) + 1 / (21 * count ** 2))
  const unit = (point: Point): number[] =>
    dimensions.map((dimension, at) =>
      dimension.kind === 'number' ? (point[at] as number) : ((point[at] as number) + 0.5) / dimension.count,
    )
  const pointOf = (units: readonly number[]): Point =>
    surface.snap(
      Float64Array.from(dimensions, (dimension, at) => {
        const value = Math.min(0.999999, Math.max(0, units[at] as number))
        return dimension.kind === 'number' ? value : Math.floor(value * dimension.count)
      }),
    )
  let mean = unit(surface.start)
  let sigma = 0.3
  let scales = dimensions.map(() => 1)
  let path = dimensions.map(() => 0)
  const tried: Tried[] = [{ point: surface.start, value: purse.trial(surface.start) }]
  while (purse.left > lambda + FINAL_REPEATS) {
    const children: { readonly steps: readonly number[]; readonly value: number }[] = []
    for (let draw = 0; children.length < lambda && draw < 100 * lambda; draw++) {
      const steps = scales.map((scale) => Math.sqrt(scale) * normal(prng))
      const point = pointOf(steps.map((step, at) => (mean[at] as number) + sigma * step))
      if (!surface.isFeasible(point)) continue
      const value = purse.trial(point)
      tried.push({ point, value })
      children.push({ steps, value })
    }
    children.sort((one, other) => other.value - one.value)
    const parents = children.slice(0, mu)
    const move = dimensions.map((_, at) =>
      parents.reduce((sum, { steps }, rank) => sum + (weights[rank] ?? 0) * (steps[at] as number), 0),
    )
    mean = mean.map((value, at) => Math.min(1, Math.max(0, value + sigma * (move[at] as number))))
    path = path.map(
      (value, at) =>
        (1 - cSigma) * value +
        Math.sqrt(cSigma * (2 - cSigma) * effective) * ((move[at] as number) / Math.sqrt(scales[at] as number)),
    )
    const length = Math.sqrt(path.reduce((sum, value) => sum + value ** 2, 0))
    sigma = Math.min(0.6, sigma * Math.exp((cSigma / dSigma) * (length / expected - 1)))
    scales = scales.map((scale, at) => {
      const spread = parents.reduce(
        (sum, { steps }, rank) => sum + (weights[rank] ?? 0) * (steps[at] as number) ** 2,
        0,
      )
      return Math.max(1e-3, (1 - cMu) * scale + cMu * spread)
    })
  }
  const centre = pointOf(mean)
  const best = bestOf(tried)
  // The centre of the distribution against the luckiest trial: both are measured again.
  const candidates = surface.isFeasible(centre) ? [centre, best.point] : [best.point]
  const sums = candidates.map((point) => ({ point, values: [] as number[] }))
  for (let at = 0; purse.canPay(); at++) {
    const candidate = sums[at % sums.length]
    if (candidate !== undefined) candidate.values.push(purse.trial(candidate.point))
  }
  return bestOf(
    sums.map(({ point, values }) => ({
      point,
      value: values.length === 0 ? -Infinity : values.reduce((sum, value) => sum + value, 0) / values.length,
    })),
  ).point
}
