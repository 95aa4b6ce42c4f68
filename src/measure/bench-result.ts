import type { ServerRole } from '../ensemble/ensemble.ts'
import type { OperationKind, Plan } from '../profile/plan.ts'

/** Microseconds; a percentile is null where fewer than ten samples lie above it. */
export interface LatencySummary {
  readonly count: number
  readonly min: number
  readonly mean: number
  readonly p50: number | null
  readonly p90: number | null
  readonly p95: number | null
  readonly p99: number | null
  readonly p999: number | null
  readonly max: number
}

export interface OperationResult {
  readonly operations: number
  readonly errors: Readonly<Record<string, number>>
  readonly opsPerSecond: number
  readonly latencyUs: LatencySummary
}

export interface PhaseResult extends OperationResult {
  readonly name: string
  readonly kind: 'closed' | 'open'
  readonly seconds: number
  readonly byOperation: Readonly<Partial<Record<OperationKind, OperationResult>>>
}

/**
 * synced: acknowledged after fdatasync on a quorum; unsynced: forceSync=no, or the log on tmpfs; unknown: remote and
 * not readable, or a system whose sync we cannot vouch for.
 */
export type Durability = 'synced' | 'unsynced' | 'unknown'

/** The document that `bench --json` prints. */
export interface BenchResult {
  readonly schemaVersion: 1
  readonly command: 'bench'
  readonly seed: number
  readonly plan: Plan
  readonly environment: Environment
  readonly durability: Durability
  readonly ensemble: {
    readonly engine: 'builtin' | 'apache' | 'remote'
    readonly bootMs: number
    readonly servers: readonly {
      readonly id: number
      readonly pid: number
      readonly role: ServerRole
      readonly clientPort: number
    }[]
  }
  readonly phases: readonly PhaseResult[]
  readonly notHonoured: readonly { readonly key: string; readonly reason: string }[]
  /** True when the run was interrupted: the figures cover what was measured until then. */
  readonly partial: boolean
}

export interface Environment {
  readonly zktune: string
  readonly node: string
  readonly platform: string
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  /** File system types of the data and the log folder; null when they cannot be told. */
  readonly dataFileSystem: string | null
  readonly logFileSystem: string | null
}
