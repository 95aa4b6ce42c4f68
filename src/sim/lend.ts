/** What stands in lent bytes afterwards: read as a length, one below zero. */
const WRITTEN_OVER = 0xdd

/** Calls with a copy of the bytes and then writes over it, as a connection does with what it lends its handler. */
export function lend<Result>(bytes: Uint8Array, use: (lent: Buffer) => Result): Result {
  const lent = Buffer.from(bytes)
  try {
    return use(lent)
  } finally {
    lent.fill(WRITTEN_OVER)
  }
}
