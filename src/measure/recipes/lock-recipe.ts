import { RecipeFaultCode } from './recipe-fault.ts'
import type { Recipe, RecipeSession, RecipeWorld } from './recipe.ts'
import { Turns, type Turn } from './turns.ts'

interface Contender {
  readonly session: RecipeSession
  readonly turn: Turn
  /** It has learned that the lock is its own. */
  readonly acquired: Promise<void>
}

/**
 * A lock that several sessions want all the time. A round is one hand-over: from the moment when the holder releases it until
 * the next one knows that it holds it. Then the former holder joins the end of the line.
 */
export class LockRecipe implements Recipe {
  readonly #turns: Turns
  readonly #sessions: readonly RecipeSession[]
  /** The first one holds. */
  readonly #line: Contender[] = []
  #former: { readonly session: RecipeSession; readonly released: Promise<void> } | null = null

  constructor(world: RecipeWorld, parties: number) {
    this.#turns = new Turns(world, RecipeFaultCode.twoHolders)
    this.#sessions = Array.from({ length: parties }, (_, index) => {
      return world.sessions[index % world.sessions.length] as RecipeSession
    })
  }

  async prepare(): Promise<void> {
    const [first] = this.#sessions
    if (first !== undefined) await this.#turns.open(first.client)
    for (const session of this.#sessions) await this.#enter(session)
    await this.#line[0]?.acquired
  }

  async play(): Promise<void> {
    const holder = this.#line.shift()
    if (holder === undefined) return
    const released = holder.turn.giveBack()
    this.#former = { session: holder.session, released }
    const acquired = this.#line[0]?.acquired ?? released
    // The next one may know before the former holder has its answer; but a release that failed is not waited for.
    await Promise.race([acquired, released.then(() => acquired)])
  }

  async restore(): Promise<void> {
    if (this.#former === null) return
    await this.#former.released
    await this.#enter(this.#former.session)
    this.#former = null
    if (this.#line.length === 1) await this.#line[0]?.acquired // nobody else wants it
  }

  close(): Promise<void> {
    // From the end, so that nobody is told of a change.
    for (const { turn } of this.#line.splice(0).reverse()) turn.giveBack().catch(() => undefined)
    return Promise.resolve()
  }

  async #enter(session: RecipeSession): Promise<void> {
    const turn = await this.#turns.enter(session.client)
    const acquired = turn.come()
    acquired.catch(() => undefined) // whoever waits for it hears of it
    this.#line.push({ session, turn, acquired })
  }
}
