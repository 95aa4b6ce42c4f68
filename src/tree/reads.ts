import { DecodeError, type ByteReader, type ByteWriter } from '../kernel/bytes.ts'
import { Permission } from '../protocol/acl.ts'
import { readExistsRequest, writeExistsResponse } from '../protocol/exists.ts'
import { readGetAclRequest, writeGetAclResponse } from '../protocol/get-acl.ts'
import {
  readGetAllChildrenNumberRequest,
  writeGetAllChildrenNumberResponse,
} from '../protocol/get-all-children-number.ts'
import {
  readGetChildrenRequest,
  writeGetChildren2Response,
  writeGetChildrenResponse,
} from '../protocol/get-children.ts'
import { readGetDataRequest, writeGetDataResponse } from '../protocol/get-data.ts'
import { readGetEphemeralsRequest, writeGetEphemeralsResponse } from '../protocol/get-ephemerals.ts'
import { OpCode } from '../protocol/op-code.ts'
import { writeWhoAmIResponse } from '../protocol/who-am-i.ts'
import { WireError } from '../protocol/wire-error.ts'
import type { Credentials } from './credentials.ts'
import type { DataTree } from './data-tree.ts'
import { runMultiRead } from './multi-read.ts'
import { maskedEntries, permits, userOf } from './permissions.ts'
import { addWatch, checkWatches, removeWatches, setWatches } from './watch-requests.ts'
import type { Watcher } from './watch-index.ts'
import { childPath, type Znode } from './znode.ts'

/** Who reads. */
export interface Reader extends Credentials {
  readonly sessionHigh: number
  readonly sessionLow: number
  /** Null for one who cannot be told of changes: watch flags are then ignored. */
  readonly watcher: Watcher | null
}

/**
 * Answers a request that this server can answer from its own state: reads, and everything about watches. Watch events
 * that the request itself causes (setWatches) are told before this returns.
 *
 * @param type the op code
 * @param from at the request record
 * @param out takes the response record, without a reply header; nothing when the result is an error
 * @returns one of WireError: MARSHALLINGERROR for a record that cannot be read, UNIMPLEMENTED for another op code
 */
export function executeRead(tree: DataTree, type: number, from: ByteReader, out: ByteWriter, reader: Reader): number {
  const sizeBefore = out.size
  try {
    return execute(tree, type, from, out, reader)
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    out.truncate(sizeBefore)
    return WireError.marshallingError
  }
}

function execute(tree: DataTree, type: number, from: ByteReader, out: ByteWriter, reader: Reader): number {
  switch (type) {
    case OpCode.getData:
      return getData(tree, from, out, reader)
    case OpCode.exists:
      return exists(tree, from, out, reader)
    case OpCode.getChildren:
    case OpCode.getChildren2:
      return getChildren(tree, type, from, out, reader)
    case OpCode.getACL:
      return getAcl(tree, from, out, reader)
    case OpCode.getEphemerals:
      return getEphemerals(tree, from, out, reader)
    case OpCode.getAllChildrenNumber:
      return getAllChildrenNumber(tree, from, out, reader)
    case OpCode.multiRead:
      return runMultiRead(tree, from, out, reader)
    case OpCode.whoAmI:
      writeWhoAmIResponse(out, reader.ids.map(clientInfo))
      return WireError.ok
    case OpCode.setWatches:
    case OpCode.setWatches2:
      return setWatches(tree, type, from, reader.watcher)
    case OpCode.addWatch:
      return addWatch(tree, from, out, reader.watcher)
    case OpCode.checkWatches:
      return checkWatches(tree, from, reader.watcher)
    case OpCode.removeWatches:
      return removeWatches(tree, from, reader.watcher)
    default:
      return WireError.unimplemented
  }
}

