import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Delays } from './script.ts'

export type ToServer = { readonly kind: 'play'; readonly delays: Delays } | { readonly kind: 'noise' }

export type FromServer =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'playing' }
  /** How late its event loop was since it began to play, at most. */
  | { readonly kind: 'noise'; readonly lateMsMax: number }

/** A stalling server in a process of its own. */
export class RunningServer implements AsyncDisposable {
  readonly hosts: string
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.hosts = `127.0.0.1:${port}`
  }

  static async start(): Promise<RunningServer> {
    const child = fork(new URL('./main.ts', import.meta.url), { execArgv: ['--import', 'tsx'] })
    const told = await answer(child)
    if (told.kind !== 'listening') throw new TypeError(`a server that listens first, not ${told.kind}`)
    return new RunningServer(child, told.port)
  }

  /** From the next get on. */
  async play(delays: Delays): Promise<void> {
    await this.#ask({ kind: 'play', delays })
  }

  /** How late the server was of itself since it began to play, at most; milliseconds. */
  async lateMsMax(): Promise<number> {
    const told = await this.#ask({ kind: 'noise' })
    return told.kind === 'noise' ? told.lateMsMax : Number.NaN
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }

  async #ask(message: ToServer): Promise<FromServer> {
    const told = answer(this.#child)
    this.#child.send(message)
    return await told
  }
}

/** @throws Error when the process ends in the place of an answer */
async function answer(child: ChildProcess): Promise<FromServer> {
  const told = once(child, 'message').then(([message]) => message as FromServer)
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the stalling server ended with ${String(code)}`)
  })
  ended.catch(() => undefined) // it ends some day
  return await Promise.race([told, ended])
}
