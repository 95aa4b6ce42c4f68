import type { ClientRequest } from '../client/client-request.ts'
import type { Timer } from '../kernel/ports.ts'
import type { Prng } from '../kernel/prng.ts'
import type { KeySet } from './key-set.ts'
import type { OperationMix } from './operation-mix.ts'
import type { RecipeBook } from './recipes/recipe-book.ts'

/** The callback side of a client session. */
export interface LoadDoor {
  /** `onReply` comes exactly once, never before this call has returned. */
  submit(request: ClientRequest): void
}

/** A session that comes and goes as a part of the load. */
export interface VisitingSession {
  /** Resolves once connected; rejects when the time is over, or the server refuses. */
  connected(timeoutMs: number, signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

/** What all requests of a generator draw from. */
export interface LoadSource {
  readonly mix: OperationMix
  readonly keys: KeySet
  readonly prng: Prng
  /** Monotonic milliseconds with a fraction. */
  readonly nowMs: () => number
  readonly setTimer: (delayMs: number, onFire: () => void) => Timer
  readonly openVisit: () => VisitingSession
  /** Of one znode. */
  readonly watchers: number
  /** All sessions of the generator, which watch for each other. */
  readonly lanes: readonly WatchingLane[]
  readonly recipes: RecipeBook
}

/** A session that others may watch through. */
export interface WatchingLane {
  readonly door: LoadDoor
  /** Nobody waits for its reply. */
  readonly sync: ClientRequest
  /** Waits for the next notification of that path; one at a time. */
  watch(path: string, onNotified: (nowMs: number) => void): void
  unwatch(path: string): void
}
