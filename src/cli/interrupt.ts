import { ZktuneError } from '../kernel/errors.ts'

/** The part of `process` that this leans on; a plain EventEmitter in tests. */
export interface SignalSource {
  on(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP', onSignal: () => void): unknown
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * One AbortSignal at the top of the program. The first request to end aborts it: the command stops the load, ends its
 * children and keeps what it measured. A second one ends the process at once; what the command still holds (children,
 * folders) goes with it by the exit handlers of whoever opened it.
 */
export class Interrupt {
  readonly #controller = new AbortController()
  readonly #onFirst: (cause: string) => void
  readonly #onSecond: () => void

  constructor(options: { readonly onFirst: (cause: string) => void; readonly onSecond: () => void }) {
    this.#onFirst = options.onFirst
    this.#onSecond = options.onSecond
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** SIGHUP may come twice for one closed terminal, from the shell and from the system; it never counts as a second. */
  listenTo(source: SignalSource): void {
    for (const signal of SIGNALS) source.on(signal, () => (signal === 'SIGHUP' ? this.end(signal) : this.press(signal)))
  }

  /** A person asks: the first time as `end`, the second time everything ends at once. */
  press(cause: string): void {
    if (this.#controller.signal.aborted) this.#onSecond()
    else this.end(cause)
  }

  /**
   * There is a reason to end; nothing happens when there already was one.
   *
   * @param cause `SIGINT`, `npm has ended`…: words for people
   */
  end(cause: string): void {
    if (this.#controller.signal.aborted) return
    // Told before the abort, so that the line stands above whatever the command says while it ends.
    this.#onFirst(cause)
    this.#controller.abort(
      new ZktuneError('Interrupted', {
        where: 'zktune',
        what: `interrupted (${cause}) before there was a result`,
        mend: 'Run the same line again; a shorter --duration ends sooner.',
      }),
    )
  }
}
