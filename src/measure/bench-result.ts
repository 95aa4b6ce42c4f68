import type { ServerRole, Software } from '../ensemble/ensemble.ts'
import type { EngineKind } from '../profile/engine.ts'
import type { ServerEvent } from '../ensemble/server-event.ts'
import type { ServerFigures } from '../ensemble/server-figures.ts'
import type { DiskResult } from './disk-probe.ts'
import type { FailoverResult } from './failover.ts'
import type { AgreedTls } from './generator-message.ts'
import type { Arrivals, OperationKind, Plan, SweptKey } from '../profile/plan.ts'
import type { ScalabilityLaw, ScalabilityPoint } from '../stats/scalability-law.ts'
import type { LatencySummary } from '../stats/latency-histogram.ts'

export type { LatencySummary, ServerEvent }

export interface OperationResult {
  /** Those that succeeded; the latencies are theirs. */
  readonly operations: number
  /** How many failed, by the error's code name: `CONNECTIONLOSS`, `NONODE`…; `UNANSWERED` and `UNSENT` are the generator's. */
  readonly errors: Readonly<Record<string, number>>
  readonly opsPerSecond: number
  /** In an open loop from the moment when a request was due, in a closed one from the moment when it was sent. */
  readonly latencyUs: LatencySummary
  /** Of an open loop, from the moment when a request was sent; null in a closed one. */
  readonly serviceUs: LatencySummary | null
}

export interface PhaseResult extends OperationResult {
  readonly name: string
  readonly kind: 'closed' | 'open'
  /** Requests due a second; null in a closed loop. */
  readonly ratePerSecond: number | null
  readonly arrivals: Arrivals | null
  /** What counts. */
  readonly seconds: number
  /** What was cut before it, by the rule in docs/measuring.md. */
  readonly cutSeconds: number
  readonly steady: boolean
  /** Why not, as the end of a sentence that begins with the phase; null when it is steady. */
  readonly unsteadyBecause: string | null
  /** Null in a closed loop. */
  readonly sending: SendingResult | null
  /** Why a generator, and not the ensemble, may have set the figures; null when nothing speaks for it. */
  readonly clientLimited: string | null
  readonly byOperation: Readonly<Partial<Record<OperationKind, OperationResult>>>
  /** Those kinds that change nothing, and those that do; null where there were none. */
  readonly read: OperationResult | null
  readonly write: OperationResult | null
}

/** How well the generators kept to their schedule. */
export interface SendingResult {
  readonly sent: number
  /** Due and never sent. */
  readonly unsent: number
  /** Sent later than due because too many requests were unanswered: the ensemble was behind. */
  readonly heldBack: number
  /** Sent later than due by more than a millisecond with nothing but the generator in the way. */
  readonly late: number
  /** How late, of all that nothing held back; microseconds. */
  readonly latenessUs: LatencySummary
}

/** A phase on one boot, with how it went. */
export interface BootPhase extends PhaseResult {
  /** Milliseconds since load was first put on this ensemble: the axis of its events, too. */
  readonly startMs: number
  readonly generators: readonly GeneratorCost[]
  readonly series: Series
}

/** What the intervals of a phase saw, from its very start: the first ones are those that were cut. */
export interface Series {
  readonly intervalMs: number
  /** How many intervals were cut. */
  readonly cut: number
  /** Null for figures of intervals in which nothing was answered. */
  readonly points: readonly SeriesPoint[]
}

export interface SeriesPoint {
  readonly operations: number
  readonly errors: number
  /** Microseconds. */
  readonly p50: number | null
  readonly p99: number | null
  readonly max: number | null
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
  /** When the first boot began: ISO 8601, UTC. */
  readonly startedAt: string
  readonly seed: number
  readonly plan: Plan
  readonly environment: Environment
  readonly durability: Durability
  /** What syncs cost in the servers' folders before the first boot; null: servers elsewhere, or not asked. */
  readonly disk: DiskResult | null
  /** The figures worth a headline, with intervals where there were several boots. */
  readonly headline: readonly HeadlineFigure[]
  /** Of all boots together: histograms merged, percentiles of the whole. */
  readonly phases: readonly PhaseResult[]
  readonly boots: readonly BootResult[]
  /** Null: no rate was looked for. */
  readonly rateSearch: RateSearchResult | null
  /** Null: no concurrency was varied. */
  readonly scalability: ScalabilityResult | null
  /** What the run had to keep, in the order given, and whether it did. */
  readonly thresholds: readonly Verdict[]
  readonly notHonoured: readonly { readonly key: string; readonly reason: string }[]
  /** True when the run was interrupted: the figures cover what was measured until then. */
  readonly partial: boolean
}

/** What a metric is of: a kind of operation, those that change nothing, those that do, or all. */
export type MetricSubject = OperationKind | 'read' | 'write' | 'all'

export type MetricFigure = 'p50' | 'p90' | 'p95' | 'p99' | 'p999' | 'mean' | 'max' | 'opsPerSecond' | 'errors'

