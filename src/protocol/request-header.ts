import type { ByteReader, ByteWriter } from '../kernel/bytes.ts'

/**
 * RequestHeader: stands before every request but the handshake. A ping, closeSession or whoAmI is this header alone.
 *
 *   xid: int · type: int
 *
 * Source: zookeeper.jute, RequestHeader (Apache ZooKeeper 3.9).
 */
export interface RequestHeader {
  /** Echoed in the reply, unchecked; see Xid for the ones with a meaning. */
  readonly xid: number
  /** One of OpCode, if the client keeps to the protocol. */
  readonly type: number
}

export function writeRequestHeader(out: ByteWriter, header: RequestHeader): void {
  out.int32(header.xid).int32(header.type)
}

export function readRequestHeader(from: ByteReader): RequestHeader {
  return { xid: from.int32('header.xid'), type: from.int32('header.type') }
}
