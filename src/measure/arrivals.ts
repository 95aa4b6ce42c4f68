import type { Prng } from '../kernel/prng.ts'
import type { Arrivals } from '../profile/plan.ts'

/** When requests are due: the times of one phase, one after the other, whatever becomes of the requests. */
export interface Schedule {
  /** Milliseconds, on the generator's clock; `advance` moves to the next. Never decreases. */
  readonly dueMs: number
  advance(): void
}

export interface ScheduleOptions {
  readonly arrivals: Arrivals
  readonly ratePerSecond: number
  readonly startMs: number
  /** Of the first gap, 0 up to 1: generators that share a rate begin apart. */
  readonly offset: number
  readonly prng: Prng
}

export function scheduleOf(options: ScheduleOptions): Schedule {
  return options.arrivals === 'constant' ? new ConstantSchedule(options) : new PoissonSchedule(options)
}

/** Evenly spaced. Each time is computed from the start, so that no rounding adds up over a long run. */
class ConstantSchedule implements Schedule {
  dueMs: number
  readonly #startMs: number
  readonly #gapMs: number
  readonly #offset: number
  #count = 0

  constructor({ ratePerSecond, startMs, offset }: ScheduleOptions) {
    this.#startMs = startMs
    this.#gapMs = 1_000 / ratePerSecond
    this.#offset = offset
    this.dueMs = startMs + offset * this.#gapMs
  }

  advance(): void {
    this.#count++
    this.dueMs = this.#startMs + (this.#count + this.#offset) * this.#gapMs
  }
}

/** As independent clients would ask: gaps of exponential length, many short ones and few long ones. */
class PoissonSchedule implements Schedule {
  dueMs: number
  readonly #gapMs: number
  readonly #prng: Prng

  constructor({ ratePerSecond, startMs, prng }: ScheduleOptions) {
    this.#gapMs = 1_000 / ratePerSecond
    this.#prng = prng
    this.dueMs = startMs
    this.advance()
  }

  advance(): void {
    this.dueMs -= Math.log1p(-this.#prng.float()) * this.#gapMs
  }
}
