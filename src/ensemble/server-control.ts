import { rmSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ZktuneError } from '../kernel/errors.ts'
import type { TlsClientOptions } from '../kernel/ports.ts'
import { allServing, type Patience } from './all-serving.ts'
import type { ServerControl, ServerReturn } from './ensemble.ts'
import type { LocalServer } from './local-server.ts'
import type { ServerProcess } from './server-process.ts'

const STOP_DEADLINE_MS = 5_000
const LISTEN_POLL_MS = 5

/** How the servers of one ensemble are started. */
export interface ServerStarts {
  /** The sub-folder of a dataDir that holds the engine's data. */
  readonly dataFolder: string
  /** Null: clients come in the clear. */
  readonly tls: TlsClientOptions | null
  readonly launch: (server: LocalServer) => ServerProcess
  /** The processes are others now. */
  readonly onStarted: () => void
}

/** Stops and starts servers of a local ensemble, each in its own place, with its ports and its configuration. */
export class LocalServerControl implements ServerControl {
  readonly #servers: readonly LocalServer[]
  readonly #starts: ServerStarts
  readonly #asked = new Set<ServerProcess>()

  constructor(servers: readonly LocalServer[], starts: ServerStarts) {
    this.#servers = servers
    this.#starts = starts
  }

  /** Whether this process ends because somebody wanted it to. */
  wasAsked(server: ServerProcess): boolean {
    return this.#asked.has(server)
  }

  async stop(id: number): Promise<void> {
    const { process: server } = this.#serverOf(id)
    this.#asked.add(server)
    await server.stop(STOP_DEADLINE_MS)
  }

  loseData(id: number): void {
    const { place } = this.#stopped(id)
    const folders = [place.dataDir, ...(place.dataLogDir === null ? [] : [place.dataLogDir])]
    // No flag tells it that it may vote with nothing, as in RunFolders.write: it has to learn first.
    for (const folder of folders) rmSync(join(folder, this.#starts.dataFolder), { recursive: true, force: true })
  }

  async start(id: number, patience: Patience): Promise<ServerReturn> {
    const server = this.#stopped(id)
    const { launch, onStarted, tls } = this.#starts
    const startMs = performance.now()
    server.process = launch(server)
    onStarted()
    const listening = listeningMs(server)
    await allServing([server], tls, patience)
    const endMs = performance.now()
    const listenedMs = Math.min(endMs, (await listening) ?? endMs)
    return { startMs: listenedMs - startMs, syncMs: endMs - listenedMs }
  }

  #serverOf(id: number): LocalServer {
    const server = this.#servers.find(({ place }) => place.id === id)
    if (server === undefined) throw new RangeError(`there is no server ${id}`)
    return server
  }

  #stopped(id: number): LocalServer {
    const server = this.#serverOf(id)
    if (!server.process.isAlive) return server
    throw new ZktuneError('UsageConflict', {
      where: `server ${id}`,
      what: 'it runs',
      mend: 'Stop it first.',
    })
  }
}

/** When its port took the first connection, by `performance.now()`; null: it ended before. */
async function listeningMs({ clientPort, process: server }: LocalServer): Promise<number | null> {
  while (server.isAlive) {
    if (await takes(clientPort)) return performance.now()
    await delay(LISTEN_POLL_MS)
  }
  return null
}

function takes(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
