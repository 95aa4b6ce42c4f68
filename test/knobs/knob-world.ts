import { setImmediate as nextMacrotask } from 'node:timers/promises'
import type { ClientSettings } from '../../src/client/client-options.ts'
import { ZooKeeperClient } from '../../src/client/zookeeper-client.ts'
import { serverSettingsOf } from '../../src/ensemble/server-settings.ts'
import { assert } from '../../src/kernel/assert.ts'
import type { Connection, Network } from '../../src/kernel/ports.ts'
import { Prng } from '../../src/kernel/prng.ts'
import type { ServerSettings } from '../../src/server/settings.ts'
import { INITIALIZE_FLAG, STATE_FOLDER, ZooServer } from '../../src/server/zoo-server.ts'
import { Scheduler } from '../../src/sim/scheduler.ts'
import { SimClock } from '../../src/sim/sim-clock.ts'
import { SimDisk } from '../../src/sim/sim-disk.ts'
import { SimNetwork } from '../../src/sim/sim-network.ts'
import { SimProcess } from '../../src/sim/sim-process.ts'
import { checkedConfig, readServerConfig } from '../../src/zoocfg/server-config.ts'
import type { ServerConfigReading } from '../../src/zoocfg/server-config.ts'

/** Lines of zoo.cfg by key; null takes away a line that there would be. */
export type Lines = Readonly<Record<string, string | null>>

const CLIENT_PORT = 2181
const PATIENCE_MS = 60_000
/** Virtual events between two visits to the promises that wait on them. */
const STEPS_A_TURN = 16
/** When nobody waits for anything but the time. */
const STEPS_A_TURN_PASSING = 4_096

/**
 * Real servers, made of the text of a zoo.cfg as `zktune server` makes them, and real clients, on simulated clocks, disks
 * and network: hours pass in no time, and every packet and file can be looked at. A world has one seed, so what is seen
 * once is seen always.
 *
 * Hosts are called r1, r2… after the servers' ids; clients connect from hosts of any other name.
 */
export class KnobWorld {
  readonly scheduler = new Scheduler()
  readonly network: SimNetwork
  readonly #prng: Prng
  readonly #sentBytes = new Map<string, number>()
  readonly #hosts = new Map<string, { readonly network: Network; readonly process: SimProcess }>()

