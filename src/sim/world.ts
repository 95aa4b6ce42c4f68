import { Prng } from '../kernel/prng.ts'
import { bitOf, type QuorumSystem } from '../paxos/quorum.ts'
import { quorumOf } from '../server/replication/quorum-of.ts'
import type { PeerAddress, ServerSettings } from '../server/settings.ts'
import { assert } from '../kernel/assert.ts'
import { readEngineSettings, type EngineSettings } from '../zoocfg/engine-settings.ts'
import { noFindings } from '../zoocfg/findings.ts'
import type { Lines } from './drawn-lines.ts'
import type { Parts } from '../server/zoo-server.ts'
import { Ledger } from './checkers/ledger.ts'
import { drawForm, type Form, type FormKind } from './form.ts'
import { drawFaults, FAULT_KINDS, FaultDriver, type FaultKind, type FaultPlan, type Machine } from './faults.ts'
import { Scheduler } from './scheduler.ts'
import { SimClient } from './sim-client.ts'
import { SimClock } from './sim-clock.ts'
import { SimDisk } from './sim-disk.ts'
import type { Meddler } from './sim-connection.ts'
import { SimNetwork } from './sim-network.ts'
import { SimProcess } from './sim-process.ts'
import { SimServer } from './sim-server.ts'

export interface WorldOptions {
  readonly seed: number
  /** Voters; of five the seed may make two observers. */
  readonly replicas: 3 | 5
  /** Null lets the seed draw it. */
  readonly form?: Form | null
  /** What the drawn form must be; null for anything. */
  readonly wish?: FormKind | null
  /** False: servers differ from plain ones by voters, observers and quorums alone. */
  readonly drawsLines?: boolean
  /** What may strike; each seed draws some of them. */
  readonly faults?: readonly FaultKind[]
  /** Virtual milliseconds with faults. */
  readonly stormMs?: number
  /** Parts of the servers with a mistake in them, made anew for each server; null for honest ones. */
  readonly makeParts?: ((server: number) => Parts) | null
  /** A link with a mistake in it; null for an honest network. */
  readonly meddle?: Meddler | null
}

export interface WorldResult {
  /** Empty when all went well; the run stops at the first. */
  readonly violations: readonly string[]
  readonly slotCount: number
  readonly writesAnswered: number
  readonly readsAnswered: number
  readonly virtualMs: number
  readonly eventCount: number
  /** Of all events: the same for the same options. */
  readonly digest: number
}

const PEER_PORT = 2888
const CLIENT_PORT = 2181
const STORM_MS = 10_000
/** After the storm: time enough to elect, to catch up, for sessions to expire. */
const SETTLE_MS = 30_000
const TICK_MS = 200
const CLIENT_COUNT = 4

/** An ensemble of real servers, and real clients, in one simulated world with one seed. */
export class World {
  readonly violations: string[] = []
  readonly plan: FaultPlan
  readonly form: Form
  readonly quorum: QuorumSystem
  readonly servers: SimServer[] = []
  readonly clients: SimClient[] = []
  /** For a trace a person can follow; null when nobody reads it. */
  onNote: ((text: string) => void) | null = null
  readonly #options: WorldOptions
  readonly #scheduler = new Scheduler()
  readonly #prng: Prng
  readonly #network: SimNetwork
  readonly #ledger: Ledger

