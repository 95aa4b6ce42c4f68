import { ByteReader, DecodeError } from '../kernel/bytes.ts'
import { ZktuneError } from '../kernel/errors.ts'
import { readAclVector } from '../protocol/acl.ts'
import { parentPath, validatePath } from '../protocol/path.ts'
import { AclList, OPEN_ACL_LIST } from './acl-list.ts'
import { chunkRecords } from './chunk-records.ts'
import { DataTree } from './data-tree.ts'
import { History } from './history.ts'
import { NodeStore, SPECIAL_PATHS } from './node-store.ts'
import { SessionTable } from './session-table.ts'
import { Session } from './session.ts'
import { SNAPSHOT_MAGIC, SNAPSHOT_VERSION, SnapshotTag } from './snapshot-format.ts'
import { Znode } from './znode.ts'

/**
 * The tree that `serialiseTree` wrote: znodes, sessions, zxid and digest; no watches.
 *
 * @param chunks the same bytes in any pieces; nothing of them is kept
 * @throws ZktuneError DamagedFile when they are not a whole tree
 */
export function loadTree(chunks: Iterable<Buffer>): DataTree {
  const loader = new TreeLoader()
  try {
    for (const record of chunkRecords(chunks)) loader.take(record)
    return loader.finish()
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    throw new ZktuneError('DamagedFile', {
      where: `snapshot, record ${loader.recordCount}`,
      what: error.message,
      mend: 'Start from an older snapshot and the log behind it, or let the leader send its own.',
      cause: error,
    })
  }
}

class TreeLoader {
  recordCount = 0
  readonly #from = new ByteReader(Buffer.alloc(0))
  readonly #history = new History()
  readonly #sessions = new SessionTable(this.#history)
  readonly #acls: AclList[] = [OPEN_ACL_LIST]
  #store: NodeStore | null = null
  #lastZxid = -1
  #digest = 0
  #hasEnded = false

  take(record: Buffer): void {
    this.recordCount++
    if (this.#hasEnded) throw new DecodeError('there is more after the end')
    const from = this.#from.reset(record, 0, record.length)
    const tag = from.byte('record.tag')
    if ((tag === SnapshotTag.header) !== (this.recordCount === 1)) throw new DecodeError('the header is not first')
    switch (tag) {
      case SnapshotTag.header:
        this.#header(from)
        break
      case SnapshotTag.session:
        this.#session(from)
        break
      case SnapshotTag.acl:
        this.#acl(from)
        break
      case SnapshotTag.znode:
        this.#znode(from)
        break
      case SnapshotTag.end:
        this.#end(from)
        break
      default:
        throw new DecodeError(`there is no record with the tag ${tag}`)
    }
    if (from.remaining > 0) throw new DecodeError(`the record goes on for ${from.remaining} bytes`)
  }

  finish(): DataTree {
    if (!this.#hasEnded || this.#store === null) throw new DecodeError('the end is missing')
    return new DataTree({
      history: this.#history,
      sessions: this.#sessions,
      store: this.#store,
      lastZxid: this.#lastZxid,
      digest: this.#digest,
    })
  }

  #header(from: ByteReader): void {
    if (from.uint32('header.magic') !== SNAPSHOT_MAGIC) throw new DecodeError('this is no snapshot of zktune')
    const version = from.int32('header.version')
    if (version !== SNAPSHOT_VERSION) throw new DecodeError(`the format version is ${version}, not ${SNAPSHOT_VERSION}`)
    this.#lastZxid = from.safeLong('header.lastZxid')
    if (this.#lastZxid < 0) throw new DecodeError('the zxid is negative')
    this.#digest = from.uint32('header.digest')
  }

  #session(from: ByteReader): void {
    const high = from.int32('session.high')
    const low = from.int32('session.low')
    const timeoutMs = from.int32('session.timeoutMs')
    const password = from.buffer('session.password')
    if (password === null) throw new DecodeError('a session has no password')
    if (!this.#sessions.isFree(high, low)) throw new DecodeError('a session is there twice')
    const session = new Session({ high, low }, timeoutMs, Buffer.from(password), 0)
    session.grant = from.safeLong('session.grant')
    this.#sessions.add(session)
  }

  #acl(from: ByteReader): void {
    const entries = readAclVector(from, 'acl')
    if (entries === null) throw new DecodeError('an ACL is null')
    this.#acls.push(new AclList(entries))
  }

  #znode(from: ByteReader): void {
    const path = from.string('znode.path')
    const data = from.kept('znode.data')
    const acl = this.#acls[from.int32('znode.acl')]
    if (acl === undefined) throw new DecodeError(`${path} has an ACL that is not there`)
    const czxid = this.#zxid(from, 'znode.czxid')
    const mzxid = this.#zxid(from, 'znode.mzxid')
    const pzxid = this.#zxid(from, 'znode.pzxid')
    const ctime = from.safeLong('znode.ctime')
    const mtime = from.safeLong('znode.mtime')
    const version = from.int32('znode.version')
    const childCreations = from.int32('znode.childCreations')
    const aversion = from.int32('znode.aversion')
    const ownerHigh = from.int32('znode.ownerHigh')
    const ownerLow = from.int32('znode.ownerLow')
    const node = new Znode({
      path,
      parent: this.#parentOf(path),
      data,
      acl,
      ownerHigh,
      ownerLow,
      zxid: czxid,
      timeMs: ctime,
    })
    node.mzxid = mzxid
    node.pzxid = pzxid
    node.mtime = mtime
    node.version = version
    node.childCreations = childCreations
    node.aversion = aversion
    node.changedZxid = 0
    this.#plant(node)
  }

  #plant(node: Znode): void {
    const { path } = node
    if (node.kind === 'ephemeral' && this.#sessions.get(node.ownerHigh, node.ownerLow) === null) {
      throw new DecodeError(`${path} belongs to a session that is not there`)
    }
    if (this.#store === null) {
      if (node.kind !== 'persistent') throw new DecodeError('the root has an owner')
      this.#store = new NodeStore(this.#sessions, this.#history, node)
    } else if (this.#store.get(path) === null) {
      this.#store.link(node)
    } else {
      throw new DecodeError(`${path} is there twice`)
    }
  }

  #parentOf(path: string): Znode | null {
    if (this.#store === null) {
      if (path !== '/') throw new DecodeError(`${path} comes before the root`)
      return null
    }
    const complaint = validatePath(path)
    if (complaint !== null) throw new DecodeError(`a path ${complaint}`)
    const parent = this.#store.get(parentPath(path))
    if (parent === null || parent.kind === 'ephemeral') throw new DecodeError(`${path} has no parent`)
    return parent
  }

  #zxid(from: ByteReader, field: string): number {
    const zxid = from.safeLong(field)
    if (zxid < 0 || zxid > this.#lastZxid) throw new DecodeError(`${field} is outside the history`)
    return zxid
  }

  #end(from: ByteReader): void {
    const sessionCount = from.uint32('end.sessions')
    const znodeCount = from.uint32('end.znodes')
    if (this.#sessions.size !== sessionCount) throw new DecodeError(`${sessionCount} sessions should be there`)
    if (this.#store?.size !== znodeCount) throw new DecodeError(`${znodeCount} znodes should be there`)
    for (const path of SPECIAL_PATHS) {
      if (this.#store.get(path) === null) throw new DecodeError(`${path} is missing`)
    }
    this.#hasEnded = true
  }
}
