import { ByteReader, ByteWriter } from '../../src/kernel/bytes.ts'
import type { Clock, Connection, ConnectionHandler, Entropy, Network, Timer } from '../../src/kernel/ports.ts'
import { Prng } from '../../src/kernel/prng.ts'
import type { ClientSettings } from '../../src/client/client-options.ts'
import { ZooKeeperClient } from '../../src/client/zookeeper-client.ts'
import { readConnectRequest, writeConnectResponse, type ConnectRequest } from '../../src/protocol/connect.ts'
import { beginFrame, endFrame } from '../../src/protocol/frame.ts'
import { FrameReader } from '../../src/protocol/frame-reader.ts'
import { OpCode, type OpName } from '../../src/protocol/op-code.ts'
import { writeReplyHeader } from '../../src/protocol/reply-header.ts'
import { readRequestHeader } from '../../src/protocol/request-header.ts'
import { KeeperState, writeWatchEvent } from '../../src/protocol/watch-event.ts'
import { lend } from '../../src/sim/lend.ts'

/** Time stands still until the test moves it. */
export class FakeClock implements Clock {
  #nowMs = 1_000
  #timers: { readonly atMs: number; readonly onFire: () => void }[] = []
  #turn: (() => void)[] = []

  nowMs(): number {
    return this.#nowMs
  }

  wallMs(): number {
    return this.#nowMs
  }

  get timerCount(): number {
    return this.#timers.length
  }

