import { assert } from '../kernel/assert.ts'
import type { ByteReader } from '../kernel/bytes.ts'
import type { MultiResult } from '../protocol/multi-result.ts'
import { readMultiOperation, type MultiOperation } from '../protocol/multi.ts'
import { OpCode } from '../protocol/op-code.ts'
import { WireError } from '../protocol/wire-error.ts'
import { checkZnode } from './check.ts'
import { createZnode } from './create.ts'
import { deleteZnode } from './delete.ts'
import { setZnodeData } from './set-data.ts'
import type { Transaction } from './transaction.ts'
import type { Znode } from './znode.ts'

/** @throws DecodeError when any part of it cannot be read: then nothing has been done */
export function readMulti(from: ByteReader): MultiOperation[] {
  const operations: MultiOperation[] = []
  for (let next = readMultiOperation(from); next !== null; next = readMultiOperation(from)) operations.push(next)
  return operations
}

/**
 * multi: each operation sees what those before it did; the first that fails takes all of it back.
 *
 * @returns one result for each operation. After a failure all are errors: `ok` before the one that failed, then its
 *   code, then RUNTIMEINCONSISTENCY
 */
export function runMulti(tx: Transaction, operations: readonly MultiOperation[]): MultiResult[] {
  const hashBefore = tx.hash
  const results: MultiResult[] = []
  tx.store.begin()
  for (const operation of operations) {
    const error = run(tx, operation)
    if (error !== WireError.ok) {
      tx.store.rollback()
      tx.forgetEvents()
      if (error !== WireError.quotaExceeded) tx.quotaExcess = null
      tx.hash = hashBefore
      tx.mixNumber(error)
      tx.mixNumber(results.length)
      return failed(operations.length, results.length, error)
    }
    results.push(resultOf(tx, operation))
  }
  tx.store.commit()
  return results
}

function run(tx: Transaction, operation: MultiOperation): number {
  switch (operation.kind) {
    case 'create':
    case 'create2':
    case 'createContainer':
      return createZnode(tx, OpCode[operation.kind], operation.request, 0)
    case 'createTTL':
      return createZnode(tx, OpCode.createTTL, operation.request, operation.request.ttlMs)
    case 'delete':
      return deleteZnode(tx, operation.request)
    case 'setData':
      return setZnodeData(tx, operation.request)
    case 'check':
      return checkZnode(tx, operation.request)
  }
}

/** Later operations may change the same znode, so a Stat is that of this moment. */
function resultOf(tx: Transaction, operation: MultiOperation): MultiResult {
  switch (operation.kind) {
    case 'create':
      return { kind: 'create', path: tx.path }
    case 'create2':
    case 'createContainer':
    case 'createTTL':
      return { kind: 'create2', path: tx.path, stat: statOf(tx.node) }
    case 'setData':
      return { kind: 'setData', stat: statOf(tx.node) }
    case 'delete':
    case 'check':
      return { kind: operation.kind }
  }
}

function statOf(node: Znode | null): Znode {
  assert(node !== null, 'an operation that answers with a Stat left its znode')
  return node.copy()
}

function failed(count: number, failedIndex: number, error: number): MultiResult[] {
  const results: MultiResult[] = []
  for (let index = 0; index < count; index++) {
    results.push({ kind: 'error', error: index < failedIndex ? WireError.ok : error })
    error = index < failedIndex ? error : WireError.runtimeInconsistency
  }
  return results
}
