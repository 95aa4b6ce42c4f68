/**
 * How alike two configurations are taken to behave: the Matérn kernel of smoothness 5/2 with a length scale for each knob
 * (Rasmussen and Williams 2006, 4.2.1 and 5.1), once over all knobs together and once as the mean of the kernels of each
 * knob alone. The first lets knobs work on each other; the second says that most of them mostly do not, and lets a trial
 * teach about all configurations that share a single value with it. Words of a category are all equally far apart.
 */
import type { CodedDimension, Point } from './coded-space.ts'

export interface KernelShape {
  /** In units of the coordinate, one a dimension. */
  readonly lengths: Float64Array
  /** 0 to 1: how much of the variance is the sum of what each knob does alone. */
  readonly additiveShare: number
}

const ROOT_5 = Math.sqrt(5)

/** @returns 1 for equal points, down to 0 */
export function similarity(
  dimensions: readonly CodedDimension[],
  shape: KernelShape,
  one: Point,
  other: Point,
): number {
  const { lengths, additiveShare } = shape
  const isAdditive = additiveShare > 0
  let squares = 0
  let sum = 0
  for (let at = 0; at < dimensions.length; at++) {
    const gap = gapBetween(dimensions[at] as CodedDimension, one[at] as number, other[at] as number)
    if (gap === 0) {
      sum += 1
      continue
    }
    const scaled = gap / (lengths[at] as number)
    squares += scaled * scaled
    if (isAdditive) sum += matern(scaled)
  }
  const together = matern(Math.sqrt(squares))
  return isAdditive ? additiveShare * (sum / dimensions.length) + (1 - additiveShare) * together : together
}

export function gapBetween(dimension: CodedDimension, one: number, other: number): number {
  return dimension.kind === 'number' ? Math.abs(one - other) : one === other ? 0 : 1
}

/** Of points so many length scales apart. */
export function matern(distance: number): number {
  const scaled = ROOT_5 * distance
  return (1 + scaled + (scaled * scaled) / 3) * Math.exp(-scaled)
}
