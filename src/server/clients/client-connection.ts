import { readInt32 } from '../../kernel/big-endian.ts'
import { DecodeError, type ByteReader, type ByteWriter } from '../../kernel/bytes.ts'
import type { Connection, ConnectionHandler, TlsSession } from '../../kernel/ports.ts'
import { Permission } from '../../protocol/acl.ts'
import type { FrameSink } from '../../protocol/frame-reader.ts'
import { OpCode } from '../../protocol/op-code.ts'
import { KeeperState } from '../../protocol/watch-event.ts'
import { WireError } from '../../protocol/wire-error.ts'
import { Xid } from '../../protocol/xid.ts'
import type { AclList } from '../../tree/acl-list.ts'
import type { AuthId } from '../../tree/credentials.ts'
import type { DataTree } from '../../tree/data-tree.ts'
import type { Outcome } from '../../tree/outcome.ts'
import { permits } from '../../tree/permissions.ts'
import { ConnectionFigures } from '../admin/connection-figures.ts'
import type { AttachedSession, Refusal } from '../replication/replicated-service.ts'
import { Caller } from './caller.ts'
import { certificateSubject } from './certificate-subject.ts'
import { plainAddress } from './client-auth.ts'
import { createSessionCommand, Handshake } from './client-handshake.ts'
import { ClientOutput } from './client-output.ts'
import type { ClientSideParts } from './client-side-parts.ts'
import { FrameIntake } from './frame-intake.ts'
import { PlainWord } from './plain-word.ts'
import { readerKindOf, requestKindOf } from './request-kind.ts'
import { RequestPipeline, type PipelineHost } from './request-pipeline.ts'
import { Touches } from './touches.ts'

/** What a connection tells and asks the one who holds all connections of this server. */
export interface ConnectionOwner extends ClientSideParts {
  /** @returns null when it is no four letter word */
  answerWord(word: PlainWord, asker: ClientConnection): string | null
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
  /** A client on a plain port began with TLS; its connection closes. */
  onTlsInTheClear(connection: ClientConnection): void
}

/**
 * - `opening`: connected, nothing has been asked yet
 * - `attaching`: the session is being created or revalidated; what the client sends meanwhile waits
 * - `open`: requests are taken
 * - `ending`: a last answer is due; nothing more is read
 * - `closed`
 */
type ConnectionState = 'opening' | 'attaching' | 'open' | 'ending' | 'closed'

const REQUEST_HEADER_SIZE_BYTES = 8

/**
 * One client connection: its socket, its session and its end. A handshake first; then the requests go into a pipeline
 * that answers them in their order, and watch events come between the answers.
 *
 *   socket → frames → handshake ─→ session
 *                   → pipeline ──→ output → socket
 */
export class ClientConnection implements ConnectionHandler, FrameSink, PipelineHost {
  /** This server's number for it, in every command. */
  readonly number: number
  readonly openedMs: number
  readonly address: string
  readonly remotePort: number
  /** It came over TLS. */
  readonly isSecure: boolean
  timeoutMs = 0
  readonly figures = new ConnectionFigures()
  readonly output: ClientOutput
  readonly scratch: ByteWriter
  readonly caller: Caller
  #hasSession = false
  /** By which the leader gave it the session; 0 for a local one. */
  #grant = 0
  #state: ConnectionState = 'opening'
  #handshake: Handshake | null = null
  /** Null while none came. */
  #word: PlainWord | null = null
  readonly #owner: ConnectionOwner
  readonly #connection: Connection
  readonly #intake: FrameIntake
  readonly #pipeline: RequestPipeline
  /** What has just arrived is being answered; and there is an answer to send. */
  #isTakingIn = false
  #isFilled = false
  readonly #touches = new Touches(() => this.#touch())
  readonly #onGone: () => void