  setTimer(delayMs: number, onFire: () => void): Timer {
    const timer = { atMs: this.#nowMs + delayMs, onFire }
    this.#timers.push(timer)
    return { cancel: () => (this.#timers = this.#timers.filter((other) => other !== timer)) }
  }

  afterTurn(callback: () => void): void {
    this.#turn.push(callback)
  }

  /** Ends the turn: everything that waited for its end, and what that asks for. */
  endTurn(): void {
    for (let callback = this.#turn.shift(); callback !== undefined; callback = this.#turn.shift()) callback()
  }

  advance(ms: number): void {
    this.endTurn()
    const untilMs = this.#nowMs + ms
    for (;;) {
      const next = [...this.#timers].sort((a, b) => a.atMs - b.atMs)[0]
      if (next === undefined || next.atMs > untilMs) break
      this.#timers = this.#timers.filter((other) => other !== next)
      this.#nowMs = Math.max(this.#nowMs, next.atMs)
      next.onFire()
      this.endTurn()
    }
    this.#nowMs = untilMs
  }
}

class FakeConnection implements Connection {
  handler: ConnectionHandler = { onData: () => undefined, onDrain: () => undefined, onClose: () => undefined }
  readonly remoteHost: string
  readonly remotePort: number
  readonly tls = null
  readonly bufferedBytes = 0
  readonly written: Buffer[] = []
  isClogged = false
  isDestroyed = false

  constructor(host: string, port: number) {
    this.remoteHost = host
    this.remotePort = port
  }

  write(bytes: Uint8Array): boolean {
    this.written.push(Buffer.from(bytes))
    return !this.isClogged
  }

  pause(): void {}
  resume(): void {}

  end(): void {
    this.isDestroyed = true
  }

  destroy(): void {
    this.isDestroyed = true
  }
}

export interface Asked {
  readonly xid: number
  readonly type: number
  /** Stands at the record. */
  readonly from: ByteReader
}

/** The other end of one connection, played by the test. */
export class ScriptedServer {
  readonly #clock: FakeClock
  readonly #connection: FakeConnection
  readonly #out = new ByteWriter()
  readonly #asked: Asked[] = []
  readonly #frames: FrameReader
  #readCount = 0
  #handshake: ConnectRequest | null = null

  constructor(clock: FakeClock, connection: FakeConnection) {
    this.#clock = clock
    this.#connection = connection
    this.#frames = new FrameReader(2 ** 20, {
      onFrame: (bytes, start, end) => {
        const from = new ByteReader(bytes, start, end)
        if (this.#handshake === null) this.#handshake = readConnectRequest(from)
        else this.#asked.push({ ...readRequestHeader(from), from })
        return true
      },
    })
  }

  get where(): string {
    return `${this.#connection.remoteHost}:${this.#connection.remotePort}`
  }

  get handshake(): ConnectRequest {
    this.#read()
    if (this.#handshake === null) throw new Error('the client has sent no handshake')
    return this.#handshake
  }

  /** How often the client wrote to the socket. */
  get writeCount(): number {
    return this.#connection.written.length
  }

  get isDropped(): boolean {
    return this.#connection.isDestroyed
  }

  set isClogged(value: boolean) {
    this.#connection.isClogged = value
  }

  drain(): void {
    this.#connection.isClogged = false
    this.#connection.handler.onDrain()
  }

  /** Answers the handshake. */
  establish(options: { sessionLow?: number; timeoutMs?: number; readOnly?: boolean } = {}): this {
    const high = 0x01000000
    const timeoutMs = options.timeoutMs ?? this.handshake.timeoutMs
    this.send((out) =>
      writeConnectResponse(out, {
        protocolVersion: 0,
        timeoutMs,
        sessionHigh: timeoutMs === 0 ? 0 : high,
        sessionLow: timeoutMs === 0 ? 0 : (options.sessionLow ?? 77),
        password: Buffer.alloc(16, timeoutMs === 0 ? 0 : 5),
        readOnly: options.readOnly ?? false,
      }),
    )
    return this
  }

  /** The oldest request that the test has not looked at; it must be of this kind. */
  next(op: OpName): Asked {
    this.#read()
    const asked = this.#asked.shift()
    if (asked === undefined) throw new Error(`the client has not asked for ${op}`)
    if (asked.type !== OpCode[op]) throw new Error(`the client asked for ${asked.type}, not for ${op}`)
    return asked
  }

  /** How many requests the test has not looked at. */
  get askedCount(): number {
    this.#read()
    return this.#asked.length
  }

  reply(to: { xid: number }, options: { zxid?: number; error?: number }, write?: (out: ByteWriter) => void): void {
    this.queueReply(to, options, write)
    this.deliver()
  }

  event(type: number, path: string, zxid = -1): void {
    this.queueEvent(type, path, zxid)
    this.deliver()
  }

  queueReply(to: { xid: number }, options: { zxid?: number; error?: number }, write?: (out: ByteWriter) => void): void {
    this.#frame((out) => {
      writeReplyHeader(out, { xid: to.xid, zxid: options.zxid ?? 1, error: options.error ?? 0 })
      write?.(out)
    })
  }

  queueEvent(type: number, path: string, zxid = -1): void {
    this.#frame((out) => {
      writeReplyHeader(out, { xid: -1, zxid, error: 0 })
      writeWatchEvent(out, { type, state: KeeperState.syncConnected, path })
    })
  }

  /** Sends what was queued, in one chunk, or in chunks of `size` bytes. */
  deliver(size = Infinity): void {
    const bytes = this.#out.take()
    for (let start = 0; start < bytes.length; start += size) {
      this.sendRaw(bytes.subarray(start, start + size))
    }
  }

  send(write: (out: ByteWriter) => void): void {
    this.#frame(write)
    this.deliver()
  }

  sendRaw(bytes: Uint8Array): void {
    lend(bytes, (lent) => this.#connection.handler.onData(lent))
  }

  drop(error: Error | null = null): void {
    this.#connection.isDestroyed = true
    this.#connection.handler.onClose(error)
  }

  #frame(write: (out: ByteWriter) => void): void {
    const frame = beginFrame(this.#out)
    write(this.#out)
    endFrame(this.#out, frame)
  }

  #read(): void {
    this.#clock.endTurn()
    for (const bytes of this.#connection.written.slice(this.#readCount)) this.#frames.push(bytes)
    this.#readCount = this.#connection.written.length
  }
}

interface Attempt {
  readonly host: string
  readonly port: number
  readonly timeoutMs: number
  readonly onConnected: (result: Connection | Error) => void
  isCancelled: boolean
}

export class FakeWorld implements Network {
  readonly clock = new FakeClock()
  readonly #prng = new Prng(7)
  readonly entropy: Entropy = { fill: (bytes) => this.#prng.fill(bytes) }
  readonly attempts: Attempt[] = []

  client(connectString: string, settings: ClientSettings = {}): ZooKeeperClient {
    return new ZooKeeperClient({
      network: this,
      clock: this.clock,
      entropy: this.entropy,
      connectString,
      sessionTimeoutMs: 9_000,
      ...settings,
    })
  }

  listen(): void {
    throw new Error('a client does not listen')
  }

  connect(
    to: { readonly host: string; readonly port: number; readonly timeoutMs: number },
    onConnected: (result: Connection | Error) => void,
  ): { cancel(): void } {
    const attempt: Attempt = { ...to, onConnected, isCancelled: false }
    this.attempts.push(attempt)
    return { cancel: () => (attempt.isCancelled = true) }
  }

  /** Lets the oldest attempt through. */
  accept(): ScriptedServer {
    const attempt = this.#nextAttempt()
    const connection = new FakeConnection(attempt.host, attempt.port)
    attempt.onConnected(connection)
    return new ScriptedServer(this.clock, connection)
  }

  refuse(): string {
    const attempt = this.#nextAttempt()
    attempt.onConnected(new Error(`${attempt.host}:${attempt.port} refused`))
    return `${attempt.host}:${attempt.port}`
  }

  #nextAttempt(): Attempt {
    const attempt = this.attempts.shift()
    if (attempt === undefined) throw new Error('the client does not try to connect')
    return attempt
  }
}
