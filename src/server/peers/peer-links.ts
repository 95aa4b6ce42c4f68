import type { Clock, Connection, Listener, Network, Timer } from '../../kernel/ports.ts'
import type { Prng } from '../../kernel/prng.ts'
import type { QuorumRule } from '../../zoocfg/quorum-rule.ts'
import type { PeerSettings } from '../../zoocfg/settings/peer-settings.ts'
import { quorumRuleText } from '../replication/quorum-of.ts'
import type { HostAndPort, PeerAddress } from '../settings.ts'
import { MessageTrace } from './message-trace.ts'
import { PeerLink, type LinkFigures, type PeerLinkOptions } from './peer-link.ts'
import type { PeerMessage } from './peer-message.ts'

const REDIAL_FIRST_MS = 20
const REBIND_MS = 1_000

export interface PeerLinksOptions {
  readonly self: PeerAddress
  /** The other members; observers have nothing to tell each other. */
  readonly peers: readonly PeerAddress[]
  readonly quorum: QuorumRule
  readonly settings: PeerSettings
  /** Spreads the observers that come back. */
  readonly prng: Prng
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
 * One connection a pair of servers; an observer dials, of two voters the one with the higher id. Both ends say hello first. What is sent within a
 * turn leaves in one write.
 *
 * A link that breaks loses what was under way, and nothing is resent on the next one: whoever needs to go on asks where
 * the other stands.
 */
export class PeerLinks {
  readonly #options: PeerLinksOptions
  readonly #ensemble: string
  readonly #peers: readonly PeerAddress[]
  readonly #links = new Map<number, PeerLink>()
  readonly #dials = new Map<number, { cancel(): void }>()
  readonly #timers = new Set<Timer>()
  /** Accepted connections that have not said hello yet. */
  readonly #strangers = new Set<Connection>()
  readonly #listeners: Listener[] = []
  #isStopped = false

  constructor(options: PeerLinksOptions) {
    this.#options = options
    this.#ensemble = ensembleText([options.self, ...options.peers], options.quorum)
    this.#peers = options.peers.filter(({ isObserver }) => !isObserver || !options.self.isObserver)
  }

  /** @param onListening null, or why it can listen on none of its addresses */
  start(onListening: (error: Error | null) => void): void {
    const { self, settings, onNote } = this.#options
    const addresses = addressesOf(self)
    const hosts = settings.listensOnAllAddresses ? addresses.map(() => '0.0.0.0') : addresses.map(({ host }) => host)
    let waitingCount = addresses.length
    let failure: Error | null = null
    for (const [index, { peerPort }] of addresses.entries()) {
      this.#listen({ host: hosts[index] ?? self.host, port: peerPort }, 1, (error) => {
        waitingCount--
        failure ??= error
        if (error !== null && addresses.length > 1) onNote(error.message)
        if (waitingCount > 0) return
        if (this.#listeners.length === 0) return onListening(failure)
        for (const peer of this.#peers) if (dials(self, peer)) this.#dial(peer, this.#firstPauseMs)
        onListening(null)
      })
    }
  }

