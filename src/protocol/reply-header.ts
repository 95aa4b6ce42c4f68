import type { ByteReader, ByteWriter } from '../kernel/bytes.ts'

/**
 * ReplyHeader: stands before every answer but the handshake's, and before every watch event (xid -1).
 *
 *   xid: int · zxid: long · err: int
 *
 * The record follows only when `error` is 0 (a multi's and sasl's always). Source: zookeeper.jute, ReplyHeader.
 */
export interface ReplyHeader {
  readonly xid: number
  /** The last zxid the server had applied; 0 in answers to auth, -1 to an unknown op code. */
  readonly zxid: number
  /** One of WireError. */
  readonly error: number
}

export const REPLY_HEADER_SIZE_BYTES = 16

export function writeReplyHeader(out: ByteWriter, header: ReplyHeader): void {
  out.int32(header.xid).safeLong(header.zxid).int32(header.error)
}

export function readReplyHeader(from: ByteReader): ReplyHeader {
  return { xid: from.int32('header.xid'), zxid: from.safeLong('header.zxid'), error: from.int32('header.err') }
}
