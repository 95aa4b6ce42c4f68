import { ZooKeeperError } from '../../client/zookeeper-error.ts'
import { WireError } from '../../protocol/wire-error.ts'
import { errorCodeOf } from './recipe-fault.ts'
import type { CountPart, OwnSession, Recipe, RecipeWorld } from './recipe.ts'

/** A session that is not there after this long has not come. */
const CONNECT_MAX_MS = 8_000

export interface StormShape {
  /** Sessions that lose their connections together. */
  readonly size: number
  /** They come back one by one over this time, at moments drawn by chance; 0: all at once. */
  readonly spreadMs: number
}

/**
 * Sessions whose connections are cut, all in one moment, as when a server or a switch dies: each comes back to another server
 * with the session that it had and the watch that it had set. Each return counts as `reconnect`, from its own beginning; the
 * round, as `storm`, lasts from the cut until the last one is back.
 */
export class StormRecipe implements Recipe {
  readonly #world: RecipeWorld
  readonly #shape: StormShape
  readonly #sessions: OwnSession[] = []

  constructor(world: RecipeWorld, shape: StormShape) {
    this.#world = world
    this.#shape = shape
  }

  async prepare(): Promise<void> {
    this.#sessions.push(...Array.from({ length: this.#shape.size }, () => this.#world.openSession()))
    await Promise.all(
      this.#sessions.map(async ({ client }) => {
        await client.connected({ timeoutMs: CONNECT_MAX_MS })
        await client.exists(this.#world.root, { watch: () => undefined })
      }),
    )
  }

  async play(count: CountPart): Promise<void> {
    const cutMs = this.#world.nowMs()
    const errors = await Promise.all(this.#sessions.map((session) => this.#comeBack(session, cutMs, count)))
    const failed = errors.find((error) => error !== WireError.ok)
    if (failed !== undefined) throw new ZooKeeperError(failed, 'createSession', null)
  }

  restore(): Promise<void> {
    return Promise.resolve()
  }

  async close(): Promise<void> {
    await Promise.all(this.#sessions.splice(0).map((session) => session.close()))
  }

  /** @returns how it failed; 0 when it did not */
  async #comeBack({ client }: OwnSession, cutMs: number, count: CountPart): Promise<number> {
    const { sessionId } = client
    const afterMs = this.#shape.spreadMs * this.#world.prng.float()
    client.reconnect({ afterMs })
    let error: number = WireError.ok
    try {
      await client.connected({ timeoutMs: afterMs + CONNECT_MAX_MS })
      // Another session is nothing to come back with: what hung on the old one is gone.
      if (client.sessionId !== sessionId) error = WireError.sessionExpired
    } catch (failure) {
      error = errorCodeOf(failure)
    }
    count('reconnect', error, cutMs + afterMs)
    return error
  }
}
