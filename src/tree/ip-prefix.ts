/**
 * The `ip` scheme: an ACL names an address, or a prefix `address/bits`, IPv4 or IPv6. An IPv4 address in IPv6 clothes
 * (`::ffff:10.0.0.1`) counts as the IPv4 address, since a socket that listens on both shows its peers that way.
 */

/** @returns whether `text` is an address or a prefix that an ACL may hold */
export function isIpPrefix(text: string): boolean {
  return parsePrefix(text) !== null
}

/** @param prefix as the ACL has it @param address of a client */
export function ipPrefixMatches(prefix: string, address: string): boolean {
  const wanted = parsePrefix(prefix)
  const found = parseAddress(address)
  if (wanted === null || found === null || wanted.bytes.length !== found.length) return false
  for (let index = 0, bitsLeft = wanted.bits; bitsLeft > 0; index++, bitsLeft -= 8) {
    const mask = bitsLeft >= 8 ? 0xff : (0xff << (8 - bitsLeft)) & 0xff
    if ((((wanted.bytes[index] as number) ^ (found[index] as number)) & mask) !== 0) return false
  }
  return true
}

interface Prefix {
  readonly bytes: readonly number[]
  readonly bits: number
}

function parsePrefix(text: string): Prefix | null {
  const slash = text.indexOf('/')
  const bytes = parseAddress(slash === -1 ? text : text.slice(0, slash))
  if (bytes === null) return null
  const bitsMax = bytes.length * 8
  if (slash === -1) return { bytes, bits: bitsMax }
  const bits = parseDigits(text.slice(slash + 1), bitsMax)
  return bits === null ? null : { bytes, bits }
}

/** @returns 4 or 16 bytes; null for what is no address */
function parseAddress(text: string): number[] | null {
  if (!text.includes(':')) return parseIpv4(text)
  const bytes = parseIpv6(text)
  if (bytes === null) return null
  const isMapped = bytes.every((byte, index) => index >= 12 || byte === (index < 10 ? 0 : 0xff))
  return isMapped ? bytes.slice(12) : bytes
}

function parseIpv4(text: string): number[] | null {
  const parts = text.split('.')
  if (parts.length !== 4) return null
  const bytes: number[] = []
  for (const part of parts) {
    const byte = parseDigits(part, 0xff)
    if (byte === null) return null
    bytes.push(byte)
  }
  return bytes
}

function parseIpv6(text: string): number[] | null {
  const halves = text.split('::')
  if (halves.length > 2) return null
  const head = parseGroups(halves[0] as string)
  const tail = parseGroups(halves[1] ?? '')
  if (head === null || tail === null) return null
  const missing = 16 - head.length - tail.length
  if (halves.length === 1 ? missing !== 0 : missing < 2) return null
  return [...head, ...new Array<number>(missing).fill(0), ...tail]
}

/** Groups of up to four hexadecimal digits; the last one may be an IPv4 address. */
function parseGroups(text: string): number[] | null {
  if (text === '') return []
  const bytes: number[] = []
  const groups = text.split(':')
  for (const [index, group] of groups.entries()) {
    if (index === groups.length - 1 && group.includes('.')) {
      const embedded = parseIpv4(group)
      if (embedded === null) return null
      bytes.push(...embedded)
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return null
      const value = Number.parseInt(group, 16)
      bytes.push(value >> 8, value & 0xff)
    }
  }
  return bytes
}

function parseDigits(text: string, max: number): number | null {
  if (!/^[0-9]{1,3}$/.test(text)) return null
  const value = Number(text)
  return value > max ? null : value
}
