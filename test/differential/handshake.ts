import { ByteReader, ByteWriter } from '../../src/kernel/bytes.ts'

export interface HandshakeRequest {
  readonly zxid: number
  readonly timeoutMs: number
  readonly id: bigint
  readonly password: Buffer | null
  /** Null: the flag is left out. */
  readonly readOnly: boolean | null
}

export interface HandshakeReply {
  /** 0: refused. */
  readonly timeoutMs: number
  readonly id: bigint
  readonly password: Buffer | null
  readonly readOnly: boolean | null
}

/** @returns the frame with its length */
export function handshakeBytes(request: HandshakeRequest): Buffer {
  const out = new ByteWriter(64)
  out.int32(0).int32(0).safeLong(request.zxid).int32(request.timeoutMs).long(request.id).buffer(request.password)
  if (request.readOnly !== null) out.boolean(request.readOnly)
  out.patchInt32(0, out.size - 4)
  return out.take()
}

export function readHandshake(payload: Buffer): HandshakeReply {
  const from = new ByteReader(payload)
  from.int32('protocolVersion')
  return {
    timeoutMs: from.int32('timeOut'),
    id: from.long('sessionId'),
    password: from.buffer('passwd'),
    readOnly: from.remaining > 0 ? from.boolean('readOnly') : null,
  }
}
