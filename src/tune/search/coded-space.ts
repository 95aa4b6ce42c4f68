/**
 * Configurations as points: one coordinate a knob, from 0 to 1 for a number, the index of a word for a category. A search
 * knows nothing else of them.
 */
import type { Prng } from '../../kernel/prng.ts'
import type { CodedDimension } from '../space/knob-range.ts'

export type { CodedDimension }

export type Point = Float64Array

export interface CodedSpace {
  readonly dimensions: readonly CodedDimension[]
  /** The nearest point that stands for a configuration of its own: texts have whole values, and a knob without a meaning one value. */
  snap(point: Point): Point
  isFeasible(point: Point): boolean
}

/** Draws before a space is given up as having no feasible point left. */
const DRAWS_MAX = 2_000

/** @returns null when chance finds none */
export function randomPoint(space: CodedSpace, prng: Prng): Point | null {
  for (let draw = 0; draw < DRAWS_MAX; draw++) {
    const point = space.snap(
      Float64Array.from(space.dimensions, (dimension) =>
        dimension.kind === 'number' ? usually(dimension, prng.float()) : prng.below(dimension.count),
      ),
    )
    if (space.isFeasible(point)) return point
  }
  return null
}

/**
 * Points of which each number falls once into each of `count` equal parts of its usual range, and each word is as frequent as any
 * other. McKay, Beckman and Conover (1979). A point that is not feasible is replaced by a random one.
 */
export function latinHypercube(space: CodedSpace, count: number, prng: Prng): readonly Point[] {
  const columns = space.dimensions.map((dimension) => {
    const order = prng.shuffle(Array.from({ length: count }, (_, index) => index))
    return order.map((part) => {
      return dimension.kind === 'number' ? usually(dimension, (part + prng.float()) / count) : part % dimension.count
    })
  })
  return Array.from({ length: count }, (_, row) => {
    const point = space.snap(Float64Array.from(columns, (column) => column[row] as number))
    return space.isFeasible(point) ? point : randomPoint(space, prng)
  }).filter((point) => point !== null)
}

/** A point near another: each coordinate moves with a chance, at least one does. Not necessarily feasible. */
export function mutated(
  space: CodedSpace,
  from: Point,
  { chance, step }: { readonly chance: number; readonly step: number },
  prng: Prng,
): Point {
  const point = Float64Array.from(from)
  const sure = prng.below(space.dimensions.length)
  space.dimensions.forEach((dimension, index) => {
    if (index !== sure && !prng.chance(chance)) return
    if (dimension.kind === 'category') point[index] = prng.below(dimension.count)
    else point[index] = Math.min(1, Math.max(0, (point[index] as number) + step * normal(prng)))
  })
  return space.snap(point)
}

function usually({ usual: [from, to] = [0, 1] }: CodedDimension & { readonly kind: 'number' }, share: number): number {
  return from + share * (to - from)
}

/** A standard normal number, by Box and Muller. */
export function normal(prng: Prng): number {
  return Math.sqrt(-2 * Math.log(1 - prng.float())) * Math.cos(2 * Math.PI * prng.float())
}

export function isSamePoint(one: Point, other: Point): boolean {
  return one.every((coordinate, index) => Math.abs(coordinate - (other[index] as number)) < 1e-9)
}
