import { ByteReader, ByteWriter, DecodeError } from '../../kernel/bytes.ts'
import type { Clock, Connection, Listener, Network, Timer } from '../../kernel/ports.ts'
import { FrameReader } from '../../protocol/frame-reader.ts'
import { readPeerMessage, writePeerMessage } from './peer-codec.ts'
import type { PeerMessage } from './peer-message.ts'
import type { PeerAddress } from '../settings.ts'

const DIAL_TIMEOUT_MS = 2_000
const REDIAL_FIRST_MS = 20
const REDIAL_MAX_MS = 250
/** What may wait for a peer that does not read: beyond it the link is cut, and the peer catches up on a new one. */
const PEER_BUFFERED_BYTES_MAX = 64 * 1024 * 1024
const SLAB_BYTES = 256 * 1024

export interface PeerLinksOptions {
  readonly self: PeerAddress
  /** The other members. */
  readonly peers: readonly PeerAddress[]
  readonly network: Network
  readonly clock: Clock
  /** Largest frame that a peer may send, in bytes. */
  readonly frameBytesMax: number
  readonly onUp: (peer: number) => void
  readonly onDown: (peer: number) => void
  readonly onMessage: (peer: number, message: PeerMessage) => void
  /** What went wrong on a link, for the log. */
  readonly onNote: (note: string) => void
}

/**
 * One connection a pair of servers; the one with the higher id dials. Both ends say hello first. What is sent within a
 * turn leaves in one write.
 *
 * A link that breaks loses what was under way, and nothing is resent on the next one: whoever needs to go on asks where
 * the other stands.
 */
export class PeerLinks {
  readonly #options: PeerLinksOptions
  readonly #ensemble: string
  readonly #links = new Map<number, PeerLink>()
  readonly #dials = new Map<number, { cancel(): void }>()
  readonly #timers = new Set<Timer>()
  /** Accepted connections that have not said hello yet. */
  readonly #strangers = new Set<Connection>()
  #listener: Listener | null = null
  #isStopped = false

  constructor(options: PeerLinksOptions) {
    this.#options = options
    this.#ensemble = ensembleText([options.self, ...options.peers])
  }

