import { assert } from '../../kernel/assert.ts'
import { OpCode } from '../../protocol/op-code.ts'
import { WireError } from '../../protocol/wire-error.ts'
import { commandSizeBytes, writeCommandHeader } from '../../tree/command.ts'
import { writeOutcome, type Outcome } from '../../tree/outcome.ts'
import type { ConnectionFigures } from '../admin/connection-figures.ts'
import type { Refusal } from '../replication/replicated-service.ts'
import type { Caller } from './caller.ts'
import type { ClientSideParts } from './client-side-parts.ts'
import { answerLocally, answerSync, type AnswerContext } from './local-answer.ts'
import type { PendingRequest } from './pending-request.ts'
import { isReplicated, type RequestKind } from './request-kind.ts'
import { readRecord, RequestQueue } from './request-queue.ts'

/** Requests of one connection that may wait, and the bytes of theirs: beyond either its client is not read. */
const PENDING_MAX = 2048
const PENDING_BYTES_MAX = 8 * 1024 * 1024

/** The connection whose requests these are. */
export interface PipelineHost extends AnswerContext {
  readonly figures: ConnectionFigures
  /** The service's answer to this request, a sync, is for this connection, until `forget`. */
  expect(requestNumber: number): void
  forget(requestNumber: number): void
  /** A reply was written. */
  countSent(): void
  /** What could be answered has been: perhaps there is room again. */
  onAnswered(): void
  /** Calls `wake` once the current batch is through. */
  wakeLater(): void
  /** Sends what is written, then closes. */
  end(): void
}

/**
 * The requests of one connection, from decoding to the answer.
 *
 *   [read, nothing waits] ───────────────────────→ output
 *   [write] → command → service ··· outcome ─────→
 *   [read behind a write] → queue ··· its turn ──→
 *
 * Replies leave in the order of the requests. Writes are submitted as they come, so that many are under way at once; a
 * read behind them is executed when they have been answered, in the very state they left. Nothing is submitted behind an
 * unanswered sync, for a read between the two would see a write that the client sent after it.
 */
export class RequestPipeline {
  readonly #parts: ClientSideParts
  readonly #host: PipelineHost
  readonly #caller: Caller
  readonly #queue: RequestQueue
  /** The sync behind which nothing is submitted; 0 none. */
  #syncNumber = 0

  constructor(parts: ClientSideParts, caller: Caller, host: PipelineHost) {
    this.#parts = parts
    this.#caller = caller
    this.#host = host
    this.#queue = new RequestQueue(parts.pool)
  }

  /** Requests that wait for something. */
  get length(): number {
    return this.#queue.length
  }

  /** Nothing more should be taken for now. */
  get isFull(): boolean {
    return this.#queue.length >= PENDING_MAX || this.#queue.sizeBytes >= PENDING_BYTES_MAX
  }

  /** Some request is under way: its outcome is not known. */
  get isUnderWay(): boolean {
    return this.#queue.hasSubmitted()
  }