  #listen(
    at: { readonly host: string; readonly port: number },
    attempt: number,
    onDone: (error: Error | null) => void,
  ): void {
    const { network, settings } = this.#options
    const { bindRetries, keepsAlive } = settings
    network.listen(
      { ...at, backlog: null, keepsAlive },
      (connection) => this.#onAccepted(connection),
      (result) => {
        if (result instanceof Error) {
          // Its owner may be on its way out: a server that was restarted at once finds its own port taken.
          const isLast = bindRetries > 0 && attempt >= bindRetries
          if (isLast || this.#isStopped) return onDone(result)
          return this.#later(REBIND_MS, () => this.#listen(at, attempt + 1, onDone))
        }
        this.#listeners.push(result)
        if (this.#isStopped) result.close(() => {})
        onDone(null)
      },
    )
  }

  /** What is known of the link to a peer; null when there is none. */
  figures(peer: number): LinkFigures | null {
    return this.#links.get(peer)?.figures ?? null
  }

  resetFigures(peer: number): void {
    this.#links.get(peer)?.resetFigures()
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
    let openCount = this.#listeners.length
    if (openCount === 0) onStopped()
    for (const listener of this.#listeners) {
      listener.close(() => {
        openCount--
        if (openCount === 0) onStopped()
      })
    }
  }

  /** @param at which of the peer's addresses */
  #dial(peer: PeerAddress, retryMs: number, at = 0): void {
    if (this.#isStopped) return
    const { network, self, settings } = this.#options
    const { addressTimeoutMs, dialTimeoutMs, keepsAlive, redialMaxMs } = settings
    const all = peer.reachedAt === undefined ? addressesOf(peer) : [peer.reachedAt]
    const addresses = addressTimeoutMs === null ? all.slice(0, 1) : all
    const { host, peerPort: port } = addresses[at] ?? peer
    const timeoutMs = addresses.length > 1 ? Math.min(addressTimeoutMs ?? dialTimeoutMs, dialTimeoutMs) : dialTimeoutMs
    const dial = network.connect({ host, port, timeoutMs, keepsAlive }, (result) => {
      this.#dials.delete(peer.id)
      if (result instanceof Error) {
        if (at + 1 < addresses.length) return this.#dial(peer, retryMs, at + 1)
        return this.#redial(peer, Math.min(retryMs * 2, redialMaxMs))
      }
      if (this.#isStopped) return result.destroy()
      const greeting = new PeerLink(result, this.#linkOptions(), {
        onMessage: (message) => this.#onFirstMessage(greeting, message, peer.id),
        onBroken: (reason) => {
          if (reason !== null) this.#options.onNote(`link to server ${peer.id}: ${reason}`)
          this.#onClosed(greeting, peer.id)
          this.#redial(peer, this.#firstPauseMs + this.#observerPauseMs())
        },
      })
      greeting.write({ kind: 'hello', from: self.id, ensemble: this.#ensemble })
      greeting.flush()
    })
    this.#dials.set(peer.id, dial)
  }

  #redial(peer: PeerAddress, delayMs: number): void {
    this.#later(delayMs, () => this.#dial(peer, Math.min(delayMs, this.#options.settings.redialMaxMs)))
  }

  get #firstPauseMs(): number {
    return Math.min(REDIAL_FIRST_MS, this.#options.settings.redialMaxMs)
  }

  #observerPauseMs(): number {
    const { self, settings, prng } = this.#options
    return self.isObserver ? prng.below(settings.observerReconnectDelayMs) : 0
  }

  #later(delayMs: number, act: () => void): void {
    if (this.#isStopped) return
    const timer = this.#options.clock.setTimer(delayMs, () => {
      this.#timers.delete(timer)
      act()
    })
    this.#timers.add(timer)
  }

  #onAccepted(connection: Connection): void {
    this.#strangers.add(connection)
    let peer: number | null = null
    const link = new PeerLink(connection, this.#linkOptions(), {
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
    const { self } = this.#options
    const peer = this.#peers.find(({ id }) => id === expected)
    const isHello = message.kind === 'hello' && message.from === expected
    if (!isHello || peer === undefined) return link.fail('no hello of a member came first')
    if (message.ensemble !== this.#ensemble) {
      return link.fail(`server ${expected} has other server lines: "${message.ensemble}", here "${this.#ensemble}"`)
    }
    if (!dials(self, peer)) link.write({ kind: 'hello', from: self.id, ensemble: this.#ensemble })
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

  #linkOptions(): PeerLinkOptions {
    const { clock, settings, frameBytesMax } = this.#options
    const trace = settings.trackedMessages === 0 ? null : new MessageTrace(clock, settings.trackedMessages)
    return { frameBytesMax, trace, sinceMs: clock.nowMs() }
  }

  #onClosed(link: PeerLink, peer: number): void {
    if (this.#links.get(peer) !== link) return
    const { traceText } = link
    if (traceText !== null && !this.#isStopped) {
      this.#options.onNote(`the last messages with server ${peer} before the link broke: ${traceText}`)
    }
    this.#links.delete(peer)
    this.#options.onDown(peer)
  }
}

/** Whether `self` opens the connection between the two. */
function dials(self: PeerAddress, peer: PeerAddress): boolean {
  return self.isObserver === peer.isObserver ? self.id > peer.id : self.isObserver
}

/** The first one first. */
function addressesOf(peer: PeerAddress): readonly [HostAndPort, ...HostAndPort[]] {
  return [peer, ...(peer.otherAddresses ?? [])]
}

function ensembleText(members: readonly PeerAddress[], quorum: QuorumRule): string {
  const servers = [...members]
    .sort((a, b) => a.id - b.id)
    .map((server) => {
      const addresses = addressesOf(server).map(({ host, peerPort }) => `${host}:${peerPort}`)
      return `${server.id}=${addresses.join('|')}${server.isObserver ? ':observer' : ''}`
    })
  return [...servers, `quorum=${quorumRuleText(quorum)}`].join(' ')
}
