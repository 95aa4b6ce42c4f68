import type { ByteReader, ByteWriter } from '../kernel/bytes.ts'
import { AddWatchMode, readAddWatchRequest, writeAddWatchResponse } from '../protocol/add-watch.ts'
import { OpCode } from '../protocol/op-code.ts'
import { readRemoveWatchesRequest, WatcherType } from '../protocol/remove-watches.ts'
import { readSetWatches2Request, readSetWatchesRequest } from '../protocol/set-watches.ts'
import { WatchEventType } from '../protocol/watch-event.ts'
import { WireError } from '../protocol/wire-error.ts'
import { OPEN_ACL_LIST } from './acl-list.ts'
import type { DataTree } from './data-tree.ts'
import type { Watcher } from './watch-index.ts'
import type { Znode } from './znode.ts'

/** Catch-up events belong to no change in particular. */
const NO_ZXID = -1

/**
 * setWatches and setWatches2: a client that reconnected sets its watches again and hears of what it missed since
 * `relativeZxid`; what has fired is not set.
 *
 * | list                  | znode missing   | znode there                                    |
 * |-----------------------|-----------------|------------------------------------------------|
 * | data                  | NodeDeleted     | mzxid later: NodeDataChanged; else set         |
 * | exist                 | set             | NodeCreated                                    |
 * | child                 | NodeDeleted     | pzxid later: NodeChildrenChanged; else set     |
 * | persistent, recursive | set             | set                                            |
 */
export function setWatches(tree: DataTree, type: number, from: ByteReader, watcher: Watcher | null): number {
  const request =
    type === OpCode.setWatches2
      ? readSetWatches2Request(from)
      : { ...readSetWatchesRequest(from), persistentWatches: [], persistentRecursiveWatches: [] }
  if (watcher === null) return WireError.ok
  const { watches } = tree
  for (const path of request.dataWatches) {
    const node = tree.getNode(path)
    if (node === null) tellMissed(watcher, WatchEventType.nodeDeleted, path, null)
    else if (node.mzxid > request.relativeZxid) tellMissed(watcher, WatchEventType.nodeDataChanged, path, node)
    else watches.data.add(node.path, watcher)
  }
  for (const path of request.existWatches) {
    const node = tree.getNode(path)
    if (node === null) watches.data.add(path, watcher)
    else tellMissed(watcher, WatchEventType.nodeCreated, path, node)
  }
  for (const path of request.childWatches) {
    const node = tree.getNode(path)
    if (node === null) tellMissed(watcher, WatchEventType.nodeDeleted, path, null)
    else if (node.pzxid > request.relativeZxid) tellMissed(watcher, WatchEventType.nodeChildrenChanged, path, node)
    else watches.child.add(node.path, watcher)
  }
  for (const path of request.persistentWatches) watches.persistent.add(path, watcher)
  for (const path of request.persistentRecursiveWatches) watches.recursive.add(path, watcher)
  return WireError.ok
}

/** addWatch: neither the path nor any ACL is checked; the znode need not be there. */
export function addWatch(tree: DataTree, from: ByteReader, out: ByteWriter, watcher: Watcher | null): number {
  const { path, mode } = readAddWatchRequest(from)
  if (mode !== AddWatchMode.persistent && mode !== AddWatchMode.persistentRecursive) return WireError.marshallingError
  if (watcher !== null) {
    const index = mode === AddWatchMode.persistent ? tree.watches.persistent : tree.watches.recursive
    index.add(path, watcher)
  }
  writeAddWatchResponse(out, WireError.ok)
  return WireError.ok
}

/** checkWatches: whether the connection has a watch of that type there. */
export function checkWatches(tree: DataTree, from: ByteReader, watcher: Watcher | null): number {
  const { path, type } = readRemoveWatchesRequest(from)
  if (!isWatcherType(type)) return WireError.marshallingError
  return watcher !== null && tree.watches.has(path, watcher, type) ? WireError.ok : WireError.noWatcher
}

export function removeWatches(tree: DataTree, from: ByteReader, watcher: Watcher | null): number {
  const { path, type } = readRemoveWatchesRequest(from)
  if (!isWatcherType(type)) return WireError.marshallingError
  return watcher !== null && tree.watches.remove(path, watcher, type) ? WireError.ok : WireError.noWatcher
}

function tellMissed(watcher: Watcher, type: number, path: string, node: Znode | null): void {
  watcher.onWatchEvent(type, path, NO_ZXID, node === null ? OPEN_ACL_LIST : node.acl)
}

function isWatcherType(type: number): boolean {
  return type >= WatcherType.children && type <= WatcherType.persistentRecursive
}
