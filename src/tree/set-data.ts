import { Permission } from '../protocol/acl.ts'
import { validatePath } from '../protocol/path.ts'
import type { SetDataRequest } from '../protocol/set-data.ts'
import { WatchEventType } from '../protocol/watch-event.ts'
import { WireError } from '../protocol/wire-error.ts'
import { permits } from './permissions.ts'
import { chargeQuota, isForbiddenByQuota } from './quota.ts'
import type { Transaction } from './transaction.ts'
import { nextVersion, versionMatches } from './version.ts'

/** setData. */
export function setZnodeData(tx: Transaction, request: SetDataRequest): number {
  const { store } = tx
  const { path, data } = request
  if (validatePath(path) !== null) return WireError.badArguments
  const node = store.get(path)
  if (node === null) return WireError.noNode
  if (!permits(node.acl, Permission.write, tx.header)) return WireError.noAuth
  const bytesMore = (data === null ? 0 : data.length) - node.dataLength
  if (store.hasQuotas && isForbiddenByQuota(tx, path, { count: 0, bytes: bytesMore })) return WireError.quotaExceeded
  if (!versionMatches(request.version, node.version)) return WireError.badVersion
  store.touch(node, tx.zxid)
  store.replaceData(node, data)
  node.version = nextVersion(node.version)
  node.mzxid = tx.zxid
  node.mtime = tx.header.timeMs
  if (store.hasQuotas) chargeQuota(tx, path, { count: 0, bytes: bytesMore })
  tx.announce(WatchEventType.nodeDataChanged, path, node.acl)
  tx.node = node
  tx.mixNode(node)
  return WireError.ok
}
