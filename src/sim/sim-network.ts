import { ZktuneError } from '../kernel/errors.ts'
import { AssertionFailure } from '../kernel/assert.ts'
import type { Connection, ConnectTo, Listener, ListenOptions, Network } from '../kernel/ports.ts'
import type { Prng } from '../kernel/prng.ts'
import { HEALTHY_LINK, type LinkConditions } from './link.ts'
import type { Scheduler } from './scheduler.ts'
import { SimConnection, type ConnectionHome, type Meddler } from './sim-connection.ts'
import type { SimPipe } from './sim-pipe.ts'
import type { SimProcess } from './sim-process.ts'

/** A connection attempt that got nowhere tries again this often. */
const CONNECT_RETRY_MS = 250
const FIRST_FREE_PORT = 40_000
const LOOPBACK: readonly string[] = ['127.0.0.1', '::1', 'localhost']

interface SimListener {
  readonly process: SimProcess
  /** Bound to the loopback address: only the own host gets through. */
  readonly isLocal: boolean
  readonly onConnection: (connection: Connection) => void
}

/** All hosts and what runs between them: reliable ordered byte streams that are delayed, stalled, cut up and broken. */
export class SimNetwork implements ConnectionHome {
  readonly scheduler: Scheduler
  /** Draws delays, borders of chunks, and how connections end. */
  readonly prng: Prng
  readonly #hosts = new Map<string, SimProcess>()
  readonly #listeners = new Map<string, SimListener>()
  readonly #links = new Map<string, LinkConditions>()
  readonly #pipes = new Set<SimPipe>()
  readonly #connections = new Set<SimConnection>()
  readonly meddle: Meddler | null
  #nextPort = FIRST_FREE_PORT
  #connectionCount = 0

  constructor(scheduler: Scheduler, prng: Prng, meddle: Meddler | null = null) {
    this.scheduler = scheduler
    this.prng = prng
    this.meddle = meddle
  }

  /** @returns the network as the processes of this machine meet it */
  host(process: SimProcess): Network {
    this.#hosts.set(process.name, process)
    process.onWake(() => this.#wakeAll())
    process.onCrash((kind) => {
      for (const connection of [...this.#connections]) if (connection.process === process) connection.die(kind)
      for (const [address, listener] of this.#listeners) {
        if (listener.process === process) this.#listeners.delete(address)
      }
    })
    return {
      listen: (options, onConnection, onListening) => this.#listen(process, options, onConnection, onListening),
      connect: (to, onConnected) => this.#connect(process, to, onConnected),
    }
  }

  link(from: string, to: string): LinkConditions {
    return this.#links.get(`${from}>${to}`) ?? HEALTHY_LINK
  }

  /** Changes one direction between two hosts; what was stalled moves on when it may. */
  setLink(from: string, to: string, change: Partial<LinkConditions>): void {
    if (from === to) return
    this.#links.set(`${from}>${to}`, { ...this.link(from, to), ...change })
    this.#wakeAll()
  }

  /** Every link is healthy again. */
  heal(): void {
    this.#links.clear()
    this.#wakeAll()
  }

  isBlocked(from: string, to: string): boolean {
    return this.link(from, to).isBlocked
  }

  /** How long one packet travels, drawn anew for each. */
  drawDelayMs(from: string, to: string): number {
    const [low, high] = this.link(from, to).delayMs
    return low + (high - low) * this.prng.float() ** 3
  }

  /** Breaks one connection between these hosts, both its ends, if there is any. What is on its way is lost. */
  reset(from: string, to: string): void {
    const candidates = [...this.#pipes].filter((pipe) => pipe.sender.host === from && pipe.receiver.host === to)
    if (candidates.length > 0) this.prng.pick(candidates).breakBothEnds()
  }

  /** For pipes and connections: they register while they live. */
  addPipe(pipe: SimPipe): void {
    this.#pipes.add(pipe)
  }

  removePipe(pipe: SimPipe): void {
    this.#pipes.delete(pipe)
  }

  addConnection(connection: SimConnection): void {
    this.#connections.add(connection)
  }

  removeConnection(connection: SimConnection): void {
    this.#connections.delete(connection)
  }

  nextConnectionNumber(): number {
    return ++this.#connectionCount
  }

  /** Directions in use, or not yet known to be useless: for tests that look for leaks. */
  get pipeCount(): number {
    return this.#pipes.size
  }

  #wakeAll(): void {
    for (const pipe of [...this.#pipes]) pipe.wake()
  }

  #listen(
    process: SimProcess,
    options: ListenOptions,
    onConnection: (connection: Connection) => void,
    onListening: (result: Listener | Error) => void,
  ): void {
    if (options.tls !== undefined) noTls()
    const port = options.port === 0 ? this.#nextPort++ : options.port
    const address = `${process.name}:${port}`
    if (this.#listeners.has(address)) {
      const error = new ZktuneError('PortInUse', {
        where: address,
        what: 'it is in use',
        mend: 'Listen on another port.',
      })
      process.later(0, 'listen', () => onListening(error))
      return
    }
    const isLocal = LOOPBACK.includes(options.host)
    const listener: SimListener = { process, isLocal, onConnection }
    this.#listeners.set(address, listener)
    const close = (onClosed: () => void): void => {
      if (this.#listeners.get(address) === listener) this.#listeners.delete(address)
      process.later(0, 'listen', onClosed)
    }
    process.later(0, 'listen', () => onListening({ port, handshakes: 0, close, setTls: noTls }))
  }

  #connect(process: SimProcess, to: ConnectTo, onConnected: (result: Connection | Error) => void): { cancel(): void } {
    if (to.tls !== undefined) noTls()
    const where = `${to.host}:${to.port}`
    const from = process.name
    let connection: SimConnection | null = null
    let isOver = false
    const finish = (result: Connection | Error): void => {
      if (isOver) return
      isOver = true
      timeout.cancel()
      onConnected(result)
    }
    const fail = (what: string): void => finish(cannotConnect(where, what))
    const timeout = process.later(to.timeoutMs, 'connect timeout', () => {
      connection?.destroy()
      fail(`no answer within ${to.timeoutMs} ms`)
    })

    const knock = (): void => {
      if (isOver) return
      const target = this.#hosts.get(to.host)
      const canReach = target !== undefined && target.isPowered && !this.isBlocked(from, to.host)
      if (!canReach) {
        process.later(CONNECT_RETRY_MS, 'connect', knock)
        return
      }
      const listener = this.#listeners.get(where)
      if (listener === undefined || (listener.isLocal && listener.process !== process)) {
        process.later(this.drawDelayMs(to.host, from), 'connect', () => fail('connection refused'))
        return
      }
      const near = new SimConnection(this, process, from, { host: to.host, port: to.port })
      const far = new SimConnection(this, listener.process, to.host, { host: from, port: this.#nextPort++ })
      connection = near
      near.join(far, () => finish(near))
      listener.process.run(() => listener.onConnection(far))
    }
    process.later(this.drawDelayMs(from, to.host), 'connect', knock)
    return {
      cancel() {
        if (isOver) return
        isOver = true
        timeout.cancel()
        connection?.destroy()
      },
    }
  }
}

function cannotConnect(where: string, what: string): ZktuneError {
  return new ZktuneError('CannotConnect', { where, what, mend: 'Check that the server runs and can be reached.' })
}

function noTls(): never {
  throw new AssertionFailure('the simulated network speaks in the clear')
}
