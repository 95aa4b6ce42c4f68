import type { Clock, Connection, Timer } from '../../../kernel/ports.ts'
import { WireError } from '../../../protocol/wire-error.ts'
import { LocalSession } from './local-session.ts'

export interface RestSessionsOptions {
  readonly clock: Clock
  readonly accept: (connection: Connection) => void
  /** Fills with unpredictable bytes. */
  readonly fill: (bytes: Uint8Array) => void
}

/** As Apache's gateway has it. */
const TIMEOUT_MS = 30_000

interface RestSession {
  readonly session: LocalSession
  readonly expireMs: number
  timer: Timer
}

/**
 * The ZooKeeper sessions behind the REST gateway: one that all requests share, and one for each client that asks for its
 * own, which ends when nothing was asked in it for the time that the client named.
 */
export class RestSessions {
  readonly #options: RestSessionsOptions
  readonly #shared: LocalSession
  readonly #own = new Map<string, RestSession>()

  constructor(options: RestSessionsOptions) {
    this.#options = options
    this.#shared = new LocalSession({ ...options, timeoutMs: TIMEOUT_MS, kind: 'shared' })
  }

  /** @param id null for the shared one. @returns null for a session that is not there. Asking restarts its time. */
  find(id: string | null): LocalSession | null {
    if (id === null) return this.#shared
    const found = this.#own.get(id)
    if (found === undefined || found.session.isOver) return null
    found.timer.cancel()
    found.timer = this.#expireLater(id, found.expireMs)
    return found.session
  }

  /** @returns its id, or the WireError that kept it from being made */
  async create(expireSeconds: number): Promise<string | number> {
    const session = new LocalSession({ ...this.#options, timeoutMs: TIMEOUT_MS, kind: 'own' })
    const error = await session.connect()
    if (error !== WireError.ok) return error
    const id = this.#newId()
    const expireMs = expireSeconds * 1000
    this.#own.set(id, { session, expireMs, timer: this.#expireLater(id, expireMs) })
    return id
  }

  async close(id: string): Promise<void> {
    const found = this.#own.get(id)
    if (found === undefined) return
    this.#own.delete(id)
    found.timer.cancel()
    await found.session.close()
  }

  /** The server stops. */
  stop(): void {
    this.#shared.abandon()
    for (const { session, timer } of this.#own.values()) {
      timer.cancel()
      session.abandon()
    }
    this.#own.clear()
  }

  #expireLater(id: string, expireMs: number): Timer {
    return this.#options.clock.setTimer(expireMs, () => void this.close(id))
  }

  /** A random UUID: who guesses it has the session. */
  #newId(): string {
    const bytes = Buffer.alloc(16)
    this.#options.fill(bytes)
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
    return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  }
}
