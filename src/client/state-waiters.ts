import { ZktuneError } from '../kernel/errors.ts'
import type { Clock } from '../kernel/ports.ts'
import { WireError } from '../protocol/wire-error.ts'
import type { ClientState } from './client-session.ts'
import { ZooKeeperError } from './zookeeper-error.ts'

interface ConnectWaiter {
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** The promises that wait for the session to be connected, or over. */
export class StateWaiters {
  readonly #clock: Clock
  #state: ClientState
  #connectWaiters: ConnectWaiter[] = []
  #overWaiters: (() => void)[] = []

  constructor(clock: Clock, state: ClientState) {
    this.#clock = clock
    this.#state = state
  }

  onState(state: ClientState): void {
    this.#state = state
    if (isOver(state)) for (const resolve of this.#overWaiters.splice(0)) resolve()
    if (state !== 'connecting') for (const waiter of [...this.#connectWaiters]) answer(waiter, state)
  }

  /**
   * @param signal null when nobody can give up
   * @param facts asked for when the time is over: where it tried, and how the last attempt failed
   */
  connected(
    timeoutMs: number,
    signal: AbortSignal | null,
    facts: () => { readonly where: string; readonly lastFailure: string | null },
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (answerWaiter: () => void): void => {
        this.#connectWaiters = this.#connectWaiters.filter((other) => other !== waiter)
        timer.cancel()
        signal?.removeEventListener('abort', onAbort)
        answerWaiter()
      }
      const waiter: ConnectWaiter = {
        resolve: () => settle(resolve),
        reject: (error) => settle(() => reject(error)),
      }
      const onAbort = (): void => waiter.reject(signal?.reason as Error)
      const timer = this.#clock.setTimer(timeoutMs, () => waiter.reject(cannotConnect(timeoutMs, facts())))
      this.#connectWaiters.push(waiter)
      signal?.addEventListener('abort', onAbort, { once: true })
      if (signal?.aborted === true) onAbort()
      else if (this.#state !== 'connecting') answer(waiter, this.#state)
    })
  }

  /** Never rejects. */
  over(): Promise<void> {
    if (isOver(this.#state)) return Promise.resolve()
    return new Promise((resolve) => this.#overWaiters.push(resolve))
  }
}

function answer(waiter: ConnectWaiter, state: ClientState): void {
  if (state === 'connected' || state === 'connectedReadOnly') {
    waiter.resolve()
    return
  }
  const code = state === 'authFailed' ? WireError.authFailed : WireError.sessionExpired
  waiter.reject(new ZooKeeperError(code, 'createSession', null, `the client is ${state}`))
}

function isOver(state: ClientState): boolean {
  return state === 'closed' || state === 'expired' || state === 'authFailed'
}

function cannotConnect(
  timeoutMs: number,
  facts: { readonly where: string; readonly lastFailure: string | null },
): ZktuneError {
  const last = facts.lastFailure === null ? '' : ` (last: ${facts.lastFailure})`
  return new ZktuneError('CannotConnect', {
    where: facts.where,
    what: `no server took the session within ${timeoutMs} ms${last}`,
    mend: 'Start the servers, or check host and port.',
  })
}
