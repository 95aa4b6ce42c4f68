import { ByteReader, ByteWriter, DecodeError } from '../../kernel/bytes.ts'
import type { Connection } from '../../kernel/ports.ts'
import { FrameReader, type FrameSink } from '../../protocol/frame-reader.ts'
import { readPeerMessage, writePeerMessage } from './peer-codec.ts'
import type { MessageTrace } from './message-trace.ts'
import type { PeerMessage } from './peer-message.ts'

/** What may wait for a peer that does not read: beyond it the link is cut, and the peer catches up on a new one. */
const PEER_BUFFERED_BYTES_MAX = 64 * 1024 * 1024
const SLAB_BYTES = 256 * 1024
/** Frames with the writes of many clients are longer than what is read at a time: there are few links, and each has such. */
const KEPT_ROOM_BYTES = 1024 * 1024

export interface PeerLinkCallbacks {
  readonly onMessage: (message: PeerMessage) => void
  /** @param reason null when the other end closed */
  readonly onBroken: (reason: string | null) => void
}

export interface PeerLinkOptions {
  readonly frameBytesMax: number
  /** Is told of every message; null when nobody asks for them. */
  readonly trace: MessageTrace | null
  /** Now, by the server's monotonic clock. */
  readonly sinceMs: number
}

/** For those who look at the servers that follow a leader. */
export interface LinkFigures {
  readonly remoteHost: string
  readonly remotePort: number
  /** When the connection was made, by the server's monotonic clock. */
  readonly sinceMs: number
  /** Messages, since then or since the last reset. */
  readonly received: number
  readonly sent: number
  /** What the other end has not taken yet. */
  readonly bufferedBytes: number
}

/** One connection: frames in, frames out, one write a turn. */
export class PeerLink {
  readonly connection: Connection
  onMessage: (message: PeerMessage) => void
  readonly #out = new ByteWriter(SLAB_BYTES)
  readonly #reader = new ByteReader(Buffer.alloc(0))
  readonly #frames: FrameReader
  readonly #trace: MessageTrace | null
  readonly #sinceMs: number
  #received = 0
  #sent = 0
  #reason: string | null = null

  constructor(connection: Connection, options: PeerLinkOptions, callbacks: PeerLinkCallbacks) {
    this.connection = connection
    this.#trace = options.trace
    this.#sinceMs = options.sinceMs
    this.onMessage = callbacks.onMessage
    const sink: FrameSink = { onFrame: (bytes, start, end) => this.#onFrame(bytes, start, end) }
    this.#frames = new FrameReader(options.frameBytesMax, sink, null, KEPT_ROOM_BYTES)
    connection.handler = {
      onData: (bytes) => {
        if (this.#reason === null && this.#frames.push(bytes) === 'badLength') {
          this.fail(`a frame of ${this.#frames.badLength} bytes`)
        }
      },
      onDrain: () => {},
      onClose: (error) => callbacks.onBroken(this.#reason ?? error?.message ?? null),
    }
  }

  get bufferedBytes(): number {
    return this.connection.bufferedBytes + this.#out.size
  }

  /** The last messages before the link broke; null when they are not kept. */
  get traceText(): string | null {
    return this.#trace?.text ?? null
  }

  get figures(): LinkFigures {
    const { remoteHost, remotePort } = this.connection
    const traffic = { received: this.#received, sent: this.#sent, bufferedBytes: this.bufferedBytes }
    return { remoteHost, remotePort, sinceMs: this.#sinceMs, ...traffic }
  }

  resetFigures(): void {
    this.#received = 0
    this.#sent = 0
  }

  write(message: PeerMessage): void {
    this.#sent++
    this.#trace?.sent(message)
    const at = this.#out.reserve(4)
    writePeerMessage(this.#out, message)
    this.#out.patchInt32(at, this.#out.size - at - 4)
  }

  flush(): void {
    if (this.#out.size === 0 || this.#reason !== null) return
    this.connection.write(this.#out.take())
    if (this.connection.bufferedBytes === 0) this.#out.recycle()
    if (this.connection.bufferedBytes > PEER_BUFFERED_BYTES_MAX) this.fail('the peer does not read')
  }

  /** Nothing that has arrived is read any more: what follows the fault could pass for something it is not. */
  fail(reason: string): void {
    this.#reason = reason
    this.connection.destroy()
  }

  #onFrame(bytes: Buffer, start: number, end: number): boolean {
    try {
      const message = readPeerMessage(this.#reader.reset(bytes, start, end))
      this.#received++
      this.#trace?.received(message)
      this.onMessage(message)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      this.fail(error.message)
    }
    return this.#reason === null
  }
}
