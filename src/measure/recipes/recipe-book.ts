import type { WorkloadShape } from '../../profile/plan.ts'
import { BarrierRecipe } from './barrier-recipe.ts'
import { ElectionRecipe } from './election-recipe.ts'
import { LockRecipe } from './lock-recipe.ts'
import { QueueRecipe, WorkQueue } from './queue-recipe.ts'
import { RecipePlayer } from './recipe-player.ts'
import type { Recipe, RecipeWorld } from './recipe.ts'
import { StormRecipe } from './storm-recipe.ts'

export type RecipeKind = 'lock' | 'election' | 'queue' | 'barrier' | 'storm'

/** The recipes of one generator. Its requests have each their own, but for the queue, which all of them share. */
export class RecipeBook {
  readonly #world: Omit<RecipeWorld, 'name'>
  readonly #shape: WorkloadShape
  readonly #queue: WorkQueue

  /** @param generator its name, unique in the run */
  constructor(generator: string, world: Omit<RecipeWorld, 'name'>, shape: WorkloadShape) {
    this.#world = world
    this.#shape = shape
    this.#queue = new WorkQueue({ ...world, name: `queue-${generator}` }, shape.parties)
  }

  /**
   * @param name of the request, unique in the run
   * @param session the number of its session: requests of different sessions begin with different ones
   */
  player(kind: RecipeKind, name: string, session: number): RecipePlayer {
    const { sessions } = this.#world
    const start = session % sessions.length
    const world: RecipeWorld = {
      ...this.#world,
      name: `${kind}-${name}`,
      sessions: [...sessions.slice(start), ...sessions.slice(0, start)],
    }
    return new RecipePlayer(world, (each) => this.#recipeOf(kind, each))
  }

  close(): void {
    this.#queue.close()
  }

  #recipeOf(kind: RecipeKind, world: RecipeWorld): Recipe {
    const { parties, stormSize, stormSpreadMs } = this.#shape
    switch (kind) {
      case 'lock':
        return new LockRecipe(world, parties)
      case 'election':
        return new ElectionRecipe(world, parties)
      case 'queue':
        return new QueueRecipe(this.#queue, world)
      case 'barrier':
        return new BarrierRecipe(world, parties)
      case 'storm':
        return new StormRecipe(world, { size: stormSize, spreadMs: stormSpreadMs })
    }
  }
}
