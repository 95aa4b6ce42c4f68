import { setTimeout as delay } from 'node:timers/promises'
import { apacheEngine } from './apache/apache-engine.ts'
import { LocalEnsemble, type LocalServer } from './local-ensemble.ts'
import { builtinEngine, type LocalEngine } from './local-engine.ts'
import { askServer, roleInAnswer, saysNotServing, LOCAL_ASK_TIMEOUT_MS } from './four-letter-word.ts'
import { ensembleForm } from './ensemble-form.ts'
import { holdFreePorts, holdPortsFrom } from './ports.ts'
import { RunFolders, type ServerPlace } from './run-folders.ts'
import { makeRunCertificates, type EnsembleTls, type EnsembleTlsMode } from './run-certificates.ts'
import { hasAdminServer, serverConfig, type ServerPorts, type Setting } from './server-config.ts'
import { tailOf, type Exit } from './server-process.ts'
import { ZktuneError } from '../kernel/errors.ts'
import type { TlsClientOptions } from '../kernel/ports.ts'
import type { Plan, PlannedLink } from '../profile/plan.ts'
import { LinkRelays } from './link-relay.ts'

const READY_TIMEOUT_MS = 30_000
const ROLE_POLL_MS = 20
/** Between letting go of a free port and its server's taking it somebody else may be faster. */
const PORT_ATTEMPTS = 5
const PORTS_PER_SERVER = 5
const SERVERS_MAX = 254

/** What ZooKeeper's sample file sets, with all four letter words open: these servers listen on 127.0.0.1 only. */
const DEFAULT_SETTINGS: readonly Setting[] = [
  { key: 'tickTime', value: '2000' },
  { key: 'initLimit', value: '10' },
  { key: 'syncLimit', value: '5' },
  { key: '4lw.commands.whitelist', value: '*' },
]

export interface EnsembleOptions {
  /** Whose servers: those that come with zktune, or Apache ZooKeeper as installed on this machine. Default `builtin`. */
  readonly engine?: 'builtin' | 'apache'
  /** Of Apache: the folder of its installation. Default: ZOOKEEPER_HOME, else where it usually lies. */
  readonly zookeeperHome?: string | null
  /** Of Apache: the heap of each server's JVM. Default: 1,000 MiB at most, as zkServer.sh gives. */
  readonly heapBytes?: number | null
  /** Voting servers; 1 is standalone. Default 3. */
  readonly replicas?: number
  /** Servers beside them that learn and serve and do not vote. Default 0. */
  readonly observers?: number
  /** zoo.cfg settings that every server gets, beside ports, folders and members, which the ensemble sets itself. */
  readonly settings?: Readonly<Record<string, string>>
  /**
   * Clients come by TLS alone, with throw-away certificates of the run; `mutual`: the servers ask for theirs too. Default
   * `none`.
   */
  readonly tls?: 'none' | EnsembleTlsMode
  /** Ends the start, not the running ensemble. */
  readonly signal?: AbortSignal
  /** Leaves the temporary folders when the ensemble stops. Default false. */
  readonly keep?: boolean
  /** A folder that outlives the run: an ensemble started on it again has its data. Null: a temporary one. */
  readonly folder?: string | null
  /** Folders on real devices in which data and logs get sub-folders of the run's own; null: with the rest. */
  readonly dataParent?: string | null
  readonly logParent?: string | null
  /** Pairs of servers between which a network is imitated. Default: none. */
  readonly links?: readonly PlannedLink[]
  /** Where jitter and losses of the links are drawn from. Default 0. */
  readonly seed?: number
  /** Gives each server a folder of its own for its log, without `logParent` beside that of its data. Default false. */
  readonly splitsLog?: boolean
  /** Whether each server gets a REST gateway on a free port; the built-in engine alone has one. Default false. */
  readonly hasGateway?: boolean
  /** The first server's client port, with the others after it; null: free ports. */
  readonly firstClientPort?: number | null
  /** How long until every server must serve, in milliseconds. Default 30,000. */
  readonly readyTimeoutMs?: number
  /** A server's process has ended though nobody asked it to. The others go on; nothing restarts it. */
  readonly onServerExit?: (id: number, code: number | null, signal: NodeJS.Signals | null) => void
}

