/** Numbers as Java reads them: what Apache refuses, we must not guess at. Each gives null where Java throws. */

const DECIMAL = /^[+-]?[0-9]+$/
const INT_MIN = -(2 ** 31)
const INT_MAX = 2 ** 31 - 1

/** `Integer.parseInt`: no blanks, no units, 32 bits. */
export function javaInt(text: string): number | null {
  if (!DECIMAL.test(text)) return null
  const value = Number(text) + 0 // "-0" is 0
  return value >= INT_MIN && value <= INT_MAX ? value : null
}

/** `Long.parseLong`, as far as a `number` is exact. */
export function javaLong(text: string): number | null {
  if (!DECIMAL.test(text)) return null
  const value = Number(text) + 0
  return Number.isSafeInteger(value) ? value : null
}

/** `Integer.decode`, which `Integer.getInteger` uses: also 0x1f, #1f and the octal 037. */
export function javaDecodedInt(text: string): number | null {
  const match = /^([+-]?)(?:(?:0[xX]|#)([0-9a-fA-F]+)|0([0-7]+)|(0|[1-9][0-9]*))$/.exec(text)
  if (match === null) return null
  const [, sign, hexadecimal, octal, decimal] = match
  const magnitude =
    hexadecimal !== undefined
      ? Number.parseInt(hexadecimal, 16)
      : octal !== undefined
        ? Number.parseInt(octal, 8)
        : Number(decimal)
  const value = sign === '-' ? -magnitude + 0 : magnitude
  return value >= INT_MIN && value <= INT_MAX ? value : null
}

/** `true` or `false` in any case: what QuorumPeerConfig accepts of the switches it parses itself. */
export function javaSwitch(text: string): boolean | null {
  const word = text.toLowerCase()
  return word === 'true' ? true : word === 'false' ? false : null
}
