import { ByteReader, ByteWriter } from '../../kernel/bytes.ts'
import type { Clock, Connection, Entropy, Timer } from '../../kernel/ports.ts'
import { Prng } from '../../kernel/prng.ts'
import { SlabArena } from '../../kernel/slab-arena.ts'
import { sessionKey } from '../../kernel/session-id.ts'
import type { LargeFrames } from '../../protocol/frame-reader.ts'
import { OpCode } from '../../protocol/op-code.ts'
import { WireError } from '../../protocol/wire-error.ts'
import type { Outcome } from '../../tree/outcome.ts'
import type { LargeRequestSettings } from '../../zoocfg/settings/throttle-settings.ts'
import { ClientConnection, type ConnectionOwner } from './client-connection.ts'
import { ConnectionThrottle } from './connection-throttle.ts'
import { LocalSessions } from './local-sessions.ts'
import { PathStatistics } from './path-statistics.ts'
import { PendingPool } from './pending-request.ts'
import type { PlainWord } from './plain-word.ts'
import { RequestThrottle } from './request-throttle.ts'
import type { AttachedSession, ClientSide, Refusal, ReplicatedService } from '../replication/replicated-service.ts'
import type { ServerSettings } from '../settings.ts'
import type { AuditLog } from '../audit-log.ts'
import { ServerStatistics } from '../admin/server-statistics.ts'
import { TlsRefusals } from './tls-refusals.ts'

export interface ClientSessionsOptions {
  readonly service: ReplicatedService
  readonly settings: ServerSettings
  readonly clock: Clock
  readonly entropy: Entropy
  /** One line for the log; nobody listens unless given. */
  readonly onNote?: (note: string) => void
  /** Null, or absent: nobody keeps a log of changes. */
  readonly audit?: AuditLog | null
}

/** Answers the word whose four letters make this number; null when they are no word. */
export type WordAnswerer = (word: number, argument: Buffer, asker: ClientConnection | null) => string | null

/**
 * All client connections of one server: gives each outcome to the connection that waits for it, and lets what was
 * written in one turn of the event loop leave in one write a connection.
 */
