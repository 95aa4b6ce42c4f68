import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { ServerRole } from './ensemble.ts'
import type { ServerPlace } from './run-folders.ts'
import { writeServerArguments } from './server-arguments.ts'
import { asServerMessage } from './server-message.ts'
import { ZktuneError } from '../kernel/errors.ts'

const TAIL_LINES = 12

/** How a server's process ended: by itself with a code, or by a signal. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
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

/**
 * One server as a child process. Its channel to this process ends with either of them, which is how it learns that its
 * parent is gone; what it prints goes to a file.
 */
export class ServerProcess {
  readonly id: number
  readonly pid: number
  /** Its role when it first served; rejects with a ZktuneError when it ended before. */
  readonly serving: Promise<ServerRole>
  readonly exited: Promise<Exit>
  readonly #child: ChildProcess
  #exit: Exit | null = null

  private constructor(place: ServerPlace, child: ChildProcess, pid: number) {
    this.id = place.id
    this.pid = pid
    this.#child = child
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#exit = { code, signal }
        resolve(this.#exit)
      })
    })
    this.serving = new Promise((resolve, reject) => {
      let failure: ZktuneError | null = null
      child.on('message', (value) => {
        const message = asServerMessage(value)
        if (message?.kind === 'serving') resolve(message.role)
        if (message?.kind === 'failed') {
          failure = new ZktuneError(message.code, { ...message, where: `server ${place.id}, ${message.where}` })
        }
      })
      child.once('exit', (code, signal) => {
        reject(failure ?? endedEarly(place, signal === null ? `exit code ${code}` : signal))
      })
    })
    // Whoever stops it while it starts does not wait for this one.
    this.serving.catch(() => undefined)
  }

  /**
   * @param entry the script that runs a server
   * @param orphanRemoves folders that the server removes once it has stopped because its parent is gone
   * @throws ZktuneError ServerFailed when the operating system starts no process
   */
  static start(place: ServerPlace, entry: URL, orphanRemoves: readonly string[]): ServerProcess {
    const printed = openSync(place.printed, 'a')
    try {
      const child = spawn(
        process.execPath,
        [...nodeArguments(entry), ...writeServerArguments({ config: place.config, orphanRemoves })],
        { stdio: ['ignore', printed, printed, 'ipc'] },
      )
      child.on('error', () => undefined) // a failed spawn has no pid; a failed send or kill shows as its exit
      if (child.pid === undefined) {
        throw new ZktuneError('ServerFailed', {
          where: `server ${place.id}`,
          what: `${process.execPath} could not be started`,
          mend: 'See whether the system allows more processes and open files.',
        })
      }
      return new ServerProcess(place, child, child.pid)
    } finally {
      closeSync(printed)
    }
  }

  get isAlive(): boolean {
    return this.#exit === null
  }

  /** Asks it to stop, and ends it when it has not after `deadlineMs`. */
  async stop(deadlineMs: number): Promise<void> {
    if (!this.isAlive) return
    this.#child.kill('SIGTERM')
    const deadline = setTimeout(() => this.killNow(), deadlineMs)
    await this.exited
    clearTimeout(deadline)
  }

  killNow(): void {
    if (this.isAlive) this.#child.kill('SIGKILL')
  }
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

function endedEarly(place: ServerPlace, how: string): ZktuneError {
  const tail = tailOf(place.printed)
  return new ZktuneError('ServerFailed', {
    where: `server ${place.id}`,
    what: `it ended with ${how} before it served${tail === '' ? ', and printed nothing' : `; it printed:\n${tail}\n`}`,
    mend: `Its configuration was ${place.config}; --keep keeps the run's folders.`,
  })
}