  /** @param onGone called once, when the socket has closed */
  constructor(owner: ConnectionOwner, connection: Connection, number: number, onGone: () => void) {
    this.number = number
    this.openedMs = owner.nowMs()
    this.address = plainAddress(connection.remoteHost)
    this.remotePort = connection.remotePort
    this.isSecure = connection.tls !== null
    this.output = new ClientOutput(connection, owner.arena, () => this.#onFilled())
    this.scratch = owner.scratch
    this.caller = new Caller(owner.settings, this.address, number, this)
    this.#takeCertificate(connection.tls, owner.settings.tls.superSubject)
    this.#owner = owner
    this.#connection = connection
    this.#intake = new FrameIntake(connection, owner.settings.limits.juteMaxBufferBytes, this, owner.largeFrames)
    this.#pipeline = new RequestPipeline(owner, this.caller, this)
    this.#onGone = onGone
    connection.handler = this
  }

  /** The name in a client's certificate is an identity from the start. */
  #takeCertificate(tls: TlsSession | null, superSubject: string | null): void {
    const certificate = tls?.peerCertificate ?? null
    const subject = certificate === null ? null : certificateSubject(certificate)
    if (subject !== null) this.caller.addProved({ scheme: 'x509', id: subject }, subject === superSubject)
  }

  get tree(): DataTree {
    return this.#owner.service.tree
  }

  get ids(): readonly AuthId[] {
    return this.caller.ids
  }

  get sessionHigh(): number {
    return this.caller.sessionHigh
  }

  get sessionLow(): number {
    return this.caller.sessionLow
  }

  get hasSession(): boolean {
    return this.#hasSession
  }

  /** Connected, but without even the wish for a session. */
  get isOpening(): boolean {
    return this.#state === 'opening'
  }

  get queuedCount(): number {
    return this.#pipeline.length
  }

  /** As other servers should know it; null before the handshake is through, and for a local session. */
  get session(): AttachedSession | null {
    if (!this.hasSession || this.caller.isLocal) return null
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
    this.#owner.statistics.counters.bytesReceived += bytes.length
    if (this.#word === null) {
      this.#takeIn(bytes)
    } else {
      this.#word.push(bytes)
      this.#answerWord(this.#word)
    }
  }