  /** @param onListening null, or why it cannot listen */
  start(onListening: (error: Error | null) => void): void {
    const { self, peers, network } = this.#options
    network.listen(
      { host: self.host, port: self.peerPort, backlog: null },
      (connection) => this.#onAccepted(connection),
      (result) => {
        if (result instanceof Error) return onListening(result)
        this.#listener = result
        if (this.#isStopped) result.close(() => {})
        for (const peer of peers) if (self.id > peer.id) this.#dial(peer, REDIAL_FIRST_MS)
        onListening(null)
      },
    )
  }

  isUp(peer: number): boolean {
    return this.#links.has(peer)
  }

  /** Bytes that a peer has not taken yet. */
  bufferedBytes(peer: number): number {
    return this.#links.get(peer)?.bufferedBytes ?? 0
  }

  /** Lost when there is no link, as on a network. */
  send(peer: number, message: PeerMessage): void {
    this.#links.get(peer)?.write(message)
  }

  /** At the end of a turn. */
  flush(): void {
    for (const link of this.#links.values()) link.flush()
  }

  /** Something on the link cannot be: both ends start afresh. */
  cut(peer: number, reason: string): void {
    this.#links.get(peer)?.fail(reason)
  }

  stop(onStopped: () => void): void {
    this.#isStopped = true
    for (const timer of this.#timers) timer.cancel()
    for (const dial of this.#dials.values()) dial.cancel()
    for (const connection of this.#strangers) connection.destroy()
    for (const link of this.#links.values()) link.connection.end()
    if (this.#listener === null) onStopped()
    else this.#listener.close(onStopped)
  }

  #dial(peer: PeerAddress, retryMs: number): void {
    if (this.#isStopped) return
    const { network, self } = this.#options
    const dial = network.connect({ host: peer.host, port: peer.peerPort, timeoutMs: DIAL_TIMEOUT_MS }, (result) => {
      this.#dials.delete(peer.id)
      if (result instanceof Error) return this.#redial(peer, Math.min(retryMs * 2, REDIAL_MAX_MS))
      if (this.#isStopped) return result.destroy()
      const greeting = new PeerLink(result, this.#options.frameBytesMax, {
        onMessage: (message) => this.#onFirstMessage(greeting, message, peer.id),
        onBroken: (reason) => {
          if (reason !== null) this.#options.onNote(`link to server ${peer.id}: ${reason}`)
          this.#onClosed(greeting, peer.id)
          this.#redial(peer, REDIAL_FIRST_MS)
        },
      })
      greeting.write({ kind: 'hello', from: self.id, ensemble: this.#ensemble })
      greeting.flush()
    })
    this.#dials.set(peer.id, dial)
  }

  #redial(peer: PeerAddress, delayMs: number): void {
    if (this.#isStopped) return
    const timer = this.#options.clock.setTimer(delayMs, () => {
      this.#timers.delete(timer)
      this.#dial(peer, delayMs)
    })
    this.#timers.add(timer)
  }

  #onAccepted(connection: Connection): void {
    this.#strangers.add(connection)
    let peer: number | null = null
    const link = new PeerLink(connection, this.#options.frameBytesMax, {
      onMessage: (message) => {
        this.#strangers.delete(connection)
        if (message.kind === 'hello') peer = message.from
        this.#onFirstMessage(link, message, peer)
      },
      onBroken: (reason) => {
        this.#strangers.delete(connection)
        if (reason !== null) this.#options.onNote(`peer connection from ${connection.remoteHost}: ${reason}`)
        if (peer !== null) this.#onClosed(link, peer)
      },
    })
  }

  /** @param expected who it must be; null when it has not said */
  #onFirstMessage(link: PeerLink, message: PeerMessage, expected: number | null): void {
    const { self, peers } = this.#options
    const isHello = message.kind === 'hello' && message.from === expected
    if (!isHello || !peers.some(({ id }) => id === expected)) return link.fail('no hello of a member came first')
    if (message.ensemble !== this.#ensemble) {
      return link.fail(`server ${expected} has other server lines: "${message.ensemble}", here "${this.#ensemble}"`)
    }
    const isDialed = self.id > expected
    if (!isDialed) link.write({ kind: 'hello', from: self.id, ensemble: this.#ensemble })
    // A peer that dials again has lost the old link, whatever this end thinks of it.
    const old = this.#links.get(expected)
    if (old !== undefined) {
      this.#onClosed(old, expected)
      old.connection.destroy()
    }
    this.#links.set(expected, link)
    link.onMessage = (next) => this.#options.onMessage(expected, next)
    this.#options.onUp(expected)
    link.flush()
  }

  #onClosed(link: PeerLink, peer: number): void {
    if (this.#links.get(peer) !== link) return
    this.#links.delete(peer)
    this.#options.onDown(peer)
  }
}

interface PeerLinkCallbacks {
  readonly onMessage: (message: PeerMessage) => void
  /** @param reason null when the other end closed */
  readonly onBroken: (reason: string | null) => void
}

/** One connection: frames in, frames out, one write a turn. */
class PeerLink {
  readonly connection: Connection
  onMessage: (message: PeerMessage) => void
  readonly #out = new ByteWriter(SLAB_BYTES)
  readonly #reader = new ByteReader(Buffer.alloc(0))
  readonly #frames: FrameReader
  #reason: string | null = null

  constructor(connection: Connection, frameBytesMax: number, callbacks: PeerLinkCallbacks) {
    this.connection = connection
    this.onMessage = callbacks.onMessage
    this.#frames = new FrameReader(frameBytesMax, {
      onFrame: (bytes, start, end) => this.#onFrame(bytes, start, end),
    })
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

  write(message: PeerMessage): void {
    const at = this.#out.reserve(4)
    writePeerMessage(this.#out, message)
    this.#out.patchInt32(at, this.#out.size - at - 4)
  }

  flush(): void {
    if (this.#out.size === 0 || this.#reason !== null) return
    this.connection.write(this.#out.take())
    if (this.connection.bufferedBytes > PEER_BUFFERED_BYTES_MAX) this.fail('the peer does not read')
  }

  /** Nothing that has arrived is read any more: what follows the fault could pass for something it is not. */
  fail(reason: string): void {
    this.#reason = reason
    this.connection.destroy()
  }

  #onFrame(bytes: Buffer, start: number, end: number): boolean {
    try {
      this.onMessage(readPeerMessage(this.#reader.reset(bytes, start, end)))
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      this.fail(error.message)
    }
    return this.#reason === null
  }
}

function ensembleText(members: readonly PeerAddress[]): string {
  return [...members]
    .sort((a, b) => a.id - b.id)
    .map(({ id, host, peerPort, isObserver }) => `${id}=${host}:${peerPort}${isObserver ? ':observer' : ''}`)
    .join(' ')
}
