import type { ByteReader, ByteWriter } from '../../../kernel/bytes.ts'
import type { Clock, Connection, Timer } from '../../../kernel/ports.ts'
import { PASSWORD_SIZE_BYTES } from '../../../protocol/connect.ts'
import { OpCode } from '../../../protocol/op-code.ts'
import { WireError } from '../../../protocol/wire-error.ts'
import { LocalLink } from './local-link.ts'

export interface LocalSessionOptions {
  readonly clock: Clock
  /** Takes a connection as the server's listener does. */
  readonly accept: (connection: Connection) => void
  readonly timeoutMs: number
  /** What becomes of an expired session: a `shared` one is followed by another, an `own` one is over. */
  readonly kind: 'shared' | 'own'
}

export interface Answer<T> {
  readonly error: number
  readonly zxid: number
  /** Null unless the error is `ok`. */
  readonly value: T | null
}

/**
 * A session of the gateway with its own server. It comes back by another connection when one is lost, and asks for
 * nothing twice: what was under way is answered CONNECTIONLOSS.
 */
export class LocalSession {
  readonly #options: LocalSessionOptions
  #link: LocalLink | null = null
  #connecting: Promise<LocalLink | number> | null = null
  #high = 0
  #low = 0
  #password: Uint8Array = Buffer.alloc(PASSWORD_SIZE_BYTES)
  #isOver = false
  #pings: Timer | null = null

  constructor(options: LocalSessionOptions) {
    this.#options = options
  }

  /** Expired or closed: nothing can be asked any more. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** @param read takes the response record */
  async ask<T>(type: number, write: (out: ByteWriter) => void, read: (from: ByteReader) => T): Promise<Answer<T>> {
    const link = await this.#open()
    if (typeof link === 'number') return { error: link, zxid: -1, value: null }
    return await new Promise((resolve) => {
      link.request(type, write, ({ error, zxid, record }) => {
        resolve({ error, zxid, value: error === WireError.ok ? read(record) : null })
      })
    })
  }

  /** Opens it when it is not. @returns WireError.ok, or why it cannot */
  async connect(): Promise<number> {
    const link = await this.#open()
    return typeof link === 'number' ? link : WireError.ok
  }

  /** Its ephemerals go. */
  async close(): Promise<void> {
    if (this.#isOver) return
    this.#pings?.cancel()
    if (this.#high !== 0 || this.#low !== 0) {
      await this.ask(
        OpCode.closeSession,
        () => undefined,
        () => null,
      )
    }
    this.#isOver = true
    this.#link?.hangUp()
  }

  /** The server stops: it is left as it is, to expire or to be taken up again by nobody. */
  abandon(): void {
    this.#isOver = true
    this.#pings?.cancel()
    this.#link?.hangUp()
  }

  #open(): Promise<LocalLink | number> {
    if (this.#isOver) return Promise.resolve(WireError.sessionExpired)
    if (this.#link?.isOpen === true) return Promise.resolve(this.#link)
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = null
    })
    return this.#connecting
  }

  #connect(): Promise<LocalLink | number> {
    const { clock, accept, timeoutMs, kind } = this.#options
    return new Promise((resolve) => {
      const session = { high: this.#high, low: this.#low, password: this.#password, timeoutMs }
      const link = new LocalLink(clock, accept, session, (response) => {
        if (response === null) return resolve(WireError.connectionLoss)
        if (response.timeoutMs <= 0) {
          this.#high = this.#low = 0
          if (kind === 'own') this.#isOver = true
          return resolve(kind === 'own' ? WireError.sessionExpired : this.#connect())
        }
        this.#high = response.sessionHigh
        this.#low = response.sessionLow
        this.#password = Buffer.from(response.password ?? [])
        this.#link = link
        this.#pingLater(response.timeoutMs)
        resolve(link)
      })
    })
  }

  #pingLater(timeoutMs: number): void {
    this.#pings?.cancel()
    this.#pings = this.#options.clock.setTimer(timeoutMs / 3, () => {
      if (this.#isOver) return
      if (this.#link?.isOpen === true) this.#link.ping()
      else void this.#open()
      this.#pingLater(timeoutMs)
    })
  }
}
