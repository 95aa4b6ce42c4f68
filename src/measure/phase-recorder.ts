import { OPERATION_KINDS, type OperationKind } from '../profile/plan.ts'
import { wireErrorName } from '../protocol/wire-error.ts'
import { LatencyHistogram, type EncodedHistogram } from '../stats/latency-histogram.ts'

/** What a phase has measured of one kind of operation, as it travels to the process that asked for it. */
export interface RecordedOperation {
  readonly kind: OperationKind
  /** How many failed, by the name of the error: `CONNECTIONLOSS`, `NONODE`… */
  readonly errors: Readonly<Record<string, number>>
  /** Latencies of those that succeeded. */
  readonly histogram: EncodedHistogram
}

interface Line {
  readonly histogram: LatencyHistogram
  /** By code of the protocol. */
  readonly errors: Map<number, number>
}

/** Collects what the replies of one phase tell. */
export class PhaseRecorder {
  readonly #lines: Readonly<Record<OperationKind, Line>>
  #operations = 0
  #errors = 0

  constructor() {
    const line = (): Line => ({ histogram: new LatencyHistogram(), errors: new Map() })
    this.#lines = { get: line(), set: line(), exists: line(), children: line(), create: line(), delete: line() }
  }

  /** Those that succeeded. */
  get operations(): number {
    return this.#operations
  }

  get errors(): number {
    return this.#errors
  }

  record(kind: OperationKind, error: number, latencyUs: number): void {
    const line = this.#lines[kind]
    if (error === 0) {
      this.#operations++
      line.histogram.record(latencyUs)
    } else {
      this.#errors++
      line.errors.set(error, (line.errors.get(error) ?? 0) + 1)
    }
  }

  /** Of the kinds that occurred. */
  encode(): RecordedOperation[] {
    return OPERATION_KINDS.flatMap((kind) => {
      const { histogram, errors } = this.#lines[kind]
      if (histogram.count === 0 && errors.size === 0) return []
      const named = Object.fromEntries([...errors].map(([code, count]) => [wireErrorName(code), count]))
      return [{ kind, errors: named, histogram: histogram.encode() }]
    })
  }
}
