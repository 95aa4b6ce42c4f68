import { inOrder, serverEvents, type ServerEvent } from './server-event.ts'
import type { EnsembleTls } from './run-certificates.ts'
import type { Ensemble, RunningServer, ServerCounters, Software } from './ensemble.ts'
import { readCounters } from './server-figures.ts'
import type { LocalEngine } from './local-engine.ts'
import { askRole, askServer, LOCAL_ASK_TIMEOUT_MS } from './four-letter-word.ts'
import { readPidFile } from './pid-file.ts'
import type { LocalServer } from './local-server.ts'
import type { LocalServerControl } from './server-control.ts'
import { ZktuneError } from '../kernel/errors.ts'

const STOP_DEADLINE_MS = 5_000
const POLL_MS = 50

/** A server that runs here has all that one elsewhere may lack. */
export interface LocalRunningServer extends RunningServer {
  readonly pid: number
  readonly dataDir: string
  readonly config: string
  readonly restartCommand: string
}

/** A running ensemble on this machine: one child process a server. */
export class LocalEnsemble implements Ensemble {
  readonly chroot = ''
  readonly digest = null
  readonly hosts: string
  readonly bootMs: number
  readonly tls: EnsembleTls | null
  /** Where the configurations, and unless told otherwise the data, of this run lie. */
  readonly folder: string
  readonly control: LocalServerControl
  readonly #engine: LocalEngine
  readonly #servers: readonly LocalServer[]
  readonly #onStopping: () => void
  readonly #onStopped: () => void
  #stopped: Promise<void> | null = null

  constructor(
    engine: LocalEngine,
    servers: readonly LocalServer[],
    run: {
      readonly bootMs: number
      readonly folder: string
      readonly tls: EnsembleTls | null
      readonly control: LocalServerControl
      /** Called once each: before the first server is asked to stop, and after the last one has. */
      readonly onStopping: () => void
      readonly onStopped: () => void
    },
  ) {
    this.#engine = engine
    this.#servers = servers
    this.hosts = servers.map((server) => `127.0.0.1:${server.clientPort}`).join(',')
    this.bootMs = run.bootMs
    this.folder = run.folder
    this.tls = run.tls
    this.control = run.control
    this.#onStopping = run.onStopping
    this.#onStopped = run.onStopped
  }

  get kind(): 'builtin' | 'apache' {
    return this.#engine.kind
  }

  get software(): readonly Software[] {
    return this.#engine.software
  }

  servers(): Promise<readonly LocalRunningServer[]> {
    return Promise.all(this.#servers.map((server) => this.#describe(server)))
  }

  async events(): Promise<readonly ServerEvent[]> {
    const perServer = this.#servers.map(async ({ place }) => {
      return serverEvents(place.id, await this.#engine.eventsOf(place))
    })
    return inOrder((await Promise.all(perServer)).flat())
  }

  async counters(): Promise<ServerCounters> {
    const perServer = this.#servers.map(async ({ place, clientPort }) => {
      const address = { host: '127.0.0.1', port: clientPort }
      const answer = await askServer(address, 'mntr', LOCAL_ASK_TIMEOUT_MS, this.tls?.client ?? null).catch(() => '')
      const counters = readCounters(answer)
      return [place.id, counters.size === 0 ? null : counters] as const
    })
    return new Map(await Promise.all(perServer))
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #stop(): Promise<void> {
    this.#onStopping()
    await Promise.all(this.#servers.map((server) => stopServer(server, this.tls)))
    await this.#engine.close()
    this.#onStopped()
  }

  async #describe(server: LocalServer): Promise<LocalRunningServer> {
    const { place, clientPort, adminPort, gatewayPort } = server
    const address = { host: '127.0.0.1', port: clientPort }
    return {
      id: place.id,
      pid: pidOf(server),
      role: await askRole(address, LOCAL_ASK_TIMEOUT_MS, this.tls?.client ?? null),
      host: '127.0.0.1',
      clientPort,
      adminPort,
      gatewayPort,
      dataDir: place.dataDir,
      config: place.config,
      restartCommand: this.#engine.restartCommand(server),
    }
  }
}

/** A server that was ended from outside may have been brought back by hand: then its own file tells its pid. */
function pidOf(server: LocalServer): number {
  if (server.process.isAlive) return server.process.pid
  return readPidFile(server.place.dataDir) ?? server.process.pid
}

async function stopServer(server: LocalServer, tls: EnsembleTls | null): Promise<void> {
  if (server.process.isAlive) {
    await server.process.stop(STOP_DEADLINE_MS)
    return
  }
  // Brought back by hand: it lives in folders that are about to go, so it ends with the rest.
  const pid = readPidFile(server.place.dataDir)
  if (pid === null || !(await isThere(server, tls)) || !signal(pid, 'SIGTERM')) return
  const deadlineMs = performance.now() + STOP_DEADLINE_MS
  while (signal(pid, 0)) {
    if (performance.now() > deadlineMs) {
      signal(pid, 'SIGKILL')
      return
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

/** Whether a server listens there, serving or not: the others end meanwhile, and one without a leader serves nobody. */
async function isThere(server: LocalServer, tls: EnsembleTls | null): Promise<boolean> {
  try {
    const address = { host: '127.0.0.1', port: server.clientPort }
    return (await askServer(address, 'srvr', LOCAL_ASK_TIMEOUT_MS, tls?.client ?? null)) !== ''
  } catch (error) {
    if (error instanceof ZktuneError) return error.code === 'Timeout'
    throw error
  }
}

/** @returns false when there is no such process, or none of ours */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name)
    return true
  } catch {
    return false
  }
}
