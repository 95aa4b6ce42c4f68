import type { Clock, Timer } from '../kernel/ports.ts'

/** Node fires a timer with a longer delay at once. */
const DELAY_MAX_MS = 2 ** 31 - 1

export class RealClock implements Clock {
  nowMs(): number {
    return performance.now()
  }

  wallMs(): number {
    return Date.now()
  }

  setTimer(delayMs: number, onFire: () => void): Timer {
    return new RealTimer(delayMs, onFire)
  }

  afterTurn(callback: () => void): void {
    setImmediate(callback)
  }
}

class RealTimer implements Timer {
  readonly #onFire: () => void
  #handle: NodeJS.Timeout

  constructor(delayMs: number, onFire: () => void) {
    this.#onFire = onFire
    this.#handle = this.#arm(delayMs)
  }

  cancel(): void {
    clearTimeout(this.#handle)
  }

  #arm(delayMs: number): NodeJS.Timeout {
    if (delayMs > DELAY_MAX_MS) {
      return setTimeout(() => {
        this.#handle = this.#arm(delayMs - DELAY_MAX_MS)
      }, DELAY_MAX_MS)
    }
    // Node cuts fractions off; rounded up, a timer is late rather than early.
    return setTimeout(this.#onFire, Math.ceil(delayMs))
  }
}