/**
 * Starts a real ensemble on this machine: one process a server, on 127.0.0.1.
 *
 * ```ts
 * await using ensemble = await startEnsemble({ replicas: 3 })
 * await using client = await connect(ensemble.hosts)
 * ```
 *
 * @throws ZktuneError PortInUse, ServerFailed, Timeout, Interrupted, DiskFailed, or what a server refused to start for
 */
export function startEnsemble(options: EnsembleOptions = {}): Promise<LocalEnsemble> {
  const clientAuth = options.tls === 'server' ? { 'ssl.clientAuth': 'none' } : {}
  const given = Object.entries({ ...clientAuth, ...options.settings }).map(([key, value]) => ({ key, value }))
  const settings = [...DEFAULT_SETTINGS.filter(({ key }) => !given.some((setting) => setting.key === key)), ...given]
  return bootChosen(options.replicas ?? 3, settings, options)
}

/** What a plan does not say: how this one run of it treats its surroundings. */
export type RunOptions = Pick<
  EnsembleOptions,
  'signal' | 'keep' | 'folder' | 'firstClientPort' | 'readyTimeoutMs' | 'onServerExit'
> & {
  /** What a run has made elsewhere could not be removed; its figures are good all the same. Without it that is thrown. */
  readonly onLeftBehind?: (error: ZktuneError) => void
}

/** Starts the ensemble of a plan; errors as for `startEnsemble`. */
export function startPlannedEnsemble(plan: Plan, options: RunOptions = {}): Promise<LocalEnsemble> {
  const { observers, links, seed, dataParent, logParent, splitsLog, clients } = plan
  return bootChosen(plan.voters, plan.settings, {
    ...options,
    links,
    seed,
    engine: plan.apache === null ? 'builtin' : 'apache',
    zookeeperHome: plan.apache?.zookeeperHome ?? null,
    heapBytes: plan.apache?.heapBytes ?? null,
    observers,
    tls: clients.tls,
    hasGateway: plan.workload.shape.via === 'gateway',
    dataParent,
    logParent,
    splitsLog,
  })
}

/** With what is installed looked for first, so that what is missing is told before anything is made. */
async function bootChosen(
  voters: number,
  settings: readonly Setting[],
  options: EnsembleOptions,
): Promise<LocalEnsemble> {
  const { engine = 'builtin', zookeeperHome = null, heapBytes = null } = options
  if (engine === 'builtin') return await bootEnsemble(voters, settings, options)
  const apache = await apacheEngine({ zookeeperHome, heapBytes, environment: process.env })
  return await bootEnsemble(voters, settings, options, apache)
}

/** @param voters servers that vote; 1 without observers is standalone */
export async function bootEnsemble(
  voters: number,
  settings: readonly Setting[],
  options: EnsembleOptions,
  engine: LocalEngine = builtinEngine(),
): Promise<LocalEnsemble> {
  const observers = options.observers ?? 0
  const replicas = voters + observers
  const isNumber = Number.isInteger(voters) && Number.isInteger(observers) && voters >= 1 && observers >= 0
  if (!isNumber || replicas > SERVERS_MAX || (voters === 1 && observers > 0)) {
    throw new ZktuneError('BadConfigValue', {
      where: 'replicas',
      what: `${voters} voters and ${observers} observers make no ensemble`,
      mend: `Ask for 1 to ${SERVERS_MAX} servers, 3 or 5 voters as usual; observers need two voters or more.`,
    })
  }
  const folders = await RunFolders.make({
    replicas,
    form: ensembleForm(voters, settings),
    dataParent: options.dataParent ?? null,
    logParent: options.logParent ?? null,
    splitsLog: options.splitsLog ?? false,
    folder: options.folder ?? null,
    isKept: options.keep ?? false,
    dataFolder: engine.dataFolder,
  })
  const isKept = options.keep === true || !folders.isTemporary
  const removeFolders = (): void => {
    if (!isKept) folders.removeNow()
  }
  for (let attempt = 1; ; attempt++) {
    try {
      return await bootOnce(folders, voters, settings, options, engine, isKept)
    } catch (error) {
      const isPortLost = error instanceof ZktuneError && error.code === 'PortInUse'
      const canMove = options.firstClientPort === undefined || options.firstClientPort === null
      if (isPortLost && canMove && attempt < PORT_ATTEMPTS) continue
      await engine.close()
      removeFolders()
      throw error
    }
  }
}