export interface Metric {
  readonly subject: MetricSubject
  readonly figure: MetricFigure
}

/** What a run has to keep: `set.p99<20ms`. */
export interface Threshold extends Metric {
  /** As it was given. */
  readonly text: string
  readonly comparison: '<' | '<=' | '>' | '>=' | '=='
  /** In `unit`. */
  readonly limit: number
  readonly unit: 'us' | 'ops/s' | 'count'
}

export interface Verdict {
  readonly threshold: Threshold
  /** In the unit of the limit; null where it was not measured, or by too few samples: then it is not kept. */
  readonly value: number | null
  readonly isKept: boolean
  /** Where it was measured. */
  readonly phase: string
}

/** One rate that was tried for an objective. */
export interface RateTryResult {
  readonly ratePerSecond: number
  /** `bracket`: to have a rate on either side; `narrow`: between them; `confirm`: once more, for one try may be lucky. */
  readonly purpose: 'bracket' | 'narrow' | 'confirm'
  readonly seconds: number
  /** Of the objective, in its unit; null where there were too few samples: then it is not kept. */
  readonly value: number | null
  readonly opsPerSecond: number
  /** The objective held, nothing was left unsent, and at least 95 % of the rate was answered in time. */
  readonly isKept: boolean
  /** Why a generator may have set the figures; null when nothing speaks for it. */
  readonly clientLimited: string | null
}

/** The search for the highest rate that keeps an objective. */
export interface RateSearchResult {
  readonly objective: Threshold
  /** Over the boots; the value is null when one of them found none, low and high for a single boot. */
  readonly ratePerSecond: number | null
  readonly low: number | null
  readonly high: number | null
  readonly boots: readonly {
    /** Kept in two of three tries; null: no rate was. */
    readonly ratePerSecond: number | null
    readonly tries: readonly RateTryResult[]
  }[]
}

/** What came of one concurrency after the other. */
export interface ScalabilityResult {
  readonly over: SweptKey
  /** Of every boot. */
  readonly points: readonly ScalabilityPoint[]
  /** Null: it does not speak, for the reason in `refused`. */
  readonly law: ScalabilityLaw | null
  readonly refused: string | null
}

export interface HeadlineFigure {
  /** The name of a phase. */
  readonly phase: string
  /** As in thresholds and objectives: `all.opsPerSecond`, `all.p99`. */
  readonly metric: string
  readonly unit: 'ops/s' | 'us'
  /** Null where there were too few samples. */
  readonly value: number | null
  /** 95 % interval over the boots; null for a single boot, which says nothing about the next. */
  readonly low: number | null
  readonly high: number | null
  readonly boots: number
}

/** One fresh ensemble with everything that was measured on it. */
export interface BootResult {
  readonly engine: EngineKind
  /** What its servers are made of, beside zktune and Node: Apache ZooKeeper and Java. */
  readonly software: readonly Software[]
  readonly bootMs: number
  /** What came of ending the leader once all phases had been measured; null: nobody asked for that. */
  readonly failover: FailoverResult | null
  readonly servers: readonly ServerResult[]
  /** How many there were when the first measured phase began, and when the last one had ended; null: no server tells. */
  readonly znodes: { readonly before: number; readonly after: number } | null
  readonly phases: readonly BootPhase[]
  /** What happened in the servers while there was load, by time; on the axis of the phases. */
  readonly events: readonly ServerEvent[]
}

export interface ServerResult {
  readonly id: number
  /** Null: it runs elsewhere. */
  readonly pid: number | null
  readonly role: ServerRole
  readonly clientPort: number
  /** User and system time during the measured phases; null when it cannot be read, or the server was replaced. */
  readonly cpuSeconds: number | null
  readonly cpuUsPerOperation: number | null
  /** What its process held in memory when the last measured phase ended; null as above. */
  readonly memoryBytes: number | null
  /** What it caused to be written to disks during the measured phases, in all and an operation; null as above. */
  readonly bytesWritten: number | null
  readonly bytesWrittenPerOperation: number | null
  /** Of its transaction log, by its own count; operations are those of the whole ensemble. Null where it does not count them. */
  readonly syncsPerOperation: number | null
  /** What it counted itself over the measured phases, by `mntr` before and after; null when it does not answer that. */
  readonly figures: ServerFigures | null
}

/** What one load generator took during a phase. */
export interface GeneratorCost {
  readonly pid: number
  /** User and system time of the process. */
  readonly cpuSeconds: number
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
  /** The smallest step of the clock that latencies are taken from, in microseconds; they are kept to a whole one. */
  readonly clockResolutionUs: number
  /** File system types of the data and the log folder; null when they cannot be told. */
  readonly dataFileSystem: string | null
  readonly logFileSystem: string | null
  /** Whether the log lies on another device than the data; null when it lies with the data, or when that cannot be told. */
  readonly isLogApart: boolean | null
  /** What clients and servers agreed on; null: in the clear. */
  readonly tls: AgreedTls | null
}
