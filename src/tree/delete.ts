import { Permission } from '../protocol/acl.ts'
import type { DeleteRequest } from '../protocol/delete.ts'
import { WatchEventType } from '../protocol/watch-event.ts'
import { WireError } from '../protocol/wire-error.ts'
import { SPECIAL_PATHS } from './node-store.ts'
import { permits } from './permissions.ts'
import { chargeQuota } from './quota.ts'
import type { Transaction } from './transaction.ts'
import { versionMatches } from './version.ts'
import type { Znode } from './znode.ts'

/** delete: the right to do it is the parent's to give; the znode's own ACL does not matter. */
export function deleteZnode(tx: Transaction, request: DeleteRequest): number {
  const { path } = request
  const slash = path.lastIndexOf('/')
  if (!isDeletable(path, slash)) return WireError.badArguments
  const parent = tx.store.get(path.slice(0, slash))
  if (parent === null) return WireError.noNode
  if (!permits(parent.acl, Permission.delete, tx.header)) return WireError.noAuth
  const node = tx.store.get(path)
  if (node === null) return WireError.noNode
  if (!versionMatches(request.version, node.version)) return WireError.badVersion
  if (node.numChildren > 0) return WireError.notEmpty
  removeZnode(tx, node)
  return WireError.ok
}

/**
 * deleteContainer, which the leader proposes for a container or TTL znode that has served. The znode may have changed
 * since the leader looked, so everything is checked again; a path that is something else by now is left alone (Apache
 * spares ephemerals only).
 */
export function reapZnode(tx: Transaction, path: string): number {
  if (!isDeletable(path, path.lastIndexOf('/'))) return WireError.badArguments
  const node = tx.store.get(path)
  if (node === null) return WireError.noNode
  if (node.numChildren > 0) return WireError.notEmpty
  const isOver = node.kind === 'container' || (node.kind === 'ttl' && tx.header.timeMs - node.mtime > node.ttlMs)
  if (!isOver) return WireError.badVersion
  removeZnode(tx, node)
  return WireError.ok
}

/** Takes a leaf out of the tree, with its events. The parent's count of creations stays; its pzxid does not. */
export function removeZnode(tx: Transaction, node: Znode): void {
  const { store, zxid } = tx
  const { parent } = node
  if (parent === null) return
  store.touch(parent, zxid)
  parent.pzxid = zxid
  store.unlink(node, zxid)
  if (store.hasQuotas) chargeQuota(tx, node.path, { count: -1, bytes: -node.dataLength })
  tx.announce(WatchEventType.nodeDeleted, node.path, node.acl)
  tx.announce(WatchEventType.nodeChildrenChanged, parent.path, parent.acl)
  tx.mixNode(parent)
}

/** All that Apache looks at here: a malformed path is just a path that nothing has. */
function isDeletable(path: string, slash: number): boolean {
  return slash !== -1 && !path.includes('\0') && !SPECIAL_PATHS.has(path)
}
