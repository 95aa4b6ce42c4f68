/**
 * The JSON documents of `bench`, `compare`, `recommend`, `knobs`, `report`, `rerun`, `history`, `disk` and `clean`, and of a command
 * that failed: what docs/result.schema.json describes.
 */
import type { LeftAlone, Leftover } from '../ensemble/leftovers.ts'
import type { BenchResult, HeadlineFigure } from '../measure/bench-result.ts'
import type { CompareResult } from '../tune/compare-result.ts'
import type { DiskFigures } from '../measure/disk-probe.ts'
import type { ReproducedFigure, Reproduction, SurroundingsChange } from '../measure/same-again.ts'
import type { RecommendDocument } from '../tune/output/recommendation-files.ts'
import type { RemoteAdvice } from '../tune/output/remote-advice.ts'
import type { KnobRange } from '../tune/space/knob-range.ts'
import type { Tier } from '../tune/space/search-knob.ts'
import type { LeftKnob } from '../tune/space/search-space.ts'
import type { Failure } from './failure.ts'

/** `zktune disk --json`. */
export interface DiskDocument {
  readonly schemaVersion: 1
  readonly command: 'disk'
  readonly folders: readonly DiskFigures[]
  /** Null for a single folder. */
  readonly sameDevice: boolean | null
}

/** `zktune history --json`. */
export interface HistoryDocument {
  readonly schemaVersion: 1
  readonly command: 'history'
  /** The folder of the runs. */
  readonly parent: string
  /** The oldest first. */
  readonly runs: readonly HistoryEntry[]
}

export interface HistoryEntry {
  readonly folder: string
  /** ISO 8601, UTC; null: it has not ended, or not well. */
  readonly startedAt: string | null
  /** Null: it has not ended, or it is a comparison. */
  readonly headline: readonly HeadlineFigure[] | null
}

/** `zktune rerun --json`. */
export interface RerunDocument {
  readonly schemaVersion: 1
  readonly command: 'rerun'
  readonly earlier: { readonly folder: string; readonly startedAt: string }
  /** Where the run of now is kept; null: it is not. */
  readonly folder: string | null
  readonly verdict: Reproduction
  /** By which the verdicts were made. */
  readonly rule: string
  readonly figures: readonly ReproducedFigure[]
  /** What is not as it was. */
  readonly surroundings: readonly SurroundingsChange[]
  /** The run of now. */
  readonly result: BenchResult
}

/** `zktune clean --json`. */
export interface CleanDocument {
  readonly schemaVersion: 1
  readonly command: 'clean'
  /** True: nothing was touched. */
  readonly dryRun: boolean
  readonly leftovers: readonly Leftover[]
  readonly leftAlone: readonly LeftAlone[]
}

/** Any command with `--json` that failed. */
export interface FailureDocument {
  readonly schemaVersion: 1
  readonly command: string
  readonly error: FailureEntry
}

export interface FailureEntry extends Failure {
  /** What else was wrong with the same input; absent when it was one thing. */
  readonly others?: readonly Failure[]
}

/** `zktune knobs --json`. */
export interface KnobsDocument {
  readonly schemaVersion: 1
  readonly command: 'knobs'
  readonly engine: string
  readonly workload: string
  readonly searched: readonly SearchedKnob[]
  readonly left: readonly LeftKnob[]
}

export interface SearchedKnob {
  readonly key: string
  readonly tier: Tier
  readonly range: KnobRange
  /** What the starting configuration has, its default included. */
  readonly start: string
  /** What counts without a line; null: nothing. */
  readonly default: string | null
  readonly trades: string
  readonly because: string
}

/** Told apart by `error` first, then by `command`. */
export type ZktuneDocument =
  | BenchResult
  | CompareResult
  | RecommendDocument
  | RemoteAdvice
  | KnobsDocument
  | DiskDocument
  | HistoryDocument
  | RerunDocument
  | CleanDocument
  | FailureDocument
