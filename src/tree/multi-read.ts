import type { ByteReader, ByteWriter } from '../kernel/bytes.ts'
import { Permission } from '../protocol/acl.ts'
import { writeMultiResult, type MultiResult } from '../protocol/multi-result.ts'
import { readMultiReadOperation, writeMultiEnd, type MultiReadOperation } from '../protocol/multi.ts'
import { WireError } from '../protocol/wire-error.ts'
import type { Credentials } from './credentials.ts'
import type { DataTree } from './data-tree.ts'
import { permits } from './permissions.ts'

/** multiRead: getData and getChildren together, each with a result of its own; watch flags are ignored. */
export function runMultiRead(tree: DataTree, from: ByteReader, out: ByteWriter, reader: Credentials): number {
  for (let next = readMultiReadOperation(from); next !== null; next = readMultiReadOperation(from)) {
    writeMultiResult(out, read(tree, next, reader))
  }
  writeMultiEnd(out)
  return WireError.ok
}

function read(tree: DataTree, operation: MultiReadOperation, reader: Credentials): MultiResult {
  const node = tree.getNode(operation.request.path)
  if (node === null) return { kind: 'error', error: WireError.noNode }
  if (!permits(node.acl, Permission.read, reader)) return { kind: 'error', error: WireError.noAuth }
  if (operation.kind === 'getData') return { kind: 'getData', data: node.data, stat: node }
  return { kind: 'getChildren', children: Array.from(node.children?.keys() ?? []) }
}
