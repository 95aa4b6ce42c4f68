import { DecodeError } from '../kernel/bytes.ts'

const LENGTH_SIZE = 4

/**
 * Records behind their lengths, out of chunks that may be cut anywhere. A record that lies within one chunk, as
 * `serialiseTree` cuts them, is not copied.
 *
 * @returns views, good until the next one
 * @throws DecodeError for a negative length, or when the chunks end within a record
 */
export function* chunkRecords(chunks: Iterable<Buffer>): IterableIterator<Buffer> {
  /** What is not yet handed out: one buffer, or several to be joined once they hold a whole record. */
  let held: Buffer[] = []
  let heldSize = 0
  let needed = LENGTH_SIZE
  for (const chunk of chunks) {
    held.push(chunk)
    heldSize += chunk.length
    if (heldSize < needed) continue
    let rest = held.length === 1 ? chunk : Buffer.concat(held, heldSize)
    for (;;) {
      needed = LENGTH_SIZE
      if (rest.length < needed) break
      const length = rest.readInt32BE(0)
      if (length < 0) throw new DecodeError(`a record has the length ${length}`)
      needed = LENGTH_SIZE + length
      if (rest.length < needed) break
      yield rest.subarray(LENGTH_SIZE, needed)
      rest = rest.subarray(needed)
    }
    held = rest.length === 0 ? [] : [rest]
    heldSize = rest.length
  }
  if (heldSize > 0) throw new DecodeError(`a record needs ${needed} bytes but ${heldSize} are left`)
}