async function bootOnce(
  folders: RunFolders,
  voters: number,
  settings: readonly Setting[],
  options: EnsembleOptions,
  engine: LocalEngine,
  isKept: boolean,
): Promise<LocalEnsemble> {
  const tlsMode = options.tls ?? 'none'
  const tls = tlsMode === 'none' ? null : await makeRunCertificates(folders.run, tlsMode)
  const ports = await choosePorts(folders.places.length, options.firstClientPort ?? null, options.hasGateway ?? false)
  const relays = await LinkRelays.start(ports, options.links ?? [], { seed: options.seed ?? 0 })
  try {
    return await bootThere(folders, { ports, voters, relays, tls }, settings, options, engine, isKept)
  } catch (error) {
    relays.close()
    throw error
  }
}

interface Surroundings {
  readonly ports: readonly ServerPorts[]
  readonly voters: number
  readonly relays: LinkRelays
  /** Null: clients come in the clear. */
  readonly tls: EnsembleTls | null
}

async function bootThere(
  folders: RunFolders,
  { ports, voters, relays, tls }: Surroundings,
  settings: readonly Setting[],
  options: EnsembleOptions,
  engine: LocalEngine,
  isKept: boolean,
): Promise<LocalEnsemble> {
  const lines = engine.inZooCfg(settings)
  /** Others where this server reaches them, by ports of the relays where it has links. */
  const seenFrom = (place: ServerPlace): readonly ServerPorts[] => {
    if (!engine.reachesByConfig) return ports
    return ports.map((own, index) => ({ ...own, ...relays.reachedBy(place.id).get(index + 1) }))
  }
  folders.write((place) => serverConfig(place, { ports: seenFrom(place), voters }, lines, tls))
  await engine.prepare()
  if (options.signal?.aborted === true) throw interrupted()

  const started: LocalServer[] = []
  // Ends with this process however it ends, short of SIGKILL; then the servers themselves see that it is gone.
  const onProcessExit = (): void => {
    for (const { process: server } of started) server.killNow()
    if (!isKept) folders.removeNow()
  }
  process.on('exit', onProcessExit)
  const startedMs = performance.now()
  try {
    for (const place of folders.places) {
      // The first server takes the folder of the certificates along, should it have to tidy up after this process.
      const orphanRemoves = [...place.ownFolders, ...(tls === null || place.id !== 1 ? [] : [tls.folder])]
      const { client: clientPort, admin, gateway: gatewayPort } = portsOf(ports, place)
      const reaches = relays.reachedBy(place.id)
      const server = engine.start({
        place,
        clientPort,
        reaches,
        tls: tls?.client ?? null,
        settings,
        orphanRemoves: isKept ? [] : orphanRemoves,
      })
      const adminPort = hasAdminServer(settings) ? admin : null
      started.push({ place, clientPort, adminPort, gatewayPort, reaches, process: server })
    }
    folders.noteServers(started.map(({ process: server }) => server.pid))
    await allServing(started, tls?.client ?? null, options)
  } catch (error) {
    await Promise.all(started.map(({ process: server }) => server.stop(0)))
    process.off('exit', onProcessExit)
    throw error
  }
  const bootMs = performance.now() - startedMs

  let isStopping = false
  for (const { process: server } of started) {
    void server.exited.then(({ code, signal }: Exit) => {
      if (!isStopping) options.onServerExit?.(server.id, code, signal)
    })
  }
  const servers = started.map(async (server) => {
    const hasOne = server.adminPort !== null && (await engine.hasAdminServer(server.place))
    return { ...server, adminPort: hasOne ? server.adminPort : null }
  })
  return new LocalEnsemble(engine, await Promise.all(servers), {
    bootMs,
    folder: folders.run,
    tls,
    onStopping: () => {
      isStopping = true
    },
    onStopped: () => {
      relays.close()
      process.off('exit', onProcessExit)
      if (!isKept) folders.removeNow()
    },
  })
}

