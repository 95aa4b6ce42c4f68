import { AddWatchMode } from '../protocol/add-watch.ts'
import { parentPath } from '../protocol/path.ts'
import { WatcherType } from '../protocol/remove-watches.ts'
import type { SetWatches2Request } from '../protocol/set-watches.ts'
import { WatchEventType, type WatchEvent } from '../protocol/watch-event.ts'
import { callOut } from './call-out.ts'
import type { Chroot } from './chroot.ts'

export type ZnodeEventKind = 'nodeCreated' | 'nodeDeleted' | 'nodeDataChanged' | 'nodeChildrenChanged'

/** A change that a watch waited for. */
export interface ZnodeEvent {
  readonly kind: ZnodeEventKind
  readonly path: string
  /** The change's zxid; null when the server does not tell (before 3.9, and of changes while disconnected). */
  readonly zxid: number | null
}

export type WatchCallback = (event: ZnodeEvent) => void

/** The five lists of watches that a server keeps for a connection. */
export type WatchList = 'data' | 'exist' | 'child' | 'persistent' | 'persistentRecursive'

/** How many characters of paths go into one setWatches: well below any server's limit for a frame. */
const BATCH_CHARACTERS_MAX = 128 * 1024

type Callbacks = Map<string, Set<WatchCallback>>

/**
 * The watches of one client, by absolute path. Servers forget them with the connection, so the client sets them again
 * on the next one, and one event finds the callbacks that wait for it.
 */
export class WatchRegistry {
  readonly #lists: Readonly<Record<WatchList, Callbacks>> = {
    data: new Map(),
    exist: new Map(),
    child: new Map(),
    persistent: new Map(),
    persistentRecursive: new Map(),
  }
  readonly #chroot: Chroot
  readonly #onWatch: WatchCallback

  /** @param onWatch hears every event, whatever watch it is for */
  constructor(chroot: Chroot, onWatch: WatchCallback) {
    this.#chroot = chroot
    this.#onWatch = onWatch
  }

  /** How many paths are watched, each kind for itself. */
  get count(): number {
    return Object.values(this.#lists).reduce((sum, list) => sum + list.size, 0)
  }

  get hasPersistent(): boolean {
    return this.#lists.persistent.size + this.#lists.persistentRecursive.size > 0
  }

  /** @param callback null: only `onWatch` will hear of it */
  add(list: WatchList, path: string, callback: WatchCallback | null): void {
    const callbacks = this.#lists[list].get(path) ?? new Set()
    if (callback !== null) callbacks.add(callback)
    this.#lists[list].set(path, callbacks)
  }

  addPersistent(mode: number, path: string, callback: WatchCallback | null): void {
    this.add(mode === AddWatchMode.persistent ? 'persistent' : 'persistentRecursive', path, callback)
  }

  /** @param type one of WatcherType, as the server was told */
  remove(type: number, path: string): void {
    const lists = listsOf(type)
    for (const list of lists) this.#lists[list].delete(path)
  }

  clear(): void {
    for (const list of Object.values(this.#lists)) list.clear()
  }

  fire(event: WatchEvent, zxid: number): void {
    const kind = kindOf(event.type)
    if (kind === null) return
    const callbacks = new Set<WatchCallback>()
    for (const list of oneShotLists(kind)) {
      const waiting = this.#lists[list].get(event.path)
      if (waiting === undefined) continue
      this.#lists[list].delete(event.path)
      for (const callback of waiting) callbacks.add(callback)
    }
    for (const callback of this.#lists.persistent.get(event.path) ?? []) callbacks.add(callback)
    if (kind !== 'nodeChildrenChanged') this.#collectRecursive(event.path, callbacks)

    const told = { kind, path: this.#chroot.relative(event.path), zxid: zxid > 0 ? zxid : null }
    // One callback for two watches is called once, as a server sends one event for both.
    for (const callback of callbacks) callOut(callback, told)
    callOut(this.#onWatch, told)
  }

  /** Everything that is watched, cut into requests of a sensible size; none when nothing is watched. */
  setWatchesBatches(relativeZxid: number): SetWatches2Request[] {
    const batches: SetWatches2Request[] = []
    let paths = emptyPaths()
    let characters = 0
    for (const list of Object.keys(this.#lists) as WatchList[]) {
      for (const path of this.#lists[list].keys()) {
        if (characters > 0 && characters + path.length > BATCH_CHARACTERS_MAX) {
          batches.push(batchOf(relativeZxid, paths))
          paths = emptyPaths()
          characters = 0
        }
        paths[list].push(path)
        characters += path.length
      }
    }
    if (characters > 0) batches.push(batchOf(relativeZxid, paths))
    return batches
  }

  #collectRecursive(path: string, callbacks: Set<WatchCallback>): void {
    if (this.#lists.persistentRecursive.size === 0) return
    for (let at = path; ; at = parentPath(at)) {
      for (const callback of this.#lists.persistentRecursive.get(at) ?? []) callbacks.add(callback)
      if (at === '/') return
    }
  }
}

function kindOf(type: number): ZnodeEventKind | null {
  switch (type) {
    case WatchEventType.nodeCreated:
      return 'nodeCreated'
    case WatchEventType.nodeDeleted:
      return 'nodeDeleted'
    case WatchEventType.nodeDataChanged:
      return 'nodeDataChanged'
    case WatchEventType.nodeChildrenChanged:
      return 'nodeChildrenChanged'
    default:
      return null
  }
}

function oneShotLists(kind: ZnodeEventKind): readonly WatchList[] {
  switch (kind) {
    case 'nodeCreated':
    case 'nodeDataChanged':
      return ['data', 'exist']
    case 'nodeDeleted':
      return ['data', 'exist', 'child']
    case 'nodeChildrenChanged':
      return ['child']
  }
}

function listsOf(type: number): readonly WatchList[] {
  switch (type) {
    case WatcherType.children:
      return ['child']
    case WatcherType.data:
      return ['data', 'exist']
    case WatcherType.persistent:
      return ['persistent']
    case WatcherType.persistentRecursive:
      return ['persistentRecursive']
    default:
      return ['data', 'exist', 'child', 'persistent', 'persistentRecursive']
  }
}

function emptyPaths(): Record<WatchList, string[]> {
  return { data: [], exist: [], child: [], persistent: [], persistentRecursive: [] }
}

function batchOf(relativeZxid: number, paths: Record<WatchList, string[]>): SetWatches2Request {
  return {
    relativeZxid,
    dataWatches: paths.data,
    existWatches: paths.exist,
    childWatches: paths.child,
    persistentWatches: paths.persistent,
    persistentRecursiveWatches: paths.persistentRecursive,
  }
}
