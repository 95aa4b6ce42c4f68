/**
 * Bytes as a text of one character a byte (ISO 8859-1), for what is small and stays long. V8 keeps such a text in one
 * piece of its own heap, 16 bytes more than its length; a Buffer of the same bytes is a view, an ArrayBuffer, its backing
 * store and a piece of the C heap, 300 bytes more and 1.5 µs to make. A million znodes of 100 bytes are a third smaller.
 */
declare const brand: unique symbol
export type ByteString = string & { readonly [brand]: true }

/** Bytes that somebody keeps; never changed. */
export type KeptBytes = ByteString | Uint8Array

/** Longer ones stay bytes: a text is copied when it is made and moved by the garbage collector. */
const TEXT_SIZE_MAX = 4096

/** @returns a copy of `bytes[start, end)` that holds no other memory */
export function keepBytes(bytes: Uint8Array, start = 0, end = bytes.length): KeptBytes {
  if (end - start > TEXT_SIZE_MAX) return ownCopy(bytes.subarray(start, end))
  return viewOf(bytes).toString('latin1', start, end) as ByteString
}

/** @returns a view of them, or a copy when they were kept as a text */
export function bytesOf(kept: KeptBytes): Buffer {
  return typeof kept === 'string' ? Buffer.from(kept, 'latin1') : viewOf(kept)
}

function ownCopy(bytes: Uint8Array): Buffer {
  const own = Buffer.allocUnsafeSlow(bytes.length)
  own.set(bytes)
  return own
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
