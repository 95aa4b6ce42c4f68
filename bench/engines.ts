/** The two engines that benchmarks set side by side, each started as its users start it. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { apacheEngine } from '../src/ensemble/apache/apache-engine.ts'
import { findZooKeeper } from '../src/ensemble/apache/find-zookeeper.ts'
import { builtinEngine, type LocalEngine } from '../src/ensemble/local-engine.ts'
import { bootEnsemble } from '../src/ensemble/start-ensemble.ts'
import type { ServerEvent } from '../src/ensemble/server-event.ts'
import { parseSizeBytes } from '../src/kernel/quantity.ts'

export const ENGINES = ['builtin', 'apache'] as const
export type Engine = (typeof ENGINES)[number]

export interface ComparedEnsemble extends AsyncDisposable {
  /** A connect string. */
  readonly hosts: string
  /** Of the servers, in the order of their ids. */
  readonly pids: readonly number[]
  readonly bootMs: number
  /** Of the server that leads now. */
  leaderPid(): Promise<number>
  /** See Ensemble. */
  events(): Promise<readonly ServerEvent[]>
}

export interface CompareOptions {
  readonly replicas: number
  /** zoo.cfg settings that both engines get. */
  readonly settings: Readonly<Record<string, string>>
  /** Of each JVM; `1GiB` when absent. */
  readonly heap?: string
}

/**
 * What the built-in servers run is compiled first: started from TypeScript they would boot slower than any user's.
 *
 * @throws Error with a line for the user when an engine is missing or the build fails
 */
export function prepareEngines(engines: readonly Engine[]): void {
  if (engines.includes('apache')) findZooKeeper({ home: null, environment: process.env })
  const { status } = spawnSync(process.execPath, ['build.mjs'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) throw new Error('The build failed: npm run build tells why.')
}

export async function startEngine(engine: Engine, options: CompareOptions): Promise<ComparedEnsemble> {
  const common = Object.entries(options.settings).map(([key, value]) => ({ key, value }))
  // Debian's class path cannot always run Apache's AdminServer, so it stays off there.
  const settings = engine === 'apache' ? [...common, { key: 'admin.enableServer', value: 'false' }] : common
  const ensemble = await bootEnsemble(options.replicas, settings, {}, await engineOf(engine, options))
  return {
    hosts: ensemble.hosts,
    pids: (await ensemble.servers()).map(({ pid }) => pid),
    bootMs: ensemble.bootMs,
    leaderPid: async () => {
      const leader = (await ensemble.servers()).find(({ role }) => role === 'leader')
      if (leader === undefined) throw new Error('nobody leads')
      return leader.pid
    },
    events: () => ensemble.events(),
    [Symbol.asyncDispose]: () => ensemble[Symbol.asyncDispose](),
  }
}

async function engineOf(engine: Engine, { heap = '1GiB' }: CompareOptions): Promise<LocalEngine> {
  if (engine === 'builtin') return builtinEngine(BUILT_SERVER)
  const heapBytes = parseSizeBytes(heap, { where: '--heap' })
  return await apacheEngine({ zookeeperHome: null, heapBytes, environment: process.env })
}

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const BUILT_SERVER = new URL('../dist/ensemble/server-main.js', import.meta.url)
