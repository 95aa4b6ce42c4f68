import { WatchEventType } from '../../protocol/watch-event.ts'
import { Summary } from './summary.ts'

/** Op codes fit into 7 bits, the negative ones of sessions too (-10 is 118, -11 is 117). */
const OPERATIONS = 128

/** What is counted one by one where it happens. */
export class ServerCounters {
  /** Connections that clients opened, those refused included. */
  connectionRequests = 0
  /** Of them, those that were closed because there were too many, or because handshakes came too fast. */
  connectionsRejected = 0
  /** Connections that have ended, whoever ended them. */
  connectionsDropped = 0
  /** Closed at their first frame because this server served nobody. */
  unservedConnections = 0
  /** Closed because they did not ask for a session in time. */
  sessionlessExpired = 0
  /** Handshakes that asked for an existing session, and were answered. */
  revalidations = 0
  /** Frames longer than jute.maxbuffer, or than the room that is left for large requests. */
  largeRequests = 0
  /** TLS handshakes that came to nothing, and clients that spoke the wrong one of TLS and plain text. */
  failedHandshakes = 0
  /** Clients that were closed because too many handshakes were under way. */
  exceededHandshakes = 0
  authFailures = 0
  bytesReceived = 0
  responseBytes = 0
  /** Requests that had to wait because too many were under way. */
  throttleWaits = 0
  /** Of those, answered with THROTTLEDOP. */
  throttledOps = 0
  /** Of those, stale when their turn came: executed all the same, or dropped. */
  staleRequests = 0
  staleRequestsDropped = 0
  /** How often this server began to look for a leader. */
  lookings = 0
}

/** What one server counts of its clients' requests, for the four letter words, the AdminServer and Prometheus. */
export class ServerStatistics {
  counters = new ServerCounters()
  /** From the request's arrival to its answer; a read answered in the turn in which it came took 0 ms. */
  readonly readLatency = new Summary()
  readonly updateLatency = new Summary()
  /** By the type of the event: how many watches of this server each change fired. */
  readonly watchesFired: ReadonlyMap<number, Summary> = new Map(
    [
      WatchEventType.nodeCreated,
      WatchEventType.nodeDeleted,
      WatchEventType.nodeDataChanged,
      WatchEventType.nodeChildrenChanged,
    ].map((type) => [type, new Summary()]),
  )
  readonly #operations = new Float64Array(OPERATIONS)
  #packetsReceived = 0
  #packetsSent = 0
  #latencyCount = 0
  #latencyTotalMs = 0
  #latencyMinMs = 0
  #latencyMaxMs = 0
  #lastResponseBytes = -1
  #minResponseBytes = -1
  #maxResponseBytes = -1

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

  /** Frames to clients, without the frame's length; -1 each before the first. */
  get responseSizes(): { readonly last: number; readonly min: number; readonly max: number } {
    return { last: this.#lastResponseBytes, min: this.#minResponseBytes, max: this.#maxResponseBytes }
  }

  /** Requests of this op code that were read, well formed or not. */
  operationCount(type: number): number {
    return this.#operations[type & (OPERATIONS - 1)] ?? 0
  }

  onReceived(type: number): void {
    this.#packetsReceived++
    const index = type & (OPERATIONS - 1)
    this.#operations[index] = (this.#operations[index] ?? 0) + 1
  }

  /** @param sizeBytes of the frame */
  onSent(sizeBytes: number): void {
    this.#packetsSent++
    this.counters.responseBytes += sizeBytes
    this.#lastResponseBytes = sizeBytes
    if (sizeBytes > this.#maxResponseBytes) this.#maxResponseBytes = sizeBytes
    if (sizeBytes < this.#minResponseBytes || this.#minResponseBytes < 0) this.#minResponseBytes = sizeBytes
  }

  /** A request was answered `latencyMs` after it was read from its socket. */
  onAnswered(latencyMs: number, isUpdate: boolean): void {
    if (this.#latencyCount === 0 || latencyMs < this.#latencyMinMs) this.#latencyMinMs = latencyMs
    if (latencyMs > this.#latencyMaxMs) this.#latencyMaxMs = latencyMs
    this.#latencyCount++
    this.#latencyTotalMs += latencyMs
    if (isUpdate) this.updateLatency.add(latencyMs)
    else this.readLatency.add(latencyMs)
  }

  /** A change of this type fired so many watches. */
  onWatchesFired(type: number, watcherCount: number): void {
    this.watchesFired.get(type)?.add(watcherCount)
  }

  onAuthFailure(): void {
    this.counters.authFailures++
  }

  onConnectionRejected(): void {
    this.counters.connectionsRejected++
  }

  /** The four letter word srst: counts and latencies start again. */
  reset(): void {
    this.counters = new ServerCounters()
    this.readLatency.reset()
    this.updateLatency.reset()
    for (const fired of this.watchesFired.values()) fired.reset()
    this.#operations.fill(0)
    this.#packetsReceived = 0
    this.#packetsSent = 0
    this.#latencyCount = 0
    this.#latencyTotalMs = 0
    this.#latencyMinMs = 0
    this.#latencyMaxMs = 0
    this.#lastResponseBytes = -1
    this.#minResponseBytes = -1
    this.#maxResponseBytes = -1
  }
}
