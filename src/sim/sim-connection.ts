import type { Connection, ConnectionHandler } from '../kernel/ports.ts'
import { lend } from './lend.ts'
import { SimPipe, type PipeEnd, type Wire } from './sim-pipe.ts'
import type { CrashKind, SimProcess } from './sim-process.ts'

/** From here on `write` asks its caller to wait. Node's own default. */
const HIGH_WATER_BYTES = 16 * 1024

const IGNORING: ConnectionHandler = {
  onData() {},
  onDrain() {},
  onClose() {},
}

/**
 * Sees what one host writes to another, in the pieces in which it writes: for tests that plant a mistake in a link.
 *
 * @param connection unique among all connections
 * @returns what goes out instead
 */
export type Meddler = (from: string, to: string, connection: number, bytes: Uint8Array) => Uint8Array

/** What a connection needs of the network beside what its pipes need. */
export interface ConnectionHome extends Wire {
  /** Null for an honest network. */
  readonly meddle: Meddler | null
  nextConnectionNumber(): number
  addConnection(connection: SimConnection): void
  removeConnection(connection: SimConnection): void
}

/** One end of a connection. It belongs to one incarnation of its process and dies with it. */
export class SimConnection implements Connection, PipeEnd {
  handler: ConnectionHandler = IGNORING
  readonly process: SimProcess
  readonly host: string
  readonly remoteHost: string
  readonly remotePort: number
  readonly tls = null
  readonly #network: ConnectionHome
  readonly #incarnation: number
  readonly #number: number
  #outgoing: SimPipe | null = null
  #incoming: SimPipe | null = null
  #onOpened: (() => void) | null = null
  #isClosed = false
  #isPaused = false
  #isRemoteFinished = false
  #wantsDrain = false

  constructor(
    network: ConnectionHome,
    process: SimProcess,
    host: string,
    remote: { readonly host: string; readonly port: number },
  ) {
    this.#network = network
    this.process = process
    this.host = host
    this.remoteHost = remote.host
    this.remotePort = remote.port
    this.#incarnation = process.incarnation
    this.#number = network.nextConnectionNumber()
    network.addConnection(this)
  }

  /** Joins the end that connected with the one that accepted; `onOpened` runs when the first one hears of it. */
  join(accepting: SimConnection, onOpened: () => void): void {
    const forth = new SimPipe(this.#network, this, accepting)
    const back = new SimPipe(this.#network, accepting, this)
    this.#outgoing = forth
    this.#incoming = back
    accepting.#outgoing = back
    accepting.#incoming = forth
    this.#onOpened = onOpened
    back.sendOpened()
  }

  get isGone(): boolean {
    return this.#isClosed || this.process.incarnation !== this.#incarnation || !this.process.isUp
  }

  /** Reads nothing for now, by its own wish or because its process is held up. */
  get isPaused(): boolean {
    return !this.isGone && (this.#isPaused || this.process.isPaused)
  }

  get outgoing(): SimPipe {
    return this.#outgoing as SimPipe
  }

  get bufferedBytes(): number {
    return this.outgoing.bufferedBytes
  }

  write(bytes: Uint8Array): boolean {
    if (this.isGone) return false
    const { meddle } = this.#network
    this.outgoing.write(meddle === null ? bytes : meddle(this.host, this.remoteHost, this.#number, bytes))
    this.#wantsDrain = this.bufferedBytes >= HIGH_WATER_BYTES
    return !this.#wantsDrain
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#incoming?.wake()
  }

  end(): void {
    if (!this.isGone) this.outgoing.finish()
  }

  destroy(): void {
    if (this.isGone) return
    this.outgoing.abandon(this.#network.prng.chance(0.5) ? 'finished' : 'reset')
    this.#close(null)
  }

  /** The process is gone: the operating system closes the connection, or is gone itself. */
  die(kind: CrashKind): void {
    this.#isClosed = true
    this.#network.removeConnection(this)
    if (kind === 'power') this.outgoing.abandon('silent')
    else this.outgoing.abandon(this.#network.prng.chance(0.5) ? 'finished' : 'reset')
    this.#incoming?.wake()
  }

  closeWith(error: Error): void {
    if (this.isGone) return
    this.outgoing.abandon('silent')
    this.#close(error)
  }

  onOpened(): void {
    const onOpened = this.#onOpened
    this.#onOpened = null
    if (onOpened !== null) this.process.run(onOpened)
  }

  onArrived(bytes: Buffer): void {
    lend(bytes, (lent) => this.process.run(() => this.handler.onData(lent)))
  }

  /** The other end wrote its last: this one ends, too, once it has sent what it has buffered. */
  onFinished(): void {
    this.#isRemoteFinished = true
    this.outgoing.finish()
    if (this.outgoing.isFinishSent) this.#close(null)
  }

  onFinishSent(): void {
    if (this.#isRemoteFinished) this.#close(null)
  }

  onFlushed(): void {
    if (!this.#wantsDrain) return
    this.#wantsDrain = false
    this.process.later(0, 'drain', () => {
      if (!this.#isClosed) this.handler.onDrain()
    })
  }

  #close(error: Error | null): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#onOpened = null
    this.#network.removeConnection(this)
    this.#incoming?.wake()
    this.process.later(0, 'close', () => this.handler.onClose(error))
  }
}
