import { ByteWriter, DecodeError, type ByteReader } from '../../kernel/bytes.ts'
import {
  PASSWORD_SIZE_BYTES,
  readConnectRequest,
  writeConnectResponse,
  type ConnectRequest,
} from '../../protocol/connect.ts'
import { OpCode } from '../../protocol/op-code.ts'
import { encodeCommand, NO_IDS } from '../../tree/command.ts'
import type { ReplicatedService } from '../replication/replicated-service.ts'
import type { ServerSettings } from '../settings.ts'

const NO_PASSWORD = Buffer.alloc(PASSWORD_SIZE_BYTES)

/** Why a first frame gets no answer but the end of the connection. */
export type HandshakeFault = 'not serving' | 'malformed' | 'ahead of this server'

/**
 * One client's wish for a session, from its first frame to the answer: a new session is created by a replicated command,
 * an existing one is asked of the leader, who knows whether it lives and looks at the password. Until that answer nothing
 * changes for anybody, so naming another client's session does it no harm.
 */
export class Handshake {
  readonly timeoutMs: number
  sessionHigh: number
  sessionLow: number
  /** Which answer of the service belongs to this handshake. */
  requestNumber = 0
  readonly #wantsNew: boolean
  readonly #password: Uint8Array
  readonly #request: ConnectRequest

  private constructor(request: ConnectRequest, settings: ServerSettings) {
    this.#request = request
    this.timeoutMs = Math.min(
      Math.max(request.timeoutMs, settings.sessions.minSessionTimeoutMs),
      settings.sessions.maxSessionTimeoutMs,
    )
    this.sessionHigh = request.sessionHigh
    this.sessionLow = request.sessionLow
    this.#wantsNew = request.sessionHigh === 0 && request.sessionLow === 0
    this.#password = this.#wantsNew
      ? Buffer.alloc(PASSWORD_SIZE_BYTES)
      : Buffer.from(request.password ?? Buffer.alloc(0))
  }

  /** Reads a connection's first frame and makes the checks that need nobody else. */
  static open(from: ByteReader, settings: ServerSettings, service: ReplicatedService): Handshake | HandshakeFault {
    if (!service.isServing) return 'not serving'
    let request: ConnectRequest
    try {
      request = readConnectRequest(from)
    } catch (error) {
      if (error instanceof DecodeError) return 'malformed'
      throw error
    }
    // The client has seen states that this server has not reached: it must not be shown older ones.
    if (request.lastZxidSeen > service.tree.lastZxid) return 'ahead of this server'
    return new Handshake(request, settings)
  }

  /**
   * Asks for the session. May be called again when the ids drawn for a new session were taken.
   *
   * @param fill gives unpredictable bytes: who guesses an id and a password owns a session
   */
  submit(service: ReplicatedService, serverId: number, connection: number, fill: (bytes: Uint8Array) => void): void {
    this.requestNumber = service.nextRequestNumber()
    if (!this.#wantsNew) {
      service.attach({
        requestNumber: this.requestNumber,
        sessionHigh: this.sessionHigh,
        sessionLow: this.sessionLow,
        password: this.#password,
        timeoutMs: this.timeoutMs,
        connection,
      })
      return
    }
    const id = Buffer.alloc(8)
    fill(id)
    id[0] = serverId
    this.sessionHigh = id.readInt32BE(0)
    this.sessionLow = id.readInt32BE(4)
    fill(this.#password)
    const record = new ByteWriter(64).int32(this.timeoutMs).buffer(this.#password).take()
    service.submit(
      encodeCommand(
        {
          flags: 0,
          origin: serverId,
          type: OpCode.createSession,
          requestNumber: this.requestNumber,
          connection,
          sessionHigh: this.sessionHigh,
          sessionLow: this.sessionLow,
          cxid: 0,
          ids: NO_IDS,
        },
        record,
      ),
    )
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

  /** This server is never read-only; clients before 3.4 must not get the flag at all. */
  get #readOnly(): false | null {
    return this.#request.readOnly === null ? null : false
  }
}
