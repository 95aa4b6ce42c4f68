import { WireError } from '../../protocol/wire-error.ts'
import { errorCodeOf, RecipeFault } from './recipe-fault.ts'
import type { CountPart, Recipe, RecipeWorld } from './recipe.ts'

/** A round that takes longer waits for a notification that was lost with its session, most likely. */
const ROUND_MAX_MS = 10_000

export interface PlayHooks {
  /** The round begins only now: what came before it was preparation. */
  readonly onBegin: () => void
  readonly count: CountPart
  /** What is measured is over. After success an error may follow: of the way back. */
  readonly onDone: (error: number) => void
  /** The next round may come. @param error of this one; 0 when there was none */
  readonly onOver: (error: number) => void
}

/** Plays round after round of one recipe; after an error it begins anew. */
export class RecipePlayer {
  readonly #world: RecipeWorld
  readonly #make: (world: RecipeWorld) => Recipe
  #recipe: Recipe | null = null
  #madeCount = 0

  constructor(world: RecipeWorld, make: (world: RecipeWorld) => Recipe) {
    this.#world = world
    this.#make = make
  }

  /** One round; never while another is under way. Never rejects, but for what nobody foresaw. */
  async play({ onBegin, count, onDone, onOver }: PlayHooks): Promise<void> {
    try {
      const recipe = this.#recipe ?? (await this.#prepared(onBegin))
      await this.#inTime(recipe.play(count))
      onDone(WireError.ok)
      await this.#inTime(recipe.restore())
    } catch (error) {
      const code = errorCodeOf(error)
      await this.close()
      onDone(code)
      onOver(code)
      return
    }
    onOver(WireError.ok)
  }

  async close(): Promise<void> {
    const recipe = this.#recipe
    this.#recipe = null
    await recipe?.close()
  }

  async #prepared(onBegin: () => void): Promise<Recipe> {
    // Whatever the one before has left behind, this one does not meet it.
    const recipe = this.#make({ ...this.#world, name: `${this.#world.name}-${this.#madeCount++}` })
    this.#recipe = recipe
    await this.#inTime(recipe.prepare())
    onBegin()
    return recipe
  }

  #inTime(work: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.#world.setTimer(ROUND_MAX_MS, () => reject(new RecipeFault(WireError.requestTimeout)))
      const settle = (answer: () => void): void => {
        timer.cancel()
        answer()
      }
      work.then(
        () => settle(resolve),
        (error: Error) => settle(() => reject(error)),
      )
    })
  }
}
