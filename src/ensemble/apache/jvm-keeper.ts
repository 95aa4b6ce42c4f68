import { spawn, type ChildProcess } from 'node:child_process'
import { nodeArguments } from '../server-process.ts'

/** What the keeper is told of each JVM. */
export interface ToKeeper {
  readonly pid: number
  /** Stands on the command line of that process and of no other: pids are used again. */
  readonly mark: string
  /** Folders that go with it. */
  readonly removes: readonly string[]
}

const MAIN = new URL(import.meta.url.endsWith('.ts') ? './keeper-main.ts' : './keeper-main.js', import.meta.url)
const START_DEADLINE_MS = 10_000

/**
 * A process beside the JVMs of an ensemble that ends them, and removes what they leave, should this process be gone without
 * having done so. A JVM cannot watch over its parent by itself.
 */
export class JvmKeeper {
  readonly #child: ChildProcess

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  /** Resolves when it watches; one that cannot be started is no reason not to measure, where the kernel does the same. */
  static async start(): Promise<JvmKeeper> {
    // In a group of its own: a signal for this whole group must not end it together with whom it watches for.
    const child = spawn(process.execPath, nodeArguments(MAIN), {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      detached: true,
    })
    child.on('error', () => undefined)
    await new Promise<void>((resolve) => {
      const deadline = setTimeout(resolve, START_DEADLINE_MS)
      const done = (): void => {
        clearTimeout(deadline)
        resolve()
      }
      child.once('message', done)
      child.once('exit', done)
      child.once('error', done)
    })
    // It lives as long as this process, and must not be why this process lives.
    child.unref()
    child.channel?.unref()
    return new JvmKeeper(child)
  }

  watch(jvm: ToKeeper): void {
    if (this.#child.connected) this.#child.send(jvm, () => undefined)
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.ref()
    this.#child.kill('SIGKILL')
    await exited
  }
}
