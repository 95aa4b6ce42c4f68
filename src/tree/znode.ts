import { bytesOf, type KeptBytes } from '../kernel/byte-string.ts'
import type { Stat } from '../protocol/stat.ts'
import type { AclList } from './acl-list.ts'

/**
 * What stands in a znode's owner field, 64 bits in two signed halves. Source: EphemeralType (Apache ZooKeeper 3.9).
 *
 *   persistent  0
 *   ephemeral   the session's id (its high byte is 1 to 254 and not 0x80, so nothing below collides)
 *   container   0x8000000000000000
 *   ttl         0xff in the high byte, then the ttl in milliseconds, 40 bits
 */
export type ZnodeKind = 'persistent' | 'ephemeral' | 'container' | 'ttl'

export const CONTAINER_OWNER_HIGH = 0x80000000 | 0
const TTL_HIGH_BYTE = 0xff
const TWO_32 = 2 ** 32

export function ttlOwnerHigh(ttlMs: number): number {
  return (TTL_HIGH_BYTE << 24) | Math.floor(ttlMs / TWO_32)
}

export function ttlOwnerLow(ttlMs: number): number {
  return ttlMs | 0
}

/** What a znode is made of when it comes into being. */
export interface ZnodeOrigin {
  readonly path: string
  /** Null only for the root. */
  readonly parent: Znode | null
  readonly data: KeptBytes | null
  readonly acl: AclList
  readonly ownerHigh: number
  readonly ownerLow: number
  readonly zxid: number
  readonly timeMs: number
}

/**
 * One entry of the tree. It is its own Stat: the getters give what travels where that differs from what is stored.
 * Only `NodeStore` and the transactions change it.
 */
export class Znode implements Stat {
  readonly path: string
  readonly parent: Znode | null
  data: KeptBytes | null
  acl: AclList
  /** The children by name; null until there is one. A copy (see `copy`) has none, whatever `numChildren` says. */
  children: Map<string, Znode> | null
  numChildren: number
  czxid: number
  mzxid: number
  pzxid: number
  ctime: number
  mtime: number
  version: number
  /** Children ever created here, as a wrapping int32: the sequence counter, and Apache's stored cversion. */
  childCreations: number
  aversion: number
  ownerHigh: number
  ownerLow: number
  /** The change since which everything above is as it is; 0 for what a snapshot brought. */
  changedZxid: number

  constructor(origin: ZnodeOrigin) {
    this.path = origin.path
    this.parent = origin.parent
    this.data = origin.data
    this.acl = origin.acl
    this.children = null
    this.numChildren = 0
    this.czxid = origin.zxid
    this.mzxid = origin.zxid
    this.pzxid = origin.zxid
    this.ctime = origin.timeMs
    this.mtime = origin.timeMs
    this.version = 0
    this.childCreations = 0
    this.aversion = 0
    this.ownerHigh = origin.ownerHigh
    this.ownerLow = origin.ownerLow
    this.changedZxid = origin.zxid
  }

  get kind(): ZnodeKind {
    if (this.ownerHigh === 0 && this.ownerLow === 0) return 'persistent'
    if (this.ownerHigh === CONTAINER_OWNER_HIGH && this.ownerLow === 0) return 'container'
    return this.ownerHigh >>> 24 === TTL_HIGH_BYTE ? 'ttl' : 'ephemeral'
  }

  /** Meaningful for a ttl znode only. */
  get ttlMs(): number {
    return (this.ownerHigh & 0xff) * TWO_32 + (this.ownerLow >>> 0)
  }

  /** Creations and deletions of children together: each deletion took one from `numChildren` and none from the rest. */
  get cversion(): number {
    return (2 * this.childCreations - this.numChildren) | 0
  }

  get ephemeralOwnerHigh(): number {
    return this.kind === 'ephemeral' ? this.ownerHigh : 0
  }

  get ephemeralOwnerLow(): number {
    return this.kind === 'ephemeral' ? this.ownerLow : 0
  }

  get dataLength(): number {
    return this.data === null ? 0 : this.data.length
  }

  /** A view or a copy; null was stored as null. */
  get dataBytes(): Buffer | null {
    return this.data === null ? null : bytesOf(this.data)
  }

  /** This moment's state, without the names of the children. Data and ACL are shared: they are never changed in place. */
  copy(): Znode {
    const copy = new Znode({
      path: this.path,
      parent: this.parent,
      data: this.data,
      acl: this.acl,
      ownerHigh: this.ownerHigh,
      ownerLow: this.ownerLow,
      zxid: this.czxid,
      timeMs: this.ctime,
    })
    copy.numChildren = this.numChildren
    copy.mzxid = this.mzxid
    copy.pzxid = this.pzxid
    copy.mtime = this.mtime
    copy.version = this.version
    copy.childCreations = this.childCreations
    copy.aversion = this.aversion
    copy.changedZxid = this.changedZxid
    return copy
  }
}

/** The last element of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

export function childPath(parentPath: string, name: string): string {
  return parentPath === '/' ? `/${name}` : `${parentPath}/${name}`
}
