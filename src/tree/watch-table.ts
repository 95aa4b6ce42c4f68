import { WatcherType } from '../protocol/remove-watches.ts'
import { WatchEventType } from '../protocol/watch-event.ts'
import type { AclList } from './acl-list.ts'
import { WatchIndex, type Watcher } from './watch-index.ts'

/**
 * The watches of this server's connections. Not replicated: each server has its own.
 *
 * | kind                 | set by                    | goes when it fires | hears, of its path                            |
 * |----------------------|---------------------------|--------------------|-----------------------------------------------|
 * | data                 | getData, exists           | yes                | created, deleted, data changed                |
 * | child                | getChildren, getChildren2 | yes                | deleted, children changed                     |
 * | persistent           | addWatch mode 0           | no                 | all four                                      |
 * | persistent recursive | addWatch mode 1           | no                 | created, deleted, data changed; also of paths below |
 *
 * The kinds stand side by side: setting one leaves the others alone. A watcher that several of its watches would tell of
 * one change hears of it once. Source: DataTree, WatchManager (Apache ZooKeeper 3.10).
 */
export class WatchTable {
  readonly data = new WatchIndex()
  readonly child = new WatchIndex()
  readonly persistent = new WatchIndex()
  readonly recursive = new WatchIndex()
  /** Of each change that somebody waited for: its type, and how many were told. */
  onFired: ((type: number, watcherCount: number) => void) | null = null
  readonly #told = new Set<Watcher>()

  get count(): number {
    return this.data.count + this.child.count + this.persistent.count + this.recursive.count
  }

  /** Tells everybody who waits for this change. */
  trigger(type: number, path: string, zxid: number, acl: AclList): void {
    const told = this.#told
    addAll(told, type === WatchEventType.nodeChildrenChanged ? this.child.take(path) : this.data.take(path))
    if (type === WatchEventType.nodeDeleted) addAll(told, this.child.take(path))
    addAll(told, this.persistent.at(path))
    if (type !== WatchEventType.nodeChildrenChanged && this.recursive.count > 0) this.#addRecursive(told, path)
    if (told.size === 0) return
    this.onFired?.(type, told.size)
    for (const watcher of told) watcher.onWatchEvent(type, path, zxid, acl)
    told.clear()
  }

  /**
   * @param type one of WatcherType
   * @returns whether the watcher has a watch of that kind on the path
   */
  has(path: string, watcher: Watcher, type: number): boolean {
    return this.#indexes(type).some((index) => index.has(path, watcher))
  }

  /**
   * The watcher is not told: its client knows what it asked for.
   *
   * @param type one of WatcherType
   * @returns whether there was any
   */
  remove(path: string, watcher: Watcher, type: number): boolean {
    let hadAny = false
    for (const index of this.#indexes(type)) hadAny = index.remove(path, watcher) || hadAny
    return hadAny
  }

  /** The connection is gone. Costs as much as it has watches. */
  removeWatcher(watcher: Watcher): void {
    for (const index of this.#indexes(WatcherType.any)) index.removeWatcher(watcher)
  }

  #addRecursive(told: Set<Watcher>, path: string): void {
    addAll(told, this.recursive.at(path))
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      addAll(told, this.recursive.at(path.slice(0, end)))
    }
    if (path !== '/') addAll(told, this.recursive.at('/'))
  }

  #indexes(type: number): readonly WatchIndex[] {
    switch (type) {
      case WatcherType.children:
        return [this.child]
      case WatcherType.data:
        return [this.data]
      case WatcherType.persistent:
        return [this.persistent]
      case WatcherType.persistentRecursive:
        return [this.recursive]
      case WatcherType.any:
        return [this.data, this.child, this.persistent, this.recursive]
      default:
        return []
    }
  }
}

function addAll(told: Set<Watcher>, watchers: ReadonlySet<Watcher> | null): void {
  if (watchers !== null) for (const watcher of watchers) told.add(watcher)
}
