import type { ByteWriter } from '../kernel/bytes.ts'

/**
 * A frame, the same in both directions: `length: int · payload[length]`, the length without its own four bytes.
 */
export const FRAME_HEADER_SIZE_BYTES = 4

/** The largest payload by default: `jute.maxbuffer`, 0xfffff. A frame of exactly this size passes. */
export const FRAME_SIZE_MAX_DEFAULT = 0xfffff

/** Leaves room for the length. @returns the frame's offset, for `endFrame` */
export function beginFrame(out: ByteWriter): number {
  return out.reserve(FRAME_HEADER_SIZE_BYTES)
}

/** @param offset from `beginFrame`; no `take()` in between */
export function endFrame(out: ByteWriter, offset: number): void {
  out.patchInt32(offset, out.size - offset - FRAME_HEADER_SIZE_BYTES)
}
