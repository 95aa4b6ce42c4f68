/** What a tuning has come to, with everything that the files of its folder say. */
import type { Plan } from '../../profile/plan.ts'
import type { Mend } from '../recommend/mended-start.ts'
import type { RatioInterval } from '../recommend/ablation.ts'
import type { ChangeVerdict, TuningResult } from '../recommend/tuning.ts'
import type { Afterwards } from '../recommend/afterwards.ts'
import type { Objective } from '../recommend/objective.ts'
import type { DiskFigures } from '../../measure/disk-probe.ts'
import type { TreeSize } from '../../measure/recovery.ts'

/** A setting that no search decides: a rule does, from what is known of the machine, the load and the ensemble. */
export interface DerivedSetting {
  readonly key: string
  /** Null: the starting configuration does not write it. */
  readonly from: string | null
  readonly to: string
  /** A sentence without its full stop: from which figures, with which margin. */
  readonly why: string
  /** measured: by a trial of this tuning; computed: from the plan. */
  readonly basis: 'measured' | 'computed'
}

/** The machine that measured. */
export interface RecommendingHost {
  /** That a process may use: the machine's, or so many as the cgroup gives the time of, rounded up. */
  readonly cores: number
  /** What a process may use: the smaller of the machine's and the cgroup's. */
  readonly memoryBytes: number
  /** Free where the starting file has its dataDir, or the flags theirs; null: those folders are not here. */
  readonly roomBytes: number | null
  /** What the cgroup allows; null: it sets no limit. */
  readonly cgroup: { readonly cores: number | null; readonly memoryBytes: number | null }
  /** Where the log of the trials may lie, as it was before the first; empty: nothing was measured. */
  readonly disks: readonly DiskFigures[]
}

export interface Recommendation {
  readonly schemaVersion: 1
  readonly command: 'recommend'
  /** ISO 8601, UTC: of the first trial. */
  readonly startedAt: string
  readonly seed: number
  /** As typed, without --output and --resume. */
  readonly line: string
  /** Of the start. */
  readonly plan: Plan
  /** What the recommended configuration boots, before what is derived. */
  readonly recommendedPlan: Plan
  readonly objective: Objective
  readonly constraints: readonly string[]
  /** `60 trials`, `20m`. */
  readonly budget: string
  readonly tuning: TuningResult
  readonly derived: readonly DerivedSetting[]
  /** That the servers are to hold: `--tree`, or what the workload makes. */
  readonly tree: TreeSize
  /** What was measured of the recommended configuration when the search was over; null: nothing works. */
  readonly afterwards: Afterwards | null
  /** What lint mended in the starting file before anything was measured. */
  readonly mends: readonly Mend[]
  readonly zookeeperVersion: string
  /** The starting file; null: there was none. */
  readonly startFile: string | null
  readonly host: RecommendingHost
}

/** The changes that the recommended configuration has. */
export function keptChanges({ tuning }: Pick<Recommendation, 'tuning'>): readonly ChangeVerdict[] {
  const { verdict, changes } = tuning
  // A winner whose gain was not confirmed is not recommended: the start stays as it is.
  if (verdict.kind === 'already-fine' || verdict.kind === 'nothing-works') return []
  return changes.filter(({ kind }) => kind === 'kept')
}

/** `+18 % [+12 %, +25 %]`; of a latency, how much faster. */
export function gainText({ ratio, low, high }: RatioInterval): string {
  return `${signedPercent(ratio)} [${signedPercent(low)}, ${signedPercent(high)}]`
}

function signedPercent(ratio: number): string {
  if (!Number.isFinite(ratio)) return '?'
  // Beyond a doubling a factor reads better than a percentage.
  if (ratio >= 2) return `x${ratio < 10 ? ratio.toFixed(1) : Math.round(ratio)}`
  const percent = (ratio - 1) * 100
  return `${percent < 0 ? '-' : '+'}${Math.abs(percent).toFixed(Math.abs(percent) < 10 ? 1 : 0)} %`
}
