import { spawn, type ChildProcess } from 'node:child_process'
import { nodeArguments } from '../ensemble/server-process.ts'
import { ZktuneError } from '../kernel/errors.ts'
import type {
  AgreedTls,
  FromGenerator,
  GeneratorTask,
  LoadProgress,
  RecordedPhase,
  ToGenerator,
} from './generator-message.ts'

/** After `stop`: the drain of the last replies and the closing of sessions have deadlines of their own. */
const STOP_DEADLINE_MS = 15_000
const PRINTED_MAX = 4_000

export interface GeneratorHooks {
  readonly onProgress: (progress: LoadProgress) => void
  /** The phase of that index begins, or has just ended. */
  readonly onPhase: (event: 'began' | 'ended', phaseIndex: number) => void
}

/** The load generator as a child process. It ends with this one, by the channel between them. */
export class GeneratorProcess implements AsyncDisposable {
  readonly pid: number
  /** What was measured; rejects with a ZktuneError when the generator failed or ended before it could tell. */
  readonly done: Promise<{ readonly phases: readonly RecordedPhase[]; readonly tls: AgreedTls | null }>
  readonly #child: ChildProcess
  readonly #exited: Promise<void>
  #deadline: NodeJS.Timeout | null = null

  private constructor(child: ChildProcess, pid: number, hooks: GeneratorHooks) {
    this.pid = pid
    this.#child = child
    this.#exited = new Promise((resolve) => child.once('exit', () => resolve()))
    let printed = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      printed = (printed + chunk.toString()).slice(-PRINTED_MAX)
    })
    this.done = new Promise((resolve, reject) => {
      child.on('message', (message: FromGenerator) => {
        switch (message.kind) {
          case 'progress':
            hooks.onProgress(message)
            return
          case 'began':
          case 'ended':
            hooks.onPhase(message.kind, message.phaseIndex)
            return
          case 'done':
            resolve(message)
            return
          case 'failed':
            reject(new ZktuneError(message.code, message))
        }
      })
      // `close` rather than `exit`: by then all that it printed has been read.
      child.once('close', (code, signal) => reject(endedEarly(pid, signal ?? `exit code ${code}`, printed)))
    })
    this.done.catch(() => undefined) // whoever disposes it early does not wait for this one
  }

  /**
   * @param entry the script of the generator; tests put their own here
   * @throws ZktuneError ServerFailed when the operating system starts no process
   */
  static start(
    task: GeneratorTask,
    hooks: GeneratorHooks,
    entry: URL = new URL(
      import.meta.url.endsWith('.ts') ? './generator-main.ts' : './generator-main.js',
      import.meta.url,
    ),
  ): GeneratorProcess {
    const child = spawn(process.execPath, nodeArguments(entry), { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    child.on('error', () => undefined) // a failed spawn has no pid; a failed send shows as its exit
    if (child.pid === undefined) throw endedEarly(0, 'an error of the operating system', '')
    const generator = new GeneratorProcess(child, child.pid, hooks)
    generator.#tell({ kind: 'run', task })
    return generator
  }

  /** Ends the load now: `done` resolves with what was measured so far. */
  stop(): void {
    if (this.#deadline !== null) return
    this.#tell({ kind: 'stop' })
    this.#deadline = setTimeout(() => this.#child.kill('SIGKILL'), STOP_DEADLINE_MS)
    void this.#exited.then(() => {
      if (this.#deadline !== null) clearTimeout(this.#deadline)
    })
  }

  /** Ends the process, whatever it is at. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL')
    await this.#exited
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
