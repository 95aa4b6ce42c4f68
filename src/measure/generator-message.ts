import type { ErrorFacts, ErrorCode } from '../kernel/errors.ts'
import type { TlsClientOptions } from '../kernel/ports.ts'
import type { Workload } from '../profile/plan.ts'
import type { RecordedOperation } from './phase-recorder.ts'

/** What the sessions' connections agreed on. */
export interface AgreedTls {
  readonly protocol: string
  /** As IANA names it. */
  readonly cipher: string
}

/** One stretch of load. */
export interface PhaseTask {
  readonly name: string
  readonly durationMs: number
  /** False: warm-up, whose figures are dropped. */
  readonly isMeasured: boolean
}

/** All that the load generator is told. */
export interface GeneratorTask {
  /** `host:port,host:port`: sessions begin at one after the other. */
  readonly hosts: string
  readonly workload: Workload
  readonly seed: number
  readonly sessionTimeoutMs: number
  /** Holds a private key; null: in the clear. */
  readonly tls: TlsClientOptions | null
  /** `digest`: all sessions prove one user of their own making, and only that one may touch what they create. */
  readonly auth: 'none' | 'digest'
  readonly phases: readonly PhaseTask[]
}

export interface RecordedPhase {
  readonly name: string
  /** As it lasted; shorter than planned when the run was interrupted. */
  readonly seconds: number
  readonly operations: readonly RecordedOperation[]
  /** What the generator itself took meanwhile. */
  readonly cpuSeconds: number
  readonly eventLoopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number }
}

export type ToGenerator =
  | { readonly kind: 'run'; readonly task: GeneratorTask }
  /** Ends the phase under way, and with it the run: what was measured so far is the result. */
  | { readonly kind: 'stop' }

/** `connecting` and `preparing` come before the phases of the task. */
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
  /** The phase of that index begins, or has just ended. */
  | { readonly kind: 'began' | 'ended'; readonly phaseIndex: number }
  | { readonly kind: 'done'; readonly phases: readonly RecordedPhase[]; readonly tls: AgreedTls | null }
  | ({ readonly kind: 'failed'; readonly code: ErrorCode } & Omit<ErrorFacts, 'cause'>)
