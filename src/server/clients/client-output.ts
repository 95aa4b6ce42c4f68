import type { Connection } from '../../kernel/ports.ts'
import { ByteWriter } from '../../kernel/bytes.ts'
import type { SlabArena } from '../../kernel/slab-arena.ts'
import { beginFrame, endFrame, FRAME_HEADER_SIZE_BYTES } from '../../protocol/frame.ts'

/** What a connection takes of the arena at a time: room for some replies; it grows in place while nobody else writes. */
const PIECE_SIZE_BYTES = 1024
/**
 * Within one turn, more than this goes to the socket at once, so that the socket can say that it is full, and so that
 * what is written stays within a slab of the arena.
 */
const SEND_AT_BYTES = 48 * 1024
/**
 * A client that has this much waiting for it is closed. Replies alone can hardly get there, since the client is not read
 * while it does not read; watch events come without being asked for each time.
 */
const BUFFERED_MAX_BYTES = 64 * 1024 * 1024

/**
 * What leaves on one client connection: frames are written one after the other, and go to the socket in one piece
 * once a turn of the event loop.
 */
export class ClientOutput {
  readonly bytes: ByteWriter
  /** Of the frame that was ended last, without its length. */
  lastFrameBytes = 0
  readonly #connection: Connection
  readonly #onFilled: () => void
  #isFilled = false
  #isBlocked = false
  #frame = 0

  /**
   * @param arena shared by all connections, so that an idle one holds no memory for what it might write
   * @param onFilled called when the empty output gets its first bytes: somebody must call `flush` soon
   */
  constructor(connection: Connection, arena: SlabArena, onFilled: () => void) {
    this.bytes = new ByteWriter(PIECE_SIZE_BYTES, arena)
    this.#connection = connection
    this.#onFilled = onFilled
  }

  /** The socket has enough: nothing more should be produced for it until `onDrain`. */
  get isBlocked(): boolean {
    return this.#isBlocked
  }

  beginFrame(): void {
    this.#frame = beginFrame(this.bytes)
  }

  /** A frame that begins with a ReplyHeader. */
  beginReply(xid: number, zxid: number, error: number): void {
    this.#frame = beginFrame(this.bytes)
    this.bytes.int32(xid).safeLong(zxid).int32(error)
  }

  /** Replaces the record that was written behind the header by an error. */
  failReply(error: number): void {
    this.bytes.patchInt32(this.#frame + ERROR_AT, error)
    this.bytes.truncate(this.#frame + ERROR_AT + 4)
  }

  endFrame(): void {
    endFrame(this.bytes, this.#frame)
    this.lastFrameBytes = this.bytes.size - this.#frame - FRAME_HEADER_SIZE_BYTES
    if (this.bytes.size >= SEND_AT_BYTES) this.#send()
    if (this.#isFilled) return
    this.#isFilled = true
    this.#onFilled()
  }

  /** @returns false when too much waits in the socket: close the connection */
  flush(): boolean {
    this.#isFilled = false
    if (this.bytes.size > 0) this.#send()
    this.bytes.release()
    return this.#connection.bufferedBytes <= BUFFERED_MAX_BYTES
  }

  onDrain(): void {
    this.#isBlocked = false
  }

  #send(): void {
    if (!this.#connection.write(this.bytes.take())) this.#isBlocked = true
    // The usual case: the operating system took all at once, and the same memory serves the next connection.
    if (this.#connection.bufferedBytes === 0) this.bytes.recycle()
  }
}

/** Behind the frame's length, the xid and the zxid. */
const ERROR_AT = 4 + 4 + 8
