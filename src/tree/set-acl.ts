import { Permission } from '../protocol/acl.ts'
import { validatePath } from '../protocol/path.ts'
import type { SetAclRequest } from '../protocol/set-acl.ts'
import { WireError } from '../protocol/wire-error.ts'
import { permits, resolveAcl } from './permissions.ts'
import type { Transaction } from './transaction.ts'
import { nextVersion, versionMatches } from './version.ts'

/** setACL: counts in `aversion` alone; no time, no zxid of the znode moves and no watch fires. */
export function setZnodeAcl(tx: Transaction, request: SetAclRequest): number {
  const { path } = request
  if (validatePath(path) !== null) return WireError.badArguments
  const acl = resolveAcl(request.acl, tx.header, tx.store.acls)
  if (acl === null) return WireError.invalidACL
  const node = tx.store.get(path)
  if (node === null) return WireError.noNode
  if (!permits(node.acl, Permission.admin, tx.header)) return WireError.noAuth
  if (!versionMatches(request.version, node.aversion)) return WireError.badVersion
  tx.store.touch(node, tx.zxid)
  node.acl = acl
  node.aversion = nextVersion(node.aversion)
  tx.node = node
  tx.mixNode(node)
  return WireError.ok
}
