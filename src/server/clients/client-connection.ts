import { assert, unreachable } from '../../kernel/assert.ts'
import type { ByteReader, ByteWriter } from '../../kernel/bytes.ts'
import type { Connection, ConnectionHandler } from '../../kernel/ports.ts'
import { Permission } from '../../protocol/acl.ts'
import { FrameReader, type FrameOutcome, type FrameSink } from '../../protocol/frame-reader.ts'
import { OpCode } from '../../protocol/op-code.ts'
import { KeeperState } from '../../protocol/watch-event.ts'
import { WireError } from '../../protocol/wire-error.ts'
import { Xid } from '../../protocol/xid.ts'
import type { AclList } from '../../tree/acl-list.ts'
import { COMMAND_FLAG, commandSizeBytes, writeCommandHeader } from '../../tree/command.ts'
import type { DataTree } from '../../tree/data-tree.ts'
import { writeOutcome, type Outcome } from '../../tree/outcome.ts'
import { permits } from '../../tree/permissions.ts'
import type { Reader } from '../../tree/reads.ts'
import { ClientIdentities, plainAddress } from './client-auth.ts'
import { Handshake } from './client-handshake.ts'
import { ClientOutput } from './client-output.ts'
import { answerLocally, answerSync, type AnswerContext } from './local-answer.ts'
import type { PendingPool, PendingRequest } from './pending-request.ts'
import type { AttachedSession, Refusal, ReplicatedService } from '../replication/replicated-service.ts'
import { isReplicated, requestKindOf } from './request-kind.ts'
import { readRecord, RequestQueue } from './request-queue.ts'
import type { ServerSettings } from '../settings.ts'
import type { ServerStatistics } from '../admin/server-statistics.ts'

/** Who reads; the session is set once it is known. */
type ReaderInProgress = { -readonly [Field in keyof Reader]: Reader[Field] }

/** What the connections of one server share. */
export interface ConnectionOwner {
  readonly service: ReplicatedService
  readonly settings: ServerSettings
  readonly statistics: ServerStatistics
  readonly pool: PendingPool
  /** One for all connections: nothing interrupts the reading of a request. */
  readonly reader: ByteReader
  /** For what is written before it is known whether it counts. */
  readonly scratch: ByteWriter
  nowMs(): number
  /** Unpredictable bytes. */
  readonly fill: (bytes: Uint8Array) => void
  /** @returns null when the number is no four letter word */
  answerWord(word: number, asker: ClientConnection): string | null
  /** The service's answer to this request, a sync or a handshake, is for the connection, until `forget`. */
  expect(requestNumber: number, connection: ClientConnection): void
  forget(requestNumber: number): void
  /** The connection has bytes to send: call `flush` this turn. */
  onFilled(connection: ClientConnection): void
  /** The connection may be able to go on: call `wake` once the current batch is through. */
  onWakeable(connection: ClientConnection): void
  /** Too many requests are outstanding on this server: call `wake` when they are fewer. */
  onThrottled(connection: ClientConnection): void
  /** The connection has its session: any other connection of this server that has it closes. */
  onSession(connection: ClientConnection): void
  onClosed(connection: ClientConnection): void
}

/**
 * - `opening`: connected, nothing has been asked yet
 * - `attaching`: the session is being created or revalidated; what the client sends meanwhile waits
 * - `open`: requests are taken
 * - `ending`: a last answer is due; nothing more is read
 * - `closed`
 */
type ConnectionState = 'opening' | 'attaching' | 'open' | 'ending' | 'closed'

/** Requests of one connection that may wait, and the bytes of theirs: beyond either its client is not read. */
const PENDING_MAX = 2048
const PENDING_BYTES_MAX = 8 * 1024 * 1024
const REQUEST_HEADER_SIZE_BYTES = 8

