import { ByteWriter } from '../kernel/bytes.ts'
import type { Prng } from '../kernel/prng.ts'
import type { Workload } from '../profile/plan.ts'
import { OPEN_ACL, Permission, type Acl } from '../protocol/acl.ts'
import { CreateMode } from '../protocol/create-mode.ts'
import { writeCreateRequest } from '../protocol/create.ts'
import { writeDeleteRequest } from '../protocol/delete.ts'
import { writeExistsRequest } from '../protocol/exists.ts'
import { writeGetChildrenRequest } from '../protocol/get-children.ts'
import { writeGetDataRequest } from '../protocol/get-data.ts'
import { writeSetDataRequest } from '../protocol/set-data.ts'

/** Keys lie in folders of this many, so that listing children returns something, and never the whole load. */
const FOLDER_SIZE = 16
/** Different values that sets take turns to write. */
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

/** The pair of requests by which one slot makes and removes a znode of its own. */
export interface ChurnRecords {
  readonly create: Buffer
  readonly delete: Buffer
}

/**
 * The znodes of a run under one fresh root, and how to ask for them. Per key only its path is kept, so that a run may
 * have millions; putting it together anew for each request would cost 0.3 µs of the 4 that a request may take.
 *
 * ```
 * <root>/f0/k0 … k15   <root>/f1/k16 …       what is read and set
 * <root>/own/s<session>-<slot>               what is created and deleted
 * ```
 */
export class KeySet {
  readonly keyCount: number
  readonly folderCount: number
  readonly #root: string
  /** By key. */
  readonly #paths: readonly string[]
  readonly #values: readonly Buffer[]
  /** Filled in anew for each request; the writers read them at once. */
  readonly #read: { path: string; watch: boolean }
  readonly #set: { path: string; data: Buffer; version: number }

  readonly #acl: readonly Acl[]

  /** @param acl of every znode */
  constructor(root: string, workload: Workload, prng: Prng, acl: readonly Acl[] = OPEN_ACL) {
    this.#acl = acl
    this.#root = root
    this.keyCount = workload.keyCount
    this.folderCount = Math.ceil(workload.keyCount / FOLDER_SIZE)
    this.#paths = Array.from({ length: this.keyCount }, (_, key) => {
      return `${this.#folderPath(Math.floor(key / FOLDER_SIZE))}/k${key}`
    })
    this.#values = Array.from({ length: VALUE_COUNT }, () => {
      const value = Buffer.alloc(workload.valueSizeBytes)
      prng.fill(value)
      return value
    })
    this.#read = { path: root, watch: false }
    this.#set = { path: root, data: this.#valueOf(0), version: ANY_VERSION }
  }

  /** How many `prepared` gives. */
  get preparedCount(): number {
    return 2 + this.folderCount + this.keyCount
  }

  /** All that is there before the load begins, in an order in which each has its parent before it. */
  *prepared(): Generator<PreparedZnode, void> {
    const acl = this.#acl
    yield znode(this.#root, null, acl)
    yield znode(`${this.#root}/own`, null, acl)
    for (let folder = 0; folder < this.folderCount; folder++) yield znode(this.#folderPath(folder), null, acl)
    for (let key = 0; key < this.keyCount; key++) yield znode(this.#keyPath(key), this.#valueOf(key), acl)
  }

  /** Of one slot, which needs them over and over. */
  churnOf(session: number, slot: number): ChurnRecords {
    const path = `${this.#root}/own/s${session}-${slot}`
    const out = new ByteWriter(256)
    writeDeleteRequest(out, { path, version: ANY_VERSION })
    return { create: znode(path, this.#valueOf(session + slot), this.#acl).createRecord, delete: out.take() }
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

  #folderPath(folder: number): string {
    return `${this.#root}/f${folder}`
  }

  #keyPath(key: number): string {
    return this.#paths[key] as string
  }

  #valueOf(index: number): Buffer {
    return this.#values[index % VALUE_COUNT] as Buffer
  }
}

function znode(path: string, data: Buffer | null, acl: readonly Acl[]): PreparedZnode {
  const out = new ByteWriter(256 + (data?.length ?? 0))
  writeCreateRequest(out, { path, data, acl, flags: CreateMode.persistent })
  return { path, createRecord: out.take() }
}
