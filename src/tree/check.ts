import { Permission } from '../protocol/acl.ts'
import type { CheckRequest } from '../protocol/check.ts'
import { validatePath } from '../protocol/path.ts'
import { WireError } from '../protocol/wire-error.ts'
import { permits } from './permissions.ts'
import type { Transaction } from './transaction.ts'
import { versionMatches } from './version.ts'

/** check: a condition inside a multi; changes nothing. */
export function checkZnode(tx: Transaction, request: CheckRequest): number {
  const { path } = request
  if (validatePath(path) !== null) return WireError.badArguments
  const node = tx.store.get(path)
  if (node === null) return WireError.noNode
  if (!permits(node.acl, Permission.read, tx.header)) return WireError.noAuth
  return versionMatches(request.version, node.version) ? WireError.ok : WireError.badVersion
}
