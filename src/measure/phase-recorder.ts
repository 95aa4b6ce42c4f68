import { OPERATION_KINDS, type OperationKind } from '../profile/plan.ts'
import { LatencyHistogram, type SparseHistogram } from '../stats/latency-histogram.ts'
import { errorName } from './recipes/recipe-fault.ts'

/** What an interval has measured of one kind of operation, as it travels to the process that asked for it. */
export interface RecordedOperation {
  readonly kind: OperationKind
  /** How many failed, by the name of the error: `CONNECTIONLOSS`, `NONODE`… */
  readonly errors: Readonly<Record<string, number>>
  /** Latencies of those that succeeded; in an open loop from the moment when they were due. */
  readonly response: SparseHistogram
  /** The same from the moment when they were sent; null in a closed loop, where nothing is due. */
  readonly service: SparseHistogram | null
}

/** Replies that came within one stretch of a phase; intervals without any are left out. */
export interface RecordedInterval {
  /** From 0. That of `intervalCount` holds what came after the phase: answers to what was due within it. */
  readonly index: number
  readonly operations: readonly RecordedOperation[]
}

export interface RecorderOptions {
  readonly startMs: number
  readonly intervalMs: number
  readonly intervalCount: number
  readonly isOpen: boolean
}

interface Line {
  readonly response: LatencyHistogram
  readonly service: LatencyHistogram
  /** By code of the protocol. */
  readonly errors: Map<number, number>
}

/** Collects what the replies of one phase tell, interval by interval. */
export class PhaseRecorder {
  readonly #options: RecorderOptions
  /** Of the kinds that occur. */
  readonly #lines: Partial<Record<OperationKind, Line>> = {}
  readonly #ended: RecordedInterval[] = []
  #index = 0
  #intervalEndMs: number
  #isClosed = false
  #operations = 0
  #errors = 0

  constructor(options: RecorderOptions) {
    this.#options = options
    this.#intervalEndMs = options.startMs + options.intervalMs
  }

  /** Those that succeeded. */
  get operations(): number {
    return this.#operations
  }

  get errors(): number {
    return this.#errors
  }

  /**
   * @param nowMs when the reply came
   * @param dueMs when the request was due; in a closed loop when it was sent
   */
  record(kind: OperationKind, error: number, nowMs: number, dueMs: number, sentMs: number): void {
    if (this.#isClosed) return
    if (nowMs >= this.#intervalEndMs) this.#rotate(nowMs)
    const line = (this.#lines[kind] ??= newLine())
    if (error !== 0) {
      this.#errors++
      line.errors.set(error, (line.errors.get(error) ?? 0) + 1)
      return
    }
    this.#operations++
    line.response.record((nowMs - dueMs) * 1_000)
    if (this.#options.isOpen) line.service.record((nowMs - sentMs) * 1_000)
  }

  /** The phase is over: what comes from here on is kept apart from its intervals. */
  end(): void {
    this.#endInterval()
    this.#index = this.#options.intervalCount
    this.#intervalEndMs = Infinity
  }

  /** Takes no more: an answer that comes after this is nobody's. */
  close(): RecordedInterval[] {
    this.#endInterval()
    this.#isClosed = true
    return this.#ended
  }

  #rotate(nowMs: number): void {
    const { startMs, intervalMs, intervalCount } = this.#options
    this.#endInterval()
    this.#index = Math.min(Math.floor((nowMs - startMs) / intervalMs), intervalCount)
    this.#intervalEndMs = this.#index === intervalCount ? Infinity : startMs + (this.#index + 1) * intervalMs
  }

  #endInterval(): void {
    const operations = OPERATION_KINDS.flatMap((kind) => {
      const line = this.#lines[kind]
      if (line === undefined || (line.response.count === 0 && line.errors.size === 0)) return []
      const { response, service, errors } = line
      const recorded: RecordedOperation = {
        kind,
        errors: Object.fromEntries([...errors].map(([code, count]) => [errorName(code), count])),
        response: response.sparse(),
        service: this.#options.isOpen ? service.sparse() : null,
      }
      response.reset()
      service.reset()
      errors.clear()
      return [recorded]
    })
    if (operations.length > 0) this.#ended.push({ index: this.#index, operations })
  }
}

function newLine(): Line {
  return { response: new LatencyHistogram(), service: new LatencyHistogram(), errors: new Map() }
}
