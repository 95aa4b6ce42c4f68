import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { ServerRole } from './ensemble.ts'
import type { ServerPlace } from './run-folders.ts'
import { ZktuneError } from '../kernel/errors.ts'

const TAIL_LINES = 12

/** How a server's process ended: by itself with a code, or by a signal. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** One server of a local ensemble, a process that this one has started and that does not outlive it. */
export interface ServerProcess {
  readonly id: number
  readonly pid: number
  /** Its role when it first served; rejects with a ZktuneError when it ended before. */
  readonly serving: Promise<ServerRole>
  readonly exited: Promise<Exit>
  readonly isAlive: boolean
  /** Asks it to stop, and ends it when it has not after `deadlineMs`. */
  stop(deadlineMs: number): Promise<void>
  killNow(): void
}

/**
 * The arguments by which this Node runs a script of ours as a process: as it is when built, through tsx when the
 * sources run themselves.
 */
export function nodeArguments(entry: URL): string[] {
  const script = fileURLToPath(entry)
  if (!script.endsWith('.ts')) return [script]
  // By full path: `--import tsx` alone would be looked up from the folder that the user stands in.
  const tsx = createRequire(import.meta.url).resolve('tsx')
  return ['--import', pathToFileURL(tsx).href, script]
}

/** The last lines of what a server printed, for the message that says that it failed; empty when there is nothing. */
export function tailOf(path: string): string {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return ''
  }
  return text.trimEnd().split('\n').slice(-TAIL_LINES).join('\n')
}

export function exitText({ code, signal }: Exit): string {
  return signal ?? `exit code ${code}`
}

/** @param how it ended: `exit code 1`, `SIGKILL` */
export function endedEarly(place: ServerPlace, how: string): ZktuneError {
  const tail = tailOf(place.printed)
  return new ZktuneError('ServerFailed', {
    where: `server ${place.id}`,
    what: `it ended with ${how} before it served${tail === '' ? ', and printed nothing' : `; it printed:\n${tail}\n`}`,
    mend: `Its configuration was ${place.config}; --keep keeps the run's folders.`,
  })
}

/** @param program that the operating system did not start */
export function notStarted(place: ServerPlace, program: string): ZktuneError {
  return new ZktuneError('ServerFailed', {
    where: `server ${place.id}`,
    what: `${program} could not be started`,
    mend: 'See whether the system allows more processes and open files.',
  })
}
