/** The generator in C: built where there is a compiler, run as a process, read as JSON. */
import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface LeanLoad {
  readonly sessions: number
  readonly inFlight: number
  /** Weights. */
  readonly get: number
  readonly set: number
  readonly valueBytes: number
  readonly keys: number
  readonly warmupSeconds: number
  readonly seconds: number
  /** Null: a closed loop. */
  readonly ratePerSecond: number | null
}

export interface LeanFigures {
  readonly opsPerSecond: number
  readonly cpuSeconds: number
  readonly latencyUs: { readonly p50: number; readonly p99: number }
}

const SOURCE = fileURLToPath(new URL('lean.c', import.meta.url))

/**
 * @param folder for the program
 * @returns its path
 * @throws Error when there is no compiler, or it finds fault
 */
export function buildLean(folder: string): string {
  const program = join(folder, 'lean')
  const { status, error, stderr } = spawnSync('gcc', ['-O2', '-Wall', '-Wextra', '-Werror', '-o', program, SOURCE], {
    encoding: 'utf8',
  })
  if (error !== undefined) throw new Error(`gcc is needed, and cannot be run: ${error.message}`)
  if (status !== 0) throw new Error(stderr)
  return program
}

/** @throws Error with what the program said when it failed: it does at the first error of a server */
export async function runLean(program: string, hosts: string, load: LeanLoad): Promise<LeanFigures> {
  const options = {
    sessions: load.sessions,
    inflight: load.inFlight,
    get: load.get,
    set: load.set,
    value: load.valueBytes,
    keys: load.keys,
    warmup: load.warmupSeconds,
    seconds: load.seconds,
    rate: load.ratePerSecond ?? 0,
  }
  const words = Object.entries(options).map(([name, value]) => `${name}=${value}`)
  const child = spawn(program, [hosts, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  let [printed, said] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const code = await new Promise((resolve) => child.once('close', resolve))
  if (code !== 0) throw new Error(said)
  return JSON.parse(printed) as LeanFigures
}
