import type { ChildProcess } from 'node:child_process'
import type { Exit } from './server-process.ts'

/** What every server that this process has started is: a child with an end, which can be asked for or forced. */
export class ServerChild {
  readonly id: number
  readonly pid: number
  readonly exited: Promise<Exit>
  readonly #child: ChildProcess
  #exit: Exit | null = null

  /** @param pid of `child`, which has one: it was started */
  constructor(id: number, child: ChildProcess, pid: number) {
    this.id = id
    this.pid = pid
    this.#child = child
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#exit = { code, signal }
        resolve(this.#exit)
      })
    })
  }

  /** Null while it runs. */
  get exit(): Exit | null {
    return this.#exit
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