  constructor(seed = 1) {
    this.#prng = new Prng(seed)
    this.network = new SimNetwork(this.scheduler, this.#prng.fork('network'), (from, to, _connection, bytes) => {
      const link = `${from}>${to}`
      this.#sentBytes.set(link, this.sentBytes(from, to) + bytes.length)
      return bytes
    })
  }

  /** What one host has written to another so far. */
  sentBytes(from: string, to: string): number {
    return this.#sentBytes.get(`${from}>${to}`) ?? 0
  }

  /** A server of its own, serving. */
  async standalone(lines: Lines = {}): Promise<KnobServer> {
    const server = this.server(lines)
    await this.until(() => server.isServing, 'the standalone server serves')
    return server
  }

  /** Servers 1 to `count`, all serving. @param linesOf of one server; those of all otherwise */
  async ensemble(count: number, linesOf: Lines | ((id: number) => Lines) = {}): Promise<KnobServer[]> {
    const servers = Array.from({ length: count }, (_, index) => {
      const own = typeof linesOf === 'function' ? linesOf(index + 1) : linesOf
      return this.server({ ...memberLines(count), ...own }, index + 1)
    })
    await this.until(() => servers.every(({ isServing }) => isServing), 'all servers serve')
    return servers
  }

  /** A server that has just been started with an empty disk of a fresh ensemble. @param dynamic its dynamic file */
  server(lines: Lines, id = 1, dynamic: string | null = null): KnobServer {
    return new KnobServer(this, lines, id, this.#prng.fork(`server ${id}`), dynamic)
  }

  /** @param connectString such as `r1:2181` @param host where the client runs */
  client(connectString = `r1:${CLIENT_PORT}`, settings: ClientSettings = {}, host = 'c1'): ZooKeeperClient {
    const { network, process } = this.host(host)
    const prng = this.#prng.fork(`client at ${host}`)
    return new ZooKeeperClient({
      network,
      clock: new SimClock(process, prng.fork('clock')),
      entropy: prng,
      connectString,
      ...settings,
    })
  }

  /** A client whose session is open. */
  async connected(connectString?: string, settings?: ClientSettings, host?: string): Promise<ZooKeeperClient> {
    const client = this.client(connectString, settings, host)
    await this.wait(client.connected({ timeoutMs: PATIENCE_MS }))
    return client
  }

  /** A bare connection, to say and hear what no client would. */
  async socket(
    to: { readonly host?: string; readonly port?: number; readonly from?: string } = {},
  ): Promise<KnobSocket> {
    const { network } = this.host(to.from ?? 'c1')
    const address = { host: to.host ?? 'r1', port: to.port ?? CLIENT_PORT, timeoutMs: 5_000 }
    return this.wait(
      new Promise((resolve, reject) => {
        network.connect(address, (result) => {
          if (result instanceof Error) reject(result)
          else resolve(new KnobSocket(result))
        })
      }),
    )
  }

  /** What a server answers to a four letter word. */
  async word(word: string, host = 'r1'): Promise<string> {
    const socket = await this.socket({ host })
    socket.send(Buffer.from(word, 'latin1'))
    await this.until(() => socket.isClosed, `${word} is answered`)
    return socket.received.toString('latin1')
  }

  /** One figure of `mntr`, without its `zk_`. */
  async figure(name: string, host = 'r1'): Promise<string | null> {
    const line = new RegExp(`^zk_${name}\\t(.*)$`, 'm').exec(await this.word('mntr', host))
    return line?.[1] ?? null
  }

  /** Lets virtual time pass. */
  async pass(durationMs: number): Promise<void> {
    const endMs = this.scheduler.nowMs + durationMs
    let isOver = false
    this.scheduler.after(durationMs, 'pass', () => {
      isOver = true
    })
    await this.#run(() => isOver, endMs, durationMs > PATIENCE_MS ? STEPS_A_TURN_PASSING : STEPS_A_TURN)
  }

  /** Lets time pass until something is so. @throws when it is not within a virtual minute */
  async until(isSo: () => boolean, claim: string, patienceMs = PATIENCE_MS): Promise<void> {
    if (!(await this.#run(isSo, this.scheduler.nowMs + patienceMs))) {
      throw new Error(`after ${patienceMs} virtual ms it is not so that ${claim}`)
    }
  }

  /** Lets time pass until a promise is settled. */
  async wait<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false
    const settle = (): void => {
      isSettled = true
    }
    promise.then(settle, settle)
    await this.until(() => isSettled, 'the promise is settled')
    return promise
  }

  /** The network and process of a host, made when first asked for. */
  host(name: string): { readonly network: Network; readonly process: SimProcess } {
    const known = this.#hosts.get(name)
    if (known !== undefined) return known
    const process = new SimProcess(this.scheduler, name, () => undefined)
    const host = { network: this.network.host(process), process }
    this.#hosts.set(name, host)
    process.restart()
    return host
  }

  async #run(isDone: () => boolean, limitMs: number, stepsATurn = STEPS_A_TURN): Promise<boolean> {
    await nextMacrotask()
    while (!isDone()) {
      let steps = 0
      const isPaused = this.scheduler.runUntilDone(() => isDone() || steps++ === stepsATurn, limitMs)
      await nextMacrotask()
      if (!isPaused) return isDone()
    }
    return true
  }
}

/** The lines of an ensemble: one for each server, and the two limits. */
export function memberLines(count: number): Lines {
  const members = Array.from(
    { length: count },
    (_, index) => [`server.${index + 1}`, `r${index + 1}:2888:3888`] as const,
  )
  return { initLimit: '10', syncLimit: '5', ...Object.fromEntries(members) }
}

/** One machine with a server on it. */
export class KnobServer {
  readonly process: SimProcess
  readonly disk: SimDisk
  readonly clock: SimClock
  readonly name: string
  /** What it wrote to its log. */
  readonly notes: string[] = []
  /** What stands in its zoo.cfg; changed between two starts. */
  lines: Lines
  /** The text of the file that `dynamicConfigFile` names; null when there is none. */
  readonly dynamic: string | null
  /** Why it ended by itself. */
  fatal: Error | null = null
  readonly #id: number
  readonly #network: Network
  readonly #prng: Prng
  #server: ZooServer | null = null

