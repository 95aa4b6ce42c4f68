import { ByteWriter } from '../kernel/bytes.ts'
import type { Prng } from '../kernel/prng.ts'
import type { Workload } from '../profile/plan.ts'
import { OPEN_ACL } from '../protocol/acl.ts'
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
 * The znodes of a run under one fresh root, and the records of all requests for them, written once: the load then only
 * copies bytes.
 *
 * ```
 * <root>/f0/k0 … k15   <root>/f1/k16 …       what is read and set
 * <root>/own/s<session>-<slot>               what is created and deleted
 * ```
 */
export class KeySet {
  /** In an order in which each has its parent before it. */
  readonly prepared: readonly PreparedZnode[]
  /** By key. */
  readonly gets: readonly Buffer[]
  readonly exists: readonly Buffer[]
  /** By folder. */
  readonly children: readonly Buffer[]
  readonly #root: string
  readonly #paths: readonly string[]
  readonly #values: readonly Buffer[]
  readonly #out = new ByteWriter()
  /** Written again for each set; `writeSetDataRequest` reads it at once. */
  readonly #setData: { path: string; data: Buffer; version: number }

  constructor(root: string, workload: Workload, prng: Prng) {
    this.#root = root
    const keyCount = Math.max(1, workload.keyCount)
    this.#paths = Array.from({ length: keyCount }, (_, key) => `${folderOf(root, key)}/k${key}`)
    this.#values = Array.from({ length: VALUE_COUNT }, () => {
      const value = Buffer.alloc(workload.valueSizeBytes)
      prng.fill(value)
      return value
    })
    const folders = Array.from({ length: Math.ceil(keyCount / FOLDER_SIZE) }, (_, index) => `${root}/f${index}`)
    this.gets = this.#paths.map((path) => this.#record((out) => writeGetDataRequest(out, { path, watch: false })))
    this.exists = this.#paths.map((path) => this.#record((out) => writeExistsRequest(out, { path, watch: false })))
    this.children = folders.map((path) => this.#record((out) => writeGetChildrenRequest(out, { path, watch: false })))
    this.prepared = [
      ...[root, `${root}/own`, ...folders].map((path) => this.#znode(path, null)),
      ...this.#paths.map((path, key) => this.#znode(path, this.#valueOf(key))),
    ]
    this.#setData = { path: root, data: this.#valueOf(0), version: ANY_VERSION }
  }

  churnOf(session: number, slot: number): ChurnRecords {
    const path = `${this.#root}/own/s${session}-${slot}`
    return {
      create: this.#znode(path, this.#valueOf(session + slot)).createRecord,
      delete: this.#record((out) => writeDeleteRequest(out, { path, version: ANY_VERSION })),
    }
  }

  /** Appends the record that sets `key` to one of the run's values. */
  writeSet(out: ByteWriter, key: number, value: number): void {
    const record = this.#setData
    record.path = this.#paths[key] as string
    record.data = this.#valueOf(value)
    writeSetDataRequest(out, record)
  }

  #valueOf(index: number): Buffer {
    return this.#values[index % VALUE_COUNT] as Buffer
  }

  #znode(path: string, data: Buffer | null): PreparedZnode {
    const request = { path, data, acl: OPEN_ACL, flags: CreateMode.persistent }
    return { path, createRecord: this.#record((out) => writeCreateRequest(out, request)) }
  }

  #record(write: (out: ByteWriter) => void): Buffer {
    write(this.#out)
    return this.#out.take()
  }
}

function folderOf(root: string, key: number): string {
  return `${root}/f${Math.floor(key / FOLDER_SIZE)}`
}
