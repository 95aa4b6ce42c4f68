import type { ByteReader, ByteWriter } from '../kernel/bytes.ts'

/**
 * One request, as the lean side of the client takes it: no promise, no closure. The client keeps the object until it has
 * answered it, with exactly one `onReply`; the caller may hand the same object in again from there.
 */
export interface ClientRequest {
  /** One of OpCode. */
  readonly type: number
  /**
   * Appends the request's record, without header or frame. Called once: at once while connected, else when the next
   * connection stands, so what it reads must not change until the reply.
   */
  writeTo(out: ByteWriter): void
  /**
   * @param error one of WireError; 0 is success. `connectionLoss`: whether it was executed is not known
   * @param zxid of the reply; 0 when the client itself made the error
   * @param from the response record, readable during the call only; empty when there is none. A DecodeError from here
   *   ends the connection, after a second call with `marshallingError`
   */
  onReply(error: number, zxid: number, from: ByteReader): void
}
