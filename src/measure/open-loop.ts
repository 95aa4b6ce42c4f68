import type { Timer } from '../kernel/ports.ts'
import type { OperationKind } from '../profile/plan.ts'
import { LatencyHistogram } from '../stats/latency-histogram.ts'
import type { Schedule } from './arrivals.ts'
import type { LoadLoop } from './closed-loop.ts'
import type { Lane, LoadRequest, RequestOwner } from './load-request.ts'
import type { PhaseRecorder } from './phase-recorder.ts'

/** Wakes at a moment of the generator's clock, to a fraction of a millisecond where it can. */
export interface SendClock {
  nowMs(): number
  /** Never before it has returned; after `atMs`, as little as may be. */
  wakeAt(atMs: number, onWake: () => void): Timer
}

export interface OpenLoopOptions {
  readonly lanes: readonly Lane[]
  readonly schedule: Schedule
  /** Nothing is due from this moment on. */
  readonly endMs: number
  readonly recorder: PhaseRecorder
  readonly clock: SendClock
  /** Sent and unanswered at most, over all lanes: what is due beyond it waits, and its response time with it. */
  readonly unansweredMax: number
}

/**
 * Open load: requests are due at the times of a schedule, and no reply can move them. What cannot leave in time leaves as
 * soon as it can, and its response time counts from the moment when it was due: so a stall of the ensemble, or of this
 * process, costs every request that fell into it. Nothing is skipped, and there is no queue: what waits is the rest of the
 * schedule.
 */
export class OpenLoop implements LoadLoop, RequestOwner {
  readonly #options: OpenLoopOptions
  /** How late requests left whom nothing but this process held up. */
  readonly lateness = new LatencyHistogram()
  #laneIndex = 0
  #sentCount = 0
  #heldBackCount = 0
  #unansweredCount = 0
  /** What is due up to here waited for an answer. */
  #heldBackUntilMs = -Infinity
  #isAbandoned = false
  #timer: Timer | null = null
  #onIdle: (() => void) | null = null
  #endMs: number
  readonly #onWake = (): void => {
    this.#timer = null
    this.#sendDue(this.#options.clock.nowMs())
  }

  constructor(options: OpenLoopOptions) {
    this.#options = options
    this.#endMs = options.endMs
  }

  get unansweredCount(): number {
    return this.#unansweredCount
  }

  get sentCount(): number {
    return this.#sentCount
  }

  /** Of those sent: how many waited because too many were unanswered. */
  get heldBackCount(): number {
    return this.#heldBackCount
  }

  start(nowMs: number): void {
    this.#sendDue(nowMs)
  }

  /** What was due before `nowMs` still leaves. */
  stop(nowMs: number, onIdle: () => void): void {
    this.#endMs = Math.min(this.#endMs, nowMs)
    this.#onIdle = onIdle
    this.#tellIdleIfSo()
  }

  abandon(): void {
    this.#isAbandoned = true
    this.#timer?.cancel()
  }

  /** What was due and never left. Moves over it, once everything is over. */
  countUnsent(): number {
    const { schedule } = this.#options
    let count = 0
    for (; schedule.dueMs < this.#endMs; schedule.advance()) count++
    return count
  }

  onAnswered(request: LoadRequest, error: number, nowMs: number): void {
    if (!this.#isAbandoned) this.#options.recorder.record(request.kind, error, nowMs, request.dueMs, request.sentMs)
    this.onOver(request, error, nowMs)
  }

  onPart(kind: OperationKind, error: number, nowMs: number, dueMs: number, sentMs: number): void {
    if (!this.#isAbandoned) this.#options.recorder.record(kind, error, nowMs, dueMs, sentMs)
  }

  onOver(request: LoadRequest, _error: number, nowMs: number): void {
    request.lane.giveBack(request)
    this.#unansweredCount--
    if (this.#isAbandoned) return
    // The reply has woken us: what is due by now need not wait for the timer.
    if (this.#options.schedule.dueMs <= nowMs) this.#sendDue(nowMs)
    if (this.#onIdle !== null) this.#tellIdleIfSo()
  }

  #sendDue(nowMs: number): void {
    const { schedule, lanes, unansweredMax } = this.#options
    while (schedule.dueMs <= nowMs && schedule.dueMs < this.#endMs) {
      if (this.#unansweredCount >= unansweredMax) {
        this.#heldBackUntilMs = nowMs
        return // the next reply goes on
      }
      const { dueMs } = schedule
      const lane = lanes[this.#laneIndex] as Lane
      this.#laneIndex = this.#laneIndex + 1 === lanes.length ? 0 : this.#laneIndex + 1
      this.#unansweredCount++
      this.#sentCount++
      if (dueMs <= this.#heldBackUntilMs) this.#heldBackCount++
      else this.lateness.record((nowMs - dueMs) * 1_000)
      lane.take().send(this, dueMs, nowMs)
      schedule.advance()
    }
    if (schedule.dueMs < this.#endMs && !this.#isAbandoned) {
      this.#timer ??= this.#options.clock.wakeAt(schedule.dueMs, this.#onWake)
    }
  }

  #tellIdleIfSo(): void {
    const { schedule } = this.#options
    if (this.#unansweredCount > 0 || schedule.dueMs < this.#endMs) return
    this.#timer?.cancel()
    const onIdle = this.#onIdle
    this.#onIdle = null
    onIdle?.()
  }
}
