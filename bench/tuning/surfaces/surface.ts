/**
 * Response surfaces on which searches are compared: throughput as a function of a configuration, known without noise, so
 * that what a search missed can be told. Each is drawn from a seed, so that "a surface" is a family of them.
 */
import type { CodedSpace, Point } from '../../../src/tune/search/coded-space.ts'
import { mutated, normal, randomPoint } from '../../../src/tune/search/coded-space.ts'
import type { Prng } from '../../../src/kernel/prng.ts'

export interface Surface extends CodedSpace {
  /** Where every search begins. */
  readonly start: Point
  /** Throughput without noise, above 0. */
  value(point: Point): number
  readonly noise: TrialNoise
  /** The logarithm of what a trial of next to no length would see, less that of a long one: warm-up, snapshots that it misses. */
  shortBias(point: Point): number
}

export interface TrialNoise {
  /** Standard deviation of the logarithm of a trial of full length. */
  readonly deviation: number
  /** Share of trials in which something else happened on the machine. */
  readonly outlierChance: number
  /** Standard deviation of what they lose, as a logarithm. */
  readonly outlierDeviation: number
}

export type SurfaceFamily = (prng: Prng) => Surface

/** One trial: the logarithm of the throughput that it sees. */
export function measured(surface: Surface, point: Point, fraction: number, prng: Prng): number {
  const { deviation, outlierChance, outlierDeviation } = surface.noise
  const noise = (normal(prng) * deviation) / Math.sqrt(fraction)
  const mishap = prng.chance(outlierChance) ? Math.abs(normal(prng)) * outlierDeviation : 0
  return Math.log(surface.value(point)) + noise - mishap + surface.shortBias(point) * (1 - fraction)
}

const DRAWS = 4_000
const CLIMBS = 6
const CLIMB_STEPS = 1_500

/** The best value there is, as nearly as much chance and climbing without noise find it. */
export function bestValue(surface: Surface, prng: Prng): number {
  const drawn: { readonly point: Point; readonly value: number }[] = []
  for (let draw = 0; draw < DRAWS; draw++) {
    const point = randomPoint(surface, prng)
    if (point !== null) drawn.push({ point, value: surface.value(point) })
  }
  drawn.sort((one, other) => other.value - one.value)
  let best = surface.value(surface.start)
  for (const { point, value } of drawn.slice(0, CLIMBS)) {
    let [at, height] = [point, value]
    for (let step = 0; step < CLIMB_STEPS; step++) {
      const next = mutated(surface, at, { chance: 0.15, step: 0.3 * 0.997 ** step }, prng)
      if (!surface.isFeasible(next) || surface.value(next) <= height) continue
      at = next
      height = surface.value(next)
    }
    best = Math.max(best, height)
  }
  return best
}

export const NUMBER = { kind: 'number' } as const

export function category(count: number): { readonly kind: 'category'; readonly count: number } {
  return { kind: 'category', count }
}

/** Numbers have a hundred steps: configurations are whole values, and no two trials ask for almost the same. */
export function snapped(dimensions: CodedSpace['dimensions'], point: Point): Point {
  return point.map((value, at) => (dimensions[at]?.kind === 'number' ? Math.round(value * 100) / 100 : value))
}

export function at(point: Point, index: number): number {
  return point[index] as number
}
