import { DecodeError, type ByteReader, type ByteWriter } from '../kernel/bytes.ts'

/** vector<ustring>: a count, then the strings; the count -1 is null. */
export function writeStringVector(out: ByteWriter, strings: readonly string[] | null): void {
  if (strings === null) {
    out.int32(-1)
    return
  }
  out.int32(strings.length)
  for (const text of strings) out.string(text)
}

/** @throws DecodeError also for a null vector or a null element */
export function readStringVector(from: ByteReader, field: string): string[] {
  const strings: string[] = []
  const count = from.count(field, 4)
  // A null vector is as malformed here as a null string: no record has a use for it.
  if (count === -1) throw new DecodeError(`${field} is null`)
  for (let index = 0; index < count; index++) strings.push(from.string(field))
  return strings
}