  /** Takes the next request, `bytes[start, end)` its record: answers it if nothing is before it, else it waits. */
  take(kind: RequestKind, xid: number, type: number, bytes: Buffer, start: number, end: number): void {
    if (this.#queue.length === 0 && isAnsweredAlone(kind)) {
      answerLocally(kind, xid, type, this.#parts.reader.reset(bytes, start, end), this.#host)
      this.#host.countSent()
      this.#parts.statistics.onAnswered(0, false)
      this.#host.figures.onAnswered(type, xid, this.#host.tree.lastZxid, 0)
      return
    }
    const pending = this.#queue.append(bytes, start, end)
    pending.kind = kind
    pending.xid = xid
    pending.type = type
    pending.receivedMs = this.#parts.nowMs()
    if (!isReplicated(kind)) this.#answerQueue()
    else if (this.#syncNumber === 0) this.#submit(pending)
  }

  /** A command of this connection was applied. */
  onOutcome(outcome: Outcome): void {
    const pending = this.#queue.head
    if (pending === null || pending.requestNumber !== outcome.requestNumber) {
      const isMine = this.#queue.findSubmitted(outcome.requestNumber) !== null
      assert(!isMine, 'when a write is applied, all requests before it have been answered')
      return // of a connection that had this number before the server restarted
    }
    const { output } = this.#host
    output.beginReply(pending.xid, outcome.zxid, outcome.error)
    writeOutcome(output.bytes, outcome)
    output.endFrame()
    this.#countAnswer(pending, outcome.zxid)
    if (pending.type === OpCode.closeSession) {
      this.#host.end()
      return
    }
    this.#queue.removeHead()
    this.#answerQueue()
  }

  /** @returns false when it is none of this connection's */
  onRefused(requestNumber: number, refusal: Refusal): boolean {
    const pending = this.#queue.findSubmitted(requestNumber)
    if (pending === null) return false
    if (refusal === 'moved') {
      // The session's owner is elsewhere: no reply, as clients expect of a moved session.
      this.#host.end()
    } else {
      pending.stage = 'settled'
      pending.error = WireError.sessionExpired
      this.#answerQueue()
    }
    return true
  }

  onSynced(requestNumber: number): void {
    this.#host.forget(requestNumber)
    const pending = this.#queue.findSubmitted(requestNumber)
    if (pending === null) return
    pending.stage = 'settled'
    this.#answerQueue()
    this.#host.wakeLater()
  }

  /** The client reads again: goes on with what waited for that. */
  onDrain(): void {
    this.#answerQueue()
  }

  /** Goes on with what an answered sync held back. */
  wake(): void {
    if (this.#syncNumber !== 0 && this.#queue.findSubmitted(this.#syncNumber) === null) this.#submitHeld()
  }

  /** The connection is over: nothing of it is left in anything that outlives it. */
  clear(): void {
    if (this.#syncNumber !== 0) this.#host.forget(this.#syncNumber)
    this.#queue.clear()
  }

  #submit(pending: PendingRequest): void {
    const { service } = this.#parts
    pending.stage = 'submitted'
    pending.requestNumber = service.nextRequestNumber()
    if (pending.kind === 'sync') {
      this.#syncNumber = pending.requestNumber
      this.#host.expect(pending.requestNumber)
      service.sync(pending.requestNumber)
      return
    }
    const fields = this.#caller.command
    fields.type = pending.type
    fields.requestNumber = pending.requestNumber
    fields.cxid = pending.xid
    // A closeSession has no record, whatever the client sent behind its header.
    const recordSize = pending.kind === 'closeSession' ? 0 : pending.end - pending.start
    // Memory of its own: the znode will keep its data as a view of the command.
    const command = Buffer.allocUnsafeSlow(commandSizeBytes(fields.ids.length, recordSize))
    const recordAt = writeCommandHeader(command, fields)
    pending.bytes.copy(command, recordAt, pending.start, pending.start + recordSize)
    service.submit(command)
  }

  /** The sync has been answered: what it held back goes out, up to the next sync. */
  #submitHeld(): void {
    this.#syncNumber = 0
    for (let index = 0; index < this.#queue.length && this.#syncNumber === 0; index++) {
      const pending = this.#queue.at(index)
      if (pending.stage === 'held' && isReplicated(pending.kind)) this.#submit(pending)
    }
    this.#answerQueue()
  }

  /** Answers from the head of the queue on, up to the first request that waits for the replicated side. */
  #answerQueue(): void {
    const host = this.#host
    for (let pending = this.#queue.head; pending !== null; pending = this.#queue.head) {
      if (pending.stage === 'settled') {
        this.#answerSettled(pending)
      } else {
        if (isReplicated(pending.kind)) break
        // A read must run before a submitted write behind it is applied, or it would see it. Others wait for the client.
        if (host.output.isBlocked && !this.#queue.hasSubmitted()) break
        answerLocally(pending.kind, pending.xid, pending.type, readRecord(this.#parts.reader, pending), host)
      }
      this.#countAnswer(pending, host.tree.lastZxid)
      if (pending.kind === 'unknown') {
        host.end()
        return
      }
      this.#queue.removeHead()
    }
    host.onAnswered()
  }

  #answerSettled(pending: PendingRequest): void {
    if (pending.error === WireError.ok) {
      answerSync(pending.xid, readRecord(this.#parts.reader, pending), this.#host)
      return
    }
    const { output, tree } = this.#host
    output.beginReply(pending.xid, tree.lastZxid, pending.error)
    output.endFrame()
  }

  #countAnswer(pending: PendingRequest, zxid: number): void {
    this.#host.countSent()
    const latencyMs = this.#parts.nowMs() - pending.receivedMs
    this.#parts.statistics.onAnswered(latencyMs, isReplicated(pending.kind))
    this.#host.figures.onAnswered(pending.type, pending.xid, zxid, latencyMs)
  }
}

function isAnsweredAlone(kind: RequestKind): boolean {
  return kind !== 'unknown' && !isReplicated(kind)
}
