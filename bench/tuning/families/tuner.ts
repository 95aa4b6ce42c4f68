import type { Prng } from '../../../src/kernel/prng.ts'
import type { Point } from '../../../src/tune/search/coded-space.ts'
import { measured } from '../surfaces/surface.ts'
import type { Surface } from '../surfaces/surface.ts'

/** What of a trial's cost its length does not change: boot, connecting, making the znodes, warm-up. */
export const FIXED_COST = 0.3

/** Pays for trials out of a budget, counted in trials of full length. */
export class Purse {
  readonly surface: Surface
  readonly budget: number
  readonly #prng: Prng
  #spent = 0

  constructor(surface: Surface, budget: number, prng: Prng) {
    this.surface = surface
    this.budget = budget
    this.#prng = prng
  }

  get left(): number {
    return this.budget - this.#spent
  }

  canPay(fraction = 1): boolean {
    return this.left >= costOf(fraction) - 1e-9
  }

  /** @returns the logarithm of the throughput, as the trial saw it */
  trial(point: Point, fraction = 1): number {
    this.#spent += costOf(fraction)
    return measured(this.surface, point, fraction, this.#prng)
  }
}

export function costOf(fraction: number): number {
  return FIXED_COST + (1 - FIXED_COST) * fraction
}

export interface Tried {
  readonly point: Point
  readonly value: number
}

/** Spends the purse, the start first. @returns what it recommends */
export type Tuner = (purse: Purse, prng: Prng) => Point

export function bestOf(tried: readonly Tried[]): Tried {
  return tried.reduce((best, each) => (each.value > best.value ? each : best))
}
