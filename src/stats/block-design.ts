/**
 * Configurations that were each measured once in every block, blocks one after the other: what drifts between blocks is taken
 * out, and what remains is pooled over all configurations, so that a few blocks tell much (the randomised complete block
 * design; Box, Hunter and Hunter 2005, chapter 4).
 */
import { studentPoint } from './student.ts'

export interface Effect {
  /** Of the logarithms: configuration less reference. */
  readonly difference: number
  /** 95 % interval of the difference; infinite where nothing can be told. */
  readonly low: number
  readonly high: number
  /** Of the difference, with so many degrees of freedom. */
  readonly standardError: number
  readonly freedom: number
}

/**
 * @param blocks each with the logarithm of every configuration, the reference first
 * @returns one effect for each configuration but the reference
 */
export function blockEffects(blocks: readonly (readonly number[])[]): readonly Effect[] {
  const count = blocks[0]?.length ?? 0
  const blockMeans = blocks.map(mean)
  const grand = mean(blockMeans)
  const means = Array.from({ length: count }, (_, at) => mean(blocks.map((block) => block[at] as number)))
  let squares = 0
  blocks.forEach((block, row) => {
    block.forEach((value, at) => {
      squares += (value - (means[at] as number) - (blockMeans[row] as number) + grand) ** 2
    })
  })
  const freedom = (blocks.length - 1) * (count - 1)
  const standardError = freedom > 0 ? Math.sqrt((2 * squares) / freedom / blocks.length) : Infinity
  const half = freedom > 0 ? studentPoint(0.025, freedom) * standardError : Infinity
  return means.slice(1).map((value) => {
    const difference = value - (means[0] as number)
    return { difference, low: difference - half, high: difference + half, standardError, freedom }
  })
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
