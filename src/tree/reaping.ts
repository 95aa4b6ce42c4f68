import type { DataTree } from './data-tree.ts'

export interface ReapingRules {
  /** How long a container may stay that never had a child, ms; 0 for ever (`znode.container.maxNeverUsedIntervalMs`). */
  readonly neverUsedMsMax: number
}

/** How much of a search one step may do. */
export interface SearchStep {
  /** The leader's wall clock, ms since 1970, as it will stand in the commands. */
  readonly nowMs: number
  /** Paths to find at most. */
  readonly findMax: number
  /** Znodes to look at at most: a million containers must not hold up the server. */
  readonly lookMax: number
}

/**
 * One search for what a leader may propose to delete with deleteContainer: containers that lost their last child, and TTL
 * znodes that nobody has written to for their time. Children that come and go do not keep a TTL znode alive. It goes in
 * steps, between which commands may be applied: what comes meanwhile may be found, what goes is not.
 *
 * Source: ContainerManager (Apache ZooKeeper 3.10).
 */
export class ReapingSearch {
  readonly #tree: DataTree
  readonly #rules: ReapingRules
  readonly #containers: Iterator<string>
  readonly #ttls: Iterator<string>
  #isDone = false

  constructor(tree: DataTree, rules: ReapingRules) {
    this.#tree = tree
    this.#rules = rules
    this.#containers = tree.store.containerPaths.values()
    this.#ttls = tree.store.ttlPaths.values()
  }

  /** Every container and TTL znode was looked at. */
  get isDone(): boolean {
    return this.#isDone
  }

  next(step: SearchStep): string[] {
    const found: string[] = []
    for (let looks = 0; looks < step.lookMax && found.length < step.findMax; looks++) {
      const path = this.#nextPath()
      if (path === null) break
      if (this.#hasServed(path, step.nowMs)) found.push(path)
    }
    return found
  }

  #nextPath(): string | null {
    for (const paths of [this.#containers, this.#ttls]) {
      const next = paths.next()
      if (next.done !== true) return next.value
    }
    this.#isDone = true
    return null
  }

  #hasServed(path: string, nowMs: number): boolean {
    const node = this.#tree.getNode(path)
    if (node === null || node.numChildren > 0) return false
    if (node.kind === 'ttl') return nowMs - node.mtime > node.ttlMs
    const { neverUsedMsMax } = this.#rules
    return node.childCreations !== 0 || (neverUsedMsMax !== 0 && nowMs - node.mtime > neverUsedMsMax)
  }
}
