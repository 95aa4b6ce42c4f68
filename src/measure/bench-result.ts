import type { ServerRole, Software } from '../ensemble/ensemble.ts'
import type { EngineKind } from '../profile/engine.ts'
import type { AgreedTls } from './generator-message.ts'
import type { OperationKind, Plan } from '../profile/plan.ts'
import type { LatencySummary } from '../stats/latency-histogram.ts'

export type { LatencySummary }

export interface OperationResult {
  /** Those that succeeded; the latencies are theirs. */
  readonly operations: number
  /** How many failed, by the error's code name: `CONNECTIONLOSS`, `NONODE`… */
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
    readonly engine: EngineKind
    /** What its servers are made of, beside zktune and Node: Apache ZooKeeper and Java. */
    readonly software: readonly Software[]
    readonly bootMs: number
    readonly servers: readonly {
      readonly id: number
      readonly pid: number
      readonly role: ServerRole
      readonly clientPort: number
      /** User and system time during the measured phases; null when it cannot be read, or the server was replaced. */
      readonly cpuSeconds: number | null
      readonly cpuUsPerOperation: number | null
    }[]
  }
  readonly phases: readonly PhaseResult[]
  /** What the load generator itself took during the measured phases; null when nothing was measured. */
  readonly generator: GeneratorCost | null
  readonly notHonoured: readonly { readonly key: string; readonly reason: string }[]
  /** True when the run was interrupted: the figures cover what was measured until then. */
  readonly partial: boolean
}

export interface GeneratorCost {
  readonly pid: number
  /** User and system time of the process. */
  readonly cpuSeconds: number
  /** Null where no operation succeeded. */
  readonly cpuUsPerOperation: number | null
  /** Of one core, 0 to about 1: near 1 the generator, not the ensemble, set the figures. */
  readonly cpuShare: number
  /** How late its event loop was, in milliseconds, at the sampling step of 10 ms. */
  readonly eventLoopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number }
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
  /** Whether the log lies on another device than the data; null when it lies with the data, or when that cannot be told. */
  readonly isLogApart: boolean | null
  /** What clients and servers agreed on; null: in the clear. */
  readonly tls: AgreedTls | null
}
