import { ByteReader, ByteWriter } from '../../../kernel/bytes.ts'
import type { Clock, Connection } from '../../../kernel/ports.ts'
import { readConnectResponse, writeConnectRequest, type ConnectResponse } from '../../../protocol/connect.ts'
import { FrameReader, type FrameSink } from '../../../protocol/frame-reader.ts'
import { beginFrame, endFrame } from '../../../protocol/frame.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import { readReplyHeader } from '../../../protocol/reply-header.ts'
import { WireError } from '../../../protocol/wire-error.ts'
import { Xid } from '../../../protocol/xid.ts'
import { LocalPipe, type PipeClient } from './local-pipe.ts'

export interface LocalReply {
  readonly error: number
  /** The state that answered: of a read the newest change it could see, of a write its own. */
  readonly zxid: number
  /** At the response record; good within the call that gets it. */
  readonly record: ByteReader
}

type OnReply = (reply: LocalReply) => void

const LOST: LocalReply = { error: WireError.connectionLoss, zxid: -1, record: new ByteReader(Buffer.alloc(0)) }
const FRAME_SIZE_MAX = 2 ** 31 - 1

/** One connection of the gateway to its own server: handshake first, then requests and their replies in order. */
export class LocalLink implements PipeClient, FrameSink {
  readonly #pipe: LocalPipe
  readonly #frames = new FrameReader(FRAME_SIZE_MAX, this)
  readonly #waiting: OnReply[] = []
  #onConnected: ((response: ConnectResponse | null) => void) | null
  #lastXid = 0
  #isClosed = false

  /**
   * @param session with the id 0 for a new one
   * @param onConnected gets the server's answer, once; null when the connection closed instead
   */
  constructor(
    clock: Clock,
    accept: (connection: Connection) => void,
    session: { readonly high: number; readonly low: number; readonly password: Uint8Array; readonly timeoutMs: number },
    onConnected: (response: ConnectResponse | null) => void,
  ) {
    this.#onConnected = onConnected
    this.#pipe = new LocalPipe(clock, this)
    accept(this.#pipe)
    const out = new ByteWriter(64)
    const frame = beginFrame(out)
    writeConnectRequest(out, {
      protocolVersion: 0,
      lastZxidSeen: 0,
      timeoutMs: session.timeoutMs,
      sessionHigh: session.high,
      sessionLow: session.low,
      password: session.password,
      readOnly: false,
    })
    endFrame(out, frame)
    this.#pipe.send(Buffer.from(out.take()))
  }

  get isOpen(): boolean {
    return !this.#isClosed
  }

  /** @param onReply called once, outside of this call; with CONNECTIONLOSS when the outcome will never be known */
  request(type: number, write: (out: ByteWriter) => void, onReply: OnReply): void {
    if (this.#isClosed) {
      onReply(LOST)
      return
    }
    this.#waiting.push(onReply)
    this.#send(++this.#lastXid, type, write)
  }

  /** Keeps the session alive. */
  ping(): void {
    if (!this.#isClosed) this.#send(Xid.ping, OpCode.ping, () => undefined)
  }

  hangUp(): void {
    this.#pipe.hangUp()
  }

  onBytes(bytes: Uint8Array): void {
    this.#frames.push(Buffer.from(bytes))
  }

  onFrame(bytes: Buffer, start: number, end: number): boolean {
    const record = new ByteReader(bytes.subarray(start, end))
    if (this.#onConnected !== null) {
      const onConnected = this.#onConnected
      this.#onConnected = null
      onConnected(readConnectResponse(record))
      return true
    }
    const { xid, zxid, error } = readReplyHeader(record)
    if (xid > 0) this.#waiting.shift()?.({ error, zxid, record })
    return true
  }

  onClosed(): void {
    this.#isClosed = true
    const onConnected = this.#onConnected
    this.#onConnected = null
    onConnected?.(null)
    for (const onReply of this.#waiting.splice(0)) onReply(LOST)
  }

  #send(xid: number, type: number, write: (out: ByteWriter) => void): void {
    const out = new ByteWriter(256)
    const frame = beginFrame(out)
    out.int32(xid).int32(type)
    write(out)
    endFrame(out, frame)
    this.#pipe.send(Buffer.from(out.take()))
  }
}
