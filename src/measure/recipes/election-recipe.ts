import { RecipeFaultCode } from './recipe-fault.ts'
import type { OwnSession, Recipe, RecipeWorld } from './recipe.ts'
import { Turns, type Turn } from './turns.ts'

/** A session that is not there after this long has not come. */
const CONNECT_MAX_MS = 10_000

interface Candidate {
  readonly session: OwnSession
  readonly turn: Turn
  /** It has learned that it leads. */
  readonly elected: Promise<void>
}

/**
 * Candidates with sessions of their own, one of which leads. A round: the leader ends its session, and its znode goes with it;
 * until the next candidate knows that it leads. Then a new candidate comes in place of the one that went.
 *
 * A leader that dies instead is missed only when its session times out; from there on it is the same.
 */
export class ElectionRecipe implements Recipe {
  readonly #world: RecipeWorld
  readonly #parties: number
  readonly #turns: Turns
  /** The first one leads. */
  readonly #line: Candidate[] = []
  readonly #sessions = new Set<OwnSession>()
  #left: Promise<void> | null = null

  constructor(world: RecipeWorld, parties: number) {
    this.#world = world
    this.#parties = parties
    this.#turns = new Turns(world, RecipeFaultCode.twoLeaders)
  }

  async prepare(): Promise<void> {
    const [first] = this.#world.sessions
    if (first !== undefined) await this.#turns.open(first.client)
    for (let count = 0; count < this.#parties; count++) await this.#enter()
    await this.#line[0]?.elected
  }

  async play(): Promise<void> {
    const leader = this.#line.shift()
    if (leader === undefined) return
    leader.turn.letGo()
    this.#sessions.delete(leader.session)
    const left = leader.session.close()
    this.#left = left
    const elected = this.#line[0]?.elected ?? left
    await Promise.race([elected, left.then(() => elected)])
  }

  async restore(): Promise<void> {
    await this.#left
    await this.#enter()
    if (this.#line.length === 1) await this.#line[0]?.elected // there is nobody else
  }

  async close(): Promise<void> {
    this.#line.length = 0
    await Promise.all([...this.#sessions].map((session) => session.close()))
  }

  async #enter(): Promise<void> {
    const session = this.#world.openSession()
    this.#sessions.add(session)
    await session.client.connected({ timeoutMs: CONNECT_MAX_MS })
    const turn = await this.#turns.enter(session.client)
    const elected = turn.come()
    elected.catch(() => undefined) // whoever waits for it hears of it
    this.#line.push({ session, turn, elected })
  }
}