/**
 * One client connection: handshake, then requests in, replies and watch events out.
 *
 *   socket → frames → [read, nothing waits] ───────────────────────→ output → socket
 *                   → [write] → command → service ··· outcome ─────→
 *                   → [read behind a write] → queue ··· its turn ──→
 *
 * Replies leave in the order of the requests. Writes are submitted as they come, so that many are under way at once; a
 * read behind them is executed when they have been answered, in the very state they left. Nothing is submitted behind an
 * unanswered sync, for a read between the two would see a write that the client sent after it.
 */
export class ClientConnection implements ConnectionHandler, FrameSink, AnswerContext {
  /** This server's number for it, in every command. */
  readonly number: number
  readonly openedMs: number
  readonly address: string
  readonly remotePort: number
  sessionHigh = 0
  sessionLow = 0
  timeoutMs = 0
  packetsReceived = 0
  packetsSent = 0
  readonly output: ClientOutput
  readonly scratch: ByteWriter
  /** In whose name reads run. */
  readonly caller: ReaderInProgress
  #grant = 0
  #state: ConnectionState = 'opening'
  #handshake: Handshake | null = null
  readonly #owner: ConnectionOwner
  readonly #connection: Connection
  readonly #frames: FrameReader
  readonly #queue: RequestQueue
  readonly #identities: ClientIdentities
  /** The header of the next command: only what differs between commands is set anew. */
  readonly #command
  /** The sync behind which nothing is submitted; 0 none. */
  #syncNumber = 0
  #isPaused = false
  /** Since the last `sendTouch` the client was heard of: not at all, once (and the service knows), or again. */
  #heard: 'no' | 'told' | 'again' = 'no'
  readonly #onGone: () => void

