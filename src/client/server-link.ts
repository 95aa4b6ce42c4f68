import { ByteReader, ByteWriter, DecodeError } from '../kernel/bytes.ts'
import type { Clock, Connection, ConnectionHandler, Timer } from '../kernel/ports.ts'
import { Ring } from '../kernel/ring.ts'
import { writeAuthRequest, type AuthRequest } from '../protocol/auth.ts'
import { readConnectResponse, writeConnectRequest } from '../protocol/connect.ts'
import type { ConnectRequest, ConnectResponse } from '../protocol/connect.ts'
import { beginFrame, endFrame } from '../protocol/frame.ts'
import { FrameReader, type FrameSink } from '../protocol/frame-reader.ts'
import { OpCode } from '../protocol/op-code.ts'
import { writeRequestHeader } from '../protocol/request-header.ts'
import { writeSetWatches2Request, writeSetWatchesRequest, type SetWatches2Request } from '../protocol/set-watches.ts'
import { readWatchEvent, type WatchEvent } from '../protocol/watch-event.ts'
import { WireError } from '../protocol/wire-error.ts'
import { Xid } from '../protocol/xid.ts'
import type { ClientRequest } from './client-request.ts'

/** What a link tells the session that it serves. Only `onClosed` may come from within a call into the link. */
export interface LinkOwner {
  /** The server's answer to the handshake; a `timeoutMs` of 0 refuses the session. */
  onHandshake(response: ConnectResponse): void
  onEvent(event: WatchEvent, zxid: number): void
  /** The answer to the oldest unanswered `sendAuth`. */
  onAuthReply(error: number): void
  /** Once. What is in flight waits for `failInFlight`. */
  onClosed(reason: string): void
}

export interface LinkOptions {
  readonly clock: Clock
  readonly connection: Connection
  readonly owner: LinkOwner
  readonly handshake: ConnectRequest
  /** From now until the server's answer to the handshake. */
  readonly handshakeTimeoutMs: number
  /** The largest reply that is taken, in bytes. */
  readonly frameSizeMax: number
}

const PING_AFTER_MS_MAX = 10_000
const NO_RECORD = new ByteReader(Buffer.alloc(0))

/**
 * One connection to one server, from its handshake to its end: requests leave in order, replies come in that order, and
 * a reply whose xid is not that of the oldest request means that the connection cannot be trusted any further.
 *
 * What is asked within one turn of the event loop leaves in one write.
 */
export class ServerLink implements ConnectionHandler, FrameSink {
  readonly #clock: Clock
  readonly #connection: Connection
  readonly #owner: LinkOwner
  readonly #out = new ByteWriter()
  readonly #from = new ByteReader(Buffer.alloc(0))
  readonly #frames: FrameReader
  readonly #inFlight = new Ring<ClientRequest>(64)
  /** The xid of the next request, and of the next ordinary reply. */
  #nextXid: number = Xid.first
  #replyXid: number = Xid.first
  #lastZxid: number
  #isEstablished = false
  #isClosed = false
  #isFlushDue = false
  #isWritable = true
  #lastSendMs: number
  #lastReceiveMs: number
  #readTimeoutMs = Infinity
  #timer: Timer
  readonly #flushBound = (): void => this.#flush()
  readonly #onTimerBound = (): void => this.#onTimer()