  constructor(options: WorldOptions) {
    this.#options = options
    this.#prng = new Prng(options.seed)
    this.#network = new SimNetwork(this.#scheduler, this.#prng.fork('network'), options.meddle ?? null)
    const plan = drawFaults(this.#prng.fork('faults'), options.faults ?? FAULT_KINDS)
    const setup = this.#prng.fork('setup')
    this.form = options.form ?? this.#drawForm(plan)
    const { lines } = this.form
    if (lines['snapshot.trust.empty'] !== 'true') plan.delete('lostSnapshots')
    this.plan = plan
    this.#ledger = new Ledger((violation) => this.#report(violation), {
      hasLocalSessions: lines.localSessionsEnabled === 'true',
      refusesWrites: 'throttled_op_wait_time' in lines,
    })
    const members = this.#members()
    this.quorum = quorumOf(
      this.form.rule,
      members.flatMap(({ id, isObserver }) => (isObserver ? [] : [id])),
    )
    for (const { id } of members) this.servers.push(this.#makeServer(id, setup))
    for (let index = 1; index <= CLIENT_COUNT; index++) this.clients.push(this.#makeClient(index, setup))
  }

  run(): WorldResult {
    for (const server of this.servers) server.format()
    for (const { process } of [...this.servers, ...this.clients]) process.restart()
    const driver = new FaultDriver(this.plan, this.#prng.fork('strikes'), {
      scheduler: this.#scheduler,
      network: this.#network,
      machines: this.servers,
      maySpare: (machines) => this.#maySpare(machines),
      clientHosts: this.clients.map(({ process }) => process.name),
      note: (text) => this.#note(text),
    })
    this.#crashClients(this.#prng.fork('client crashes'))
    this.#runUntil(() => false, this.#options.stormMs ?? STORM_MS)
    driver.stop()
    for (const { process } of this.clients) if (!process.isUp) process.restart()
    this.#note('the storm is over')
    if (this.violations.length === 0) this.#settle()
    return {
      violations: this.violations,
      slotCount: this.#ledger.slotCount,
      writesAnswered: this.#ledger.answeredCount,
      readsAnswered: this.#ledger.readCount,
      virtualMs: this.#scheduler.nowMs,
      eventCount: this.#scheduler.eventCount,
      digest: this.#scheduler.digest,
    }
  }

  #drawForm(faults: FaultPlan): Form {
    const { replicas, wish = null, drawsLines = true } = this.#options
    return drawForm(this.#prng.fork('form'), { replicas, faults, wish, drawsLines })
  }

