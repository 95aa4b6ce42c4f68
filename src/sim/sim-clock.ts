import type { Clock, Timer } from '../kernel/ports.ts'
import type { Prng } from '../kernel/prng.ts'
import type { SimProcess } from './sim-process.ts'

/** Wall time at the beginning of every world: 2026-01-01T00:00:00Z. */
const WORLD_BEGAN_AT_MS = 1_767_225_600_000
/** A real event loop runs its timers a little late. */
const LATENESS_MAX_MS = 1

/** One machine's clock: its monotonic time may run fast or slow, its wall time may also jump. */
export class SimClock implements Clock {
  readonly #process: SimProcess
  readonly #prng: Prng
  #rate = 1
  #wallOffsetMs = 0
  /** The monotonic clock read `#baseMs` at the virtual time `#baseAtMs`. */
  #baseMs: number
  #baseAtMs: number

  constructor(process: SimProcess, prng: Prng) {
    this.#process = process
    this.#prng = prng
    this.#baseMs = prng.below(1_000_000_000) + prng.float()
    this.#baseAtMs = process.scheduler.nowMs
  }

  nowMs(): number {
    return this.#baseMs + (this.#process.scheduler.nowMs - this.#baseAtMs) * this.#rate
  }

  wallMs(): number {
    return Math.floor(WORLD_BEGAN_AT_MS + this.#process.scheduler.nowMs + this.#wallOffsetMs)
  }

  setTimer(delayMs: number, onFire: () => void): Timer {
    const lateMs = this.#prng.float() ** 4 * LATENESS_MAX_MS
    return this.#process.later(Math.max(0, delayMs) / this.#rate + lateMs, 'timer', onFire)
  }

  afterTurn(callback: () => void): void {
    this.#process.afterTurn(callback)
  }

  /** @param rate monotonic milliseconds per virtual millisecond, from now on; timers already set keep their time */
  setRate(rate: number): void {
    this.#baseMs = this.nowMs()
    this.#baseAtMs = this.#process.scheduler.nowMs
    this.#rate = rate
  }

  /** Someone sets the wall clock. The monotonic one does not notice. */
  jumpWall(byMs: number): void {
    this.#wallOffsetMs += byMs
  }
}
