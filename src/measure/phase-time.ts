import type { Timer } from '../kernel/ports.ts'

/** The clock of a generator: see `machineMs`. */
export interface PhaseClock {
  nowMs(): number
  setTimer(delayMs: number, onFire: () => void): Timer
}

/** Turns counts into a rate over the time between two reports. */
export class RateMeter {
  readonly #report: (opsPerSecond: number) => void
  readonly #clock: Pick<PhaseClock, 'nowMs'>
  #lastMs: number
  #lastOperations = 0

  constructor(report: (opsPerSecond: number) => void, clock: Pick<PhaseClock, 'nowMs'>) {
    this.#report = report
    this.#clock = clock
    this.#lastMs = clock.nowMs()
  }

  tell(operations: number): void {
    const nowMs = this.#clock.nowMs()
    const opsPerSecond = ((operations - this.#lastOperations) * 1_000) / Math.max(1, nowMs - this.#lastMs)
    this.#lastMs = nowMs
    this.#lastOperations = operations
    this.#report(opsPerSecond)
  }
}

/** Ends early when the signal is aborted. */
export function pause(delayMs: number, clock: PhaseClock, signal: AbortSignal): Promise<void> {
  if (delayMs <= 0 || signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = clock.setTimer(delayMs, end)
    signal.addEventListener('abort', end, { once: true })
    function end(): void {
      timer.cancel()
      signal.removeEventListener('abort', end)
      resolve()
    }
  })
}
