import { sessionKey } from '../kernel/session-id.ts'
import type { History } from './history.ts'
import type { Session } from './session.ts'

/** The open sessions. Changed by transactions only. */
export class SessionTable {
  readonly #sessions = new Map<number, Session>()
  readonly #history: History

  constructor(history: History) {
    this.#history = history
  }

  get size(): number {
    return this.#sessions.size
  }

  /** @returns null for a session that never was, or is closed */
  get(high: number, low: number): Session | null {
    const session = this.#sessions.get(sessionKey(high, low))
    return session !== undefined && session.high === (high | 0) ? session : null
  }

  /** Whether an id can be given: its key, 53 of the 64 bits, must be free. */
  isFree(high: number, low: number): boolean {
    return !this.#sessions.has(sessionKey(high, low))
  }

  add(session: Session): void {
    this.#sessions.set(sessionKey(session.high, session.low), session)
  }

  remove(session: Session, zxid: number): void {
    this.#sessions.delete(sessionKey(session.high, session.low))
    session.closedZxid = zxid
    this.#history.keepSession(session)
  }

  [Symbol.iterator](): IterableIterator<Session> {
    return this.#sessions.values()
  }
}
