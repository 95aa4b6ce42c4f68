import type { ByteReader, ByteWriter } from '../kernel/bytes.ts'

/**
 * The handshake, the first frame of each direction; no header stands before it.
 *
 *   request   protocolVersion: int · lastZxidSeen: long · timeOut: int · sessionId: long · passwd: buffer
 *             · readOnly: boolean   (clients before 3.4 end after passwd)
 *   response  protocolVersion: int · timeOut: int · sessionId: long · passwd: buffer
 *             · readOnly: boolean   (only to a client that sent its own)
 *
 * Source: zookeeper.jute, ConnectRequest and ConnectResponse (Apache ZooKeeper 3.9).
 */
export interface ConnectRequest {
  /** Ignored by servers; clients send 0. */
  readonly protocolVersion: number
  /** The highest zxid the client has seen, clamped to the safe range: only compared. 0 when fresh. */
  readonly lastZxidSeen: number
  /** The session timeout asked for, in milliseconds; may be negative. */
  readonly timeoutMs: number
  /** Both halves 0 ask for a new session. */
  readonly sessionHigh: number
  readonly sessionLow: number
  /** Null, empty or 16 zero bytes for a new session. */
  readonly password: Uint8Array | null
  /** Would a read-only server do? Null: an old client, which must not get the flag in the response either. */
  readonly readOnly: boolean | null
}

export interface ConnectResponse {
  readonly protocolVersion: number
  /** The negotiated timeout in milliseconds; 0 says that the session is refused (expired, unknown, bad password). */
  readonly timeoutMs: number
  readonly sessionHigh: number
  readonly sessionLow: number
  /** 16 bytes; zeros when refused. */
  readonly password: Uint8Array | null
  /** The server is in read-only mode. Null: the flag is absent. */
  readonly readOnly: boolean | null
}

export const PASSWORD_SIZE_BYTES = 16

export function writeConnectRequest(out: ByteWriter, request: ConnectRequest): void {
  out.int32(request.protocolVersion).safeLong(request.lastZxidSeen).int32(request.timeoutMs)
  out.int32(request.sessionHigh).int32(request.sessionLow).buffer(request.password)
  if (request.readOnly !== null) out.boolean(request.readOnly)
}

export function readConnectRequest(from: ByteReader): ConnectRequest {
  return {
    protocolVersion: from.int32('connect.protocolVersion'),
    lastZxidSeen: from.clampedLong('connect.lastZxidSeen'),
    timeoutMs: from.int32('connect.timeOut'),
    sessionHigh: from.int32('connect.sessionId'),
    sessionLow: from.int32('connect.sessionId'),
    password: from.copy('connect.passwd'),
    readOnly: from.remaining > 0 ? from.boolean('connect.readOnly') : null,
  }
}

export function writeConnectResponse(out: ByteWriter, response: ConnectResponse): void {
  out.int32(response.protocolVersion).int32(response.timeoutMs)
  out.int32(response.sessionHigh).int32(response.sessionLow).buffer(response.password)
  if (response.readOnly !== null) out.boolean(response.readOnly)
}

export function readConnectResponse(from: ByteReader): ConnectResponse {
  return {
    protocolVersion: from.int32('connected.protocolVersion'),
    timeoutMs: from.int32('connected.timeOut'),
    sessionHigh: from.int32('connected.sessionId'),
    sessionLow: from.int32('connected.sessionId'),
    password: from.copy('connected.passwd'),
    readOnly: from.remaining > 0 ? from.boolean('connected.readOnly') : null,
  }
}
