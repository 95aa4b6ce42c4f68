import type { ByteReader, ByteWriter } from '../kernel/bytes.ts'
import { OpCode, type OpName } from '../protocol/op-code.ts'
import { WireError } from '../protocol/wire-error.ts'
import type { ClientRequest } from './client-request.ts'
import { ZooKeeperError } from './zookeeper-error.ts'

export interface Question<T> {
  readonly operation: OpName
  /** As the caller gave it, for errors. */
  readonly path: string | null
  readonly write: (out: ByteWriter) => void
  readonly read: (from: ByteReader) => T
  /** Turns an error that is an answer into one; undefined leaves it an error. */
  readonly readError?: (error: number) => { readonly answer: T } | undefined
}

/** The promise side of one request. */
export class PromisedRequest<T> implements ClientRequest {
  readonly type: number
  readonly #question: Question<T>
  readonly #resolve: (answer: T) => void
  readonly #reject: (error: Error) => void

  constructor(question: Question<T>, resolve: (answer: T) => void, reject: (error: Error) => void) {
    this.type = OpCode[question.operation]
    this.#question = question
    this.#resolve = resolve
    this.#reject = reject
  }

  writeTo(out: ByteWriter): void {
    this.#question.write(out)
  }

  onReply(error: number, _zxid: number, from: ByteReader): void {
    if (error === WireError.ok) {
      this.#resolve(this.#question.read(from))
      return
    }
    const known = this.#question.readError?.(error)
    if (known !== undefined) this.#resolve(known.answer)
    else this.#reject(new ZooKeeperError(error, this.#question.operation, this.#question.path))
  }
}
