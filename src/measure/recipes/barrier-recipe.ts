import { Later } from './later.ts'
import { RecipeFault, RecipeFaultCode } from './recipe-fault.ts'
import type { Recipe, RecipeClient, RecipeSession, RecipeWorld } from './recipe.ts'

/**
 * A barrier that opens when all are there. All but one have entered and wait; a round is from the moment when the last one
 * enters until every one knows that it may go on. Then all leave, and all but one enter again.
 *
 * Each enters by a znode of its own. The one that finds all of them there makes `ready`, for which the others watch.
 */
export class BarrierRecipe implements Recipe {
  readonly #world: RecipeWorld
  readonly #folder: string
  readonly #parties: readonly RecipeSession[]
  #waiting: readonly Promise<void>[] = []
  /** The last one is on its way in, so that whoever is let go is let go rightly. */
  #isLastIn = false

  constructor(world: RecipeWorld, parties: number) {
    this.#world = world
    this.#folder = `${world.root}/${world.name}`
    this.#parties = Array.from({ length: parties }, (_, index) => {
      return world.sessions[index % world.sessions.length] as RecipeSession
    })
  }

  async prepare(): Promise<void> {
    const [first] = this.#parties
    if (first === undefined) return
    await first.client.create(this.#folder, '', { acl: this.#world.acl })
    await first.client.create(this.#arrivals, '', { acl: this.#world.acl })
    await this.#enterAllButLast()
  }

  async play(): Promise<void> {
    const { client } = this.#last
    this.#isLastIn = true
    await this.#enter(client, this.#parties.length - 1)
    const arrived = await client.getChildren(this.#arrivals)
    if (arrived.length < this.#parties.length) throw new RecipeFault(RecipeFaultCode.releasedEarly)
    await Promise.all([client.create(this.#ready, '', { acl: this.#world.acl }), ...this.#waiting])
  }

  async restore(): Promise<void> {
    this.#isLastIn = false
    // First: who leaves after that, and comes back, does not see the old one.
    await this.#last.client.delete(this.#ready)
    await Promise.all(this.#parties.map(({ client }, index) => this.#leave(client, index)))
    await this.#enterAllButLast()
  }

  close(): Promise<void> {
    this.#isLastIn = true // nobody minds any more
    for (const [index, { client }] of this.#parties.entries()) this.#leave(client, index).catch(() => undefined)
    return Promise.resolve()
  }

  get #last(): RecipeSession {
    return this.#parties.at(-1) as RecipeSession
  }

  get #arrivals(): string {
    return `${this.#folder}/arrivals`
  }

  get #ready(): string {
    return `${this.#folder}/ready`
  }

  async #enterAllButLast(): Promise<void> {
    const waiting: Promise<void>[] = []
    await Promise.all(
      this.#parties.slice(0, -1).map(async ({ client }, index) => {
        const released = new Later()
        waiting.push(released.promise)
        const onReady = (): void => {
          if (this.#isLastIn) released.resolve()
          else released.reject(new RecipeFault(RecipeFaultCode.releasedEarly))
        }
        if ((await client.exists(this.#ready, { watch: onReady })) !== null) onReady()
        await this.#enter(client, index)
      }),
    )
    this.#waiting = waiting
  }

  async #enter(client: RecipeClient, index: number): Promise<void> {
    await client.create(`${this.#arrivals}/p${index}`, '', { mode: 'ephemeral', acl: this.#world.acl })
  }

  async #leave(client: RecipeClient, index: number): Promise<void> {
    await client.delete(`${this.#arrivals}/p${index}`)
  }
}
