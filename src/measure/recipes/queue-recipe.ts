import { WireError } from '../../protocol/wire-error.ts'
import { ZooKeeperError } from '../../client/zookeeper-error.ts'
import { Later } from './later.ts'
import { RecipeFault, RecipeFaultCode } from './recipe-fault.ts'
import type { Recipe, RecipeClient, RecipeSession, RecipeWorld } from './recipe.ts'

/** An item that was put and that nobody has taken by then is looked for. */
const TAKEN_MAX_MS = 8_000
/** After an error that is not a consumer's, before it asks again. */
const PAUSE_MS = 50

/**
 * A queue between all sessions of a generator: the items are sequential znodes in one folder, and whoever deletes one has taken
 * it (the recipe of ZooKeeper's documentation). Several consumers look at the folder and go through it from the
 * lowest number on; when it is empty they wait for a change.
 */
export class WorkQueue {
  readonly #world: RecipeWorld
  readonly #folder: string
  readonly #consumers: readonly RecipeSession[]
  /** By number: put, or about to be, and not taken; settled when it has been. */
  readonly #items = new Map<number, Later>()
  /** Whose put or removal was not answered: they may come again, or never. */
  readonly #inDoubt = new Set<number>()
  #opened: Promise<void> | null = null
  #itemCount = 0
  #hasBeenTakenTwice = false
  #isClosed = false

  constructor(world: RecipeWorld, consumerCount: number) {
    this.#world = world
    this.#folder = `${world.root}/${world.name}`
    this.#consumers = Array.from({ length: consumerCount }, (_, index) => {
      return world.sessions[index % world.sessions.length] as RecipeSession
    })
  }

  /** The first time it makes the folder and sets the consumers to work. */
  open(): Promise<void> {
    this.#opened ??= this.#open().catch((error: unknown) => {
      this.#opened = null
      throw error
    })
    return this.#opened
  }

  /** Puts an item; resolves when a consumer has taken it. */
  async put(client: RecipeClient): Promise<void> {
    if (this.#hasBeenTakenTwice) {
      this.#hasBeenTakenTwice = false
      throw new RecipeFault(RecipeFaultCode.takenTwice)
    }
    const number = this.#itemCount++
    const taken = new Later()
    this.#items.set(number, taken)
    let path: string
    try {
      const options = { mode: 'persistentSequential', acl: this.#world.acl } as const
      path = await client.create(`${this.#folder}/i-`, String(number), options)
    } catch (error) {
      this.#items.delete(number)
      this.#inDoubt.add(number)
      throw error
    }
    const deadline = this.#world.setTimer(TAKEN_MAX_MS, () => {
      this.#lookFor(client, path).then(
        (error) => taken.reject(error),
        (error: unknown) => taken.reject(error as Error),
      )
    })
    try {
      await taken.promise
    } finally {
      deadline.cancel()
      if (this.#items.delete(number)) this.#inDoubt.add(number)
    }
  }

  close(): void {
    this.#isClosed = true
  }

  async #open(): Promise<void> {
    const [first] = this.#consumers
    if (first === undefined) return
    try {
      await first.client.create(this.#folder, '', { acl: this.#world.acl })
    } catch (error) {
      // Made by an attempt before this one that never had its answer.
      if (!isError(error, WireError.nodeExists)) throw error
    }
    for (const consumer of this.#consumers) void this.#consume(consumer)
  }

  async #consume(session: RecipeSession): Promise<void> {
    while (!this.#isClosed) {
      try {
        for (const name of await this.#waiting(session.client)) {
          await this.#take(session.client, `${this.#folder}/${name}`)
        }
      } catch (error) {
        if (!(error instanceof ZooKeeperError)) throw error
        await new Promise<void>((resolve) => this.#world.setTimer(PAUSE_MS, resolve))
      }
    }
  }

  /** @returns the items in their order, as soon as there are any */
  async #waiting(client: RecipeClient): Promise<readonly string[]> {
    const there = await client.getChildren(this.#folder)
    if (there.length > 0) return there.sort()
    const changed = new Later()
    // Something may have come meanwhile: then there is nothing to wait for.
    const now = await client.getChildren(this.#folder, { watch: () => changed.resolve() })
    if (now.length > 0) return now.sort()
    await changed.promise
    return []
  }

  async #take(client: RecipeClient, path: string): Promise<void> {
    const [read, removed] = await Promise.allSettled([client.getData(path), client.delete(path)])
    if (read.status === 'rejected') return // another one was quicker
    const number = Number(read.value.data?.toString())
    if (removed.status === 'fulfilled') this.#onTaken(number)
    else if (!isError(removed.reason, WireError.noNode)) this.#onInDoubt(number, removed.reason)
  }

  #onTaken(number: number): void {
    const item = this.#items.get(number)
    if (item !== undefined) {
      this.#items.delete(number)
      item.resolve()
    } else if (!this.#inDoubt.delete(number)) this.#hasBeenTakenTwice = true
  }

  /** It may have been taken, and may be there. */
  #onInDoubt(number: number, reason: unknown): void {
    const item = this.#items.get(number)
    if (item === undefined) return
    this.#items.delete(number)
    this.#inDoubt.add(number)
    item.reject(reason as Error)
  }

  /** @returns what to say of an item that did not come */
  async #lookFor(client: RecipeClient, path: string): Promise<Error> {
    const stat = await client.exists(path)
    return new RecipeFault(stat === null ? RecipeFaultCode.itemLost : WireError.requestTimeout)
  }
}

/** A round: from the moment when an item is put until a consumer has taken it. */
export class QueueRecipe implements Recipe {
  readonly #queue: WorkQueue
  readonly #world: RecipeWorld

  constructor(queue: WorkQueue, world: RecipeWorld) {
    this.#queue = queue
    this.#world = world
  }

  prepare(): Promise<void> {
    return this.#queue.open()
  }

  async play(): Promise<void> {
    const [producer] = this.#world.sessions
    if (producer !== undefined) await this.#queue.put(producer.client)
  }

  restore(): Promise<void> {
    return Promise.resolve()
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

function isError(error: unknown, code: number): boolean {
  return error instanceof ZooKeeperError && error.code === code
}
