/** What one connection counts of its requests, for those who list connections. Plain numbers: each request changes them. */
export class ConnectionFigures {
  packetsReceived = 0
  packetsSent = 0
  /** The op code of the last request that was answered; 0 before the first. */
  lastOperation = 0
  /** -1 before the first request that had one: pings and the like have negative numbers. */
  lastCxid = -1
  lastZxid = -1
  /** Of the server's monotonic clock; 0 before the first answer. */
  lastResponseMs = 0
  lastLatencyMs = 0
  maxLatencyMs = 0
  #minLatencyMs = Infinity
  #totalLatencyMs = 0
  #answered = 0

  get minLatencyMs(): number {
    return this.#answered === 0 ? 0 : this.#minLatencyMs
  }

  get averageLatencyMs(): number {
    return this.#answered === 0 ? 0 : this.#totalLatencyMs / this.#answered
  }

  onAnswered(type: number, cxid: number, zxid: number, latencyMs: number): void {
    this.lastOperation = type
    if (cxid >= 0) this.lastCxid = cxid
    this.lastZxid = zxid
    this.lastLatencyMs = latencyMs
    if (latencyMs < this.#minLatencyMs) this.#minLatencyMs = latencyMs
    if (latencyMs > this.maxLatencyMs) this.maxLatencyMs = latencyMs
    this.#totalLatencyMs += latencyMs
    this.#answered++
  }

  /** The four letter word crst. */
  reset(): void {
    this.packetsReceived = 0
    this.packetsSent = 0
    this.lastOperation = 0
    this.lastCxid = -1
    this.lastZxid = -1
    this.lastResponseMs = 0
    this.lastLatencyMs = 0
    this.maxLatencyMs = 0
    this.#minLatencyMs = Infinity
    this.#totalLatencyMs = 0
    this.#answered = 0
  }
}