  /** The world is fine again: everybody must come back, writes must succeed, and all replicas end alike. */
  #settle(): void {
    const answered = this.#ledger.answeredCount
    const limitMs = this.#scheduler.nowMs + SETTLE_MS
    const isBack = (): boolean =>
      this.servers.every(({ isServing }) => isServing) &&
      this.clients.every(({ isConnected }) => isConnected) &&
      this.#ledger.answeredCount >= answered + 20
    if (!this.#runUntil(isBack, limitMs)) {
      const servers = this.servers.map(({ text }) => text).join(', ')
      const connected = this.clients.filter(({ isConnected }) => isConnected).length
      return this.#report(
        `${SETTLE_MS} ms after the storm: ${servers}; ${connected} of ${this.clients.length} clients connected`,
      )
    }
    for (const client of this.clients) client.stop()
    const isQuiet = (): boolean =>
      this.clients.every(({ inFlightCount }) => inFlightCount === 0) &&
      this.servers.every(({ appliedSlot }) => appliedSlot === this.#ledger.slotCount)
    if (!this.#runUntil(isQuiet, limitMs)) {
      return this.#report(`the ensemble does not come to rest: ${this.servers.map(({ text }) => text).join(', ')}`)
    }
    for (const server of this.servers) {
      if (server.digest !== this.#ledger.digestAt(server.appliedSlot)) {
        this.#report(`${server.process.name} ended with another tree`)
      }
    }
  }

  /** Whether all that was chosen is known without these disks. */
  #maySpare(machines: readonly Machine[]): boolean {
    const lost = this.servers.filter((server) => machines.includes(server)).map(({ id }) => bitOf(this.quorum, id))
    const everybody = 2 ** this.quorum.voters.length - 1
    return this.quorum.isPhase1(lost.reduce((rest, bit) => rest & ~bit, everybody))
  }

  #runUntil(isDone: () => boolean, limitMs: number): boolean {
    return this.#scheduler.runUntilDone(() => this.violations.length > 0 || isDone(), limitMs)
  }

  #crashClients(prng: Prng): void {
    const strike = (): void => {
      this.#scheduler.after(-Math.log(1 - prng.float()) * 4_000, 'client crash', () => {
        const { process } = prng.pick(this.clients)
        if (process.isUp) {
          process.crash(prng.pick(['kill', 'power']))
          this.#scheduler.after(prng.between(50, 3_000), 'client restart', () => {
            if (!process.isUp) process.restart()
          })
        }
        if (this.#scheduler.nowMs < (this.#options.stormMs ?? STORM_MS)) strike()
      })
    }
    strike()
  }

  #makeServer(id: number, setup: Prng): SimServer {
    const process: SimProcess = new SimProcess(this.#scheduler, `r${id}`, () => server.boot())
    process.onFailure = (error) => this.#report(`r${id}: ${error instanceof Error ? error.stack : String(error)}`)
    const prng = this.#prng.fork(`server ${id}`)
    const server = new SimServer({
      settings: this.#drawSettings(id, setup),
      process,
      disk: new SimDisk(process, prng.fork('disk')),
      clock: new SimClock(process, prng.fork('clock')),
      network: this.#network.host(process),
      prng: prng.fork('entropy'),
      ledger: this.#ledger,
      parts: this.#options.makeParts?.(id) ?? null,
      onFailure: (reason) => this.#report(reason),
      onNote: (note) => this.#note(note),
    })
    return server
  }

  #makeClient(index: number, setup: Prng): SimClient {
    const process: SimProcess = new SimProcess(this.#scheduler, `c${index}`, () => client.begin())
    process.onFailure = (error) => this.#report(`c${index}: ${error instanceof Error ? error.stack : String(error)}`)
    const prng = this.#prng.fork(`client ${index}`)
    const client = new SimClient({
      index,
      process,
      clock: new SimClock(process, prng.fork('clock')),
      network: this.#network.host(process),
      prng: prng.fork('mind'),
      connectString: this.servers.map((_server, at) => `r${at + 1}:${CLIENT_PORT}`).join(),
      ledger: this.#ledger,
      readsOnly: this.form.lines['readonlymode.enabled'] === 'true' && index % 2 === 1,
      sessionTimeoutMs: setup.pick([1_000, 2_000, 6_000]),
      pauseMs: setup.pick([10, 30, 60]),
      onNote: (note) => this.#note(note),
    })
    return client
  }

  #members(): PeerAddress[] {
    const { voters, observers } = this.form
    return Array.from({ length: voters + observers }, (_, index) => ({
      id: index + 1,
      host: `r${index + 1}`,
      peerPort: PEER_PORT,
      isObserver: index >= voters,
    }))
  }

  #drawSettings(id: number, setup: Prng): ServerSettings {
    const { lines } = this.form
    const settings = settingsOf(lines)
    const members = this.#members()
    const dataLogDir = setup.pick(['/data', '/log'])
    const snapCount = setup.pick([30, 200, 100_000])
    const preAllocSizeBytes = setup.pick([4 * 1024, 64 * 1024])
    return {
      ...settings,
      id,
      members,
      membersText: members
        .map(({ id: member, host, isObserver }) => {
          return `server.${member}=${host}:${PEER_PORT}:3888:${isObserver ? 'observer' : 'participant'}`
        })
        .join('\n'),
      clientHost: '0.0.0.0',
      clientPort: CLIENT_PORT,
      secureClient: null,
      httpTls: { admin: null, metrics: null },
      dataDir: '/data',
      dataLogDir,
      cluster: {
        ...settings.cluster,
        tickTimeMs: TICK_MS,
        initLimitTicks: 10,
        syncLimitTicks: 5,
        quorum: this.form.rule,
      },
      sessions: { ...settings.sessions, minSessionTimeoutMs: 2 * TICK_MS, maxSessionTimeoutMs: 20 * TICK_MS },
      limits: { ...settings.limits, maxClientCnxns: 0 },
      storage: {
        ...settings.storage,
        forceSync: this.form.isSynced,
        snapCount: 'snapCount' in lines ? settings.storage.snapCount : snapCount,
        preAllocSizeBytes: 'preAllocSize' in lines ? settings.storage.preAllocSizeBytes : preAllocSizeBytes,
      },
      isInitial: false,
    }
  }

  #report(violation: string): void {
    this.#note(`VIOLATION ${violation}`)
    this.violations.push(violation)
  }

  #note(text: string): void {
    this.onNote?.(`${this.#scheduler.nowMs.toFixed(2).padStart(9)} ${text}`)
  }
}

/** What a zoo.cfg with these lines says. */
function settingsOf(lines: Lines): EngineSettings {
  const findings = noFindings()
  const settings = Object.entries(lines).map(([key, value]) => [key, { key, value, where: 'a drawn line' }] as const)
  const read = readEngineSettings(new Map(settings), findings)
  assert(findings.faults.length === 0, 'what is drawn is a zoo.cfg without faults')
  return read
}
