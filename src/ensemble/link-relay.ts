import { Socket, createServer, type AddressInfo, type Server } from 'node:net'
import { ElectionGreeting } from './apache/election-greeting.ts'
import { LinkDirection } from './link-direction.ts'
import { Prng } from '../kernel/prng.ts'
import type { PlannedLink } from '../profile/plan.ts'
import type { ServerPorts } from './server-config.ts'

const HOST = '127.0.0.1'

/** Where a server finds another one. */
export type PeerPorts = Pick<ServerPorts, 'peer' | 'election'>

/**
 * Distance between the servers of a local ensemble: they reach each other through ports of ours, which pass on what they
 * get when it would be there over the link of the two. Clients are not delayed, and no link is narrower than it was.
 *
 * Opening a connection takes the link's round trip, as the handshake of TCP would; one that nobody takes is closed then.
 */
export class LinkRelays {
  readonly #servers: Server[] = []
  readonly #sockets = new Set<Socket>()
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #reached = new Map<number, Map<number, PeerPorts>>()
  readonly #prng: Prng
  #isClosed = false

  private constructor(seed: number) {
    this.#prng = new Prng(seed)
  }

  /**
   * @param ports of all servers, by id from 1: where they really listen
   * @param seed the chance of jitter and loss
   */
  static async start(ports: readonly ServerPorts[], links: readonly PlannedLink[], seed: number): Promise<LinkRelays> {
    const relays = new LinkRelays(seed)
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
      const timer = setTimeout(() => {
        this.#timers.delete(timer)
        if (near.destroyed) return
        const far = this.#keep(new Socket({ allowHalfOpen: true }))
        new LinkDirection(near, far, link, prng, greetingOf())
        new LinkDirection(far, near, link, prng, null)
        far.connect({ host: HOST, port: target })
      }, 2 * link.delayMs)
      this.#timers.add(timer)
    })
    this.#servers.push(server)
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(0, HOST, () => resolve((server.address() as AddressInfo).port))
    })
  }

  #keep(socket: Socket): Socket {
    socket.setNoDelay(true)
    socket.on('error', () => undefined) // its close tells as much
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    return socket
  }
}