  /**
   * Replies to reads leave as soon as all that had arrived is answered, while their bytes are in the processor's cache,
   * and the next connection writes its own over them. What waits for a write leaves at the end of the batch or turn.
   */
  #takeIn(bytes: Buffer): void {
    this.#isTakingIn = true
    if (!this.#intake.push(bytes)) this.#onBadLength()
    this.#isTakingIn = false
    if (!this.#isFilled) return
    this.#isFilled = false
    if (this.#pipeline.length === 0) this.flush()
    else this.#owner.onFilled(this)
  }

  #onFilled(): void {
    if (this.#isTakingIn) this.#isFilled = true
    else this.#owner.onFilled(this)
  }

  onDrain(): void {
    this.output.onDrain()
    this.#pipeline.onDrain()
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
    if (this.#handshake === null) this.#pipeline.onOutcome(outcome)
    else this.#onSessionCreated(this.#handshake, outcome)
  }

  /** @returns false when it is none of this connection's */
  onRefused(requestNumber: number, refusal: Refusal): boolean {
    return this.#pipeline.onRefused(requestNumber, refusal)
  }

  onSynced(requestNumber: number): void {
    this.#pipeline.onSynced(requestNumber)
  }

  /** @param grant null refuses the session */
  onAttached(grant: number | null): void {
    const handshake = this.#handshake
    if (handshake === null) return
    this.#owner.statistics.counters.revalidations++
    if (grant === null) this.#refuse(handshake)
    else this.#accept(handshake, grant)
  }

  /** The leader is gone: what is under way may or may not have happened, and only closing says so. */
  onLeaderLost(): void {
    if (this.#state === 'attaching' || this.#pipeline.isUnderWay) this.end()
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
    this.countSent()
  }

  // From the pipeline.

  expect(requestNumber: number): void {
    this.#owner.expect(requestNumber, this)
  }

  forget(requestNumber: number): void {
    this.#owner.forget(requestNumber)
  }

  wakeLater(): void {
    this.#owner.onWakeable(this)
  }

  submitUpgrade(requestNumber: number): void {
    const { service, settings, localSessions } = this.#owner
    const session = localSessions.get(this.sessionHigh, this.sessionLow)
    if (session === null) this.end()
    else service.submit(createSessionCommand({ origin: settings.id, connection: this.number, requestNumber }, session))
  }

  onUpgraded(zxid: number): void {
    this.#grant = zxid
  }

  onLocalClosed(): void {
    this.#owner.localSessions.remove(this.sessionHigh, this.sessionLow)
  }

  countSent(): void {
    this.figures.packetsSent++
    this.#owner.statistics.onSent(this.output.lastFrameBytes)
  }

  onAnswered(): void {
    if (this.#intake.isPaused) this.#owner.onWakeable(this)
  }

  // From the owner's clock and batches.

  /** Goes on with what waited, if it may. */
  wake(): void {
    if (this.#state === 'closed') return
    this.#pipeline.wake()
    this.#resume()
  }

  flush(): void {
    if (this.#state === 'closed') return
    this.figures.lastResponseMs = this.#owner.nowMs()
    if (!this.output.flush()) this.destroy()
  }

  /** A round of telling the service who was heard of is over. */
  endTouchRound(): void {
    this.#touches.endRound()
  }

  /** Sends what is written, then closes. */
  end(): void {
    if (this.#state === 'closed') return
    this.output.flush()
    this.#connection.end()
    this.#release()
  }

  destroy(): void {
    if (this.#state === 'closed') return
    this.#connection.destroy()
    this.#release()
  }

  // The handshake.

  #openHandshake(from: ByteReader): void {
    const handshake = Handshake.open(from, this.#owner)
    if (!(handshake instanceof Handshake)) {
      if (handshake === 'not serving') this.#owner.statistics.counters.unservedConnections++
      if (handshake === 'throttled') this.#owner.statistics.counters.connectionsRejected++
      if (handshake === 'no local sessions') this.#refuseReader()
      this.destroy()
      return
    }
    this.#countReceived(OpCode.createSession)
    this.#state = 'attaching'
    this.#handshake = handshake
    this.#submitHandshake(handshake)
  }

  /** As with Apache: a reply header in the place of the session. */
  #refuseReader(): void {
    this.#replyAlone(0, WireError.notReadOnly)
    this.output.flush()
    this.#connection.end()
    this.#release()
  }

  #submitHandshake(handshake: Handshake): void {
    const answer = handshake.submit(this.#owner, this.number)
    if (answer === 'asked') this.#owner.expect(handshake.requestNumber, this)
    else if (answer === 'local') this.#accept(handshake, 0)
    else this.#refuse(handshake)
  }

  #onSessionCreated(handshake: Handshake, outcome: Outcome): void {
    if (outcome.requestNumber !== handshake.requestNumber) return
    this.#owner.forget(handshake.requestNumber)
    if (outcome.error === WireError.ok) this.#accept(handshake, outcome.zxid)
    else this.#submitHandshake(handshake) // The drawn id is in use: another is drawn.
  }

  /** @param grant 0 for a local session */
  #accept(handshake: Handshake, grant: number): void {
    this.#owner.forget(handshake.requestNumber)
    this.#handshake = null
    this.#state = 'open'
    this.#hasSession = true
    this.#grant = grant
    this.timeoutMs = handshake.timeoutMs
    this.caller.setSession(handshake.sessionHigh, handshake.sessionLow, grant === 0)
    this.caller.isReader = handshake.isForReader
    this.#owner.onSession(this)
    this.output.beginFrame()
    handshake.writeAccepted(this.output.bytes)
    this.output.endFrame()
    this.countSent()
    this.figures.onAnswered(OpCode.createSession, -1, this.tree.lastZxid, 0)
    this.#owner.onWakeable(this)
  }

  #refuse(handshake: Handshake): void {
    this.output.beginFrame()
    handshake.writeRefused(this.output.bytes)
    this.output.endFrame()
    this.countSent()
    this.end()
  }

  // Requests.

  #onRequest(bytes: Buffer, start: number, end: number): void {
    if (end - start < REQUEST_HEADER_SIZE_BYTES) {
      this.destroy()
      return
    }
    const xid = readInt32(bytes, start)
    const type = readInt32(bytes, start + 4)
    this.#countReceived(type)
    this.#touches.hear()
    const recordAt = start + REQUEST_HEADER_SIZE_BYTES
    const kind = this.caller.isReader ? readerKindOf(type) : requestKindOf(type)
    const { pathStatistics, reader } = this.#owner
    if (pathStatistics !== null) pathStatistics.onRequest(type, reader.reset(bytes, recordAt, end))
    if (!this.caller.isAdmitted && kind !== 'auth' && kind !== 'sasl') {
      this.#replyAlone(xid, WireError.sessionClosedRequireSaslAuth)
      this.end()
      return
    }
    switch (kind) {
      case 'auth':
        // As with Apache it overtakes what waits; ids only ever add to what a client may do.
        this.#onAuth(xid, this.#owner.reader.reset(bytes, recordAt, end))
        return
      case 'sasl':
        this.#onSasl(xid, this.#owner.reader.reset(bytes, recordAt, end))
        return
      case 'closeSession':
      case 'unknown':
        this.#state = 'ending'
        break
      default:
    }
    this.#pipeline.take(kind, xid, type, bytes, recordAt, end)
  }

  #onAuth(xid: number, from: ByteReader): void {
    const isProved = this.caller.authenticate(from)
    this.#replyAlone(xid, isProved ? WireError.ok : WireError.authFailed)
    if (!isProved) this.#onAuthFailed()
  }

  /** No mechanism is configured, which Apache answers with a null token; the client stays who it was. */
  #onSasl(xid: number, from: ByteReader): void {
    const isUsual = hasToken(from)
    this.output.beginReply(xid, 0, isUsual ? WireError.ok : WireError.authFailed)
    this.output.bytes.buffer(null)
    this.output.endFrame()
    this.countSent()
    if (!isUsual) this.#onAuthFailed()
  }

  #onAuthFailed(): void {
    this.#owner.statistics.onAuthFailure()
    this.end()
  }

  /** A reply that overtakes what waits: it has no record and no zxid. */
  #replyAlone(xid: number, error: number): void {
    this.output.beginReply(xid, 0, error)
    this.output.endFrame()
    this.countSent()
  }

