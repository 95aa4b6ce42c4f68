import { ByteReader } from '../kernel/bytes.ts'
import { ZktuneError } from '../kernel/errors.ts'
import type { Clock, Connection, Entropy, Network, Timer, TlsClientOptions, TlsSession } from '../kernel/ports.ts'
import { Prng } from '../kernel/prng.ts'
import { Ring } from '../kernel/ring.ts'
import type { AuthRequest } from '../protocol/auth.ts'
import { PASSWORD_SIZE_BYTES, type ConnectResponse } from '../protocol/connect.ts'
import { OpCode } from '../protocol/op-code.ts'
import type { WatchEvent } from '../protocol/watch-event.ts'
import { WireError } from '../protocol/wire-error.ts'
import type { ClientRequest } from './client-request.ts'
import { endpointText, type Endpoint } from './connect-string.ts'
import { HostCycle, type HostOrder } from './host-cycle.ts'
import { ServerLink, type LinkOwner } from './server-link.ts'
import type { WatchRegistry } from './watch-registry.ts'

/**
 *   connecting ⇄ connected | connectedReadOnly        as connections come and go
 *        └──────────┴──→ closing → closed             `close`
 *        └──────────┴──→ expired | authFailed         for good: a new client is needed
 */
export type ClientState =
  'connecting' | 'connected' | 'connectedReadOnly' | 'closing' | 'closed' | 'expired' | 'authFailed'

export interface SessionIdentity {
  readonly high: number
  readonly low: number
  readonly password: Uint8Array
}

export interface SessionOptions {
  readonly network: Network
  readonly clock: Clock
  readonly entropy: Entropy
  /** Null: in the clear. */
  readonly tls: TlsClientOptions | null
  readonly hosts: readonly Endpoint[]
  readonly hostOrder: HostOrder
  /** The session timeout to ask for; the server has the last word. */
  readonly timeoutMs: number
  readonly readOnly: boolean
  /** An existing session to go on with; null for a new one. */
  readonly identity: SessionIdentity | null
  /** Requests that wait for a connection or a reply; one more is answered THROTTLEDOP. */
  readonly pendingMax: number
  /** The largest reply that is taken, in bytes. */
  readonly frameSizeMax: number
  readonly watches: WatchRegistry
  readonly onState: (state: ClientState) => void
}

/** A connection that lived this long was a good one: its server may be followed by any other at once. */
const GOOD_CONNECTION_MS = 1_000
const NO_SESSION: SessionIdentity = { high: 0, low: 0, password: new Uint8Array(PASSWORD_SIZE_BYTES) }
const NO_RECORD = new ByteReader(Buffer.alloc(0))

interface Auth {
  readonly request: AuthRequest
  /** Null once answered; it is sent again on each new connection all the same. */
  onReply: ((error: number) => void) | null
}

/** The session of one client over all its connections: which server, who it is, what waits. */
export class ClientSession implements LinkOwner {
  readonly #options: SessionOptions
  readonly #clock: Clock
  readonly #hosts: HostCycle
  #state: ClientState = 'connecting'
  #identity: SessionIdentity
  /** A session of a read-only server lives there only: elsewhere a new one is asked for. */
  #isProvisional = false
  #timeoutMs: number
  #lastZxid = 0
  #link: ServerLink | null = null
  #endpoint: Endpoint | null = null
  #tls: TlsSession | null = null
  #attempt: { cancel(): void } | null = null
  #retryTimer: Timer | null = null
  #establishedAtMs = 0
  #lostAtMs: number
  #lastFailure: string | null = null
  /** Wait for a connection; empty while there is one. */
  readonly #waiting = new Ring<ClientRequest>()
  /** Answered in the next turn: the state allows no more requests, or there are too many. */
  readonly #refused = new Ring<ClientRequest>()
  #isRefusalDue = false
  readonly #auths: Auth[] = []
  /** How many of `#auths`, from the first, are answered on this connection. */
  #authsAnswered = 0
  #closeDeadline: Timer | null = null

  constructor(options: SessionOptions) {
    this.#options = options
    this.#clock = options.clock
    this.#timeoutMs = options.timeoutMs
    this.#identity = options.identity ?? NO_SESSION
    const seed = new Uint8Array(6)
    options.entropy.fill(seed)
    this.#hosts = new HostCycle(options.hosts, options.hostOrder, new Prng(Buffer.from(seed).readUIntBE(0, 6)))
    this.#lostAtMs = this.#clock.nowMs()
    this.#tryNextHost()
  }

  get state(): ClientState {
    return this.#state
  }

  get identity(): SessionIdentity {
    return this.#identity
  }

  /** As negotiated; before the first connection as asked for. */
  get timeoutMs(): number {
    return this.#timeoutMs
  }

  get lastZxid(): number {
    return this.#link?.lastZxid ?? this.#lastZxid
  }

  /** Where the session is connected, or tries to be. */
  get endpoint(): Endpoint | null {
    return this.#endpoint
  }

