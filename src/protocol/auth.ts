import type { ByteReader, ByteWriter } from '../kernel/bytes.ts'

/**
 * auth (op code 100, xid -4): the connection, not the session, gains an identity.
 *
 *   request   type: int (0) · scheme: ustring · auth: buffer
 *   response  nothing; a refused one is AUTHFAILED, then the server closes
 *
 * Source: zookeeper.jute, AuthPacket (Apache ZooKeeper 3.9).
 */
export interface AuthRequest {
  /** Null is a scheme that no server knows. */
  readonly scheme: string | null
  /** What the scheme wants: `user:password` for digest. A view when read, and a secret: never to be printed. */
  readonly auth: Uint8Array | null
}

export function writeAuthRequest(out: ByteWriter, request: AuthRequest): void {
  out.int32(0).string(request.scheme).buffer(request.auth)
}

export function readAuthRequest(from: ByteReader): AuthRequest {
  from.skip(4, 'auth.type')
  return { scheme: from.nullableString('auth.scheme'), auth: from.copy('auth.auth') }
}
