/**
 * A session id is 64 bits: the high byte is the id of the server that made it (1 to 254, not 0x80), the rest is random.
 * Records and tree keep it as two 32-bit halves; `bigint` appears only at the client API.
 */

/** A key for maps: the low 53 bits. The tree refuses to create a session whose key is taken. */
export function sessionKey(high: number, low: number): number {
  return (high & 0x1fffff) * 2 ** 32 + (low >>> 0)
}

export function sessionIdOf(high: number, low: number): bigint {
  return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low >>> 0))
}

/** @returns the halves of `id` as signed 32-bit integers */
export function halvesOf(id: bigint): { readonly high: number; readonly low: number } {
  return { high: Number(BigInt.asIntN(32, id >> 32n)), low: Number(BigInt.asIntN(32, id)) }
}

/** As the four letter words print it: `0x` and hexadecimal digits without leading zeros. */
export function sessionText(high: number, low: number): string {
  return `0x${BigInt.asUintN(64, sessionIdOf(high, low)).toString(16)}`
}
