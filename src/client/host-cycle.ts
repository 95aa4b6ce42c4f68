import type { Prng } from '../kernel/prng.ts'
import type { Endpoint } from './connect-string.ts'

/** A pause begins here after a whole round in vain, doubles with each, and ends there. */
const PAUSE_MS_MIN = 50
const PAUSE_MS_MAX = 1_000

/** `random`: many clients spread over the servers by themselves. `given`: somebody else spreads them. */
export type HostOrder = 'random' | 'given'

/**
 * The servers in the order in which one client tries them, round after round; and how long to wait before the
 * next attempt, so that many clients do not come back at once.
 */
export class HostCycle {
  readonly #hosts: Endpoint[]
  readonly #prng: Prng
  #index = -1
  #failures = 0

  constructor(hosts: readonly Endpoint[], order: HostOrder, prng: Prng) {
    this.#prng = prng
    this.#hosts = order === 'random' ? prng.shuffle([...hosts]) : [...hosts]
  }

  get count(): number {
    return this.#hosts.length
  }

  /** Every server has been tried in vain, an equal number of times. */
  get isRoundOver(): boolean {
    return this.#failures > 0 && this.#failures % this.#hosts.length === 0
  }

  next(): Endpoint {
    this.#index = (this.#index + 1) % this.#hosts.length
    return this.#hosts[this.#index] as Endpoint
  }

  onSuccess(): void {
    this.#failures = 0
  }

  /** @returns the pause before the next attempt, in milliseconds: none within the first round */
  onFailure(): number {
    this.#failures++
    const rounds = Math.floor(this.#failures / this.#hosts.length)
    if (rounds === 0) return 0
    const pauseMs = Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN * 2 ** Math.min(rounds - 1, 10))
    // Half of it fixed, half by chance.
    return this.isRoundOver ? (pauseMs / 2) * (1 + this.#prng.float()) : 0
  }
}