  /** What TLS has agreed on, on the last connection; null in the clear. */
  get tls(): TlsSession | null {
    return this.#tls
  }

  /** Why the last connection, or the attempt at one, failed. */
  get lastFailure(): string | null {
    return this.#lastFailure
  }

  get pendingCount(): number {
    return this.#waiting.length + this.#refused.length + (this.#link?.inFlightCount ?? 0)
  }

  /** See ClientRequest: `onReply` comes exactly once, never before this call has returned. */
  submit(request: ClientRequest): void {
    if (this.pendingCount >= this.#options.pendingMax) this.#refuse(request)
    else if (this.#state === 'connected' || this.#state === 'connectedReadOnly') this.#link?.submit(request)
    else if (this.#state === 'connecting') this.#waiting.push(request)
    else this.#refuse(request)
  }

  /** @param onReply null when nobody waits for the answer; AUTHFAILED also ends the session */
  addAuth(request: AuthRequest, onReply: ((error: number) => void) | null): void {
    if (isOver(this.#state)) {
      if (onReply !== null) this.#clock.afterTurn(() => onReply(refusalOf(this.#state)))
      return
    }
    this.#auths.push({ request, onReply })
    if (this.#state === 'connected' || this.#state === 'connectedReadOnly') this.#link?.sendAuth(request)
  }

  /**
   * Drops the connection without a word, as a broken network would, and goes on with the next server. What is in flight
   * fails with CONNECTIONLOSS. Does nothing while there is no connection.
   *
   * @param afterMs before the first attempt
   */
  reconnect(afterMs: number): void {
    const link = this.#link
    if (link === null || (this.#state !== 'connected' && this.#state !== 'connectedReadOnly')) return
    this.#link = null
    this.#lastZxid = link.lastZxid
    this.#lostAtMs = this.#clock.nowMs()
    this.#lastFailure = this.#endpoint === null ? null : `${endpointText(this.#endpoint)}: dropped by this client`
    link.destroy()
    this.#hosts.onSuccess()
    this.#setState('connecting')
    link.failInFlight(WireError.connectionLoss)
    if (!this.#isConnecting()) return // by a callback
    if (afterMs <= 0) {
      this.#tryNextHost()
      return
    }
    this.#retryTimer = this.#clock.setTimer(afterMs, () => {
      this.#retryTimer = null
      this.#tryNextHost()
    })
  }

  /**
   * Ends the session at the server: its ephemeral znodes go. What was asked before is answered first.
   *
   * @param deadlineMs after it the connection is dropped, and the session expires by itself
   */
  close(deadlineMs: number): void {
    if (isOver(this.#state)) return
    const link = this.#link
    const isConnected = this.#state === 'connected' || this.#state === 'connectedReadOnly'
    this.#setState('closing')
    this.#stopTrying()
    this.#failWaiting(WireError.connectionLoss)
    if (link === null || !isConnected) {
      this.#end('closed')
      return
    }
    this.#closeDeadline = this.#clock.setTimer(deadlineMs, () => this.#end('closed'))
    link.submit({ type: OpCode.closeSession, writeTo: () => undefined, onReply: () => this.#end('closed') })
  }

  onHandshake(response: ConnectResponse): void {
    if (response.timeoutMs <= 0) {
      this.#end('expired')
      return
    }
    const link = this.#link
    if (link === null) return
    this.#timeoutMs = response.timeoutMs
    this.#isProvisional = response.readOnly === true && (this.#isProvisional || isNone(this.#identity))
    this.#identity = {
      high: response.sessionHigh,
      low: response.sessionLow,
      password: Uint8Array.from(response.password ?? NO_SESSION.password),
    }
    this.#establishedAtMs = this.#clock.nowMs()
    link.onSessionTimeout(response.timeoutMs)
    this.#authsAnswered = 0
    for (const auth of this.#auths) link.sendAuth(auth.request)
    const watches = this.#options.watches
    for (const batch of watches.setWatchesBatches(this.lastZxid)) link.sendSetWatches(batch, watches.hasPersistent)
    this.#submitWaiting(link)
    this.#setState(response.readOnly === true ? 'connectedReadOnly' : 'connected')
  }

  onEvent(event: WatchEvent, zxid: number): void {
    this.#options.watches.fire(event, zxid)
  }

  onAuthReply(error: number): void {
    const auth = this.#auths[this.#authsAnswered]
    this.#authsAnswered++
    const onReply = auth?.onReply ?? null
    if (auth !== undefined) auth.onReply = null
    if (error !== WireError.ok) this.#end('authFailed')
    onReply?.(error)
  }

  onClosed(reason: string): void {
    const link = this.#link
    if (link === null) return
    this.#link = null
    this.#lastZxid = link.lastZxid
    this.#lastFailure = this.#endpoint === null ? reason : `${endpointText(this.#endpoint)}: ${reason}`
    if (this.#state === 'closing') {
      // The server may close before its reply is read.
      this.#end('closed')
      link.failInFlight(WireError.connectionLoss)
      return
    }
    const wasConnected = this.#state !== 'connecting'
    const nowMs = this.#clock.nowMs()
    if (wasConnected) {
      this.#lostAtMs = nowMs
      this.#setState('connecting')
    }
    // The state first, so that what is asked again from within a callback waits for the next connection.
    link.failInFlight(WireError.connectionLoss)
    if (this.#state !== 'connecting') return
    if (wasConnected && nowMs - this.#establishedAtMs >= GOOD_CONNECTION_MS) {
      this.#hosts.onSuccess()
      this.#tryNextHost()
    } else this.#tryLater()
  }

  #tryNextHost(): void {
    const endpoint = this.#hosts.next()
    this.#endpoint = endpoint
    const timeoutMs = this.#timeoutMs / this.#hosts.count
    const { network, tls } = this.#options
    const to = { ...endpoint, timeoutMs, ...(tls === null ? {} : { tls }) }
    this.#attempt = network.connect(to, (result) => {
      if (this.#state !== 'connecting') {
        if (!(result instanceof Error)) result.destroy()
        return
      }
      this.#attempt = null
      if (result instanceof Error) {
        this.#lastFailure = result instanceof ZktuneError ? `${result.where}: ${result.what}` : result.message
        this.#tryLater()
      } else this.#openLink(result, timeoutMs)
    })
  }

  #openLink(connection: Connection, handshakeTimeoutMs: number): void {
    this.#tls = connection.tls
    const identity = this.#isProvisional ? NO_SESSION : this.#identity
    this.#link = new ServerLink({
      clock: this.#clock,
      connection,
      owner: this,
      handshakeTimeoutMs,
      frameSizeMax: this.#options.frameSizeMax,
      handshake: {
        protocolVersion: 0,
        lastZxidSeen: this.#lastZxid,
        timeoutMs: this.#options.timeoutMs,
        sessionHigh: identity.high,
        sessionLow: identity.low,
        password: identity.password,
        readOnly: this.#options.readOnly,
      },
    })
  }

  #isConnecting(): boolean {
    return this.#state === 'connecting'
  }

  #tryLater(): void {
    const pauseMs = this.#hosts.onFailure()
    // Nobody should wait longer for a connection than a server waits for a client.
    if (this.#hosts.isRoundOver && this.#clock.nowMs() - this.#lostAtMs >= this.#timeoutMs) {
      this.#failWaiting(WireError.connectionLoss)
    }
    if (this.#state !== 'connecting') return
    this.#retryTimer = this.#clock.setTimer(pauseMs, () => {
      this.#retryTimer = null
      this.#tryNextHost()
    })
  }

  #stopTrying(): void {
    this.#attempt?.cancel()
    this.#attempt = null
    this.#retryTimer?.cancel()
    this.#retryTimer = null
  }

  #submitWaiting(link: ServerLink): void {
    for (let request = this.#waiting.shift(); request !== undefined; request = this.#waiting.shift()) {
      link.submit(request)
    }
  }

