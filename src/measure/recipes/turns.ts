import { ZooKeeperError } from '../../client/zookeeper-error.ts'
import { WireError } from '../../protocol/wire-error.ts'
import { RecipeFault } from './recipe-fault.ts'
import type { RecipeClient, RecipeWorld } from './recipe.ts'

/**
 * Who has what only one may have: a lock, or the lead. Each that wants it makes an ephemeral sequential znode; the lowest number
 * has it, and each of the others watches the one just before it, so that a change wakes one session and not all of them
 * (the recipes of ZooKeeper's documentation).
 */
export class Turns {
  readonly folder: string
  readonly #world: RecipeWorld
  readonly #faultCode: number
  #holder: Turn | null = null

  /** @param faultCode when two have it at once */
  constructor(world: RecipeWorld, faultCode: number) {
    this.folder = `${world.root}/${world.name}`
    this.#world = world
    this.#faultCode = faultCode
  }

  async open(client: RecipeClient): Promise<void> {
    await client.create(this.folder, '', { acl: this.#world.acl })
  }

  /** Joins the end of the line. */
  async enter(client: RecipeClient): Promise<Turn> {
    const path = await client.create(`${this.folder}/t-`, '', { mode: 'ephemeralSequential', acl: this.#world.acl })
    return new Turn(this, client, path)
  }

  /** @throws RecipeFault when another one has it and could not know that it has lost it */
  take(turn: Turn): void {
    const holder = this.#holder
    this.#holder = turn
    if (holder !== null && holder.isSure) throw new RecipeFault(this.#faultCode)
  }

  letGo(turn: Turn): void {
    if (this.#holder === turn) this.#holder = null
  }
}

/** One place in the line. */
export class Turn {
  readonly #turns: Turns
  readonly #client: RecipeClient
  readonly #sessionId: bigint
  readonly #path: string

  constructor(turns: Turns, client: RecipeClient, path: string) {
    this.#turns = turns
    this.#client = client
    this.#sessionId = client.sessionId
    this.#path = path
  }

  /** Connected, in the session that came here: one that is not has to take what it had for lost. */
  get isSure(): boolean {
    return this.#client.state === 'connected' && this.#client.sessionId === this.#sessionId
  }

  /** Resolves when it knows that its turn has come. */
  async come(): Promise<void> {
    for (;;) {
      const before = await this.#before()
      if (before === null) break
      let onChange: () => void = () => undefined
      const changed = new Promise<void>((resolve) => (onChange = resolve))
      const stat = await this.#client.exists(before, { watch: onChange })
      // Gone between the two questions: the list is looked at again at once.
      if (stat !== null) await changed
    }
    this.#turns.take(this)
  }

  /** From this moment on nobody is wronged when another one has it. */
  letGo(): void {
    this.#turns.letGo(this)
  }

  /** Lets go, and tells the servers. */
  async giveBack(): Promise<void> {
    this.letGo()
    await this.#client.delete(this.#path)
  }

  /** @returns the path just before it in the line; null when there is none */
  async #before(): Promise<string | null> {
    const { folder } = this.#turns
    const own = this.#path.slice(folder.length + 1)
    const line = (await this.#client.getChildren(folder)).sort()
    const place = line.indexOf(own)
    // Its session has expired, and the place with it.
    if (place < 0) throw new ZooKeeperError(WireError.sessionExpired, 'getChildren', folder)
    return place === 0 ? null : `${folder}/${line[place - 1]}`
  }
}