/** Holds every port at once, so that no two servers get the same one, and lets go of all just before the start. */
async function choosePorts(
  replicas: number,
  firstClientPort: number | null,
  hasGateway: boolean,
): Promise<readonly ServerPorts[]> {
  await using clients = firstClientPort === null ? null : await holdPortsFrom(firstClientPort, replicas)
  await using others = await holdFreePorts(replicas * PORTS_PER_SERVER)
  return Array.from({ length: replicas }, (_, index) => {
    const [client, peer, election, admin, gateway] = others.ports.slice(index * PORTS_PER_SERVER)
    if (
      client === undefined ||
      peer === undefined ||
      election === undefined ||
      admin === undefined ||
      gateway === undefined
    ) {
      throw new RangeError('too few ports')
    }
    return { client: clients?.ports[index] ?? client, peer, election, admin, gateway: hasGateway ? gateway : null }
  })
}

function portsOf(ports: readonly ServerPorts[], place: ServerPlace): ServerPorts {
  const own = ports[place.id - 1]
  if (own === undefined) throw new RangeError(`server ${place.id} has no ports`)
  return own
}

/** Resolves when all serve at once; rejects at the first one that ends, at the deadline, or when the caller gives up. */
async function allServing(
  servers: readonly LocalServer[],
  tls: TlsClientOptions | null,
  options: EnsembleOptions,
): Promise<void> {
  const timeoutMs = options.readyTimeoutMs ?? READY_TIMEOUT_MS
  let waiting = servers
  const all = async (): Promise<void> => {
    await Promise.all(
      servers.map(async (server) => {
        await server.process.serving
        waiting = waiting.filter((each) => each !== server)
      }),
    )
    // Who comes up a moment after the first leader may lead in its place, and the others do not serve until it does.
    while ((waiting = await unsettled(servers, tls)).length > 0) await delay(ROLE_POLL_MS)
  }
  const { signal } = options
  let deadline: NodeJS.Timeout | undefined
  let onAbort: (() => void) | undefined
  const givenUp = new Promise<never>((_, reject) => {
    deadline = setTimeout(() => reject(notReady(waiting, timeoutMs)), timeoutMs)
    onAbort = () => reject(interrupted())
    signal?.addEventListener('abort', onAbort)
  })
  try {
    await Promise.race([all(), givenUp])
  } finally {
    clearTimeout(deadline)
    if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort)
  }
}

/** Those that say that they do not serve, and those that lead while another one does: of these all but one are about to hear of it. */
async function unsettled(
  servers: readonly LocalServer[],
  tls: TlsClientOptions | null,
): Promise<readonly LocalServer[]> {
  const asked = servers.map(async (server) => {
    const address = { host: '127.0.0.1', port: server.clientPort }
    return { server, answer: await askServer(address, 'srvr', LOCAL_ASK_TIMEOUT_MS, tls).catch(() => '') }
  })
  const told = await Promise.all(asked)
  const down = told.filter(({ answer }) => saysNotServing(answer))
  const leaders = told.filter(({ answer }) => roleInAnswer(answer) === 'leader')
  return [...down, ...(leaders.length > 1 ? leaders : [])].map(({ server }) => server)
}

function notReady(waiting: readonly LocalServer[], timeoutMs: number): ZktuneError {
  const ids = waiting.map(({ place }) => place.id).join(', ')
  const first = waiting[0]
  const tail = first === undefined ? '' : tailOf(first.place.printed)
  return new ZktuneError('Timeout', {
    where: waiting.length === 1 ? `server ${ids}` : `servers ${ids}`,
    what: `not serving after ${timeoutMs} ms${tail === '' ? '' : `; server ${first?.place.id} printed:\n${tail}\n`}`,
    mend: 'See whether the machine is overloaded, or allow more time.',
  })
}

function interrupted(): ZktuneError {
  return new ZktuneError('Interrupted', {
    where: 'ensemble',
    what: 'its start was interrupted',
    mend: 'Nothing is left behind; start it again.',
  })
}
