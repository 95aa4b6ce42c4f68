import type { Clock } from '../../kernel/ports.ts'
import { Summary } from '../admin/summary.ts'

/**
 * How long each peer takes to acknowledge what the leader proposes: of every so manyth slot, for a stamp on each would be
 * work for little (`leader.ackLoggingFrequency`).
 */
export class AckLatency {
  readonly #every: number
  readonly #clock: Clock
  #byPeer = new Map<string, Summary>()
  /** The sampled slot, when it was proposed, and who has not acknowledged it yet; 0 before the first. */
  #slot = 0
  #proposedMs = 0
  readonly #acknowledged = new Set<number>()

  /** @param every 1 measures each slot @param clock is read for sampled slots only */
  constructor(every: number, clock: Clock) {
    this.#every = every
    this.#clock = clock
  }

  /** ms, by the peer's id. */
  get byPeer(): ReadonlyMap<string, Summary> {
    return this.#byPeer
  }

  onProposed(slot: number): void {
    if (slot % this.#every !== 0) return
    this.#slot = slot
    this.#proposedMs = this.#clock.nowMs()
    this.#acknowledged.clear()
  }

  /** @param slot through which the peer has the log */
  onAccepted(peer: number, slot: number): void {
    if (this.#slot === 0 || slot < this.#slot || this.#acknowledged.has(peer)) return
    this.#acknowledged.add(peer)
    const key = String(peer)
    let latency = this.#byPeer.get(key)
    if (latency === undefined) this.#byPeer.set(key, (latency = new Summary()))
    latency.add(this.#clock.nowMs() - this.#proposedMs)
  }

  /** It leads no more: what comes now answers another leader. */
  forgetSample(): void {
    this.#slot = 0
  }

  /** The four letter word srst. */
  reset(): void {
    this.#byPeer = new Map()
  }
}