  /** @param onGone called once, when the socket has closed */
  constructor(owner: ConnectionOwner, connection: Connection, number: number, onGone: () => void) {
    this.number = number
    this.openedMs = owner.nowMs()
    this.address = plainAddress(connection.remoteHost)
    this.remotePort = connection.remotePort
    this.output = new ClientOutput(connection, () => owner.onFilled(this))
    this.scratch = owner.scratch
    this.#owner = owner
    this.#connection = connection
    this.#frames = new FrameReader(owner.settings.limits.juteMaxBufferBytes, this)
    this.#queue = new RequestQueue(owner.pool)
    this.#identities = new ClientIdentities(this.address)
    this.caller = {
      ids: this.#identities.ids,
      isSuper: false,
      skipAcl: false,
      sessionHigh: 0,
      sessionLow: 0,
      watcher: this,
    }
    this.#command = {
      flags: owner.settings.tree.extendedTypesEnabled ? COMMAND_FLAG.extendedTypes : 0,
      origin: owner.settings.id,
      type: 0,
      requestNumber: 0,
      connection: number,
      sessionHigh: 0,
      sessionLow: 0,
      cxid: 0,
      ids: this.#identities.encoded,
    }
    this.#onGone = onGone
    connection.handler = this
  }

  get tree(): DataTree {
    return this.#owner.service.tree
  }

  get hasSession(): boolean {
    return this.#grant !== 0
  }

  /** Connected, but without even the wish for a session. */
  get isOpening(): boolean {
    return this.#state === 'opening'
  }

  get queuedCount(): number {
    return this.#queue.length
  }

  /** Null before the handshake is through. */
  get session(): AttachedSession | null {
    if (!this.hasSession) return null
    return {
      high: this.sessionHigh,
      low: this.sessionLow,
      timeoutMs: this.timeoutMs,
      connection: this.number,
      grant: this.#grant,
    }
  }

  // From the socket.

  onData(bytes: Buffer): void {
    if (this.#state === 'ending' || this.#state === 'closed') return
    this.#afterReading(this.#frames.push(bytes))
  }

  onDrain(): void {
    this.output.onDrain()
    this.#answerQueue()
    this.#resume()
  }

  onClose(): void {
    this.#release()
    this.#onGone()
  }

  onFrame(bytes: Buffer, start: number, end: number): boolean {
    if (this.#state === 'opening') this.#openHandshake(this.#owner.reader.reset(bytes, start, end))
    else if (this.#state === 'open') this.#onRequest(bytes, start, end)
    return this.#mayRead()
  }

  // From the replicated side, by way of the owner.

  /** A command of this connection was applied. */
  onOutcome(outcome: Outcome): void {
    if (this.#handshake !== null) {
      this.#onSessionCreated(this.#handshake, outcome)
      return
    }
    const pending = this.#queue.head
    if (pending === null || pending.requestNumber !== outcome.requestNumber) {
      const isMine = this.#queue.findSubmitted(outcome.requestNumber) !== null
      assert(!isMine, 'when a write is applied, all requests before it have been answered')
      return // of a connection that had this number before the server restarted
    }
    this.output.beginReply(pending.xid, outcome.zxid, outcome.error)
    writeOutcome(this.output.bytes, outcome)
    this.output.endFrame()
    this.#countAnswer(pending)
    if (pending.type === OpCode.closeSession) {
      this.end()
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
      this.end()
    } else {
      pending.stage = 'settled'
      pending.error = WireError.sessionExpired
      this.#answerQueue()
    }
    return true
  }

  onSynced(requestNumber: number): void {
    this.#owner.forget(requestNumber)
    const pending = this.#queue.findSubmitted(requestNumber)
    if (pending === null) return
    pending.stage = 'settled'
    this.#answerQueue()
    this.#owner.onWakeable(this)
  }

  /** @param grant null refuses the session */
  onAttached(grant: number | null): void {
    const handshake = this.#handshake
    if (handshake === null) return
    if (grant === null) this.#refuse(handshake)
    else this.#accept(handshake, grant)
  }

  /** The leader is gone: what is under way may or may not have happened, and only closing says so. */
  onLeaderLost(): void {
    if (this.#state === 'attaching' || this.#queue.hasSubmitted()) this.end()
  }

  /**
   * A watch of this connection fired. Who may not read the znode does not hear of it (CVE-2024-23944).
   *
   * @param zxid of the change; -1 for a change that was found when the watch was set
   */
  onWatchEvent(type: number, path: string, zxid: number, acl: AclList): void {
    if (this.#state === 'closed' || !permits(acl, Permission.read, this.caller)) return
    this.output.beginReply(Xid.event, zxid, WireError.ok)
    this.output.bytes.int32(type).int32(KeeperState.syncConnected).string(path)
    this.output.endFrame()
    this.#countSent()
  }

  // From the owner's clock and batches.

  /** Goes on with what waited, if it may. */
  wake(): void {
    if (this.#state === 'closed') return
    if (this.#syncNumber !== 0 && this.#queue.findSubmitted(this.#syncNumber) === null) this.#submitHeld()
    this.#resume()
  }

  flush(): void {
    if (this.#state === 'closed') return
    if (!this.output.flush()) this.destroy()
  }

  /** Tells the service of a client that was heard of again after the last time the service was told. */
  sendTouch(): void {
    if (this.#heard === 'again') {
      this.#owner.service.touch(this.sessionHigh, this.sessionLow)
      this.#heard = 'told'
    } else {
      this.#heard = 'no'
    }
  }

  /** Sends what is written, then closes. */
  end(): void {
    if (this.#state === 'closed') return
    this.output.flush()
    this.#connection.end()
    if (this.#isPaused) this.#connection.resume() // or the client's own end would never be read
    this.#release()
  }

  destroy(): void {
    if (this.#state === 'closed') return
    this.#connection.destroy()
    this.#release()
  }

  // The handshake.

  #openHandshake(from: ByteReader): void {
    const handshake = Handshake.open(from, this.#owner.settings, this.#owner.service)
    if (!(handshake instanceof Handshake)) {
      this.destroy()
      return
    }
    this.#countReceived()
    this.#state = 'attaching'
    this.#handshake = handshake
    this.#submitHandshake(handshake)
  }

  #submitHandshake(handshake: Handshake): void {
    const owner = this.#owner
    handshake.submit(owner.service, owner.settings.id, this.number, owner.fill)
    owner.expect(handshake.requestNumber, this)
  }

  #onSessionCreated(handshake: Handshake, outcome: Outcome): void {
    if (outcome.requestNumber !== handshake.requestNumber) return
    this.#owner.forget(handshake.requestNumber)
    if (outcome.error === WireError.ok) this.#accept(handshake, outcome.zxid)
    else this.#submitHandshake(handshake) // The drawn id is in use: another is drawn.
  }

  #accept(handshake: Handshake, grant: number): void {
    this.#owner.forget(handshake.requestNumber)
    this.#handshake = null
    this.#state = 'open'
    this.#grant = grant
    this.timeoutMs = handshake.timeoutMs
    this.sessionHigh = this.caller.sessionHigh = this.#command.sessionHigh = handshake.sessionHigh
    this.sessionLow = this.caller.sessionLow = this.#command.sessionLow = handshake.sessionLow
    this.#owner.onSession(this)
    this.output.beginFrame()
    handshake.writeAccepted(this.output.bytes)
    this.output.endFrame()
    this.#countSent()
    this.#owner.onWakeable(this)
  }

  #refuse(handshake: Handshake): void {
    this.output.beginFrame()
    handshake.writeRefused(this.output.bytes)
    this.output.endFrame()
    this.#countSent()
    this.end()
  }

  // Requests.

  #onRequest(bytes: Buffer, start: number, end: number): void {
    if (end - start < REQUEST_HEADER_SIZE_BYTES) {
      this.destroy()
      return
    }
    this.#countReceived()
    this.#hear()
    const xid = bytes.readInt32BE(start)
    const type = bytes.readInt32BE(start + 4)
    const recordAt = start + REQUEST_HEADER_SIZE_BYTES
    const kind = requestKindOf(type)
    switch (kind) {
      case 'auth':
        // As with Apache it overtakes what waits; ids only ever add to what a client may do.
        this.#onAuth(xid, this.#owner.reader.reset(bytes, recordAt, end))
        return
      case 'sasl':
        this.#refuseAuth(xid, 'with a null token')
        return
      case 'write':
      case 'sync':
        break
      case 'closeSession':
      case 'unknown':
        this.#state = 'ending'
        break
      default:
        if (this.#queue.length === 0) {
          answerLocally(kind, xid, type, this.#owner.reader.reset(bytes, recordAt, end), this)
          this.#countSent()
          this.#owner.statistics.onAnswered(0)
          return
        }
    }
    const pending = this.#queue.append(bytes, recordAt, end)
    pending.kind = kind
    pending.xid = xid
    pending.type = type
    pending.receivedMs = this.#owner.nowMs()
    if (!isReplicated(kind)) this.#answerQueue()
    else if (this.#syncNumber === 0) this.#submit(pending)
  }

  #submit(pending: PendingRequest): void {
    const { service } = this.#owner
    pending.stage = 'submitted'
    pending.requestNumber = service.nextRequestNumber()
    if (pending.kind === 'sync') {
      this.#syncNumber = pending.requestNumber
      this.#owner.expect(pending.requestNumber, this)
      service.sync(pending.requestNumber)
      return
    }
    const fields = this.#command
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
    for (let pending = this.#queue.head; pending !== null; pending = this.#queue.head) {
      if (pending.stage === 'settled') {
        this.#answerSettled(pending)
      } else {
        if (isReplicated(pending.kind)) break
        // A read must run before a submitted write behind it is applied, or it would see it. Others wait for the client.
        if (this.output.isBlocked && !this.#queue.hasSubmitted()) break
        answerLocally(pending.kind, pending.xid, pending.type, readRecord(this.#owner.reader, pending), this)
      }
      this.#countAnswer(pending)
      if (pending.kind === 'unknown') {
        this.end()
        return
      }
      this.#queue.removeHead()
    }
    if (this.#isPaused) this.#owner.onWakeable(this)
  }

  #answerSettled(pending: PendingRequest): void {
    if (pending.error === WireError.ok) {
      answerSync(pending.xid, readRecord(this.#owner.reader, pending), this)
    } else {
      this.output.beginReply(pending.xid, this.tree.lastZxid, pending.error)
      this.output.endFrame()
    }
  }

  #onAuth(xid: number, from: ByteReader): void {
    if (!this.#identities.authenticate(from)) {
      this.#refuseAuth(xid, 'bare')
      return
    }
    this.#command.ids = this.#identities.encoded
    this.output.beginReply(xid, 0, WireError.ok)
    this.output.endFrame()
    this.#countSent()
  }

  /** @param how sasl replies carry their record even when they fail; no mechanism is configured here, so all do */
  #refuseAuth(xid: number, how: 'bare' | 'with a null token'): void {
    this.output.beginReply(xid, 0, WireError.authFailed)
    if (how === 'with a null token') this.output.bytes.buffer(null)
    this.output.endFrame()
    this.#countSent()
    this.#owner.statistics.onAuthFailure()
    this.end()
  }

  // Reading on and stopping to read.

  #mayRead(): boolean {
    if (this.#state !== 'open' || this.output.isBlocked) return false
    if (this.#queue.length === 0) return true
    if (this.#queue.length >= PENDING_MAX || this.#queue.sizeBytes >= PENDING_BYTES_MAX) return false
    if (this.#owner.pool.inUse <= this.#owner.settings.limits.globalOutstandingLimit) return true
    this.#owner.onThrottled(this)
    return false
  }

  #resume(): void {
    if (this.#isPaused && this.#mayRead()) this.#afterReading(this.#frames.resume())
  }

  #afterReading(outcome: FrameOutcome): void {
    if (this.#state === 'closed') return
    switch (outcome) {
      case 'hungry':
        if (this.#isPaused) this.#connection.resume()
        this.#isPaused = false
        break
      case 'stopped':
        if (!this.#isPaused) this.#connection.pause()
        this.#isPaused = true
        break
      case 'badLength':
        this.#onBadLength()
        break
      default:
        unreachable(outcome, 'ClientConnection')
    }
  }

  /** Four letters at the very beginning are a word to answer in plain text; all else is the end. */
  #onBadLength(): void {
    const text = this.#state === 'opening' ? this.#owner.answerWord(this.#frames.badLength, this) : null
    if (text === null) {
      this.destroy()
    } else {
      this.#connection.write(Buffer.from(text))
      this.end()
    }
  }

  // Book-keeping.

  #hear(): void {
    if (this.#heard === 'no') {
      this.#heard = 'told'
      this.#owner.service.touch(this.sessionHigh, this.sessionLow)
    } else {
      this.#heard = 'again'
    }
  }

  #countAnswer(pending: PendingRequest): void {
    this.#countSent()
    this.#owner.statistics.onAnswered(this.#owner.nowMs() - pending.receivedMs)
  }

  #countReceived(): void {
    this.packetsReceived++
    this.#owner.statistics.onReceived()
  }

  #countSent(): void {
    this.packetsSent++
    this.#owner.statistics.onSent()
  }

  /** Once: nothing of this connection is left in anything that outlives it. */
  #release(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    if (this.#syncNumber !== 0) this.#owner.forget(this.#syncNumber)
    if (this.#handshake !== null) this.#owner.forget(this.#handshake.requestNumber)
    this.#handshake = null
    this.#queue.clear()
    this.tree.watches.removeWatcher(this)
    this.#owner.onClosed(this)
  }
}