  constructor(world: KnobWorld, lines: Lines, id: number, prng: Prng, dynamic: string | null) {
    this.#id = id
    this.dynamic = dynamic
    this.#prng = prng
    this.name = `r${id}`
    this.lines = lines
    this.process = new SimProcess(world.scheduler, this.name, () => this.#boot())
    this.#network = world.network.host(this.process)
    this.disk = new SimDisk(this.process, prng.fork('disk'))
    this.clock = new SimClock(this.process, prng.fork('clock'))
    this.process.onCrash(() => {
      this.#server = null
    })
    const { dataDir } = this.settings
    this.disk.makeFolder(dataDir)
    this.disk.open(`${dataDir}/${INITIALIZE_FLAG}`).closeNow()
    this.process.restart()
  }

  /** The lines as the text of a zoo.cfg, with those that every server here has. */
  get text(): string {
    const common = {
      tickTime: '2000',
      dataDir: '/data',
      clientPort: String(CLIENT_PORT),
      '4lw.commands.whitelist': '*',
      preAllocSize: '64',
    }
    const lines = Object.entries({ ...common, ...this.lines }).filter(([, value]) => value !== null)
    return lines.map(([key, value]) => `${key}=${value}\n`).join('')
  }

  get settings(): ServerSettings {
    return serverSettingsOf(checkedConfig(this.reading), { isInitial: true })
  }

  /** What the reading of its files gives, with what is worth a remark. */
  get reading(): ServerConfigReading {
    const myid = this.text.includes('\nserver.') || this.dynamic !== null ? String(this.#id) : null
    const dynamic = this.dynamic === null ? null : { file: 'zoo.cfg.dynamic', text: this.dynamic }
    return readServerConfig({ file: 'zoo.cfg', text: this.text, myid, dynamic })
  }

  get isServing(): boolean {
    return this.#server?.server.isServing ?? false
  }

  get isLeader(): boolean {
    return this.#server?.server.mode === 'leader'
  }

  /** @throws when the server is down */
  get running(): ZooServer {
    assert(this.#server !== null, 'the server runs')
    return this.#server
  }

  /** Names of its log files, oldest first. */
  logFiles(): string[] {
    return this.#files(this.settings.dataLogDir, 'log.')
  }

  /** Names of its snapshots, oldest first. */
  snapshots(): string[] {
    return this.#files(this.settings.dataDir, 'snapshot.')
  }

  /** Ends it by force and starts it again, with these lines instead of its own when they are given. */
  restart(lines: Lines = this.lines): void {
    this.process.crash('kill')
    this.lines = lines
    this.fatal = null
    this.process.restart()
  }

  #files(folder: string, prefix: string): string[] {
    const path = `${folder}/${STATE_FOLDER}`
    const names = this.disk.list(path).filter((name) => name.startsWith(prefix))
    return names.map((name) => `${path}/${name}`)
  }

  #boot(): void {
    const { settings, disk, clock } = this
    const isInitial = disk.exists(`${settings.dataDir}/${INITIALIZE_FLAG}`)
    const onFatal = (error: Error): void => {
      this.fatal = error
      this.process.crash('kill')
    }
    try {
      const world = { clock, disk, network: this.#network, entropy: this.#prng }
      this.#server = new ZooServer({ ...settings, isInitial }, world, {
        onListening: () => undefined,
        onServing: () => undefined,
        onFatal,
        onNote: (note) => this.notes.push(note),
        onApplied: null,
      })
    } catch (error) {
      return onFatal(error instanceof Error ? error : new Error(String(error)))
    }
    this.#server.start()
  }
}

/** A connection without a client behind it. */
export class KnobSocket {
  readonly connection: Connection
  received = Buffer.alloc(0)
  isClosed = false

  constructor(connection: Connection) {
    this.connection = connection
    connection.handler = {
      onData: (bytes) => {
        this.received = Buffer.concat([this.received, bytes])
      },
      onDrain: () => undefined,
      onClose: () => {
        this.isClosed = true
      },
    }
  }

  send(bytes: Uint8Array): void {
    this.connection.write(bytes)
  }
}
