import { WireError } from '../protocol/wire-error.ts'
import type { LoadSource, VisitingSession } from './load-source.ts'

/** A session that is not there after this long has not come. */
const CONNECT_MAX_MS = 10_000

/** A session that comes and goes, by turns: from the connection to the first answer, and from the farewell to its end. */
export class Visit {
  readonly #source: LoadSource
  readonly #ending = new AbortController()
  #session: VisitingSession | null = null

  constructor(source: LoadSource) {
    this.#source = source
  }

  get isThere(): boolean {
    return this.#session !== null
  }

  /** @param onDone gets a WireError: `connectionLoss` for a session that did not come */
  turn(onDone: (error: number) => void): void {
    const session = this.#session
    if (session !== null) {
      this.#session = null
      session.close().then(
        () => onDone(WireError.ok),
        () => onDone(WireError.connectionLoss),
      )
      return
    }
    const coming = this.#source.openVisit()
    coming.connected(CONNECT_MAX_MS, this.#ending.signal).then(
      () => {
        this.#session = coming
        onDone(WireError.ok)
      },
      () => {
        void coming.close()
        onDone(WireError.connectionLoss)
      },
    )
  }

  /** Ends the session, if there is one, or gives up on the one that is coming. */
  async close(): Promise<void> {
    this.#ending.abort()
    await this.#session?.close()
    this.#session = null
  }
}
