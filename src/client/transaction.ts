import { DecodeError, type ByteReader } from '../kernel/bytes.ts'
import { OPEN_ACL } from '../protocol/acl.ts'
import type { MultiOperation } from '../protocol/multi.ts'
import { readMultiResult, type MultiResult } from '../protocol/multi-result.ts'
import { WireError } from '../protocol/wire-error.ts'
import { ANY_VERSION, bytesOf, createOperationOf, type CreateOptions, type Data } from './client-options.ts'
import { checkPath } from './checked-path.ts'
import type { Chroot } from './chroot.ts'
import { TransactionError } from './zookeeper-error.ts'
import { znodeStatOf, type ZnodeStat } from './znode-stat.ts'

/** What one operation of a committed transaction did. */
export type TransactionResult =
  | { readonly kind: 'create'; readonly path: string }
  | { readonly kind: 'create2'; readonly path: string; readonly stat: ZnodeStat }
  | { readonly kind: 'setData'; readonly stat: ZnodeStat }
  | { readonly kind: 'delete' | 'check' }

/**
 * Several changes of which all or none happen, and at one zxid. Operations see what the earlier ones did.
 *
 *     await client.transaction().check('/lock', 3).setData('/value', 'new').commit()
 */
export class Transaction {
  readonly #chroot: Chroot
  readonly #commit: (operations: readonly MultiOperation[]) => Promise<TransactionResult[]>
  readonly #operations: MultiOperation[] = []

  constructor(chroot: Chroot, commit: (operations: readonly MultiOperation[]) => Promise<TransactionResult[]>) {
    this.#chroot = chroot
    this.#commit = commit
  }

  /** @throws ZooKeeperError BADARGUMENTS for what is no path; so do the others */
  create(path: string, data: Data = '', options: CreateOptions = {}): this {
    const { operation, flags } = createOperationOf(options)
    checkPath(operation, path, options)
    const request = { path: this.#chroot.absolute(path), data: bytesOf(data), acl: options.acl ?? OPEN_ACL, flags }
    if (operation === 'createTTL') {
      this.#operations.push({ kind: operation, request: { ...request, ttlMs: options.ttlMs ?? 0 } })
    } else this.#operations.push({ kind: operation, request })
    return this
  }

  delete(path: string, version = ANY_VERSION): this {
    checkPath('delete', path)
    this.#operations.push({ kind: 'delete', request: { path: this.#chroot.absolute(path), version } })
    return this
  }

  setData(path: string, data: Data, version = ANY_VERSION): this {
    checkPath('setData', path)
    const request = { path: this.#chroot.absolute(path), data: bytesOf(data), version }
    this.#operations.push({ kind: 'setData', request })
    return this
  }

  /** The whole fails unless the znode exists and its data has this version. */
  check(path: string, version = ANY_VERSION): this {
    checkPath('check', path)
    this.#operations.push({ kind: 'check', request: { path: this.#chroot.absolute(path), version } })
    return this
  }

  /**
   * @returns one result for each operation
   * @throws TransactionError, as a rejection, naming the operation because of which nothing was applied
   */
  commit(): Promise<TransactionResult[]> {
    return this.#commit(this.#operations)
  }
}

/** @returns the error when nothing was applied */
export function readTransactionResults(
  from: ByteReader,
  operations: readonly MultiOperation[],
  chroot: Chroot,
): TransactionResult[] | TransactionError {
  const results: MultiResult[] = []
  for (let result = readMultiResult(from); result !== null; result = readMultiResult(from)) results.push(result)
  const failed = results.findIndex(
    (result) =>
      result.kind === 'error' && result.error !== WireError.ok && result.error !== WireError.runtimeInconsistency,
  )
  const culprit = results[failed]
  if (culprit?.kind === 'error') {
    const operation = operations[failed]
    const path = operation === undefined ? null : chroot.relative(operation.request.path)
    return new TransactionError(culprit.error, operation?.kind ?? 'multi', path, failed)
  }
  return results.map((result) => transactionResultOf(result, chroot))
}

function transactionResultOf(result: MultiResult, chroot: Chroot): TransactionResult {
  switch (result.kind) {
    case 'create':
      return { kind: 'create', path: chroot.relative(result.path) }
    case 'create2':
      return { kind: 'create2', path: chroot.relative(result.path), stat: znodeStatOf(result.stat) }
    case 'setData':
      return { kind: 'setData', stat: znodeStatOf(result.stat) }
    case 'delete':
    case 'check':
      return { kind: result.kind }
    case 'getData':
    case 'getChildren':
    case 'error':
      throw new DecodeError(`a committed multi cannot answer with ${result.kind}`)
  }
}
