import type { Prng } from '../../../src/kernel/prng.ts'
import { normal } from '../../../src/tune/search/coded-space.ts'
import type { CodedDimension, Point } from '../../../src/tune/search/coded-space.ts'
import { at, category, NUMBER, snapped } from './surface.ts'
import type { Surface, SurfaceFamily, TrialNoise } from './surface.ts'

/** Of trials of ten seconds on a machine with nothing else to do, and on one that is shared. */
const QUIET: TrialNoise = { deviation: 0.05, outlierChance: 0.05, outlierDeviation: 0.12 }
const SHARED: TrialNoise = { deviation: 0.1, outlierChance: 0.08, outlierDeviation: 0.3 }

/** Ten knobs, three of them categories, as in the experiment that chose the method. */
const TEN: readonly CodedDimension[] = [
  ...Array.from({ length: 7 }, () => NUMBER),
  category(3),
  category(3),
  category(2),
]
const NUMBERS = 7
/** Warm-up costs every short trial this much, as a logarithm, whatever its configuration. */
const WARM_UP_LOSS = 0.04

interface Landscape {
  readonly dimensions: readonly CodedDimension[]
  readonly start: Point
  readonly noise: TrialNoise
  readonly logValue: (point: Point) => number
  readonly isFeasible?: (point: Point) => boolean
  /** How much more a short trial of the best-looking end of the first knob pretends: it misses its snapshots. */
  readonly flattery?: number
}

function surfaceOf({ dimensions, start, noise, logValue, isFeasible, flattery = 0.05 }: Landscape): Surface {
  return {
    dimensions,
    start,
    noise,
    value: (point) => 10_000 * Math.exp(logValue(point)),
    shortBias: (point) => flattery * (1 - at(point, 0)) - WARM_UP_LOSS,
    snap: (point) => snapped(dimensions, point),
    isFeasible: isFeasible ?? (() => true),
  }
}

/** Smooth hills in the logarithm, few knobs that matter much, pairs that work on each other, an optimum that moves with a category. */
export const smooth: SurfaceFamily = (prng) => hills(prng, QUIET, null)

/** The same with cliffs, beyond which a part of the throughput is gone, and twice the noise. */
export const rugged: SurfaceFamily = (prng) => hills(prng, SHARED, { cliffs: 5, depth: 0.45 })

function hills(
  prng: Prng,
  noise: TrialNoise,
  edges: { readonly cliffs: number; readonly depth: number } | null,
): Surface {
  const weights = prng.shuffle([1, 0.7, 0.45, 0.3, 0.15, 0.08, 0.05, 0.03, 0.02, 0.01])
  const optimum = Array.from({ length: NUMBERS }, () => 0.1 + 0.8 * prng.float())
  const shifts = Array.from({ length: NUMBERS }, () => 0.25 * normal(prng))
  const words = TEN.map((dimension) => {
    return Array.from({ length: dimension.kind === 'category' ? dimension.count : 0 }, () => prng.float())
  })
  const pairs = Array.from({ length: 8 }, () => {
    const [one = 0, other = 1] = prng.shuffle([...TEN.keys()])
    return { one, other, strength: 0.25 * normal(prng), phase: prng.float() }
  })
  const cliffs = Array.from({ length: edges?.cliffs ?? 0 }, () => {
    const [one = 0, other = 1] = prng.shuffle([...Array(NUMBERS).keys()])
    const angle = 2 * Math.PI * prng.float()
    return { one, other, cos: Math.cos(angle), sin: Math.sin(angle), edge: 0.15 + 0.25 * prng.float() }
  })
  const limits = Array.from({ length: 3 }, () => prng.shuffle([...Array(NUMBERS).keys()]).slice(0, 2))
  const share = (point: Point, index: number): number => {
    const dimension = TEN[index]
    return dimension?.kind === 'category' ? at(point, index) / (dimension.count - 1) : at(point, index)
  }
  const logValue = (point: Point): number => {
    let sum = 0
    for (let index = 0; index < TEN.length; index++) {
      const weight = weights[index] as number
      if (index >= NUMBERS) sum += 0.35 * weight * (words[index]?.[at(point, index)] ?? 0)
      else {
        const target = (optimum[index] as number) + (at(point, NUMBERS) === 1 ? (shifts[index] as number) : 0)
        sum -= 1.2 * weight * (at(point, index) - Math.min(0.95, Math.max(0.05, target))) ** 2
      }
    }
    for (const { one, other, strength, phase } of pairs) {
      sum += strength * (share(point, one) - phase) * (share(point, other) - 0.5)
    }
    for (const { one, other, cos, sin, edge } of cliffs) {
      if ((at(point, one) - 0.5) * cos + (at(point, other) - 0.5) * sin > edge) sum -= edges?.depth ?? 0
    }
    return sum
  }
  const start = Float64Array.from(TEN, (dimension) => (dimension.kind === 'number' ? 0.5 : 0))
  const isFeasible = (point: Point): boolean =>
    limits.every(([one = 0, other = 1]) => at(point, one) + at(point, other) < 1.75)
  return surfaceOf({ dimensions: TEN, start: snapped(TEN, start), noise, logValue, isFeasible })
}

