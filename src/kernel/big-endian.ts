/**
 * Numbers in bytes, most significant byte first, without a check of the bounds: for where each request passes. The methods of
 * Buffer that do the same lie on a prototype that V8 keeps as a dictionary, so it looks each of them up anew and calls it;
 * these functions it puts in line, and the header of a command is read in a fifth of the time.
 */

export function readInt32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  )
}

export function readUint32(bytes: Uint8Array, at: number): number {
  return readInt32(bytes, at) >>> 0
}

export function readUint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
}

export function readFloat64(bytes: Uint8Array, at: number): number {
  eight.setInt32(0, readInt32(bytes, at))
  eight.setInt32(4, readInt32(bytes, at + 4))
  return eight.getFloat64(0)
}

/** @param value an int32 or a uint32: of others the lowest 32 bits */
export function writeInt32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

export function writeUint16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8
  bytes[at + 1] = value
}

export function writeFloat64(bytes: Uint8Array, at: number, value: number): void {
  eight.setFloat64(0, value)
  writeInt32(bytes, at, eight.getInt32(0))
  writeInt32(bytes, at + 4, eight.getInt32(4))
}

const eight = new DataView(new ArrayBuffer(8))
