import type { Prng } from '../../kernel/prng.ts'
import type { ConnectionThrottleSettings } from '../../zoocfg/settings/throttle-settings.ts'

/** What a handshake asks for, each at its own price. */
export type HandshakeKind = 'newGlobal' | 'newLocal' | 'renewed'

/**
 * Turns handshakes away when they come faster than a server can make sessions of them. Pure: the time is an argument.
 *
 * A bucket of tokens fills at a fixed rate, and each handshake takes its price or fails. With a freeze time, handshakes
 * also fail by chance, with a probability that rises in steps while the bucket is empty and falls while it is full: so
 * clients that all come back at once are thinned out before they meet an empty bucket. (BLUE: Feng, Kandlur, Saha and
 * Shin, 1999; the steps and their order are those of Apache's BlueThrottle.)
 */
export class ConnectionThrottle {
  readonly #settings: ConnectionThrottleSettings
  readonly #prng: Prng
  #tokens: number
  #filledMs: number
  #adaptedMs: number
  #dropProbability = 0

  /** @param prng decides whom chance turns away */
  constructor(settings: ConnectionThrottleSettings, prng: Prng, nowMs: number) {
    this.#settings = settings
    this.#prng = prng
    this.#tokens = settings.tokensMax
    this.#filledMs = nowMs
    this.#adaptedMs = nowMs
  }

  get dropProbability(): number {
    return this.#dropProbability
  }

  /** Tokens that are missing in the bucket. */
  get deficit(): number {
    return this.#settings.tokensMax - this.#tokens
  }

  /** @returns false when the handshake must fail */
  admits(kind: HandshakeKind, nowMs: number): boolean {
    const { tokensMax, freezeTimeMs, weights } = this.#settings
    if (tokensMax === 0) return true
    this.#fill(nowMs)
    if (freezeTimeMs !== null && this.#isUnlucky(freezeTimeMs, nowMs)) return false
    const price = weights[kind]
    if (this.#tokens < price) {
      this.#adaptedMs = nowMs
      return false
    }
    this.#tokens -= price
    return true
  }

  #fill(nowMs: number): void {
    const { tokensMax, fillTimeMs, fillCount } = this.#settings
    const periods = Math.floor((nowMs - this.#filledMs) / fillTimeMs)
    if (periods < 1) return
    this.#tokens = Math.min(tokensMax, this.#tokens + periods * fillCount)
    this.#filledMs += periods * fillTimeMs
  }

  #isUnlucky(freezeTimeMs: number, nowMs: number): boolean {
    const { tokensMax, dropIncrease, dropDecrease, decreaseRatio } = this.#settings
    if (nowMs - this.#adaptedMs > freezeTimeMs) {
      if (this.#tokens === 0) this.#dropProbability = Math.min(1, this.#dropProbability + dropIncrease)
      else if (this.deficit <= Math.round(tokensMax * decreaseRatio)) {
        this.#dropProbability = Math.max(0, this.#dropProbability - dropDecrease)
      }
      this.#adaptedMs = nowMs
    }
    return this.#prng.chance(this.#dropProbability)
  }
}
