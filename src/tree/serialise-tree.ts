import { ByteWriter } from '../kernel/bytes.ts'
import { writeAclVector } from '../protocol/acl.ts'
import { OPEN_ACL_LIST, type AclList } from './acl-list.ts'
import type { Pin } from './pin.ts'
import type { Session } from './session.ts'
import { OPEN_ACL_NUMBER, SNAPSHOT_MAGIC, SNAPSHOT_VERSION, SnapshotTag } from './snapshot-format.ts'
import { childPath, type Znode } from './znode.ts'

const CHUNK_BYTES = 64 * 1024

/**
 * The pinned state as bytes, lazily: commands may be applied between one chunk and the next, and the bytes are still
 * those of the pin's zxid.
 *
 * @param pin held until the last chunk was taken
 * @param chunkBytes what a chunk has at least, and hardly more but where one znode is larger
 * @returns chunks; each is the caller's to keep
 */
export function* serialiseTree(pin: Pin, chunkBytes = CHUNK_BYTES): IterableIterator<Buffer> {
  const writer = new SnapshotWriter(chunkBytes)
  writer.header(pin.zxid, pin.digest)
  for (const session of pin.openSessions()) {
    writer.session(session)
    if (writer.isFull) yield writer.take()
  }
  for (const node of pinnedZnodes(pin)) {
    writer.znode(node)
    if (writer.isFull) yield writer.take()
  }
  writer.end()
  yield writer.take()
}

/** The children of one znode, as they are gone through. */
class Level {
  readonly #pin: Pin
  readonly #path: string
  readonly #present: readonly Znode[]
  readonly #taken: readonly string[]
  #nextIndex = 0

  constructor(pin: Pin, path: string) {
    this.#pin = pin
    this.#path = path
    const { present, taken } = pin.candidates(path)
    this.#present = present
    this.#taken = taken
  }

  /** @returns the next child as it was; null at the end */
  next(): Znode | null {
    for (;;) {
      const index = this.#nextIndex++
      const child = this.#present[index]
      const name = this.#taken[index - this.#present.length]
      if (child === undefined && name === undefined) return null
      const node =
        child === undefined ? this.#pin.getNode(childPath(this.#path, name ?? '')) : this.#pin.stateThen(child)
      if (node !== null) return node
    }
  }
}

/**
 * Parents before children. Between two steps the tree may change; the pin still knows. Only a znode with children is looked
 * up by its path: of a million leaves that would take most of the time.
 */
function* pinnedZnodes(pin: Pin): IterableIterator<Znode> {
  const root = pin.getNode('/')
  if (root === null) return
  yield root
  const levels = [new Level(pin, '/')]
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    const node = level.next()
    if (node === null) {
      levels.pop()
      continue
    }
    // Asked before the yield: afterwards `node` may be a later state.
    const { path, numChildren } = node
    yield node
    if (numChildren > 0) levels.push(new Level(pin, path))
  }
}

class SnapshotWriter {
  readonly #out: ByteWriter
  readonly #chunkBytes: number
  readonly #aclNumbers = new Map<AclList, number>([[OPEN_ACL_LIST, OPEN_ACL_NUMBER]])
  #sessionCount = 0
  #znodeCount = 0

  constructor(chunkBytes: number) {
    this.#out = new ByteWriter(2 * chunkBytes)
    this.#chunkBytes = chunkBytes
  }

  get isFull(): boolean {
    return this.#out.size >= this.#chunkBytes
  }

  take(): Buffer {
    return this.#out.take()
  }

  header(zxid: number, digest: number): void {
    const at = this.#begin(SnapshotTag.header)
    this.#out.uint32(SNAPSHOT_MAGIC).int32(SNAPSHOT_VERSION).safeLong(zxid).uint32(digest)
    this.#finish(at)
  }

  session(session: Session): void {
    const at = this.#begin(SnapshotTag.session)
    // The grant may be of a later command than the rest, which does no harm: it was chosen, too.
    this.#out.int32(session.high).int32(session.low).int32(session.timeoutMs).buffer(session.password)
    this.#out.safeLong(session.grant)
    this.#finish(at)
    this.#sessionCount++
  }

  znode(node: Znode): void {
    const aclNumber = this.#aclNumber(node.acl)
    const at = this.#begin(SnapshotTag.znode)
    const out = this.#out
    out.string(node.path).buffer(node.data).int32(aclNumber)
    out.safeLong(node.czxid).safeLong(node.mzxid).safeLong(node.pzxid).safeLong(node.ctime).safeLong(node.mtime)
    out.int32(node.version).int32(node.childCreations).int32(node.aversion)
    out.int32(node.ownerHigh).int32(node.ownerLow)
    this.#finish(at)
    this.#znodeCount++
  }

  end(): void {
    const at = this.#begin(SnapshotTag.end)
    this.#out.uint32(this.#sessionCount).uint32(this.#znodeCount)
    this.#finish(at)
  }

  #aclNumber(acl: AclList): number {
    const known = this.#aclNumbers.get(acl)
    if (known !== undefined) return known
    const number = this.#aclNumbers.size
    this.#aclNumbers.set(acl, number)
    const at = this.#begin(SnapshotTag.acl)
    writeAclVector(this.#out, acl.entries)
    this.#finish(at)
    return number
  }

  #begin(tag: number): number {
    const at = this.#out.reserve(4)
    this.#out.byte(tag)
    return at
  }

  #finish(at: number): void {
    this.#out.patchInt32(at, this.#out.size - at - 4)
  }
}
