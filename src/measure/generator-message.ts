import type { ErrorFacts, ErrorCode } from '../kernel/errors.ts'
import type { TlsClientOptions } from '../kernel/ports.ts'
import type { Arrivals, Workload } from '../profile/plan.ts'
import type { SparseHistogram } from '../stats/latency-histogram.ts'
import type { RecordedInterval } from './phase-recorder.ts'

/** What the sessions' connections agreed on. */
export interface AgreedTls {
  readonly protocol: string
  /** As IANA names it. */
  readonly cipher: string
}

/** What a phase asks of one generator. */
export type Load =
  | { readonly kind: 'closed' }
  | {
      readonly kind: 'open'
      /** This generator's share. */
      readonly ratePerSecond: number
      readonly arrivals: Arrivals
      /** In gaps between two requests, 0 up to 1: generators take turns. */
      readonly offset: number
    }

/** One stretch of load. */
export interface PhaseTask {
  /** Words for people: `warming up`, `capacity`, `70 % of capacity`. */
  readonly name: string
  readonly load: Load
  /** By `machineMs`, so that the generators of a run begin together and their intervals are the same. */
  readonly startMs: number
  readonly durationMs: number
  readonly intervalMs: number
}

/** What a load generator is told before anything else. */
export interface GeneratorTask {
  /** `host:port,host:port`: sessions begin at one after the other. */
  readonly hosts: string
  readonly workload: Workload
  /** Those of the workload's sessions that are this generator's: from the first, so many. */
  readonly firstSession: number
  readonly sessionCount: number
  /** The znode that all of the run lies below. */
  readonly root: string
  /** Whether this generator makes the znodes; the others find them. */
  readonly makesZnodes: boolean
  readonly seed: number
  readonly sessionTimeoutMs: number
  /** Holds a private key; null: in the clear. */
  readonly tls: TlsClientOptions | null
  /** Where HTTP is asked: connections take turns. Empty for a workload that goes by sessions. */
  readonly urls: readonly string[]
  /** `user:password` of the scheme digest, which all sessions prove: only that user may touch what they create. A secret. */
  readonly digest: string | null
}

/** What one generator has seen of one phase. */
export interface RecordedPhase {
  readonly name: string
  readonly load: Load
  readonly startMs: number
  /** As it lasted; shorter than planned when the run was interrupted. */
  readonly seconds: number
  readonly intervalMs: number
  /** How many there are when the phase lasts as planned. */
  readonly intervalCount: number
  readonly intervals: readonly RecordedInterval[]
  /** Sent, and without an answer some seconds after the end. */
  readonly unansweredCount: number
  /** Null in a closed loop, where nothing is due. */
  readonly sending: RecordedSending | null
  /** What the generator itself took meanwhile. */
  readonly costs: RecordedCosts
}

export interface RecordedSending {
  readonly sentCount: number
  /** Due within the phase and never sent. */
  readonly unsentCount: number
  /** Sent later than due because too many were unanswered. */
  readonly heldBackCount: number
  /** How late the others left. */
  readonly lateness: SparseHistogram
}

export interface RecordedCosts {
  readonly pid: number
  readonly cpuSeconds: number
  readonly eventLoopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number }
}

export type ToGenerator =
  /** Connect, and make the znodes where that is asked for; answered by `ready`. */
  | { readonly kind: 'open'; readonly task: GeneratorTask }
  /** Answered by `ended`. */
  | { readonly kind: 'phase'; readonly phase: PhaseTask }
  /** Ends the phase under way: what was measured so far is its result. */
  | { readonly kind: 'cut' }
  /** Close the sessions and end. */
  | { readonly kind: 'close' }

/** `connecting` and `preparing` come before the phases. */
export interface LoadProgress {
  readonly phase: string
  /** Completed in this phase. */
  readonly operations: number
  readonly errors: number
  /** Over the time since the last report; null where operations are not what counts. */
  readonly opsPerSecond: number | null
}

export type FromGenerator =
  | ({ readonly kind: 'progress' } & LoadProgress)
  | { readonly kind: 'ready'; readonly tls: AgreedTls | null }
  | { readonly kind: 'ended'; readonly recorded: RecordedPhase }
  | ({ readonly kind: 'failed'; readonly code: ErrorCode } & Omit<ErrorFacts, 'cause'>)
