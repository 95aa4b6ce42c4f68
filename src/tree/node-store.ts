import { assert } from '../kernel/assert.ts'
import type { KeptBytes } from '../kernel/byte-string.ts'
import { AclTable, OPEN_ACL_LIST, READ_ACL_LIST, type AclList } from './acl-list.ts'
import type { History } from './history.ts'
import { quotaPathOf } from './quota-paths.ts'
import type { SessionTable } from './session-table.ts'
import { UndoLog } from './undo-log.ts'
import { nameOf, Znode } from './znode.ts'

export const CONFIG_PATH = '/zookeeper/config'

/** They are there from the start and cannot be deleted. */
export const SPECIAL_PATHS: ReadonlySet<string> = new Set(['/', '/zookeeper', '/zookeeper/quota', CONFIG_PATH])

/**
 * The znodes by path, and what is derived from them: the sessions' ephemerals, the containers and TTL znodes that a reaper
 * looks at, the paths with a quota, and the figures. It knows how to change a znode so that pins keep what they see and a failed multi can be
 * taken back; whether a change is allowed, and what it means, is for the transactions.
 *
 * Invariants: every znode but the root is the child of its parent, by name; `numChildren` of a parent is the size of its
 * map of children; an ephemeral's session is open and lists it.
 */
export class NodeStore {
  readonly root: Znode
  readonly acls = new AclTable()
  readonly containerPaths = new Set<string>()
  readonly ttlPaths = new Set<string>()
  /** Paths that have a quota: the limits of each are there. */
  readonly quotaPaths = new Set<string>()
  readonly #nodes = new Map<string, Znode>()
  readonly #sessions: SessionTable
  readonly #history: History
  #undo: UndoLog | null = null
  #ephemeralCount = 0
  #quotaZnodeCount = 0
  #dataSizeBytes = 0

  /** @param root linked to nothing; `plantSystemNodes` or a snapshot brings the rest */
  constructor(sessions: SessionTable, history: History, root: Znode) {
    this.#sessions = sessions
    this.#history = history
    this.root = root
    this.#nodes.set('/', root)
    this.#dataSizeBytes = root.path.length + root.dataLength
  }

  get size(): number {
    return this.#nodes.size
  }

  get ephemeralCount(): number {
    return this.#ephemeralCount
  }

  /** Whether any znode of any quota is there: all that a write without quotas is asked. */
  get hasQuotas(): boolean {
    return this.#quotaZnodeCount > 0
  }

  /** Lengths of all paths and data, as Apache's approximate_data_size. */
  get approximateDataSizeBytes(): number {
    return this.#dataSizeBytes
  }

  /** @param path the root is `/` and also the empty text, as in Apache */
  get(path: string): Znode | null {
    return this.#nodes.get(path) ?? (path === '' ? this.root : null)
  }