  /** Those that wait now; what their callbacks ask for is treated by the state as it is then. */
  #failWaiting(error: number): void {
    for (let left = this.#waiting.length; left > 0; left--) this.#waiting.shift()?.onReply(error, 0, NO_RECORD)
  }

  #refuse(request: ClientRequest): void {
    this.#refused.push(request)
    if (this.#isRefusalDue) return
    this.#isRefusalDue = true
    this.#clock.afterTurn(() => this.#answerRefused())
  }

  #answerRefused(): void {
    this.#isRefusalDue = false
    const error = refusalOf(this.#state)
    for (let left = this.#refused.length; left > 0; left--) this.#refused.shift()?.onReply(error, 0, NO_RECORD)
  }

  /** To a state without return: everything that waits is answered. */
  #end(state: 'closed' | 'expired' | 'authFailed'): void {
    if (isOver(this.#state) && this.#state !== 'closing') return
    this.#stopTrying()
    this.#closeDeadline?.cancel()
    this.#closeDeadline = null
    const link = this.#link
    this.#link = null
    if (link !== null) this.#lastZxid = link.lastZxid
    this.#setState(state)
    this.#options.watches.clear()
    link?.destroy()
    const error = refusalOf(state)
    link?.failInFlight(state === 'closed' ? WireError.connectionLoss : error)
    this.#failWaiting(error)
    for (const auth of this.#auths) {
      const onReply = auth.onReply
      auth.onReply = null
      onReply?.(error)
    }
  }

  #setState(state: ClientState): void {
    if (this.#state === state) return
    this.#state = state
    this.#options.onState(state)
  }
}

function isOver(state: ClientState): boolean {
  return state === 'closing' || state === 'closed' || state === 'expired' || state === 'authFailed'
}

function isNone(identity: SessionIdentity): boolean {
  return identity.high === 0 && identity.low === 0
}

/** What a request gets that this state does not take. */
function refusalOf(state: ClientState): number {
  if (state === 'authFailed') return WireError.authFailed
  return isOver(state) ? WireError.sessionExpired : WireError.throttledOp
}
