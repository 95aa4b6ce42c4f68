import { readFile } from 'node:fs/promises'
import type { TlsClientOptions } from '../kernel/ports.ts'
import { eventsInBuiltinLog } from './builtin-log.ts'
import { BuiltinProcess } from './builtin-process.ts'
import type { Software } from './ensemble.ts'
import type { PeerPorts } from './link-relay.ts'
import { reachWord } from './reaches.ts'
import type { ServerPlace } from './run-folders.ts'
import type { Setting } from './server-config.ts'
import type { LoggedEvent } from './server-event.ts'
import type { ServerProcess } from './server-process.ts'

/** What is told of a server whose files are written, so that it can be started. */
export interface ServerToStart {
  readonly place: ServerPlace
  readonly clientPort: number
  /** Null: clients come in the clear. */
  readonly tls: TlsClientOptions | null
  /** All that the plan sets, also what its zoo.cfg cannot hold. */
  readonly settings: readonly Setting[]
  /** Of the other servers that it has a link to: the ports by which it reaches them. */
  readonly reaches: ReadonlyMap<number, PeerPorts>
  /** Folders to remove should this process end and take nothing along. */
  readonly orphanRemoves: readonly string[]
}

/** Whose servers a local ensemble consists of. One object serves one ensemble. */
export interface LocalEngine {
  readonly kind: 'builtin' | 'apache'
  /** Beside zktune and Node; complete once a server has served. */
  readonly software: readonly Software[]
  /** The sub-folder of a dataDir that holds this engine's data. */
  readonly dataFolder: string
  /** Whether its servers know by their zoo.cfg alone how they reach each other, so that these have to differ over links. */
  readonly reachesByConfig: boolean
  /** Of all settings, those that go into zoo.cfg. */
  inZooCfg(settings: readonly Setting[]): readonly Setting[]
  /** Before the first server; again does nothing. */
  prepare(): Promise<void>
  start(server: ServerToStart): ServerProcess
  /** The line by which a user brings back a server that was ended from outside. */
  restartCommand(server: Pick<ServerToStart, 'place' | 'reaches'>): string
  /** Whether an AdminServer that was asked for is there; of a server that serves. */
  hasAdminServer(place: ServerPlace): Promise<boolean>
  eventsOf(place: ServerPlace): Promise<readonly LoggedEvent[]>
  /** After the last server. */
  close(): Promise<void>
}

const SERVER_MAIN = new URL(import.meta.url.endsWith('.ts') ? './server-main.ts' : './server-main.js', import.meta.url)

/** @param entry the script of a server process; tests put their own here */
export function builtinEngine(entry: URL = SERVER_MAIN): LocalEngine {
  return {
    kind: 'builtin',
    software: [],
    dataFolder: 'zktune-1',
    reachesByConfig: false,
    inZooCfg: (settings) => settings,
    prepare: () => Promise.resolve(),
    start: ({ place, orphanRemoves, reaches }) => {
      return BuiltinProcess.start(place, entry, { orphanRemoves, reaches: peerPorts(reaches) })
    },
    restartCommand: ({ place: { config }, reaches }) => {
      const words = [...peerPorts(reaches)].map(([id, port]) => ` --reaches ${reachWord(id, port)}`)
      return `zktune server ${config}${words.join('')}`
    },
    hasAdminServer: () => Promise.resolve(true),
    eventsOf: async ({ printed }) => eventsInBuiltinLog(await readFile(printed, 'utf8')),
    close: () => Promise.resolve(),
  }
}

/** The engine has one port for peers, also for elections. */
function peerPorts(reaches: ReadonlyMap<number, PeerPorts>): ReadonlyMap<number, number> {
  return new Map([...reaches].map(([id, { peer }]) => [id, peer]))
}
