import type { OperationKind } from '../profile/plan.ts'
import { WireError } from '../protocol/wire-error.ts'
import type { Lane, LoadRequest, RequestOwner } from './load-request.ts'
import type { PhaseRecorder } from './phase-recorder.ts'

/** One way to put load on an ensemble, for the length of one phase. */
export interface LoadLoop {
  /** Sends; returns at once. */
  start(nowMs: number): void
  /** Sends nothing more that was not due before `nowMs`. @param onIdle called once, when the last reply is there */
  stop(nowMs: number, onIdle: () => void): void
  /** Gives up on what is still unanswered: what comes of it counts no more. */
  abandon(): void
  /** Sent and not answered. */
  readonly unansweredCount: number
}

export interface ClosedLoopOptions {
  readonly lanes: readonly Lane[]
  /** Requests that each session has in flight at all times. */
  readonly inFlight: number
  readonly recorder: PhaseRecorder
  /** Monotonic milliseconds with a fraction. */
  readonly nowMs: () => number
  /** Runs a callback after a pause; keeps a dead session from failing in a busy loop. */
  readonly later: (delayMs: number, callback: () => void) => void
}

/** A request refused without a server having seen it is tried again after this long. */
const REFUSED_PAUSE_MS = 20

/**
 * Closed load: each session keeps so many requests in flight and sends the next when one is answered. So a slow server
 * is asked less, and latency is that of a service, not that of a schedule.
 */
export class ClosedLoop implements LoadLoop, RequestOwner {
  readonly #options: ClosedLoopOptions
  #busyCount = 0
  /** Of the busy ones, those that wait out a refusal. */
  #pausedCount = 0
  #isStopping = false
  #isAbandoned = false
  #onIdle: (() => void) | null = null

  constructor(options: ClosedLoopOptions) {
    this.#options = options
  }

  get unansweredCount(): number {
    return this.#busyCount - this.#pausedCount
  }

  start(nowMs: number): void {
    for (const lane of this.#options.lanes) {
      for (let count = 0; count < this.#options.inFlight; count++) {
        this.#busyCount++
        lane.take().send(this, nowMs, nowMs)
      }
    }
  }

  stop(_nowMs: number, onIdle: () => void): void {
    this.#isStopping = true
    this.#onIdle = onIdle
    if (this.#busyCount === 0) this.#tellIdle()
  }

  abandon(): void {
    this.#isAbandoned = true
  }

  onAnswered(request: LoadRequest, error: number, nowMs: number): void {
    if (!this.#isAbandoned) this.#options.recorder.record(request.kind, error, nowMs, request.sentMs, request.sentMs)
    this.onOver(request, error, nowMs)
  }

  onPart(kind: OperationKind, error: number, nowMs: number, dueMs: number, sentMs: number): void {
    if (!this.#isAbandoned) this.#options.recorder.record(kind, error, nowMs, dueMs, sentMs)
  }

  onOver(request: LoadRequest, error: number, nowMs: number): void {
    if (this.#isStopping || !isRefusal(error)) {
      this.#next(request, nowMs)
      return
    }
    this.#pausedCount++
    this.#options.later(REFUSED_PAUSE_MS, () => {
      this.#pausedCount--
      this.#next(request, this.#options.nowMs())
    })
  }

  #next(request: LoadRequest, nowMs: number): void {
    if (!this.#isStopping) {
      request.send(this, nowMs, nowMs)
      return
    }
    request.lane.giveBack(request)
    this.#busyCount--
    if (this.#busyCount === 0) this.#tellIdle()
  }

  #tellIdle(): void {
    const onIdle = this.#onIdle
    this.#onIdle = null
    onIdle?.()
  }
}

/** Errors that the client or a server gives at once and would give again at once. */
function isRefusal(error: number): boolean {
  return error === WireError.sessionExpired || error === WireError.authFailed || error === WireError.throttledOp
}
