import { DecodeError, type ByteReader, type ByteWriter } from '../../kernel/bytes.ts'
import {
  PASSWORD_SIZE_BYTES,
  readConnectRequest,
  writeConnectResponse,
  type ConnectRequest,
} from '../../protocol/connect.ts'
import { OpCode } from '../../protocol/op-code.ts'
import { encodeCommand, NO_IDS } from '../../tree/command.ts'
import { encodeCreateSession } from '../../tree/create-session.ts'
import type { ServerSettings } from '../settings.ts'
import type { ClientSideParts } from './client-side-parts.ts'
import type { HandshakeKind } from './connection-throttle.ts'
import { LocalSession } from './local-sessions.ts'

const NO_PASSWORD = Buffer.alloc(PASSWORD_SIZE_BYTES)

/** Why a first frame gets no answer but the end of the connection. */
export type HandshakeFault = 'not serving' | 'malformed' | 'throttled' | 'ahead of this server' | 'no local sessions'

/** Where the answer comes from: the service, later; or this server itself, at once. */
export type HandshakeAnswer = 'asked' | 'local' | 'refused'

/**
 * One client's wish for a session, from its first frame to the answer: a new session is created by a replicated command,
 * an existing one is asked of the leader, who knows whether it lives and looks at the password. Until that answer nothing
 * changes for anybody, so naming another client's session does it no harm. Local sessions are this server's own affair.
 */
export class Handshake {
  readonly timeoutMs: number
  sessionHigh: number
  sessionLow: number
  /** Which answer of the service belongs to this handshake. */
  requestNumber = 0
  /** This server is in read-only mode. */
  readonly isForReader: boolean
  readonly #kind: HandshakeKind
  readonly #password: Uint8Array
  readonly #request: ConnectRequest

  private constructor(request: ConnectRequest, kind: HandshakeKind, settings: ServerSettings, isForReader: boolean) {
    this.isForReader = isForReader
    this.#request = request
    this.#kind = kind
    this.timeoutMs = Math.min(
      Math.max(request.timeoutMs, settings.sessions.minSessionTimeoutMs),
      settings.sessions.maxSessionTimeoutMs,
    )
    this.sessionHigh = request.sessionHigh
    this.sessionLow = request.sessionLow
    this.#password = kind === 'renewed' ? (request.password ?? Buffer.alloc(0)) : Buffer.alloc(PASSWORD_SIZE_BYTES)
  }

  /** Reads a connection's first frame and makes the checks that need nobody else. */
  static open(from: ByteReader, parts: ClientSideParts): Handshake | HandshakeFault {
    const { service, settings } = parts
    if (service.audience === 'nobody') return 'not serving'
    let request: ConnectRequest
    try {
      request = readConnectRequest(from)
    } catch (error) {
      if (error instanceof DecodeError) return 'malformed'
      throw error
    }
    const isForReader = service.audience === 'readers'
    if (isForReader && request.readOnly !== true) return 'not serving'
    const kind = kindOf(request, parts)
    if (isForReader && kind === 'newGlobal') return 'no local sessions'
    // Whether a session that all servers know still lives, only a leader could tell.
    if (
      isForReader &&
      kind === 'renewed' &&
      parts.localSessions.get(request.sessionHigh, request.sessionLow) === null
    ) {
      return 'not serving'
    }
    if (!parts.connectionThrottle.admits(kind, parts.nowMs())) return 'throttled'
    // The client has seen states that this server has not reached: it must not be shown older ones.
    if (request.lastZxidSeen > service.tree.lastZxid) return 'ahead of this server'
    return new Handshake(request, kind, settings, isForReader)
  }

  /** Asks for the session. May be called again when the ids drawn for a new session were taken. */
  submit(parts: ClientSideParts, connection: number): HandshakeAnswer {
    const { service, settings, localSessions } = parts
    switch (this.#kind) {
      case 'newLocal':
        do this.#draw(parts)
        while (!service.tree.sessions.isFree(this.sessionHigh, this.sessionLow) || !this.#keepLocally(parts))
        return 'local'
      case 'newGlobal':
        this.requestNumber = service.nextRequestNumber()
        this.#draw(parts)
        service.submit(
          createSessionCommand(
            { origin: settings.id, connection, requestNumber: this.requestNumber },
            { high: this.sessionHigh, low: this.sessionLow, timeoutMs: this.timeoutMs, password: this.#password },
          ),
        )
        return 'asked'
      case 'renewed': {
        const own = localSessions.get(this.sessionHigh, this.sessionLow)
        if (own !== null) {
          return localSessions.attach(own, this.#password, this.timeoutMs, parts.nowMs()) ? 'local' : 'refused'
        }
        this.requestNumber = service.nextRequestNumber()
        service.attach({
          requestNumber: this.requestNumber,
          sessionHigh: this.sessionHigh,
          sessionLow: this.sessionLow,
          password: this.#password,
          timeoutMs: this.timeoutMs,
          connection,
        })
        return 'asked'
      }
    }
  }

  writeAccepted(out: ByteWriter): void {
    writeConnectResponse(out, {
      protocolVersion: 0,
      timeoutMs: this.timeoutMs,
      sessionHigh: this.sessionHigh,
      sessionLow: this.sessionLow,
      password: this.#password,
      readOnly: this.#readOnly,
    })
  }

  /** Does not tell a wrong password from an expired session. */
  writeRefused(out: ByteWriter): void {
    writeConnectResponse(out, {
      protocolVersion: 0,
      timeoutMs: 0,
      sessionHigh: 0,
      sessionLow: 0,
      password: NO_PASSWORD,
      readOnly: this.#readOnly,
    })
  }

  /** Unpredictable: who guesses an id and a password owns a session. */
  #draw({ fill, settings }: ClientSideParts): void {
    const id = Buffer.alloc(8)
    fill(id)
    id[0] = settings.id
    this.sessionHigh = id.readInt32BE(0)
    this.sessionLow = id.readInt32BE(4)
    fill(this.#password)
  }

  #keepLocally(parts: ClientSideParts): boolean {
    const session = new LocalSession(this.sessionHigh, this.sessionLow, this.#password, this.timeoutMs)
    return parts.localSessions.add(session, parts.nowMs())
  }

  /** Clients before 3.4 must not get the flag at all. */
  get #readOnly(): boolean | null {
    return this.#request.readOnly === null ? null : this.isForReader
  }
}

/** A standalone server has nobody to replicate to: its sessions are on its disk, as with Apache. */
function kindOf(request: ConnectRequest, { service, settings }: ClientSideParts): HandshakeKind {
  if (request.sessionHigh !== 0 || request.sessionLow !== 0) return 'renewed'
  return settings.sessions.localSessionsEnabled && service.mode !== 'standalone' ? 'newLocal' : 'newGlobal'
}

/** What makes a session known to all servers: a new one, or one that its server kept by itself so far. */
export function createSessionCommand(
  asker: { readonly origin: number; readonly connection: number; readonly requestNumber: number },
  session: {
    readonly high: number
    readonly low: number
    readonly timeoutMs: number
    readonly password: Uint8Array
  },
): Buffer {
  const fields = {
    flags: 0,
    ...asker,
    type: OpCode.createSession,
    sessionHigh: session.high,
    sessionLow: session.low,
    cxid: 0,
    ids: NO_IDS,
  }
  return encodeCommand(fields, encodeCreateSession(session))
}
