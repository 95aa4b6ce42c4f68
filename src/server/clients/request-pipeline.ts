import { assert } from '../../kernel/assert.ts'
import { OpCode } from '../../protocol/op-code.ts'
import { WireError } from '../../protocol/wire-error.ts'
import { commandSizeBytes, writeCommandHeader } from '../../tree/command.ts'
import { writeOutcome, type Outcome } from '../../tree/outcome.ts'
import type { Audited } from '../audit-log.ts'
import type { ConnectionFigures } from '../admin/connection-figures.ts'
import type { Refusal } from '../replication/replicated-service.ts'
import type { Caller } from './caller.ts'
import type { ClientSideParts } from './client-side-parts.ts'
import { isForbiddenHere } from './eager-acl.ts'
import { wantsEphemeral } from './ephemeral-wish.ts'
import { answerLocally, answerSync, type AnswerContext } from './local-answer.ts'
import type { PendingRequest } from './pending-request.ts'
import { isReplicated, type RequestKind } from './request-kind.ts'
import { readRecord, RequestQueue } from './request-queue.ts'
import { ThrottledTail, type ThrottledTailOwner } from './throttled-tail.ts'

/** Requests of one connection that may wait, and the bytes of theirs: beyond either its client is not read. */
const PENDING_MAX = 2048
const PENDING_BYTES_MAX = 8 * 1024 * 1024
/** The request number of a command whose outcome nobody waits for. */
const NOBODYS = 0

/** The connection whose requests these are. */
export interface PipelineHost extends AnswerContext, Audited {
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
  /** The time that its session lives without being heard of. */
  readonly timeoutMs: number
  /** Submits the command that makes its local session one that all servers know. */
  submitUpgrade(requestNumber: number): void
  /** @param zxid of that command */
  onUpgraded(zxid: number): void
  /** Its client has closed the local session. */
  onLocalClosed(): void
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
 * unanswered sync, for a read between the two would see a write that the client sent after it; nor while a local session
 * becomes one that the leader knows.
 */
export class RequestPipeline implements ThrottledTailOwner {
  readonly #parts: ClientSideParts
  readonly #host: PipelineHost
  readonly #caller: Caller
  readonly #queue: RequestQueue
  /** The sync, or the upgrade of the session, behind which nothing is submitted; 0 none. */
  #barrier = 0
  #isUpgrading = false
  /** Null: no request has to wait for others to be through. */
  readonly #throttled: ThrottledTail | null
  readonly #checksAclEagerly: boolean
  readonly #mayUpgrade: boolean

