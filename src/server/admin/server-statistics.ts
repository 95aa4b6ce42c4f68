/** What one server counts of its clients' requests, for the four letter words and the AdminServer. */
export class ServerStatistics {
  #packetsReceived = 0
  #packetsSent = 0
  #latencyCount = 0
  #latencyTotalMs = 0
  #latencyMinMs = 0
  #latencyMaxMs = 0
  #authFailures = 0
  #connectionsRejected = 0

  get packetsReceived(): number {
    return this.#packetsReceived
  }

  /** Replies and watch events. */
  get packetsSent(): number {
    return this.#packetsSent
  }

  /** In whole milliseconds, as Apache prints them; 0 before the first request. */
  get latencyMinMs(): number {
    return Math.floor(this.#latencyMinMs)
  }

  get latencyMaxMs(): number {
    return Math.floor(this.#latencyMaxMs)
  }

  /** Rounded to four decimals, as Apache prints it; 0 before the first request. */
  get latencyAverageMs(): number {
    return this.#latencyCount === 0 ? 0 : Math.round((this.#latencyTotalMs / this.#latencyCount) * 1e4) / 1e4
  }

  get authFailures(): number {
    return this.#authFailures
  }

  /** Connections that were closed at once because their address had too many. */
  get connectionsRejected(): number {
    return this.#connectionsRejected
  }

  onReceived(): void {
    this.#packetsReceived++
  }

  onSent(): void {
    this.#packetsSent++
  }

  /** A request was answered `latencyMs` after it was read from its socket. */
  onAnswered(latencyMs: number): void {
    if (this.#latencyCount === 0 || latencyMs < this.#latencyMinMs) this.#latencyMinMs = latencyMs
    if (latencyMs > this.#latencyMaxMs) this.#latencyMaxMs = latencyMs
    this.#latencyCount++
    this.#latencyTotalMs += latencyMs
  }

  onAuthFailure(): void {
    this.#authFailures++
  }

  onConnectionRejected(): void {
    this.#connectionsRejected++
  }

  /** The four letter word srst: counts and latencies start again. */
  reset(): void {
    this.#packetsReceived = 0
    this.#packetsSent = 0
    this.#latencyCount = 0
    this.#latencyTotalMs = 0
    this.#latencyMinMs = 0
    this.#latencyMaxMs = 0
  }
}
