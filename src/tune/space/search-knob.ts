/** What a search may vary, and how far. */

/**
 * What of a workload a knob can act on. A knob that acts on nothing that the workload does is left out: each dimension
 * less is worth several trials.
 */
export type Touch = 'writes' | 'reads' | 'connections' | 'watches'

/**
 * - `usual`: searched when it acts on the engine and the workload
 * - `asked`: only by `--knobs`: it steers recovery or memory, which a trial of throughput or latency does not see
 * - `unsafe`: only by `--allow-unsafe`: it trades durability, access control or safety
 */
export type Tier = 'usual' | 'asked' | 'unsafe'

/** A bound that may hang on the machine. */
export type Bound = number | { readonly perCore: number; readonly atLeast: number }

export type SearchRange =
  | {
      readonly kind: 'whole'
      /** log: a factor counts the same anywhere; linear: a difference does. */
      readonly scale: 'log' | 'linear'
      readonly low: Bound
      readonly high: Bound
      /** A text that stands for "no limit" or "never", and the end of the range that it lies beyond. */
      readonly beyond?: { readonly text: string; readonly at: 'low' | 'high'; readonly says: string }
    }
  | { readonly kind: 'words'; readonly words: readonly string[] }

export interface SearchKnob {
  /** As zoo.cfg spells it. */
  readonly key: string
  readonly tier: Tier
  readonly touches: readonly Touch[]
  readonly range: SearchRange
  /** Means something only while another knob has another value than this. */
  readonly needs?: { readonly key: string; readonly not: string }
  /** Fewer voters than this make it meaningless; absent: 1. */
  readonly votersMin?: number
  /** What it trades; without a full stop. */
  readonly trades: string
}
