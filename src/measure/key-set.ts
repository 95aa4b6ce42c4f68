import { ByteWriter } from '../kernel/bytes.ts'
import type { Prng } from '../kernel/prng.ts'
import type { ValueSizes, Workload, WorkloadShape } from '../profile/plan.ts'
import { keyPickerOf, type KeyPicker } from './key-picker.ts'
import { OPEN_ACL, Permission, type Acl } from '../protocol/acl.ts'
import { CreateMode } from '../protocol/create-mode.ts'
import { writeCreateRequest } from '../protocol/create.ts'
import { writeDeleteRequest } from '../protocol/delete.ts'
import { writeExistsRequest } from '../protocol/exists.ts'
import { writeGetChildrenRequest } from '../protocol/get-children.ts'
import { writeGetDataRequest } from '../protocol/get-data.ts'
import { writeMultiRequest, type MultiOperation } from '../protocol/multi.ts'
import { writeSetDataRequest } from '../protocol/set-data.ts'

/** Different values that sets take turns to write; their sizes are a sample of the workload's. */
const VALUE_COUNT = 64
/** `setData` and `delete` at whatever version the znode has. */
const ANY_VERSION = -1

/** All for those that the creator has proved to be, nothing for anybody else. */
export const OWN_ACL: readonly Acl[] = [{ perms: Permission.all, scheme: 'auth', id: '' }]

/** A znode to be made before the load begins. */
export interface PreparedZnode {
  readonly path: string
  readonly createRecord: Buffer
}

/** What a request makes and removes over and over: a path of its own, and the requests for it. */
export interface OwnZnode {
  /** A sequential znode gets its number behind this. */
  readonly path: string
  readonly create: Buffer
}

/**
 * The znodes of a run under one fresh root, and how to ask for them. Per key only its path is kept, so that a run may
 * have millions; putting it together anew for each request would cost 0.3 µs of the 4 that a request may take.
 *
 * ```
 * <root>/f0/k0 … k15   <root>/f1/k16 …       what is read and set; with a depth of 3 <root>/f0/d/d/k0 …
 * <root>/own/c<session>-<index>              what is created and deleted
 * ```
 */
export class KeySet {
  readonly keyCount: number
  readonly folderCount: number
  readonly #root: string
  readonly #shape: WorkloadShape
  readonly #picker: KeyPicker
  /** By key. */
  readonly #paths: readonly string[]
  readonly #values: readonly Buffer[]
  /** Filled in anew for each request; the writers read them at once. */
  readonly #read: { path: string; watch: boolean }
  readonly #set: { path: string; data: Buffer; version: number }
  readonly #delete = { path: '', version: ANY_VERSION }

  readonly #acl: readonly Acl[]

