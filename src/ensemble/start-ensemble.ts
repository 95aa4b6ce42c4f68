import { allServing, interrupted } from './all-serving.ts'
import { apacheEngine } from './apache/apache-engine.ts'
import { LocalEnsemble } from './local-ensemble.ts'
import type { LocalServer } from './local-server.ts'
import { builtinEngine, type LocalEngine } from './local-engine.ts'
import { ensembleForm } from './ensemble-form.ts'
import { RunFolders, type ServerPlace } from './run-folders.ts'
import { makeRunCertificates, type EnsembleTls, type EnsembleTlsMode } from './run-certificates.ts'
import { LocalServerControl } from './server-control.ts'
import { choosePorts, portsOf } from './server-ports.ts'
import { hasAdminServer, serverConfig, type ServerPorts, type Setting } from './server-config.ts'
import type { Exit, ServerProcess } from './server-process.ts'
import { ZktuneError } from '../kernel/errors.ts'
import type { Plan, PlannedLink } from '../profile/plan.ts'
import { LinkRelays } from './link-relay.ts'

const READY_TIMEOUT_MS = 30_000
/** Between letting go of a free port and its server's taking it somebody else may be faster. */
const PORT_ATTEMPTS = 5
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
  const launch = (place: ServerPlace): ServerProcess => {
    // The first server takes the folder of the certificates along, should it have to tidy up after this process.
    const orphanRemoves = [...place.ownFolders, ...(tls === null || place.id !== 1 ? [] : [tls.folder])]
    return engine.start({
      place,
      clientPort: portsOf(ports, place).client,
      reaches: relays.reachedBy(place.id),
      tls: tls?.client ?? null,
      settings,
      orphanRemoves: isKept ? [] : orphanRemoves,
    })
  }
  const noteServers = (): void => folders.noteServers(started.map(({ process: server }) => server.pid))
  process.on('exit', onProcessExit)
  const startedMs = performance.now()
  try {
    for (const place of folders.places) {
      const { client: clientPort, admin, gateway: gatewayPort } = portsOf(ports, place)
      const adminPort = hasAdminServer(settings) ? admin : null
      const reaches = relays.reachedBy(place.id)
      started.push({ place, clientPort, adminPort, gatewayPort, reaches, process: launch(place) })
    }
    noteServers()
    await allServing(started, tls?.client ?? null, {
      timeoutMs: options.readyTimeoutMs ?? READY_TIMEOUT_MS,
      signal: options.signal,
    })
  } catch (error) {
    await Promise.all(started.map(({ process: server }) => server.stop(0)))
    process.off('exit', onProcessExit)
    throw error
  }
  const bootMs = performance.now() - startedMs

  let isStopping = false
  const control = new LocalServerControl(started, {
    dataFolder: engine.dataFolder,
    tls: tls?.client ?? null,
    launch: ({ place }) => {
      const again = launch(place)
      watch(again)
      return again
    },
    onStarted: noteServers,
  })
  const watch = (server: ServerProcess): void => {
    void server.exited.then(({ code, signal }: Exit) => {
      if (!isStopping && !control.wasAsked(server)) options.onServerExit?.(server.id, code, signal)
    })
  }
  for (const server of started) {
    watch(server.process)
    if (server.adminPort !== null && !(await engine.hasAdminServer(server.place))) server.adminPort = null
  }
  return new LocalEnsemble(engine, started, {
    control,
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
