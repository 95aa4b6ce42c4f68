import type { OpName } from '../protocol/op-code.ts'
import { wireErrorName } from '../protocol/wire-error.ts'

/** What a server, or the client in its place, answered other than success. Callers branch on `code`. */
export class ZooKeeperError extends Error {
  override readonly name: string = 'ZooKeeperError'
  /** One of WireError, -101 for example. */
  readonly code: number
  /** Its name: `NONODE`. */
  readonly codeName: string
  readonly operation: OpName
  /** As the caller gave it; null for an operation without one. */
  readonly path: string | null

  /** @param detail what more is known, as the end of a sentence */
  constructor(code: number, operation: OpName, path: string | null, detail: string | null = null) {
    const codeName = wireErrorName(code)
    const where = path === null ? operation : `${operation} ${path}`
    super(detail === null ? `${where}: ${codeName}` : `${where}: ${codeName}, ${detail}`)
    this.code = code
    this.codeName = codeName
    this.operation = operation
    this.path = path
  }
}

/** A multi of which nothing was applied; `code`, `operation` and `path` are those of the operation that failed. */
export class TransactionError extends ZooKeeperError {
  override readonly name = 'TransactionError'
  /** Which operation failed, counted from 0. */
  readonly index: number

  constructor(code: number, operation: OpName, path: string | null, index: number) {
    super(code, operation, path, `operation ${index} of a multi of which nothing was applied`)
    this.index = index
  }
}
