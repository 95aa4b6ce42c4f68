import type { AclList } from './acl-list.ts'

/** Who is to be told of what: any object a connection likes. It must not change the tree from within the call. */
export interface Watcher {
  /**
   * @param type one of WatchEventType, 1 to 4
   * @param zxid the change; -1 for what a reconnecting client missed
   * @param acl of the znode concerned (for NodeChildrenChanged, the one whose children changed): a server that keeps
   *   events from those who may not read the znode asks `permits(acl, Permission.read, …)`
   */
  onWatchEvent(type: number, path: string, zxid: number, acl: AclList): void
}

/** Watches of one kind: pairs of a path and a watcher, found from either end. */
export class WatchIndex {
  readonly #watchers = new Map<string, Set<Watcher>>()
  readonly #paths = new Map<Watcher, Set<string>>()
  #count = 0

  /** Pairs. */
  get count(): number {
    return this.#count
  }

  get pathCount(): number {
    return this.#watchers.size
  }

  has(path: string, watcher: Watcher): boolean {
    return this.#paths.get(watcher)?.has(path) ?? false
  }

  at(path: string): ReadonlySet<Watcher> | null {
    return this.#watchers.get(path) ?? null
  }

  pathsOf(watcher: Watcher): ReadonlySet<string> | null {
    return this.#paths.get(watcher) ?? null
  }

  watchers(): IterableIterator<Watcher> {
    return this.#paths.keys()
  }

  /** Once more is the same as once. */
  add(path: string, watcher: Watcher): void {
    let paths = this.#paths.get(watcher)
    if (paths === undefined) this.#paths.set(watcher, (paths = new Set()))
    if (paths.has(path)) return
    paths.add(path)
    const watchers = this.#watchers.get(path)
    if (watchers === undefined) this.#watchers.set(path, new Set([watcher]))
    else watchers.add(watcher)
    this.#count++
  }

  /** @returns whether there was such a watch */
  remove(path: string, watcher: Watcher): boolean {
    const paths = this.#paths.get(watcher)
    if (paths === undefined || !paths.delete(path)) return false
    if (paths.size === 0) this.#paths.delete(watcher)
    this.#removeFromPath(path, watcher)
    return true
  }

  /** Removes all watches on a path. @returns who had them */
  take(path: string): ReadonlySet<Watcher> | null {
    const watchers = this.#watchers.get(path)
    if (watchers === undefined) return null
    this.#watchers.delete(path)
    this.#count -= watchers.size
    for (const watcher of watchers) {
      const paths = this.#paths.get(watcher)
      paths?.delete(path)
      if (paths?.size === 0) this.#paths.delete(watcher)
    }
    return watchers
  }

  removeWatcher(watcher: Watcher): void {
    const paths = this.#paths.get(watcher)
    if (paths === undefined) return
    this.#paths.delete(watcher)
    for (const path of paths) this.#removeFromPath(path, watcher)
  }

  #removeFromPath(path: string, watcher: Watcher): void {
    const watchers = this.#watchers.get(path)
    if (watchers === undefined) return
    watchers.delete(watcher)
    if (watchers.size === 0) this.#watchers.delete(path)
    this.#count--
  }
}
