import type { Timer } from '../kernel/ports.ts'
import type { Prng } from '../kernel/prng.ts'
import type { LinkConditions } from './link.ts'
import type { Scheduler } from './scheduler.ts'
import type { SimProcess } from './sim-process.ts'

/** Bytes that the two operating systems hold between sender and reader. */
const WINDOW_BYTES = 128 * 1024
/** A sender whose packets get no answer for so long gives the connection up. */
const GIVE_UP_MS = 30_000

/** What a pipe needs of the network. */
export interface Wire {
  readonly scheduler: Scheduler
  readonly prng: Prng
  link(from: string, to: string): LinkConditions
  isBlocked(from: string, to: string): boolean
  drawDelayMs(from: string, to: string): number
  addPipe(pipe: SimPipe): void
  removePipe(pipe: SimPipe): void
}

/** What a pipe needs of either end of the connection, and tells it. */
export interface PipeEnd {
  readonly host: string
  readonly process: SimProcess
  /** Nothing on this side knows the connection any more. */
  readonly isGone: boolean
  readonly isPaused: boolean
  readonly outgoing: SimPipe
  /** The end mark has been taken by the operating system. */
  onFinishSent(): void
  /** All that was buffered has been taken by the operating system. */
  onFlushed(): void
  onOpened(): void
  onArrived(bytes: Buffer): void
  /** The other end has written its last. */
  onFinished(): void
  /** This end hears that the connection is broken. */
  closeWith(error: Error): void
}

type Packet =
  | { readonly kind: 'opened'; readonly readyAtMs: number }
  | { readonly kind: 'data'; readonly bytes: Buffer; readonly readyAtMs: number }
  | { readonly kind: 'finished'; readonly readyAtMs: number }
  | { readonly kind: 'reset'; readonly readyAtMs: number }

/** One direction of a connection: what the sender wrote, what travels, what waits for the reader. */
export class SimPipe {
  readonly sender: PipeEnd
  readonly receiver: PipeEnd
  readonly #wire: Wire
  /** Written, and not taken by the operating system yet. */
  #buffered: Uint8Array[] = []
  #bufferedBytes = 0
  #finishes = false
  #isFinishSent = false
  /** Taken, and not yet read at the other end as far as the sender knows. */
  #windowUsedBytes = 0
  #packets: Packet[] = []
  #lastReadyAtMs = 0
  #delivery: Timer | null = null
  /** Bytes whose acknowledgement cannot travel back: the reverse link is blocked. */
  #unackedBytes = 0
  #givesUp: Timer | null = null

  constructor(wire: Wire, sender: PipeEnd, receiver: PipeEnd) {
    this.#wire = wire
    this.sender = sender
    this.receiver = receiver
    wire.addPipe(this)
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes
  }

  /** Everything written has been taken by the operating system, the end mark too if there is one. */
  get isFinishSent(): boolean {
    return this.#isFinishSent
  }

  write(bytes: Uint8Array): void {
    if (this.#finishes || bytes.length === 0) return
    this.#buffered.push(bytes)
    this.#bufferedBytes += bytes.length
    this.#fill()
  }

  /** The first packet of the side that accepted: the other side's `connect` succeeds when it arrives. */
  sendOpened(): void {
    this.#send({ kind: 'opened', readyAtMs: this.#drawReadyAtMs(1) })
  }

  /** Sends what is buffered, then the end mark. */
  finish(): void {
    this.#finishes = true
    this.#fill()
  }

  /** The sending process is gone or has given up: what it buffered is lost, what travels may arrive. */
  abandon(how: 'finished' | 'reset' | 'silent'): void {
    this.#buffered = []
    this.#bufferedBytes = 0
    if (this.#isFinishSent) return
    this.#finishes = true
    this.#isFinishSent = true
    if (how === 'silent') {
      this.#schedule()
      return
    }
    if (how === 'reset') this.#packets = this.#packets.filter((packet) => packet.kind === 'opened')
    this.#send({ kind: how, readyAtMs: this.#drawReadyAtMs(1) })
  }

  /** A packet came back for a connection that nobody knows at this end: the other end is told. */
  refuse(): void {
    this.#wire.addPipe(this)
    this.#send({ kind: 'reset', readyAtMs: this.#drawReadyAtMs(1) })
  }

  breakBothEnds(): void {
    this.sender.closeWith(new Error('connection reset'))
    this.receiver.closeWith(new Error('connection reset'))
  }

  /** The reader resumed, the link changed, or the machine is back: what is due goes on. */
  wake(): void {
    const { sender, receiver } = this
    if (this.#unackedBytes > 0 && !this.#wire.isBlocked(receiver.host, sender.host)) {
      const bytes = this.#unackedBytes
      this.#unackedBytes = 0
      this.#acknowledge(bytes)
    }
    this.#schedule()
  }

  /** Nothing will be delivered any more. */
  close(): void {
    this.#packets = []
    this.#delivery?.cancel()
    this.#delivery = null
    this.#givesUp?.cancel()
    this.#wire.removePipe(this)
  }

  #fill(): void {
    while (this.#bufferedBytes > 0 && this.#windowUsedBytes < WINDOW_BYTES) {
      const first = this.#buffered[0] as Uint8Array
      const bytes = Buffer.from(first.subarray(0, WINDOW_BYTES - this.#windowUsedBytes))
      if (bytes.length === first.length) this.#buffered.shift()
      else this.#buffered[0] = first.subarray(bytes.length)
      this.#bufferedBytes -= bytes.length
      this.#windowUsedBytes += bytes.length
      this.#send({ kind: 'data', bytes, readyAtMs: this.#drawReadyAtMs(bytes.length) })
    }
    if (this.#bufferedBytes > 0) return
    if (this.#finishes && !this.#isFinishSent) {
      this.#isFinishSent = true
      this.#send({ kind: 'finished', readyAtMs: this.#drawReadyAtMs(1) })
      this.sender.onFinishSent()
    }
    this.sender.onFlushed()
  }

  #drawReadyAtMs(bytes: number): number {
    const { sender, receiver } = this
    const link = this.#wire.link(sender.host, receiver.host)
    const fromMs = Math.max(this.#lastReadyAtMs, this.#wire.scheduler.nowMs) + bytes / link.bytesPerMs
    const delayMs = this.#wire.drawDelayMs(sender.host, receiver.host)
    this.#lastReadyAtMs = Math.max(fromMs, this.#wire.scheduler.nowMs + delayMs)
    return this.#lastReadyAtMs
  }

  #send(packet: Packet): void {
    this.#packets.push(packet)
    this.#schedule()
  }

  #schedule(): void {
    const packet = this.#packets[0]
    if (packet === undefined) {
      // After a farewell that is never sent nothing follows.
      if (this.#isFinishSent) this.#wire.removePipe(this)
      return
    }
    if (this.#delivery !== null) return
    const { sender, receiver } = this
    if (this.#wire.isBlocked(sender.host, receiver.host) || !receiver.process.isPowered) {
      this.#startGivingUp()
      return
    }
    this.#givesUp?.cancel()
    this.#givesUp = null
    if (receiver.isPaused && packet.kind !== 'reset') return
    const waitMs = Math.max(0, packet.readyAtMs - this.#wire.scheduler.nowMs)
    this.#delivery = this.#wire.scheduler.after(waitMs, `${sender.host}>${receiver.host}`, () => {
      this.#delivery = null
      this.#deliver()
      this.#schedule()
    })
  }

  #startGivingUp(): void {
    this.#givesUp ??= this.#wire.scheduler.after(GIVE_UP_MS, `${this.sender.host} gives up`, () => {
      this.sender.closeWith(new Error('connection timed out'))
      this.close()
    })
  }

