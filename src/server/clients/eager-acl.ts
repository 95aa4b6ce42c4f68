import { DecodeError, type ByteReader } from '../../kernel/bytes.ts'
import { Permission } from '../../protocol/acl.ts'
import { OpCode } from '../../protocol/op-code.ts'
import type { Credentials } from '../../tree/credentials.ts'
import type { DataTree } from '../../tree/data-tree.ts'
import { permits } from '../../tree/permissions.ts'

/**
 * Whether the access list that this server knows now forbids a write (`enableEagerACLCheck`). A server that is behind may
 * be wrong, as Apache's may; the leader's state decides about every write that passes. A multi passes always.
 *
 * @param from at the request record
 */
export function isForbiddenHere(tree: DataTree, type: number, from: ByteReader, who: Credentials): boolean {
  const check = CHECKS.get(type)
  if (check === undefined) return false
  const path = pathOf(from)
  if (path === null) return false
  const node = tree.getNode(check.of === 'parent' ? path.slice(0, Math.max(0, path.lastIndexOf('/'))) : path)
  return node !== null && !permits(node.acl, check.permission, who)
}

const CHECKS = new Map<number, { readonly of: 'node' | 'parent'; readonly permission: number }>([
  [OpCode.create, { of: 'parent', permission: Permission.create }],
  [OpCode.create2, { of: 'parent', permission: Permission.create }],
  [OpCode.createContainer, { of: 'parent', permission: Permission.create }],
  [OpCode.createTTL, { of: 'parent', permission: Permission.create }],
  [OpCode.delete, { of: 'parent', permission: Permission.delete }],
  [OpCode.setData, { of: 'node', permission: Permission.write }],
  [OpCode.setACL, { of: 'node', permission: Permission.admin }],
])

/** All these records begin with the path. What cannot be read is for the leader to answer. */
function pathOf(from: ByteReader): string | null {
  try {
    return from.nullableString('path')
  } catch (error) {
    if (error instanceof DecodeError) return null
    throw error
  }
}
