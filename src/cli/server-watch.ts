import type { LocalRunningServer } from '../ensemble/local-ensemble.ts'

const POLL_MS = 500

/** The part of an ensemble that this leans on. */
export interface WatchedEnsemble {
  servers(): Promise<readonly LocalRunningServer[]>
}

/** A server that is not as it was started: gone, or brought back by hand as another process. */
type Changed = { readonly state: 'gone' } | { readonly state: 'returned'; readonly pid: number }

/**
 * Says when a server of a running ensemble was ended from outside, how to bring it back, and when somebody has. Nothing
 * is asked and nothing polled as long as every server is the process that was started.
 */
export class ServerWatch {
  readonly #say: (text: string) => void
  readonly #changed = new Map<number, Changed>()
  #ensemble: WatchedEnsemble | null = null
  #servers: readonly LocalRunningServer[] = []
  #timer: NodeJS.Timeout | null = null

  constructor(say: (text: string) => void) {
    this.#say = say
  }

  start(ensemble: WatchedEnsemble, servers: readonly LocalRunningServer[]): void {
    this.#ensemble = ensemble
    this.#servers = servers
  }

  /** @param how `SIGKILL`, `exit code 1` */
  onExit(id: number, how: string): void {
    this.#onGone(id, `was ended from outside (${how})`)
    this.#timer ??= setInterval(() => void this.#look(), POLL_MS)
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    this.#ensemble = null
  }

  #onGone(id: number, how: string): void {
    this.#changed.set(id, { state: 'gone' })
    const goneCount = [...this.#changed.values()].filter(({ state }) => state === 'gone').length
    const count = this.#servers.length
    const rest = count > goneCount ? `${count - goneCount} of ${count} go on` : 'none is left'
    const command = this.#servers.find((server) => server.id === id)?.restartCommand
    // One that ends before the ensemble was described has nothing to be compared with yet.
    const more = command === undefined ? '.' : `; ${rest}. To bring it back: ${command}`
    this.#say(`Server ${id} ${how}${more}`)
  }

  async #look(): Promise<void> {
    for (const [id, changed] of this.#changed) {
      if (changed.state === 'returned' && !isAlive(changed.pid)) this.#onGone(id, 'has ended again')
    }
    if (![...this.#changed.values()].some(({ state }) => state === 'gone')) return
    const servers = (await this.#ensemble?.servers()) ?? []
    for (const { id, pid, role } of servers) {
      if (role === 'down' || this.#changed.get(id)?.state !== 'gone') continue
      this.#changed.set(id, { state: 'returned', pid })
      this.#say(`Server ${id} serves again (pid ${pid}, ${role}).`)
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
