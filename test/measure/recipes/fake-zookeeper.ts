import { ZooKeeperError } from '../../../src/client/zookeeper-error.ts'
import type { OwnSession, RecipeClient, RecipeWorld } from '../../../src/measure/recipes/recipe.ts'
import { Prng } from '../../../src/kernel/prng.ts'
import { WireError } from '../../../src/protocol/wire-error.ts'

type Change = 'created' | 'deleted' | 'children'

interface Watch {
  readonly path: string
  readonly changes: readonly Change[]
  readonly onChange: () => void
}

/** A tree, sessions and one-shot watches in memory: as much of ZooKeeper as recipes ask for, in turns of microtasks. */
export class FakeZooKeeper {
  readonly nodes = new Map<string, { readonly data: string; readonly owner: FakeClient | null }>()
  readonly log: string[] = []
  readonly clients: FakeClient[] = []
  /** What the test has moved the clock to. */
  nowMs = 0
  readonly timers: { readonly delayMs: number; readonly onFire: () => void }[] = []
  watches: Watch[] = []
  #sequence = 0
  /** A fault of the server: of what was deleted, the next watcher is not told. */
  forgetsWatches = false

  constructor() {
    this.nodes.set('/run', { data: '', owner: null })
  }

  /** @param sessionCount that are there from the beginning */
  world(sessionCount: number): RecipeWorld {
    return {
      root: '/run',
      name: 'it',
      acl: [],
      sessions: Array.from({ length: sessionCount }, () => ({ client: this.client() })),
      openSession: (): OwnSession => {
        const client = this.client()
        return { client, close: () => client.end() }
      },
      prng: new Prng(1),
      nowMs: () => this.nowMs,
      setTimer: (delayMs, onFire) => {
        const timer = { delayMs, onFire }
        this.timers.push(timer)
        return { cancel: () => this.timers.splice(this.timers.indexOf(timer), 1) }
      },
    }
  }

  client(): FakeClient {
    const client = new FakeClient(this, this.clients.length)
    this.clients.push(client)
    return client
  }

  childrenOf(path: string): string[] {
    return [...this.nodes.keys()]
      .filter((each) => each.startsWith(`${path}/`) && !each.slice(path.length + 1).includes('/'))
      .map((each) => each.slice(path.length + 1))
  }

  create(path: string, data: string, mode: string, owner: FakeClient): string {
    const isSequential = mode.endsWith('Sequential')
    const name = isSequential ? `${path}${String(this.#sequence++).padStart(10, '0')}` : path
    if (this.nodes.has(name)) throw new ZooKeeperError(WireError.nodeExists, 'create', name)
    this.nodes.set(name, { data, owner: mode.startsWith('ephemeral') ? owner : null })
    this.#fire(name, 'created')
    return name
  }

  delete(path: string): void {
    if (!this.nodes.delete(path)) throw new ZooKeeperError(WireError.noNode, 'delete', path)
    this.#fire(path, 'deleted')
  }

  /** Lets everything happen that can without time. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 500; turn++) await Promise.resolve()
  }

  #fire(path: string, change: Change): void {
    const parent = path.slice(0, path.lastIndexOf('/'))
    const due = this.watches.filter(
      (watch) =>
        (watch.path === path && watch.changes.includes(change)) ||
        (watch.path === parent && watch.changes.includes('children')),
    )
    this.watches = this.watches.filter((watch) => !due.includes(watch))
    if (this.forgetsWatches) return
    for (const { onChange } of due) queueMicrotask(onChange)
  }
}

/** A session. */
export class FakeClient implements RecipeClient {
  state: RecipeClient['state'] = 'connected'
  sessionId: bigint
  readonly name: string
  readonly #zookeeper: FakeZooKeeper
  /** What the next deletes answer in the place of the truth. */
  deleteErrors: number[] = []
  /** The session is another one when it comes back. */
  expiresOnReconnect = false

  constructor(zookeeper: FakeZooKeeper, index: number) {
    this.#zookeeper = zookeeper
    this.name = `s${index}`
    this.sessionId = BigInt(index + 1)
  }

  async create(path: string, data = '', options: { readonly mode?: string } = {}): Promise<string> {
    await this.#asked(`create ${path}`)
    return this.#zookeeper.create(path, data, options.mode ?? 'persistent', this)
  }

  async delete(path: string): Promise<void> {
    await this.#asked(`delete ${path}`)
    const error = this.deleteErrors.shift()
    if (error !== undefined) throw new ZooKeeperError(error, 'delete', path)
    this.#zookeeper.delete(path)
  }

  async exists(path: string, options: { readonly watch?: unknown } = {}): Promise<never> {
    await this.#asked(`exists ${path}`)
    this.#watch(path, ['created', 'deleted'], options)
    return (this.#zookeeper.nodes.has(path) ? {} : null) as never
  }

  async getData(path: string): Promise<never> {
    await this.#asked(`getData ${path}`)
    const node = this.#zookeeper.nodes.get(path)
    if (node === undefined) throw new ZooKeeperError(WireError.noNode, 'getData', path)
    return { data: Buffer.from(node.data) } as never
  }

  async getChildren(path: string, options: { readonly watch?: unknown } = {}): Promise<string[]> {
    await this.#asked(`getChildren ${path}`)
    this.#watch(path, ['children'], options)
    return this.#zookeeper.childrenOf(path).reverse()
  }

  connected(): Promise<void> {
    this.state = 'connected'
    return Promise.resolve()
  }

  reconnect(options: { readonly afterMs?: number } = {}): void {
    this.#zookeeper.log.push(`${this.name} reconnect ${(options.afterMs ?? 0).toFixed()}`)
    if (this.expiresOnReconnect) this.sessionId += 100n
    this.#zookeeper.nowMs += 10
  }

  /** Its ephemeral znodes go. */
  async end(): Promise<void> {
    await this.#asked('close')
    this.state = 'closed'
    for (const [path, { owner }] of this.#zookeeper.nodes) {
      if (owner === this) this.#zookeeper.delete(path)
    }
  }

  #watch(path: string, changes: readonly Change[], { watch }: { readonly watch?: unknown }): void {
    if (typeof watch !== 'function') return
    this.#zookeeper.watches.push({ path, changes, onChange: watch as () => void })
  }

  async #asked(line: string): Promise<void> {
    this.#zookeeper.log.push(`${this.name} ${line}`)
    await Promise.resolve()
  }
}