  /** To be called before any field of `node` changes by the change `zxid`. */
  touch(node: Znode, zxid: number): void {
    if (node.changedZxid <= this.#history.newestPin) this.#history.keep(node, zxid)
    if (this.#undo !== null) this.#undo.changed(node)
    node.changedZxid = zxid
  }

  /** The caller has touched the node. */
  replaceData(node: Znode, data: KeptBytes | null): void {
    this.#dataSizeBytes -= node.dataLength
    node.data = data
    this.#dataSizeBytes += node.dataLength
  }

  /** Puts a new znode under its parent, which the caller has touched if this is a change and not a restoration. */
  link(node: Znode): void {
    const { path, parent } = node
    assert(parent !== null && !this.#nodes.has(path), 'a znode is linked once, under a parent')
    this.#nodes.set(path, node)
    parent.children ??= new Map()
    parent.children.set(nameOf(path), node)
    parent.numChildren++
    this.#dataSizeBytes += path.length + node.dataLength
    this.#addToIndex(node)
    if (this.#undo !== null) this.#undo.linked(node)
  }

  /** Takes a childless znode out by the change `zxid`; the caller has touched its parent. */
  unlink(node: Znode, zxid: number): void {
    const { newestPin } = this.#history
    if (newestPin !== -1) {
      if (node.changedZxid <= newestPin) this.#history.keep(node, zxid)
      // A znode that this very change has made was never there for anybody.
      const wasThere = node.czxid <= newestPin && node.czxid < zxid
      if (wasThere && node.parent !== null) this.#history.keepName(node.parent.path, nameOf(node.path))
    }
    this.#remove(node)
    if (this.#undo !== null) this.#undo.unlinked(node)
  }

  /** From here to `commit` or `rollback` every change can be taken back. */
  begin(): void {
    this.#undo = new UndoLog()
  }

  commit(): void {
    this.#undo = null
  }

  /** Everything is again as it was at `begin`, but for the order of children. */
  rollback(): void {
    const undo = this.#undo
    assert(undo !== null, 'what is rolled back was begun')
    this.#undo = null
    for (let step = undo.pop(); step !== null; step = undo.pop()) {
      switch (step.kind) {
        case 'linked':
          this.#remove(step.node)
          break
        case 'unlinked':
          this.link(step.node)
          break
        case 'changed':
          this.#restore(step.node, step.before)
          break
      }
    }
  }

  #remove(node: Znode): void {
    const { path, parent } = node
    assert(parent !== null && parent.children !== null && node.numChildren === 0, 'what is taken out is a leaf')
    this.#nodes.delete(path)
    parent.children.delete(nameOf(path))
    parent.numChildren--
    this.#dataSizeBytes -= path.length + node.dataLength
    this.#removeFromIndex(node)
  }

  /**
   * `changedZxid` stays at the change that is taken back: a state kept for a pin then ends where this one begins, and the
   * two are equal. `numChildren` is the business of the links.
   */
  #restore(node: Znode, before: Znode): void {
    this.replaceData(node, before.data)
    node.acl = before.acl
    node.mzxid = before.mzxid
    node.pzxid = before.pzxid
    node.mtime = before.mtime
    node.version = before.version
    node.childCreations = before.childCreations
    node.aversion = before.aversion
  }

  #addToIndex(node: Znode): void {
    const quota = quotaPathOf(node.path)
    if (quota !== null) {
      this.#quotaZnodeCount++
      if (quota.kind === 'limits') this.quotaPaths.add(quota.path)
    }
    switch (node.kind) {
      case 'persistent':
        return
      case 'ephemeral': {
        const session = this.#sessions.get(node.ownerHigh, node.ownerLow)
        assert(session !== null, 'the session of an ephemeral znode is open')
        session.ephemerals.add(node.path)
        this.#ephemeralCount++
        return
      }
      case 'container':
        this.containerPaths.add(node.path)
        return
      case 'ttl':
        this.ttlPaths.add(node.path)
        return
    }
  }

  #removeFromIndex(node: Znode): void {
    const quota = quotaPathOf(node.path)
    if (quota !== null) {
      this.#quotaZnodeCount--
      if (quota.kind === 'limits') this.quotaPaths.delete(quota.path)
    }
    switch (node.kind) {
      case 'persistent':
        return
      case 'ephemeral': {
        const session = this.#sessions.get(node.ownerHigh, node.ownerLow)
        assert(session !== null, 'the session of an ephemeral znode is open')
        session.ephemerals.delete(node.path)
        this.#ephemeralCount--
        return
      }
      case 'container':
        this.containerPaths.delete(node.path)
        return
      case 'ttl':
        this.ttlPaths.delete(node.path)
        return
    }
  }
}

export function newRoot(): Znode {
  return systemNode('/', null, OPEN_ACL_LIST)
}

/** `/zookeeper` and what is in it before any client came. Apache's config node starts with the ACL version -1. */
export function plantSystemNodes(store: NodeStore): void {
  const zookeeper = systemNode('/zookeeper', store.root, OPEN_ACL_LIST)
  const config = systemNode(CONFIG_PATH, zookeeper, READ_ACL_LIST)
  config.aversion = -1
  store.link(zookeeper)
  store.link(systemNode('/zookeeper/quota', zookeeper, OPEN_ACL_LIST))
  store.link(config)
}

/** Nobody created it: no zxid, no time, no trace in the parent's counter. */
function systemNode(path: string, parent: Znode | null, acl: AclList): Znode {
  return new Znode({ path, parent, data: Buffer.alloc(0), acl, ownerHigh: 0, ownerLow: 0, zxid: 0, timeMs: 0 })
}