/**
 * Stages in a row, each with a few knobs of its own: the slowest sets the throughput, so a knob shows only while its stage
 * is the narrow one.
 */
export const bottlenecks: SurfaceFamily = (prng) => {
  const stages = Array.from({ length: 4 }, () => {
    const knobs = prng.shuffle([...TEN.keys()]).slice(0, 3)
    return knobs.map((index) => ({
      index,
      best: 0.1 + 0.8 * prng.float(),
      width: 0.35 + 0.4 * prng.float(),
      gain: 0.5 + prng.float(),
    }))
  })
  const offsets = stages.map(() => 0.3 * normal(prng))
  const logValue = (point: Point): number => {
    let waiting = 0
    stages.forEach((knobs, stage) => {
      let rate = offsets[stage] as number
      for (const { index, best, width, gain } of knobs) {
        const dimension = TEN[index]
        const gap =
          dimension?.kind === 'category'
            ? at(point, index) === Math.floor(best * dimension.count)
              ? 0
              : 1
            : (at(point, index) - best) / width
        rate += gain * Math.exp(-0.5 * gap * gap)
      }
      // The times of the stages add up to a high power: nearly the slowest alone.
      waiting += Math.exp(-4 * rate)
    })
    return -Math.log(waiting) / 4
  }
  const start = Float64Array.from(TEN, (dimension) => (dimension.kind === 'number' ? 0.5 : 0))
  return surfaceOf({ dimensions: TEN, start, noise: QUIET, logValue })
}

/** Two pairs of knobs must move together along a curved ridge, as a batch and its delay do; the rest is nearly flat. */
export const ridges: SurfaceFamily = (prng) => {
  const order = prng.shuffle([...Array(NUMBERS).keys()])
  const [a = 0, b = 1, c = 2, d = 3, e = 4] = order
  const bend = 0.5 + prng.float()
  const along = prng.float()
  const slope = prng.chance(0.5) ? 1 : -1
  const word = prng.below(3)
  const logValue = (point: Point): number => {
    const first = at(point, b) - (0.15 + bend * (at(point, a) - 0.2) ** 2)
    const second = at(point, d) - (0.5 + slope * 0.6 * (at(point, c) - 0.5))
    const drift = (at(point, a) - along) ** 2 + 0.6 * (at(point, c) - (1 - along)) ** 2
    return (
      0.7 * Math.exp(-((first / 0.3) ** 2)) +
      0.5 * Math.exp(-((second / 0.3) ** 2)) -
      0.5 * drift +
      0.15 * Math.sin(3 * at(point, e)) +
      (at(point, NUMBERS) === word ? 0.12 : 0)
    )
  }
  const start = Float64Array.from(TEN, (dimension) => (dimension.kind === 'number' ? 0.8 : 0))
  return surfaceOf({ dimensions: TEN, start, noise: QUIET, logValue })
}

/** Steps instead of slopes (powers of two, pages, thread counts) under hills, and a machine that others use too. */
export const steps: SurfaceFamily = (prng) => {
  const under = hills(prng.fork('hills'), SHARED, null)
  const treads = Array.from({ length: NUMBERS }, () => prng.between(3, 7))
  const sags = Array.from({ length: NUMBERS }, () =>
    Array.from({ length: 8 }, () => (prng.chance(0.3) ? 0.2 * prng.float() : 0)),
  )
  const logValue = (point: Point): number => {
    const stepped = Float64Array.from(point)
    let sag = 0
    for (let index = 0; index < NUMBERS; index++) {
      const tread = Math.min((treads[index] as number) - 1, Math.floor(at(point, index) * (treads[index] as number)))
      stepped[index] = (tread + 0.5) / (treads[index] as number)
      sag += sags[index]?.[tread] ?? 0
    }
    return Math.log(under.value(stepped) / 10_000) - sag
  }
  return surfaceOf({
    dimensions: TEN,
    start: under.start,
    noise: SHARED,
    logValue,
    isFeasible: (point) => under.isFeasible(point),
  })
}

export const SURFACES: Readonly<
  Record<string, { readonly family: SurfaceFamily; readonly kind: 'smooth' | 'rugged' }>
> = {
  smooth: { family: smooth, kind: 'smooth' },
  bottlenecks: { family: bottlenecks, kind: 'smooth' },
  ridges: { family: ridges, kind: 'smooth' },
  rugged: { family: rugged, kind: 'rugged' },
  steps: { family: steps, kind: 'rugged' },
}
