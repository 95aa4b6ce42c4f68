import type { Prng } from '../kernel/prng.ts'
import type { KeyOrder } from '../profile/plan.ts'

/** Which key is asked for next. */
export interface KeyPicker {
  pick(prng: Prng): number
}

/** @param prng which keys are the popular ones; those of one run are the same in all its generators */
export function keyPickerOf(order: KeyOrder, keyCount: number, prng: Prng): KeyPicker {
  switch (order) {
    case 'uniform':
      return { pick: (from) => from.below(keyCount) }
    case 'sequential':
      return new InOrder(keyCount)
    case 'zipf':
      return new Zipf(keyCount, prng)
  }
}

class InOrder implements KeyPicker {
  readonly #keyCount: number
  #next = 0

  constructor(keyCount: number) {
    this.#keyCount = keyCount
  }

  pick(): number {
    const key = this.#next
    this.#next = key + 1 === this.#keyCount ? 0 : key + 1
    return key
  }
}

/** As in YCSB: of 1,000 keys the first is asked for in one of eight requests. */
const SKEW = 0.99

/**
 * The key of rank r is asked for in proportion to 1 / r^0.99. Drawn by the method of Gray and others, "Quickly generating
 * billion-record synthetic databases" (SIGMOD 1994), section 3.2. Popular keys are spread over the folders.
 */
class Zipf implements KeyPicker {
  readonly #keys: Int32Array
  readonly #zeta: number
  readonly #alpha = 1 / (1 - SKEW)
  readonly #eta: number

  constructor(keyCount: number, prng: Prng) {
    this.#keys = Int32Array.from(prng.shuffle(Array.from({ length: keyCount }, (_, key) => key)))
    let zeta = 0
    for (let rank = 1; rank <= keyCount; rank++) zeta += 1 / rank ** SKEW
    this.#zeta = zeta
    this.#eta = (1 - (2 / keyCount) ** (1 - SKEW)) / (1 - (1 + 0.5 ** SKEW) / zeta)
  }

  pick(prng: Prng): number {
    return this.#keys[this.#rank(prng.float())] as number
  }

  /** From 0. @param point in [0, 1) */
  #rank(point: number): number {
    const scaled = point * this.#zeta
    if (scaled < 1) return 0
    const count = this.#keys.length
    if (scaled < 1 + 0.5 ** SKEW) return Math.min(1, count - 1)
    return Math.min(count - 1, Math.floor(count * (this.#eta * point - this.#eta + 1) ** this.#alpha))
  }
}