function getData(tree: DataTree, from: ByteReader, out: ByteWriter, reader: Reader): number {
  const { path, watch } = readGetDataRequest(from)
  const node = tree.getNode(path)
  if (node === null) return WireError.noNode
  if (!permits(node.acl, Permission.read, reader)) return WireError.noAuth
  if (watch && reader.watcher !== null) tree.watches.data.add(node.path, reader.watcher)
  writeGetDataResponse(out, node.data, node)
  return WireError.ok
}

/**
 * The one read whose watch is set though it fails: the client waits for the znode. A Stat is anybody's, as with Apache up to
 * 3.9, where 3.10 asks for READ.
 */
function exists(tree: DataTree, from: ByteReader, out: ByteWriter, reader: Reader): number {
  const { path, watch } = readExistsRequest(from)
  if (path.includes('\0')) return WireError.badArguments
  const node = tree.getNode(path)
  if (watch && reader.watcher !== null) tree.watches.data.add(node === null ? path : node.path, reader.watcher)
  if (node === null) return WireError.noNode
  writeExistsResponse(out, node)
  return WireError.ok
}

function getChildren(tree: DataTree, type: number, from: ByteReader, out: ByteWriter, reader: Reader): number {
  const { path, watch } = readGetChildrenRequest(from)
  const node = tree.getNode(path)
  if (node === null) return WireError.noNode
  if (!permits(node.acl, Permission.read, reader)) return WireError.noAuth
  if (watch && reader.watcher !== null) tree.watches.child.add(node.path, reader.watcher)
  const names = childNames(node)
  if (type === OpCode.getChildren) writeGetChildrenResponse(out, names)
  else writeGetChildren2Response(out, names, node)
  return WireError.ok
}

/** Whoever is not admin does not see the hashes of digests. */
function getAcl(tree: DataTree, from: ByteReader, out: ByteWriter, reader: Reader): number {
  const { path } = readGetAclRequest(from)
  const node = tree.getNode(path)
  if (node === null) return WireError.noNode
  if (!permits(node.acl, Permission.read | Permission.admin, reader)) return WireError.noAuth
  const isAdmin = permits(node.acl, Permission.admin, reader)
  writeGetAclResponse(out, isAdmin ? node.acl.entries : maskedEntries(node.acl), node)
  return WireError.ok
}

function getEphemerals(tree: DataTree, from: ByteReader, out: ByteWriter, reader: Reader): number {
  const prefix = readGetEphemeralsRequest(from).prefixPath?.trim() ?? ''
  const all = Array.from(tree.sessions.get(reader.sessionHigh, reader.sessionLow)?.ephemerals ?? [])
  const found = prefix === '' || prefix === '/' ? all : all.filter((path) => path.startsWith(prefix))
  writeGetEphemeralsResponse(out, found)
  return WireError.ok
}

function getAllChildrenNumber(tree: DataTree, from: ByteReader, out: ByteWriter, reader: Reader): number {
  const node = tree.getNode(readGetAllChildrenNumberRequest(from).path)
  if (node === null) return WireError.noNode
  if (!permits(node.acl, Permission.read, reader)) return WireError.noAuth
  writeGetAllChildrenNumberResponse(out, node.parent === null ? tree.store.size - 1 : descendantCount(tree, node))
  return WireError.ok
}

/** Walks with a stack of its own: a tree may be deeper than the call stack. */
function descendantCount(tree: DataTree, top: Znode): number {
  let count = 0
  const waiting: Znode[] = [top]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    count += node.numChildren
    for (const name of node.children?.keys() ?? []) {
      const child = tree.getNode(childPath(node.path, name))
      if (child !== null && child.numChildren > 0) waiting.push(child)
    }
  }
  return count
}

export function childNames(node: Znode): string[] {
  return node.children === null ? [] : Array.from(node.children.keys())
}

function clientInfo({ scheme, id }: { readonly scheme: string; readonly id: string }): {
  readonly scheme: string
  readonly user: string
} {
  return { scheme, user: scheme === 'digest' ? userOf(id) : id }
}
