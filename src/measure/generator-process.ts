import { spawn, type ChildProcess } from 'node:child_process'
import { nodeArguments } from '../ensemble/server-process.ts'
import { ZktuneError } from '../kernel/errors.ts'
import type {
  AgreedTls,
  FromGenerator,
  GeneratorTask,
  LoadProgress,
  PhaseTask,
  RecordedPhase,
  ToGenerator,
} from './generator-message.ts'

/** After `close`: the closing of sessions has a deadline of its own. */
const CLOSE_DEADLINE_MS = 5_000
const PRINTED_MAX = 4_000

export interface GeneratorHooks {
  readonly onProgress: (progress: LoadProgress) => void
}

/** A load generator as a child process. It ends with this one, by the channel between them. */
export class GeneratorProcess implements AsyncDisposable {
  readonly pid: number
  readonly #child: ChildProcess
  readonly #exited: Promise<void>
  readonly #hooks: GeneratorHooks
  /** Rejects when the generator failed or ended before it was told to. */
  readonly #failed: Promise<never>
  #onReady: (tls: AgreedTls | null) => void = () => undefined
  #onEnded: (recorded: RecordedPhase) => void = () => undefined
  #isClosing = false

  private constructor(child: ChildProcess, pid: number, hooks: GeneratorHooks) {
    this.pid = pid
    this.#child = child
    this.#hooks = hooks
    this.#exited = new Promise((resolve) => child.once('exit', () => resolve()))
    let printed = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      printed = (printed + chunk.toString()).slice(-PRINTED_MAX)
    })
    this.#failed = new Promise((_, reject) => {
      child.on('message', (message: FromGenerator) => this.#take(message, reject))
      // `close` rather than `exit`: by then all that it printed has been read.
      child.once('close', (code, signal) => reject(endedEarly(pid, signal ?? `exit code ${code}`, printed)))
    })
    this.#failed.catch(() => undefined) // whoever disposes it early does not wait for this one
  }

  /**
   * @param entry the script of the generator; tests put their own here
   * @throws ZktuneError ServerFailed when the operating system starts no process
   */
  static start(
    hooks: GeneratorHooks,
    entry: URL = new URL(
      import.meta.url.endsWith('.ts') ? './generator-main.ts' : './generator-main.js',
      import.meta.url,
    ),
  ): GeneratorProcess {
    const child = spawn(process.execPath, nodeArguments(entry), { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    child.on('error', () => undefined) // a failed spawn has no pid; a failed send shows as its exit
    if (child.pid === undefined) throw endedEarly(0, 'an error of the operating system', '')
    return new GeneratorProcess(child, child.pid, hooks)
  }

  /**
   * Connects all sessions, and makes the znodes where the task says so.
   *
   * @returns what TLS agreed on; null in the clear
   * @throws ZktuneError, as a rejection, when the generator failed
   */
  open(task: GeneratorTask): Promise<AgreedTls | null> {
    const ready = new Promise<AgreedTls | null>((resolve) => (this.#onReady = resolve))
    this.#tell({ kind: 'open', task })
    return Promise.race([ready, this.#failed])
  }

  /** One phase, from its start to its last reply. @throws ZktuneError, as a rejection, when the generator failed */
  run(phase: PhaseTask): Promise<RecordedPhase> {
    const ended = new Promise<RecordedPhase>((resolve) => (this.#onEnded = resolve))
    this.#tell({ kind: 'phase', phase })
    return Promise.race([ended, this.#failed])
  }

  /** Ends the phase under way: what was measured so far is its result. */
  cut(): void {
    this.#tell({ kind: 'cut' })
  }

  /** Closes its sessions, then ends. One that is not told to is killed by its disposal. */
  async close(): Promise<void> {
    if (!this.#isClosing) this.#tell({ kind: 'close' })
    this.#isClosing = true
    const deadline = setTimeout(() => this.#child.kill('SIGKILL'), CLOSE_DEADLINE_MS)
    await this.#exited
    clearTimeout(deadline)
  }

  /** Ends the process, whatever it is at. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL')
    await this.#exited
  }

  #take(message: FromGenerator, reject: (error: Error) => void): void {
    switch (message.kind) {
      case 'progress':
        this.#hooks.onProgress(message)
        return
      case 'ready':
        this.#onReady(message.tls)
        return
      case 'ended':
        this.#onEnded(message.recorded)
        return
      case 'failed':
        reject(new ZktuneError(message.code, message))
    }
  }

  #tell(message: ToGenerator): void {
    if (this.#child.connected) this.#child.send(message, () => undefined)
  }
}

function endedEarly(pid: number, how: string, printed: string): ZktuneError {
  return new ZktuneError('ServerFailed', {
    where: `load generator (pid ${pid})`,
    what: `it ended with ${how} before it could tell its figures${printed === '' ? '' : `; it printed:\n${printed}\n`}`,
    mend: 'If nothing outside ended it, this is a fault of zktune: please report it.',
  })
}
