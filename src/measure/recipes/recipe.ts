import type { ZooKeeperClient } from '../../client/zookeeper-client.ts'
import type { Timer } from '../../kernel/ports.ts'
import type { Prng } from '../../kernel/prng.ts'
import type { Acl } from '../../protocol/acl.ts'
import type { OperationKind } from '../../profile/plan.ts'

/** What a recipe asks of the client. */
export type RecipeClient = Pick<
  ZooKeeperClient,
  'create' | 'delete' | 'exists' | 'getData' | 'getChildren' | 'connected' | 'reconnect' | 'sessionId' | 'state'
>

/** One session; when it has expired another one takes its place, so the client is asked for each time. */
export interface RecipeSession {
  readonly client: RecipeClient
}

/** A session of a recipe's own. */
export interface OwnSession extends RecipeSession {
  close(): Promise<void>
}

/** What a recipe has to work with. */
export interface RecipeWorld {
  /** A znode that is there; what the recipe makes lies below it. */
  readonly root: string
  /** Unique in the run. */
  readonly name: string
  readonly acl: readonly Acl[]
  /** Those of the generator, the one that asked for the recipe first; at least one. */
  readonly sessions: readonly RecipeSession[]
  readonly openSession: () => OwnSession
  readonly prng: Prng
  /** Monotonic milliseconds with a fraction. */
  readonly nowMs: () => number
  readonly setTimer: (delayMs: number, onFire: () => void) => Timer
}

/** Counts something for itself that happened within a round. */
export type CountPart = (kind: OperationKind, error: number, sinceMs: number) => void

/**
 * Something that several sessions do together, over and over. Only `play` is measured: from when the round was due until the
 * promise resolves. One that has rejected is closed, and another one takes its place.
 */
export interface Recipe {
  /** All that the first round needs. */
  prepare(): Promise<void>
  play(count: CountPart): Promise<void>
  /** As it was before the round, so that the next can begin. */
  restore(): Promise<void>
  /** Gives back what it holds, without waiting for the answers, and ends its own sessions; never rejects. */
  close(): Promise<void>
}