  /** @param acl of every znode */
  constructor(root: string, workload: Workload, prng: Prng, acl: readonly Acl[] = OPEN_ACL) {
    const { keyCount, shape } = workload
    this.#acl = acl
    this.#root = root
    this.#shape = shape
    this.keyCount = keyCount
    this.folderCount = Math.ceil(keyCount / shape.folderSize)
    this.#picker = keyPickerOf(shape.keyOrder, keyCount, prng.fork('popular keys'))
    this.#paths = Array.from({ length: keyCount }, (_, key) => {
      return `${this.#folderPath(Math.floor(key / shape.folderSize))}/k${key}`
    })
    this.#values = Array.from({ length: VALUE_COUNT }, () => {
      const value = Buffer.alloc(sizeOf(shape.valueSizes, prng))
      prng.fill(value)
      return value
    })
    this.#read = { path: root, watch: false }
    this.#set = { path: root, data: this.#valueOf(0), version: ANY_VERSION }
  }

  /** What requests make for themselves lies below it. */
  get ownRoot(): string {
    return `${this.#root}/own`
  }

  /** How many `prepared` gives. */
  get preparedCount(): number {
    return 2 + this.folderCount * this.#shape.depth + this.keyCount
  }

  /** All that is there before the load begins, in an order in which each has its parent before it. */
  *prepared(): Generator<PreparedZnode, void> {
    const acl = this.#acl
    yield znode(this.#root, null, acl)
    yield znode(this.ownRoot, null, acl)
    for (let depth = 1; depth <= this.#shape.depth; depth++) {
      for (let folder = 0; folder < this.folderCount; folder++) yield znode(this.#folderPath(folder, depth), null, acl)
    }
    for (let key = 0; key < this.keyCount; key++) yield znode(this.#keyPath(key), this.#valueOf(key), acl)
  }

  /** @param value any whole number: the values of the run take turns */
  valueAt(value: number): Buffer {
    return this.#valueOf(value)
  }

  pathOf(key: number): string {
    return this.#keyPath(key)
  }

  folderOf(folder: number): string {
    return this.#folderPath(folder)
  }

  /** Drawn in the workload's order. */
  pickKey(prng: Prng): number {
    return this.#picker.pick(prng)
  }

  pickFolder(prng: Prng): number {
    return prng.below(this.folderCount)
  }

  /** Of one request, which needs it over and over. @param name unique in the run */
  ownZnode(name: string, flags: number): OwnZnode {
    const path = `${this.ownRoot}/${name}`
    return { path, create: znode(path, this.#valueOf(name.length), this.#acl, flags).createRecord }
  }

  writeDelete(out: ByteWriter, path: string): void {
    this.#delete.path = path
    writeDeleteRequest(out, this.#delete)
  }

  writeSetAt(out: ByteWriter, path: string, value: number): void {
    this.#set.path = path
    this.#set.data = this.#valueOf(value)
    writeSetDataRequest(out, this.#set)
  }

  /** Sets the key and those behind it, as many as the workload says, all or none. */
  writeMulti(out: ByteWriter, key: number, value: number): void {
    const operations = Array.from({ length: this.#shape.multiSize }, (_, index): MultiOperation => {
      const path = this.#keyPath((key + index) % this.keyCount)
      return { kind: 'setData', request: { path, data: this.#valueOf(value + index), version: ANY_VERSION } }
    })
    writeMultiRequest(out, operations)
  }

  writeGet(out: ByteWriter, key: number): void {
    this.#read.path = this.#keyPath(key)
    writeGetDataRequest(out, this.#read)
  }

  writeExists(out: ByteWriter, key: number): void {
    this.#read.path = this.#keyPath(key)
    writeExistsRequest(out, this.#read)
  }

  writeChildren(out: ByteWriter, folder: number): void {
    this.#read.path = this.#folderPath(folder)
    writeGetChildrenRequest(out, this.#read)
  }

  /** @param value any whole number: the values of the run take turns */
  writeSet(out: ByteWriter, key: number, value: number): void {
    this.#set.path = this.#keyPath(key)
    this.#set.data = this.#valueOf(value)
    writeSetDataRequest(out, this.#set)
  }

  #folderPath(folder: number, depth = this.#shape.depth): string {
    return `${this.#root}/f${folder}${'/d'.repeat(depth - 1)}`
  }

  #keyPath(key: number): string {
    return this.#paths[key] as string
  }

  #valueOf(index: number): Buffer {
    return this.#values[index % VALUE_COUNT] as Buffer
  }
}

function znode(
  path: string,
  data: Buffer | null,
  acl: readonly Acl[],
  flags: number = CreateMode.persistent,
): PreparedZnode {
  const out = new ByteWriter(256 + (data?.length ?? 0))
  writeCreateRequest(out, { path, data, acl, flags })
  return { path, createRecord: out.take() }
}

function sizeOf(sizes: readonly ValueSizes[], prng: Prng): number {
  let point = prng.float() * sizes.reduce((sum, { weight }) => sum + weight, 0)
  const drawn = sizes.find(({ weight }) => (point -= weight) < 0) ?? sizes[0]
  return drawn === undefined ? 0 : prng.between(drawn.minBytes, drawn.maxBytes)
}