  #deliver(): void {
    const { sender, receiver } = this
    const packet = this.#packets[0]
    // The conditions may have changed since this was scheduled; `#schedule` waits for better ones.
    if (packet === undefined || this.#wire.isBlocked(sender.host, receiver.host)) return
    if (!receiver.process.isPowered || (receiver.isPaused && packet.kind !== 'reset')) return
    if (receiver.isGone) {
      // Nobody knows this connection here any more: the operating system says so.
      this.close()
      if (packet.kind !== 'reset') receiver.outgoing.refuse()
      return
    }
    if (packet.kind === 'data') {
      const piece = this.#takePiece()
      this.#acknowledgeLater(piece.length)
      receiver.onArrived(piece)
      return
    }
    this.#packets.shift()
    switch (packet.kind) {
      case 'opened':
        receiver.onOpened()
        break
      case 'finished':
        this.close()
        receiver.onFinished()
        break
      case 'reset':
        this.close()
        receiver.closeWith(new Error('connection reset by peer'))
    }
  }

  /** Joins what has arrived and cuts it somewhere: a stream has no borders of its own. */
  #takePiece(): Buffer {
    const { scheduler, prng } = this.#wire
    const ready: Buffer[] = []
    for (let packet = this.#packets[0]; packet?.kind === 'data'; packet = this.#packets[0]) {
      if (packet.readyAtMs > scheduler.nowMs) break
      ready.push(packet.bytes)
      this.#packets.shift()
    }
    const joined = ready.length === 1 ? (ready[0] as Buffer) : Buffer.concat(ready)
    if (joined.length < 2 || prng.chance(0.8)) return joined
    const cutAt = prng.chance(0.5)
      ? prng.between(1, Math.min(8, joined.length - 1))
      : prng.between(1, joined.length - 1)
    const restAtMs = scheduler.nowMs + (prng.chance(0.5) ? 0 : prng.float())
    this.#lastReadyAtMs = Math.max(this.#lastReadyAtMs, restAtMs)
    this.#packets.unshift({ kind: 'data', bytes: joined.subarray(cutAt), readyAtMs: restAtMs })
    return joined.subarray(0, cutAt)
  }

  #acknowledgeLater(bytes: number): void {
    if (this.#wire.isBlocked(this.receiver.host, this.sender.host)) this.#unackedBytes += bytes
    else this.#acknowledge(bytes)
  }

  #acknowledge(bytes: number): void {
    const isWindowFull = this.#windowUsedBytes >= WINDOW_BYTES
    if (!isWindowFull && this.#bufferedBytes === 0) {
      this.#windowUsedBytes -= bytes
      return
    }
    const delayMs = this.#wire.drawDelayMs(this.receiver.host, this.sender.host)
    this.#wire.scheduler.after(delayMs, `${this.receiver.host}>${this.sender.host} ack`, () => {
      this.#windowUsedBytes -= bytes
      this.#fill()
    })
  }
}
