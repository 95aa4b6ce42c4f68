import { Permission } from '../protocol/acl.ts'
import {
  CreateMode,
  isCreateMode,
  isEphemeralMode,
  isSequentialMode,
  isTtlMode,
  TTL_MS_MAX,
} from '../protocol/create-mode.ts'
import type { CreateRequest } from '../protocol/create.ts'
import { OpCode } from '../protocol/op-code.ts'
import { validatePath } from '../protocol/path.ts'
import { WatchEventType } from '../protocol/watch-event.ts'
import { WireError } from '../protocol/wire-error.ts'
import { permits, resolveAcl } from './permissions.ts'
import { chargeQuota, isForbiddenByQuota } from './quota.ts'
import type { Transaction } from './transaction.ts'
import { CONTAINER_OWNER_HIGH, ttlOwnerHigh, ttlOwnerLow, Znode } from './znode.ts'

/**
 * create, create2, createContainer and createTTL. The checks stand in Apache's order (PrepRequestProcessor), since it
 * decides which of several errors a client sees.
 *
 * @param type the op code, which must agree with the request's flags; Apache lets some mismatches through and answers
 *   them with another kind of znode than was asked for, or with its own death
 * @param ttlMs of createTTL, else 0
 */
export function createZnode(tx: Transaction, type: number, request: CreateRequest, ttlMs: number): number {
  const { store, header } = tx
  const { path, flags } = request
  const modeError = checkMode(type, flags, ttlMs, header.hasExtendedTypes)
  if (modeError !== WireError.ok) return modeError
  if (tx.session === null) {
    if (!header.isLocalSession) return WireError.sessionExpired
    if (isEphemeralMode(flags)) return WireError.ephemeralOnLocalSession
  }
  const slash = path.lastIndexOf('/')
  if (slash === -1 || path.includes('\0')) return WireError.badArguments
  const acl = resolveAcl(request.acl, header, store.acls)
  if (acl === null) return WireError.invalidACL
  const parent = store.get(path.slice(0, slash))
  if (parent === null) return WireError.noNode
  if (!permits(parent.acl, Permission.create, header)) return WireError.noAuth
  const finalPath = isSequentialMode(flags) ? path + sequenceText(parent.childCreations) : path
  if (validatePath(finalPath) !== null) return WireError.badArguments
  if (store.get(finalPath) !== null) return WireError.nodeExists
  if (parent.kind === 'ephemeral') return WireError.noChildrenForEphemerals
  if (store.hasQuotas && isForbiddenByQuota(tx, finalPath, { count: 1, bytes: request.data?.length ?? 0 })) {
    return WireError.quotaExceeded
  }

  const { zxid } = tx
  const { timeMs } = header
  let ownerHigh = 0
  let ownerLow = 0
  if (isEphemeralMode(flags)) {
    ownerHigh = header.sessionHigh
    ownerLow = header.sessionLow
  } else if (flags === CreateMode.container) {
    ownerHigh = CONTAINER_OWNER_HIGH
  } else if (isTtlMode(flags)) {
    ownerHigh = ttlOwnerHigh(ttlMs)
    ownerLow = ttlOwnerLow(ttlMs)
  }
  const node = new Znode({ path: finalPath, parent, data: request.data, acl, ownerHigh, ownerLow, zxid, timeMs })
  store.touch(parent, zxid)
  parent.childCreations = (parent.childCreations + 1) | 0
  parent.pzxid = zxid
  store.link(node)
  if (store.hasQuotas) chargeQuota(tx, finalPath, { count: 1, bytes: node.dataLength })
  tx.announce(WatchEventType.nodeCreated, finalPath, acl)
  tx.announce(WatchEventType.nodeChildrenChanged, parent.path, parent.acl)
  tx.path = finalPath
  tx.node = node
  tx.mixNode(node)
  tx.mixNode(parent)
  return WireError.ok
}

/** Ten digits with leading zeros; a minus counts as one of them, as in Java's `%010d`. */
export function sequenceText(counter: number): string {
  return counter < 0 ? `-${String(-counter).padStart(9, '0')}` : String(counter).padStart(10, '0')
}

function checkMode(type: number, flags: number, ttlMs: number, hasExtendedTypes: boolean): number {
  if (!isCreateMode(flags)) return WireError.badArguments
  if (isTtlMode(flags) && !hasExtendedTypes) return WireError.unimplemented
  switch (type) {
    case OpCode.createContainer:
      return flags === CreateMode.container ? WireError.ok : WireError.badArguments
    case OpCode.createTTL:
      return isTtlMode(flags) && ttlMs >= 1 && ttlMs <= TTL_MS_MAX ? WireError.ok : WireError.badArguments
    default:
      return flags <= CreateMode.ephemeralSequential ? WireError.ok : WireError.badArguments
  }
}
