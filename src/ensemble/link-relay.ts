import { Socket, createServer, type AddressInfo, type Server } from 'node:net'
import { ElectionGreeting } from './apache/election-greeting.ts'
import { LinkDirection } from './link-direction.ts'
import { Prng } from '../kernel/prng.ts'
import type { PlannedLink } from '../profile/plan.ts'
import type { ServerPorts } from './server-config.ts'

const HOST = '127.0.0.1'
const REDIAL_MS = 20
/**
 * Who dials has been let in before it is known whether anybody is there, and a refusal could be told by a broken connection only. A
 * follower of Apache gives up a leader for that, where it would dial one that does not listen yet again for some seconds. So does its
 * relay, in its place.
 */
const TAKEN_WITHIN_MS = 5_000

export interface RelayOptions {
  /** Of the chance that makes jitter and losses. */
  readonly seed: number
  /** Milliseconds; for tests. */
  readonly takenWithinMs?: number
}

/** Where a server finds another one. */
export type PeerPorts = Pick<ServerPorts, 'peer' | 'election'>

/**
 * Distance between the servers of a local ensemble: they reach each other through ports of ours, which pass on what they
 * get when it would be there over the link of the two. Clients are not delayed, and no link is narrower than it was.
 *
 * Opening a connection takes the link's round trip, as the handshake of TCP would; one that nobody takes for seconds is
 * closed.
 */
export class LinkRelays {
  readonly #servers: Server[] = []
  readonly #sockets = new Set<Socket>()
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #reached = new Map<number, Map<number, PeerPorts>>()
  readonly #prng: Prng
  readonly #takenWithinMs: number
  #isClosed = false

  private constructor({ seed, takenWithinMs = TAKEN_WITHIN_MS }: RelayOptions) {
    this.#prng = new Prng(seed)
    this.#takenWithinMs = takenWithinMs
  }

  /** @param ports of all servers, by id from 1: where they really listen */
  static async start(
    ports: readonly ServerPorts[],
    links: readonly PlannedLink[],
    options: RelayOptions,
  ): Promise<LinkRelays> {
    const relays = new LinkRelays(options)
    try {
      for (const link of links) {
        await relays.#connect(link.a, link.b, ports, link)
        await relays.#connect(link.b, link.a, ports, link)
      }
      return relays
    } catch (error) {
      relays.close()
      throw error
    }
  }

  /** Of the servers to which one has a link: the ports by which it reaches them. */
  reachedBy(id: number): ReadonlyMap<number, PeerPorts> {
    return this.#reached.get(id) ?? new Map<number, PeerPorts>()
  }

  close(): void {
    this.#isClosed = true
    for (const server of this.#servers) server.close()
    for (const timer of this.#timers) clearTimeout(timer)
    for (const socket of this.#sockets) socket.destroy()
  }

  async #connect(from: number, to: number, ports: readonly ServerPorts[], link: PlannedLink): Promise<void> {
    const own = ports[to - 1]
    if (own === undefined) throw new RangeError(`server ${to} has no ports`)
    const prng = this.#prng.fork(`link ${from} ${to}`)
    const [peer, election] = await Promise.all([
      this.#open(own.peer, link, prng, () => null),
      // The other way there is a port of ours, too, by the time that anybody connects.
      this.#open(own.election, link, prng, () => {
        const back = this.#reached.get(to)?.get(from)
        return back === undefined ? null : new ElectionGreeting(`${HOST}:${back.election}`)
      }),
    ])
    const reached = this.#reached.get(from) ?? new Map<number, PeerPorts>()
    this.#reached.set(from, reached.set(to, { peer, election }))
  }

  /**
   * @param greetingOf what to make of the beginning of a connection; null: nothing
   * @returns a port that leads to `target`
   */
  #open(target: number, link: PlannedLink, prng: Prng, greetingOf: () => ElectionGreeting | null): Promise<number> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (near) => {
      if (this.#isClosed) return void near.destroy()
      this.#keep(near)
      const giveUpMs = performance.now() + 2 * link.delayMs + this.#takenWithinMs
      const onTaken = (far: Socket): void => {
        new LinkDirection(near, far, link, prng, greetingOf())
        new LinkDirection(far, near, link, prng, null)
      }
      this.#later(2 * link.delayMs, () => this.#lead(near, target, giveUpMs, onTaken))
    })
    this.#servers.push(server)
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(0, HOST, () => resolve((server.address() as AddressInfo).port))
    })
  }

  #lead(near: Socket, target: number, giveUpMs: number, onTaken: (far: Socket) => void): void {
    if (near.destroyed) return
    const far = this.#keep(new Socket({ allowHalfOpen: true }))
    const onRefused = (): void => {
      if (this.#isClosed) return
      if (performance.now() > giveUpMs) near.resetAndDestroy()
      else this.#later(REDIAL_MS, () => this.#lead(near, target, giveUpMs, onTaken))
    }
    far.once('close', onRefused)
    far.connect({ host: HOST, port: target }, () => {
      far.off('close', onRefused)
      onTaken(far)
    })
  }

  #later(delayMs: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      act()
    }, delayMs)
    this.#timers.add(timer)
  }

  #keep(socket: Socket): Socket {
    socket.setNoDelay(true)
    socket.on('error', () => undefined) // its close tells as much
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    return socket
  }
}