  constructor(parts: ClientSideParts, caller: Caller, host: PipelineHost) {
    this.#parts = parts
    this.#caller = caller
    this.#host = host
    this.#queue = new RequestQueue(parts.pool)
    this.#throttled =
      parts.requestThrottle === null ? null : new ThrottledTail(parts.requestThrottle, parts, this.#queue, this)
    this.#checksAclEagerly = parts.settings.security.checksAclEagerly
    this.#mayUpgrade = parts.settings.sessions.localSessionsUpgradingEnabled
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
    return this.#isUpgrading || this.#queue.hasSubmitted()
  }

  /** Takes the next request, `bytes[start, end)` its record: answers it if nothing is before it, else it waits. */
  take(kind: RequestKind, xid: number, type: number, bytes: Buffer, start: number, end: number): void {
    const { requestThrottle } = this.#parts
    const mustWait = requestThrottle !== null && requestThrottle.mustWait
    if (this.#queue.length === 0 && !mustWait && isAnsweredAlone(kind)) {
      answerLocally(kind, xid, type, this.#parts.reader.reset(bytes, start, end), this.#host)
      this.#host.countSent()
      this.#parts.statistics.onAnswered(0, false)
      this.#host.figures.onAnswered(type, xid, this.#host.tree.lastZxid, 0)
      return
    }
    const isReadNow = kind === 'write' && !mustWait && this.#becomesCommandAtOnce
    const pending = isReadNow ? this.#queue.append(bytes, start, end) : this.#queue.appendCopy(bytes, start, end)
    pending.kind = kind === 'closeSession' && this.#caller.isLocal && !this.#isUpgrading ? 'closeLocal' : kind
    pending.xid = xid
    pending.type = type
    pending.receivedMs = this.#parts.nowMs()
    if (mustWait) this.#throttled?.add(pending)
    else this.begin(pending)
  }

  /** Nobody asks for the record of a write once it was taken: what came from the socket need not be kept. */
  get #becomesCommandAtOnce(): boolean {
    return this.#barrier === 0 && !this.#caller.isLocal && this.#parts.audit === null
  }

  /** A command of this connection was applied. */
  onOutcome(outcome: Outcome): void {
    if (outcome.type === OpCode.createSession) {
      this.#onUpgraded(outcome)
      return
    }
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
    this.#parts.audit?.onOutcome(this.#host, outcome, readRecord(this.#parts.reader, pending))
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
      this.#settle(pending, WireError.sessionExpired)
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
    if (this.#barrier !== 0 && !this.#isUpgrading && this.#queue.findSubmitted(this.#barrier) === null) {
      this.#submitHeld()
    }
  }

  /** The connection is over: nothing of it is left in anything that outlives it, but for throttled writes. */
  clear(): void {
    if (this.#barrier !== 0) this.#host.forget(this.#barrier)
    this.#throttled?.close()
    this.#queue.clear()
  }

  // From the requests that waited in the server's line.

  get timeoutMs(): number {
    return this.#host.timeoutMs
  }

  begin(pending: PendingRequest): void {
    if (!isReplicated(pending.kind)) {
      this.#answerQueue()
    } else if (this.#barrier === 0) {
      this.#submit(pending)
      if (pending.stage === 'settled') this.#answerQueue()
    }
  }

  refuseThrottled(pending: PendingRequest): void {
    this.#settle(pending, WireError.throttledOp)
  }

  commandOf(pending: PendingRequest): Buffer {
    return this.#commandOf(pending, NOBODYS)
  }

  end(): void {
    this.#host.end()
  }

  // The requests' way.

  #submit(pending: PendingRequest): void {
    const { service } = this.#parts
    if (pending.kind === 'write' && (this.#caller.isLocal || this.#checksAclEagerly) && this.#isStopped(pending)) return
    pending.stage = 'submitted'
    pending.requestNumber = service.nextRequestNumber()
    if (pending.kind === 'sync') {
      this.#barrier = pending.requestNumber
      this.#host.expect(pending.requestNumber)
      service.sync(pending.requestNumber)
      return
    }
    service.submit(this.#commandOf(pending, pending.requestNumber))
  }

  /** @returns true when the write waits for its session to be known to all, or is refused at once */
  #isStopped(pending: PendingRequest): boolean {
    const parts = this.#parts
    const caller = this.#caller
    if (this.#checksAclEagerly) {
      if (isForbiddenHere(parts.service.tree, pending.type, readRecord(parts.reader, pending), caller)) {
        pending.stage = 'settled'
        pending.error = WireError.noAuth
        return true
      }
    }
    if (!caller.isLocal || !this.#mayUpgrade) return false
    if (!wantsEphemeral(pending.type, readRecord(parts.reader, pending))) return false
    this.#isUpgrading = true
    this.#barrier = parts.service.nextRequestNumber()
    this.#host.submitUpgrade(this.#barrier)
    return true
  }

  #onUpgraded(outcome: Outcome): void {
    if (!this.#isUpgrading || outcome.requestNumber !== this.#barrier) return
    this.#isUpgrading = false
    if (outcome.error !== WireError.ok) {
      this.#host.end() // Another session has the id: this one can never be known to all.
      return
    }
    this.#caller.onUpgraded()
    this.#host.onUpgraded(outcome.zxid)
    this.#host.wakeLater()
  }

  #commandOf(pending: PendingRequest, requestNumber: number): Buffer {
    const fields = this.#caller.command
    fields.type = pending.type
    fields.requestNumber = requestNumber
    fields.cxid = pending.xid
    // A closeSession has no record, whatever the client sent behind its header.
    const recordSize = pending.kind === 'closeSession' ? 0 : pending.end - pending.start
    const command = this.#parts.commandRoom.piece(commandSizeBytes(fields.ids.length, recordSize))
    const recordAt = writeCommandHeader(command, fields)
    pending.bytes.copy(command, recordAt, pending.start, pending.start + recordSize)
    return command
  }

  #settle(pending: PendingRequest, error: number): void {
    pending.stage = 'settled'
    pending.error = error
    this.#answerQueue()
  }

  /** The barrier is over: what it held back goes out, up to the next one. */
  #submitHeld(): void {
    this.#barrier = 0
    for (let index = 0; index < this.#queue.length && this.#barrier === 0; index++) {
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
        if (isReplicated(pending.kind) || pending.stage === 'throttled') break
        // A read must run before a submitted write behind it is applied, or it would see it. Others wait for the client.
        if (host.output.isBlocked && !this.#queue.hasSubmitted()) break
        answerLocally(pending.kind, pending.xid, pending.type, readRecord(this.#parts.reader, pending), host)
      }
      this.#countAnswer(pending, host.tree.lastZxid)
      if (pending.kind === 'unknown' || pending.kind === 'closeLocal') {
        if (pending.kind === 'closeLocal') host.onLocalClosed()
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
    // Who was refused by a look at this server's own state gets no zxid, as with Apache.
    output.beginReply(pending.xid, pending.error === WireError.noAuth ? 0 : tree.lastZxid, pending.error)
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