  constructor(options: LinkOptions) {
    this.#clock = options.clock
    this.#connection = options.connection
    this.#owner = options.owner
    this.#frames = new FrameReader(options.frameSizeMax, this)
    this.#lastZxid = options.handshake.lastZxidSeen
    this.#lastSendMs = this.#lastReceiveMs = this.#clock.nowMs()
    this.#timer = this.#clock.setTimer(options.handshakeTimeoutMs, () => {
      this.#break('the server did not answer the handshake in time')
    })
    options.connection.handler = this
    const frame = beginFrame(this.#out)
    writeConnectRequest(this.#out, options.handshake)
    endFrame(this.#out, frame)
    this.#flush()
  }

  get isEstablished(): boolean {
    return this.#isEstablished
  }

  get inFlightCount(): number {
    return this.#inFlight.length
  }

  /** The highest zxid of a reply, on this connection or before it. */
  get lastZxid(): number {
    return this.#lastZxid
  }

  /** @param timeoutMs the session's: the connection counts as lost when nothing came for two thirds of it */
  onSessionTimeout(timeoutMs: number): void {
    this.#readTimeoutMs = (timeoutMs * 2) / 3
    this.#timer.cancel()
    this.#setIdleTimer()
  }

  submit(request: ClientRequest): void {
    const out = this.#out
    const frame = beginFrame(out)
    out.int32(this.#nextXid).int32(request.type)
    try {
      request.writeTo(out)
    } catch (error) {
      // Half a frame would shift everything behind it.
      out.truncate(frame)
      throw error
    }
    endFrame(out, frame)
    this.#nextXid = xidAfter(this.#nextXid)
    this.#inFlight.push(request)
    if (!this.#isFlushDue) this.#flushAfterTurn()
  }

  sendAuth(request: AuthRequest): void {
    const frame = this.#beginSpecial(Xid.auth, OpCode.auth)
    writeAuthRequest(this.#out, request)
    endFrame(this.#out, frame)
  }

  /** @param request its last two lists travel only when `isPersistent`: old servers do not know them */
  sendSetWatches(request: SetWatches2Request, isPersistent: boolean): void {
    const frame = this.#beginSpecial(Xid.setWatches, isPersistent ? OpCode.setWatches2 : OpCode.setWatches)
    if (isPersistent) writeSetWatches2Request(this.#out, request)
    else writeSetWatchesRequest(this.#out, request)
    endFrame(this.#out, frame)
  }

  /** Gives the link up, without a word to the server. */
  destroy(): void {
    this.#break('closed by this client')
  }

  /** Answers what was in flight when the link closed, oldest first. Their outcome is not known. */
  failInFlight(error: number): void {
    for (let request = this.#inFlight.shift(); request !== undefined; request = this.#inFlight.shift()) {
      request.onReply(error, 0, NO_RECORD)
    }
  }

  onData(bytes: Buffer): void {
    if (this.#isClosed) return
    this.#lastReceiveMs = this.#clock.nowMs()
    if (this.#frames.push(bytes) === 'badLength') {
      this.#break(`the server sent a frame of the length ${this.#frames.badLength}`)
    }
  }

  onDrain(): void {
    this.#isWritable = true
    this.#flush()
  }

  onClose(error: Error | null): void {
    this.#break(error === null ? 'the server closed the connection' : error.message)
  }

  onFrame(bytes: Buffer, start: number, end: number): boolean {
    this.#from.reset(bytes, start, end)
    try {
      if (this.#isEstablished) this.#onReply()
      else this.#onHandshake()
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      this.#break(`the server sent a frame that cannot be read: ${error.message}`)
    }
    return !this.#isClosed
  }

  #onHandshake(): void {
    const response = readConnectResponse(this.#from)
    this.#isEstablished = true
    this.#owner.onHandshake(response)
  }

  /** The header is read by hand: this runs for every reply, see ReplyHeader. */
  #onReply(): void {
    const from = this.#from
    const xid = from.int32('header.xid')
    const zxid = from.safeLong('header.zxid')
    const error = from.int32('header.err')
    if (xid < 0) {
      this.#onSpecialReply(xid, zxid, error)
      return
    }
    if (xid !== this.#replyXid || this.#inFlight.length === 0) {
      this.#break(`the server answered the request ${xid} instead of ${this.#replyXid}`)
      return
    }
    if (zxid > this.#lastZxid) this.#lastZxid = zxid
    this.#replyXid = xidAfter(xid)
    const request = this.#inFlight.shift() as ClientRequest
    try {
      request.onReply(error, zxid, from)
    } catch (cause) {
      if (cause instanceof DecodeError) request.onReply(WireError.marshallingError, zxid, NO_RECORD)
      throw cause
    }
  }

  #onSpecialReply(xid: number, zxid: number, error: number): void {
    if (xid === Xid.event) {
      this.#owner.onEvent(readWatchEvent(this.#from), zxid)
      return
    }
    if (zxid > this.#lastZxid) this.#lastZxid = zxid
    if (xid === Xid.auth) this.#owner.onAuthReply(error)
    else if (xid === Xid.setWatches && error !== WireError.ok) {
      // Going on would leave the caller waiting for events that never come.
      this.#break(`the server did not take the watches back (error ${error})`)
    }
  }

  #beginSpecial(xid: number, type: number): number {
    const frame = beginFrame(this.#out)
    writeRequestHeader(this.#out, { xid, type })
    if (!this.#isFlushDue) this.#flushAfterTurn()
    return frame
  }

  #flushAfterTurn(): void {
    this.#isFlushDue = true
    this.#clock.afterTurn(this.#flushBound)
  }

  #flush(): void {
    this.#isFlushDue = false
    if (this.#isClosed || !this.#isWritable || this.#out.size === 0) return
    this.#lastSendMs = this.#clock.nowMs()
    this.#isWritable = this.#connection.write(this.#out.take())
    if (this.#connection.bufferedBytes === 0) this.#out.recycle()
  }

  #pingAfterMs(): number {
    return Math.min(this.#readTimeoutMs / 2, PING_AFTER_MS_MAX)
  }

  #setIdleTimer(): void {
    const dueMs = Math.min(this.#lastReceiveMs + this.#readTimeoutMs, this.#lastSendMs + this.#pingAfterMs())
    this.#timer = this.#clock.setTimer(Math.max(0, dueMs - this.#clock.nowMs()), this.#onTimerBound)
  }

  #onTimer(): void {
    const nowMs = this.#clock.nowMs()
    if (nowMs - this.#lastReceiveMs >= this.#readTimeoutMs) {
      this.#break(`nothing came from the server for ${Math.round(nowMs - this.#lastReceiveMs)} ms`)
      return
    }
    if (nowMs - this.#lastSendMs >= this.#pingAfterMs()) {
      endFrame(this.#out, this.#beginSpecial(Xid.ping, OpCode.ping))
      // Also when the socket is clogged, so that the timer does not come back at once.
      this.#lastSendMs = nowMs
    }
    this.#setIdleTimer()
  }

  #break(reason: string): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#timer.cancel()
    this.#connection.destroy()
    this.#owner.onClosed(reason)
  }
}

function xidAfter(xid: number): number {
  return xid === 0x7fffffff ? Xid.first : xid + 1
}
