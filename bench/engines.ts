/** The two engines that benchmarks set side by side, each started as its users start it. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { bootEnsemble } from '../src/ensemble/start-ensemble.ts'
import { hasApache, startApache } from './apache-ensemble.ts'

export const ENGINES = ['builtin', 'apache'] as const
export type Engine = (typeof ENGINES)[number]

export interface ComparedEnsemble extends AsyncDisposable {
  /** A connect string. */
  readonly hosts: string
  /** Of the servers, in the order of their ids. */
  readonly pids: readonly number[]
  readonly bootMs: number
}

export interface CompareOptions {
  readonly replicas: number
  /** zoo.cfg settings that both engines get. */
  readonly settings: Readonly<Record<string, string>>
  /** Of each JVM, as -Xmx takes it; `1g` when absent. */
  readonly heap?: string
}

/**
 * What the built-in servers run is compiled first: started from TypeScript they would boot slower than any user's.
 *
 * @throws Error with a line for the user when an engine is missing or the build fails
 */
export function prepareEngines(engines: readonly Engine[]): void {
  if (engines.includes('apache') && !hasApache()) {
    throw new Error('Apache ZooKeeper is not here. On Debian: apt-get install zookeeper')
  }
  const { status } = spawnSync(process.execPath, ['build.mjs'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) throw new Error('The build failed: npm run build tells why.')
}

export async function startEngine(engine: Engine, options: CompareOptions): Promise<ComparedEnsemble> {
  const settings = Object.entries(options.settings).map(([key, value]) => ({ key, value }))
  if (engine === 'apache') {
    const lines = settings.map(({ key, value }) => `${key}=${value}`)
    return startApache(options.replicas, lines, options.heap ?? '1g')
  }
  const ensemble = await bootEnsemble(options.replicas, settings, {}, BUILT_SERVER)
  return {
    hosts: ensemble.hosts,
    pids: (await ensemble.servers()).map(({ pid }) => pid),
    bootMs: ensemble.bootMs,
    [Symbol.asyncDispose]: () => ensemble[Symbol.asyncDispose](),
  }
}

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const BUILT_SERVER = new URL('../dist/ensemble/server-main.js', import.meta.url)