export class ClientSessions implements ClientSide, ConnectionOwner {
  readonly service: ReplicatedService
  readonly settings: ServerSettings
  readonly statistics = new ServerStatistics()
  readonly pool: PendingPool
  readonly localSessions: LocalSessions
  readonly connectionThrottle: ConnectionThrottle
  readonly requestThrottle: RequestThrottle | null
  readonly largeFrames: LargeFrames | null
  readonly audit: AuditLog | null
  readonly pathStatistics: PathStatistics | null
  readonly tlsRefusals: TlsRefusals
  readonly reader = new ByteReader(Buffer.alloc(0))
  readonly arena = new SlabArena()
  readonly commandRoom = new SlabArena()
  readonly scratch = new ByteWriter(1024)
  readonly fill: (bytes: Uint8Array) => void
  readonly #clock: Clock
  readonly #byNumber = new Map<number, ClientConnection>()
  /** Of them, those that this server's own gateway holds: they are nobody's who could be counted. */
  readonly #internal = new Set<ClientConnection>()
  /** The connections that have a session, by its key; one a session. */
  readonly #bySession = new Map<number, ClientConnection>()
  /** Who waits for the answer to a sync or a handshake, by the request's number. */
  readonly #expecting = new Map<number, ClientConnection>()
  #lastNumber = 0
  #answerWord: WordAnswerer = () => null
  #timer: Timer | null = null
  #stallTimer: Timer | null = null
  // What is to be done at the end of the turn or of the batch, whichever comes first.
  #filled: ClientConnection[] = []
  #wakeable: ClientConnection[] = []
  readonly #throttled = new Set<ClientConnection>()
  #isSettling = false
  #isStopped = false
  #willSettle = false
  readonly #settleAfterTurn = (): void => {
    this.#willSettle = false
    this.#settle()
  }

  constructor(options: ClientSessionsOptions) {
    this.service = options.service
    this.settings = options.settings
    this.#clock = options.clock
    this.audit = options.audit ?? null
    this.tlsRefusals = new TlsRefusals(
      this.statistics,
      () => options.clock.nowMs(),
      options.onNote ?? (() => undefined),
    )
    options.service.tree.watches.onFired = (type, count) => this.statistics.onWatchesFired(type, count)
    this.fill = (bytes) => options.entropy.fill(bytes)
    const { throttle, cluster } = options.settings
    const nowMs = options.clock.nowMs()
    this.pool = new PendingPool(throttle.largeRequests.thresholdBytes ?? Infinity)
    this.largeFrames = this.#makeLargeFrames(throttle.largeRequests)
    this.localSessions = new LocalSessions(cluster.tickTimeMs, nowMs)
    const seed = Buffer.alloc(6)
    this.fill(seed)
    this.connectionThrottle = new ConnectionThrottle(throttle.connections, new Prng(seed.readUIntBE(0, 6)), nowMs)
    const { pathStats } = options.settings.telemetry
    this.pathStatistics =
      pathStats === null
        ? null
        : new PathStatistics({
            settings: pathStats,
            clock: options.clock,
            prng: new Prng(seed.readUIntBE(0, 6)).fork('paths'),
            onNote: options.onNote ?? (() => undefined),
          })
    this.requestThrottle =
      throttle.requests.maxRequests === 0
        ? null
        : new RequestThrottle(throttle.requests, this.pool, this.statistics, () => this.#settleLater())
  }

  /** Four letter words are closed without an answer before this call. */
  answerWordsWith(answerWord: WordAnswerer): void {
    this.#answerWord = answerWord
  }

  /** Begins to look after idle connections and touched sessions. */
  start(): void {
    this.pathStatistics?.start()
    this.#tickLater()
  }

  #tickLater(): void {
    this.#timer = this.#clock.setTimer(this.settings.cluster.tickTimeMs / 2, () => {
      this.#onTick()
      this.#tickLater()
    })
  }

  /** While requests wait in line, those that get stale are looked for. */
  #watchThrottled(throttle: RequestThrottle): void {
    if (this.#stallTimer !== null || throttle.waitingCount === 0) return
    this.#stallTimer = this.#clock.setTimer(this.settings.throttle.requests.stallTimeMs, () => {
      this.#stallTimer = null
      throttle.onStalled()
      this.#settle()
    })
  }

  /** Closes all connections and rests. */
  stop(): void {
    this.#timer?.cancel()
    this.#timer = null
    this.#stallTimer?.cancel()
    this.pathStatistics?.stop()
    this.#isStopped = true
    for (const connection of [...this.#byNumber.values()]) connection.end()
  }

  /**
   * A connection was accepted: from here on it is this object's affair.
   *
   * @param onGone called once, when the socket has closed
   */
  onConnection(connection: Connection, onGone: () => void): void {
    this.#lastNumber = (this.#lastNumber + 1) >>> 0
    this.statistics.counters.connectionRequests++
    this.#byNumber.set(this.#lastNumber, new ClientConnection(this, connection, this.#lastNumber, onGone))
  }

  /** A connection that begins in this process, in the name of whoever asks its gateway. */
  onInternalConnection(connection: Connection): void {
    this.#lastNumber = (this.#lastNumber + 1) >>> 0
    const internal = new ClientConnection(this, connection, this.#lastNumber, () => undefined)
    this.#byNumber.set(this.#lastNumber, internal)
    this.#internal.add(internal)
  }

  /** Clients' connections, those without a session included. */
  get count(): number {
    return this.#byNumber.size - this.#internal.size
  }

  *connections(): IterableIterator<ClientConnection> {
    for (const connection of this.#byNumber.values()) if (!this.#internal.has(connection)) yield connection
  }

  // ClientSide: what the replicated side tells.

  onApplied(outcome: Outcome): void {
    if (outcome.type === OpCode.createSession && this.localSessions.size > 0) this.#onSessionKnown(outcome)
    if (outcome.origin === this.settings.id) this.#byNumber.get(outcome.connection)?.onOutcome(outcome)
    // Whoever closed the session, an expiry or the client by another connection: it is over.
    if (outcome.type === OpCode.closeSession) {
      this.#bySession.get(sessionKey(outcome.sessionHigh, outcome.sessionLow))?.end()
    }
  }

  onBatchEnd(): void {
    this.#settle()
  }

  onRefused(requestNumber: number, refusal: Refusal): void {
    for (const connection of this.#byNumber.values()) {
      if (connection.onRefused(requestNumber, refusal)) return
    }
  }

  onSynced(requestNumber: number): void {
    this.#expecting.get(requestNumber)?.onSynced(requestNumber)
  }

  onAttached(requestNumber: number, grant: number | null): void {
    this.#expecting.get(requestNumber)?.onAttached(grant)
  }

  onLeaderLost(): void {
    for (const connection of [...this.#byNumber.values()]) connection.onLeaderLost()
    this.requestThrottle?.forgetClosed()
  }

  onStopServing(): void {
    for (const connection of [...this.#byNumber.values()]) {
      // Who has not asked for anything yet may still ask a four letter word.
      if (!connection.isOpening) connection.end()
    }
    this.requestThrottle?.forgetClosed()
  }

  attachedSessions(): AttachedSession[] {
    const sessions: AttachedSession[] = []
    for (const connection of this.#bySession.values()) {
      const session = connection.session
      if (session !== null) sessions.push(session)
    }
    return sessions
  }

  // ConnectionOwner: what a connection asks.

  nowMs(): number {
    return this.#clock.nowMs()
  }

  answerWord({ number, argument }: PlainWord, asker: ClientConnection): string | null {
    return this.#answerWord(number, argument, asker)
  }

  expect(requestNumber: number, connection: ClientConnection): void {
    this.#expecting.set(requestNumber, connection)
  }

  forget(requestNumber: number): void {
    this.#expecting.delete(requestNumber)
  }

  onFilled(connection: ClientConnection): void {
    this.#filled.push(connection)
    this.#settleLater()
  }

  onWakeable(connection: ClientConnection): void {
    this.#wakeable.push(connection)
    this.#settleLater()
  }

  onThrottled(connection: ClientConnection): void {
    this.#throttled.add(connection)
  }

  onSession(connection: ClientConnection): void {
    const key = sessionKey(connection.sessionHigh, connection.sessionLow)
    this.#bySession.get(key)?.end()
    this.#bySession.set(key, connection)
  }

  onClosed(connection: ClientConnection): void {
    this.#byNumber.delete(connection.number)
    if (!this.#internal.delete(connection)) this.statistics.counters.connectionsDropped++
    this.#throttled.delete(connection)
    const key = sessionKey(connection.sessionHigh, connection.sessionLow)
    if (this.#bySession.get(key) === connection) this.#bySession.delete(key)
    if (this.#throttled.size > 0 || (this.requestThrottle?.waitingCount ?? 0) > 0) this.#settleLater()
  }

  /** A local session is known to all from here on, whatever has become of the connection that asked for it. */
  #onSessionKnown({ error, sessionHigh, sessionLow, connection }: Outcome): void {
    if (error !== WireError.ok || this.localSessions.get(sessionHigh, sessionLow) === null) return
    this.localSessions.remove(sessionHigh, sessionLow)
    const holder = this.#bySession.get(sessionKey(sessionHigh, sessionLow))
    // For the leader it is the session of the connection that asked: another one must ask for it in its own name.
    if (holder !== undefined && holder.number !== connection) holder.end()
  }

  onTlsInTheClear(connection: ClientConnection): void {
    this.tlsRefusals.onTlsInTheClear(connection.address)
  }

  #settleLater(): void {
    if (this.#willSettle || this.#isSettling) return
    this.#willSettle = true
    this.#clock.afterTurn(this.#settleAfterTurn)
  }

  /** First what can go on does, then all that was written leaves. */
  #settle(): void {
    this.#isSettling = true
    if (this.#throttled.size > 0 && this.pool.inUse <= this.settings.limits.globalOutstandingLimit) {
      this.#wakeable.push(...this.#throttled)
      this.#throttled.clear()
    }
    this.requestThrottle?.admit()
    // Waking and flushing may make more of both; what comes meanwhile is done in the same go.
    while (this.#wakeable.length > 0) {
      const wakeable = this.#wakeable
      this.#wakeable = []
      for (const connection of wakeable) connection.wake()
    }
    const filled = this.#filled
    this.#filled = []
    for (const connection of filled) connection.flush()
    this.#isSettling = false
    if (this.requestThrottle !== null && !this.#isStopped) this.#watchThrottled(this.requestThrottle)
    if (this.#filled.length > 0 || this.#wakeable.length > 0) this.#settleLater()
  }

  #onTick(): void {
    const nowMs = this.#clock.nowMs()
    for (const connection of [...this.#byNumber.values()]) {
      if (connection.hasSession) connection.endTouchRound()
      else if (connection.isOpening && nowMs - connection.openedMs > this.settings.limits.sessionlessTimeoutMs) {
        this.statistics.counters.sessionlessExpired++
        connection.destroy()
      }
    }
    for (const { high, low } of this.localSessions.tick(nowMs)) this.#bySession.get(sessionKey(high, low))?.end()
  }

  #makeLargeFrames({ thresholdBytes, totalMaxBytes }: LargeRequestSettings): LargeFrames | null {
    if (thresholdBytes === null) return null
    return {
      above: thresholdBytes,
      mayRead: (length) => this.pool.largeBytes + length <= totalMaxBytes,
    }
  }
}