  // Reading on and stopping to read.

  #mayRead(): boolean {
    if (this.#state !== 'open' || this.output.isBlocked) return false
    if (this.#pipeline.length === 0) return true
    if (this.#pipeline.isFull) return false
    if (this.#owner.pool.inUse <= this.#owner.settings.limits.globalOutstandingLimit) return true
    this.#owner.onThrottled(this)
    return false
  }

  #resume(): void {
    if (this.#intake.isPaused && this.#mayRead() && !this.#intake.resume()) this.#onBadLength()
  }

  /** Four letters at the very beginning are a word to answer in plain text; all else is the end. */
  #onBadLength(): void {
    if (this.#state === 'opening') {
      this.#word = new PlainWord(this.#intake.badLength, this.#intake.behindBadLength)
      this.#answerWord(this.#word)
    } else {
      this.#owner.statistics.counters.largeRequests++
      this.destroy()
    }
  }

  #answerWord(word: PlainWord): void {
    if (!word.isWhole) return
    const text = this.#owner.answerWord(word, this)
    if (text === null) {
      if (word.looksLikeTls) this.#owner.onTlsInTheClear(this)
      else this.#owner.statistics.counters.largeRequests++
      this.destroy()
    } else {
      this.#connection.write(Buffer.from(text))
      this.end()
    }
  }

  // Book-keeping.

  #touch(): void {
    const { service, localSessions } = this.#owner
    if (this.caller.isLocal) localSessions.touch(this.sessionHigh, this.sessionLow, this.#owner.nowMs())
    else service.touch(this.sessionHigh, this.sessionLow)
  }

  /** @param type the op code */
  #countReceived(type: number): void {
    this.figures.packetsReceived++
    this.#owner.statistics.onReceived(type)
  }

  /** Once: nothing of this connection is left in anything that outlives it. */
  #release(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    if (this.#handshake !== null) this.#owner.forget(this.#handshake.requestNumber)
    this.#handshake = null
    this.#intake.close()
    this.#pipeline.clear()
    this.tree.watches.removeWatcher(this)
    this.#owner.onClosed(this)
  }
}

function hasToken(from: ByteReader): boolean {
  try {
    return from.buffer('sasl.token') !== null
  } catch (error) {
    if (error instanceof DecodeError) return false
    throw error
  }
}
