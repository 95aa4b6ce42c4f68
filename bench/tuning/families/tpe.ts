/**
 * Tree-structured Parzen estimators: each knob for itself, the values of good trials against those of the others. Bergstra,
 * Bardenet, Bengio and Kégl (2011).
 */
import type { Prng } from '../../../src/kernel/prng.ts'
import { latinHypercube, normal } from '../../../src/tune/search/coded-space.ts'
import type { CodedDimension, Point } from '../../../src/tune/search/coded-space.ts'
import { anywhere } from './simple.ts'
import { bestOf } from './tuner.ts'
import type { Tried, Tuner } from './tuner.ts'

const START = 12
const GOOD_SHARE = 0.2
const CANDIDATES = 48

export const tpe: Tuner = (purse, prng) => {
  const { surface } = purse
  const points = [surface.start, ...latinHypercube(surface, START - 1, prng)]
  const tried: Tried[] = points.map((point) => ({ point, value: purse.trial(point) }))
  while (purse.canPay()) {
    const ranked = [...tried].sort((one, other) => other.value - one.value)
    const goodCount = Math.max(3, Math.ceil(GOOD_SHARE * ranked.length))
    const good = ranked.slice(0, goodCount).map(({ point }) => point)
    const rest = ranked.slice(goodCount).map(({ point }) => point)
    let next = anywhere(purse, prng)
    let bestRatio = -Infinity
    for (let draw = 0; draw < CANDIDATES; draw++) {
      const point = surface.snap(
        Float64Array.from(surface.dimensions, (dimension, index) => drawn(dimension, index, good, prng)),
      )
      if (!surface.isFeasible(point)) continue
      const ratio = surface.dimensions.reduce((sum, dimension, index) => {
        const value = point[index] as number
        return sum + Math.log(density(dimension, index, good, value) / density(dimension, index, rest, value))
      }, 0)
      if (ratio <= bestRatio) continue
      bestRatio = ratio
      next = point
    }
    tried.push({ point: next, value: purse.trial(next) })
  }
  return bestOf(tried).point
}

function widthOf(count: number): number {
  return Math.max(0.08, 0.5 * count ** -0.4)
}

/** From the kernels around the given points, or, as one more of them, from anywhere. */
function drawn(dimension: CodedDimension, index: number, points: readonly Point[], prng: Prng): number {
  const isPrior = prng.chance(1 / (points.length + 1))
  const from = prng.pick(points)[index] as number
  if (dimension.kind === 'category') return isPrior || prng.chance(0.2) ? prng.below(dimension.count) : from
  if (isPrior) return prng.float()
  return Math.min(1, Math.max(0, from + widthOf(points.length) * normal(prng)))
}

function density(dimension: CodedDimension, index: number, points: readonly Point[], value: number): number {
  const prior = dimension.kind === 'category' ? 1 / dimension.count : 1
  const width = widthOf(points.length)
  let sum = prior
  for (const point of points) {
    const centre = point[index] as number
    if (dimension.kind === 'category') sum += (centre === value ? 0.8 : 0) + 0.2 / dimension.count
    else sum += Math.exp(-0.5 * ((value - centre) / width) ** 2) / (width * Math.sqrt(2 * Math.PI))
  }
  return sum / (points.length + 1)
}
