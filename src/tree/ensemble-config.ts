/**
 * `/zookeeper/config`: who is in the ensemble, for clients to read and to watch. A line for each member, and a last one
 * with the version, which is the zxid of the change that wrote it, in hexadecimal. Empty on a standalone server.
 *
 *   server.1=host:2888:3888:participant;0.0.0.0:2181
 *   version=100000000
 *
 * The members stand in each server's zoo.cfg, which may differ; the znode has the leader's.
 * Source: QuorumMaj.toString, PrepRequestProcessor (Apache ZooKeeper 3.8).
 */
import { Permission } from '../protocol/acl.ts'
import type { ReconfigRequest } from '../protocol/reconfig.ts'
import { WatchEventType } from '../protocol/watch-event.ts'
import { WireError } from '../protocol/wire-error.ts'
import { CONFIG_PATH } from './node-store.ts'
import { permits } from './permissions.ts'
import { reconfigFormError } from './reconfig-form.ts'
import type { Transaction } from './transaction.ts'
import type { Znode } from './znode.ts'

/** As Apache writes this znode: without a count of changes. */
const NO_VERSION = -1
const ANY_CONFIG = -1

/**
 * configure: what a new leader proposes before anything else, if its members are not those of the znode. It belongs to the
 * opening of the epoch and takes no zxid of its own.
 *
 * @param members lines without the version; empty for a standalone server
 */
export function configure(tx: Transaction, members: string): number {
  const node = tx.store.get(CONFIG_PATH)
  if (node === null) return WireError.noNode
  writeConfig(tx, node, members)
  return WireError.ok
}

/**
 * reconfig: the checks stand in Apache's order, but for whether a server that is to join is there: the members of an ensemble cannot
 * change yet, and a request that asks for it is UNIMPLEMENTED, though only to one who may ask. One that asks for nothing
 * moves the version.
 */
export function reconfigure(tx: Transaction, request: ReconfigRequest): number {
  if (!tx.header.mayReconfigure) return WireError.reconfigDisabled
  const node = tx.store.get(CONFIG_PATH)
  const config = configText(node)
  if (node === null || config === '') return WireError.unimplemented
  const { joiningServers, leavingServers, newMembers, curConfigId } = request
  if (curConfigId !== ANY_CONFIG && curConfigId !== versionOf(config)) return WireError.badVersion
  const formError = reconfigFormError(request, config)
  if (formError !== WireError.ok) return formError
  if (!permits(node.acl, Permission.write, tx.header)) return WireError.noAuth
  const isEmpty = joiningServers === null && leavingServers === null && newMembers === null
  if (!isEmpty) return WireError.unimplemented
  writeConfig(tx, node, membersOf(config))
  tx.node = node
  return WireError.ok
}

/** @returns the lines of the znode but for the version; what `configure` was last given */
export function membersIn(node: Znode | null): string {
  return membersOf(configText(node))
}

/** @returns what the znode holds; empty on a standalone server */
export function configText(node: Znode | null): string {
  return node?.dataBytes?.toString() ?? ''
}

function writeConfig(tx: Transaction, node: Znode, members: string): void {
  const text = members === '' ? '' : `${members}\n${VERSION_LINE}${tx.zxid.toString(16)}`
  tx.store.touch(node, tx.zxid)
  tx.store.replaceData(node, Buffer.from(text))
  node.version = NO_VERSION
  node.mzxid = tx.zxid
  node.mtime = tx.header.timeMs
  tx.announce(WatchEventType.nodeDataChanged, node.path, node.acl)
  tx.mixNode(node)
}

const VERSION_LINE = 'version='

function membersOf(config: string): string {
  const lines = config.split('\n')
  return lines.filter((line) => !line.startsWith(VERSION_LINE)).join('\n')
}

/** @returns NaN, which equals no version, when `super` wrote something else there */
function versionOf(config: string): number {
  const line = config.split('\n').find((candidate) => candidate.startsWith(VERSION_LINE))
  return line === undefined ? NaN : Number.parseInt(line.slice(VERSION_LINE.length), 16)
}
