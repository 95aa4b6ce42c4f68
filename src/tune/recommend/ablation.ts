/**
 * What each change of a configuration brings: it is measured beside itself without that change, block by block, and what is clear
 * after the first blocks is left out of the others.
 */
import type { Prng } from '../../kernel/prng.ts'
import { blockEffects } from '../../stats/block-design.ts'
import { studentBelow } from '../../stats/student.ts'
import type { Configuration } from '../space/configuration-space.ts'

/** A ratio, above 1 for better, with its 95 % interval. */
export interface RatioInterval {
  readonly ratio: number
  readonly low: number
  readonly high: number
}

export interface AblationTask {
  readonly winner: Configuration
  /** Its changes; those that mean nothing without each other are one. */
  readonly units: readonly (readonly string[])[]
  readonly without: (keys: readonly string[]) => Configuration
  /** Draws the order within each block. */
  readonly prng: Prng
  /** The logarithm of what is searched for, more is better; null: it failed. */
  readonly measure: (configuration: Configuration) => Promise<number | null>
  /** How many rounds of so many trials there may be, within limits. */
  readonly affordable: (trialsEach: number, limits: { readonly min: number; readonly max: number }) => number
  /** Before each round: the keys that are in question, and how many trials that will take. */
  readonly onRound: (keys: readonly string[], trials: number) => void
}

export interface UnitVerdict {
  readonly keys: readonly string[]
  /** False: it goes back. */
  readonly isEarned: boolean
  /** The winner over itself without this; null: it fails without, or too little was measured to say. */
  readonly effect: RatioInterval | null
}

/** Less than this, as a logarithm, is not worth a line in a file. */
export const WORTH_LOG = 0.02
/** All variants so often; then those in doubt alone, so many times more. */
const BLOCKS_FIRST = 2
const BLOCKS_MORE = { min: 2, max: 6 } as const
/** A loss of this much in each of the first blocks, which agree on it, is no noise, and its own is not that of the others. */
const CLEAR_LOG = Math.log(1.5)
/** How likely it may be that any change is kept for nothing; all that are tried share it … */
const VAIN_CHANCE = 0.05
/** … and none has more of it than lies below the interval that is shown: what is kept shows a gain. */
const VAIN_CHANCE_EACH = 0.025

/** Of the winner first, then without each unit; null: it failed, or was not asked any more. */
type Block = readonly (number | null)[]

/** @returns a verdict for each unit, in their order */
export async function ablate(task: AblationTask): Promise<readonly UnitVerdict[]> {
  const { units } = task
  if (units.length === 0) return []
  const columns = units.map((_, index) => index + 1)
  const first = await measuredBlocks(task, columns, BLOCKS_FIRST)
  const isClear = (column: number): boolean => {
    if (!first.every((block) => isClearLoss(block[0], block[column]))) return false
    const { effect } = judged(units[column - 1] ?? [], column, first, null)
    return effect === null || effect.low > 1
  }
  const doubtful = columns.filter((column) => !isClear(column))
  const rounds = doubtful.length === 0 ? 0 : task.affordable(doubtful.length + 1, BLOCKS_MORE)
  const blocks = [...first, ...(await measuredBlocks(task, doubtful, rounds))]
  return columns.map((column) => {
    const keys = units[column - 1] ?? []
    return isClear(column) ? judged(keys, column, first, null) : judged(keys, column, blocks, units.length)
  })
}

/** @param columns the units that are left out in turn, from 1 */
async function measuredBlocks(task: AblationTask, columns: readonly number[], count: number): Promise<Block[]> {
  const { winner, units, without, prng, measure, onRound } = task
  if (count === 0) return []
  const keysOf = (column: number): readonly string[] => units[column - 1] ?? []
  onRound(columns.flatMap(keysOf), count * (columns.length + 1))
  const blocks: Block[] = []
  for (let block = 0; block < count; block++) {
    const values: (number | null)[] = [null, ...units.map(() => null)]
    for (const column of prng.shuffle([0, ...columns])) {
      values[column] = await measure(column === 0 ? winner : without(keysOf(column)))
    }
    blocks.push(values)
  }
  return blocks
}

/** @param rivals of how many changes it is one; null: it has earned its place already, and how much it brings is asked */
function judged(keys: readonly string[], column: number, blocks: readonly Block[], rivals: number | null): UnitVerdict {
  const failures = blocks.filter((block) => block[0] !== null && block[column] === null).length
  if (failures > blocks.length / 2) return { keys, isEarned: true, effect: null }
  // All columns that were measured in every block share their noise.
  const others = [...(blocks[0] ?? []).keys()].filter((at) => at !== 0 && at !== column)
  const columns = [0, column, ...others.filter((at) => blocks.every((block) => block[at] !== null))]
  const whole = blocks
    .map((block) => columns.map((at) => block[at] ?? null))
    .filter((block): block is number[] => block.every((value) => value !== null))
  const [effect] = blockEffects(whole)
  if (effect === undefined || effect.freedom === 0) return { keys, isEarned: rivals === null, effect: null }
  // The effect is of the winner without the change: what it loses, the change gains.
  const gained = -effect.difference
  const interval = { ratio: Math.exp(gained), low: Math.exp(-effect.high), high: Math.exp(-effect.low) }
  if (rivals === null) return { keys, isEarned: true, effect: interval }
  const isSure =
    effect.standardError === 0 ||
    1 - studentBelow(gained / effect.standardError, effect.freedom) <= Math.min(VAIN_CHANCE_EACH, VAIN_CHANCE / rivals)
  return { keys, isEarned: gained > WORTH_LOG && isSure, effect: interval }
}

/** Without the change it failed, or did much worse. */
function isClearLoss(winner: number | null | undefined, without: number | null | undefined): boolean {
  if (typeof winner !== 'number') return false
  return typeof without !== 'number' || winner - without > CLEAR_LOG
}
