/** The document that `compare --json` prints. */
import type { BootResult, Durability, Environment } from '../measure/bench-result.ts'
import type { Plan } from '../profile/plan.ts'
import type { PairedVerdict } from '../stats/paired-verdict.ts'
import type { ArmDifference, UnheededSetting } from './arm.ts'
import type { FailedTrial, Metrics } from './trial.ts'

export interface CompareResult {
  readonly schemaVersion: 1
  readonly command: 'compare'
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly tookMs: number
  readonly seed: number
  /** Null: nothing was measured. */
  readonly environment: Environment | null
  readonly design: CompareDesign
  /** The first is what the others are held against. */
  readonly arms: readonly ComparedArm[]
  /** One for each arm but the first. */
  readonly comparisons: readonly ArmComparison[]
  /** What limits what the figures say. */
  readonly notes: readonly CompareNote[]
  /** In the order in which they ran. */
  readonly trials: readonly TrialRecord[]
  /** True when it was interrupted: the figures are those of the pairs until then. */
  readonly partial: boolean
}

export interface CompareDesign {
  /** How many pairs were planned; with `untilConclusive` how many the time allowed, or null before that was known. */
  readonly pairs: number | null
  readonly untilConclusive: boolean
  /** Null: no limit. */
  readonly maxTimeMs: number | null
  /** The least difference that matters, as a share. */
  readonly minEffect: number
  /** How likely a verdict of the whole comparison may be wrong. */
  readonly alpha: number
  /** Of each interval that is shown; several looks make it larger. */
  readonly confidence: number
  /** After how many pairs the figures were, or are to be, looked at; one at the end unless `untilConclusive`. */
  readonly looks: readonly number[]
  /** Requests a second that every arm was sent for its latency; null: none. */
  readonly ratePerSecond: number | null
  /** Where it came from; null with it. */
  readonly rateFrom: string | null
}

export interface ComparedArm {
  readonly label: string
  readonly name: string
  readonly plan: Plan
  readonly durability: Durability
  readonly software: BootResult['software']
  /** Trials in pairs that were measured, and that failed. */
  readonly measured: number
  readonly failed: number
}

/**
 * - `better`, `worse`: in one figure at least, and in none the other way round
 * - `mixed`: better in one and worse in another, or better and with failed requests
 * - `failed`: it crashed, or did not boot
 */
export type ArmVerdict = PairedVerdict | 'mixed' | 'failed'

export interface ArmComparison {
  /** Label of the arm that is held against the first. */
  readonly arm: string
  readonly verdict: ArmVerdict
  /** As the end of a sentence that begins with the verdict. */
  readonly because: string
  readonly differences: readonly ArmDifference[]
  readonly unheeded: readonly UnheededSetting[]
  readonly figures: readonly ComparedFigure[]
}

export type FigureUnit = 'ops/s' | 'us' | 'ms'

export interface ComparedFigure {
  /** `all.opsPerSecond`, `set.p99`, `failover.withoutWritesMs`. */
  readonly metric: string
  readonly unit: FigureUnit
  readonly isHigherBetter: boolean
  /** Medians of the pairs; null without any. */
  readonly baseline: number | null
  readonly value: number | null
  /** Arm / baseline, the centre of the pairs by Hodges and Lehmann. */
  readonly ratio: number | null
  /** By bootstrap, at `design.confidence`; null with fewer than two pairs. */
  readonly low: number | null
  readonly high: number | null
  /** Of the exact signed-rank test; alone, and corrected for the other figures. */
  readonly p: number
  readonly adjustedP: number
  readonly pairs: number
  readonly verdict: PairedVerdict
  /** About how many more pairs a verdict needs; null where there is one, or where nobody can tell. */
  readonly morePairs: number | null
}

export type NoteKind =
  | 'drift'
  | 'snapshots'
  | 'client-limited'
  | 'unsteady'
  | 'errors'
  | 'failures'
  | 'durability'
  | 'same'
  | 'too-few-pairs'

export interface CompareNote {
  readonly kind: NoteKind
  /** A sentence or two. */
  readonly text: string
}

export interface TrialRecord {
  /** From 1; 0 is the block before the first, which finds the rate and counts for nothing else. */
  readonly block: number
  readonly arm: string
  readonly startedAt: string
  readonly tookMs: number
  readonly kind: 'measured' | 'failed'
  /** Of a failed one; else null. */
  readonly why: FailedTrial['why'] | null
  readonly what: string | null
  readonly metrics: Metrics
  readonly unsteadyBecause: string | null
  readonly clientLimited: string | null
  /** Snapshots and elections while there was load. */
  readonly snapshots: number
  readonly elections: number
  /** The run that is kept of it, below that of the comparison; null: none. */
  readonly run: string | null
}
