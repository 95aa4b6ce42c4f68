import { createHash } from 'node:crypto'
import { DecodeError, type ByteReader } from '../../kernel/bytes.ts'
import { readAuthRequest } from '../../protocol/auth.ts'
import { NO_IDS, tryEncodeIds } from '../../tree/command.ts'
import type { AuthId } from '../../tree/credentials.ts'

/** The identities of one connection: its address from the start, and what it proves. They only ever become more. */
export class ClientIdentities {
  /** As reads ask for them; the same array always. */
  readonly ids: readonly AuthId[]
  /** As commands carry them. */
  encoded: Buffer
  readonly #address: string
  readonly #ids: AuthId[]

  constructor(address: string) {
    this.#address = address
    this.#ids = [{ scheme: 'ip', id: address }]
    this.ids = this.#ids
    this.encoded = tryEncodeIds(this.#ids) ?? NO_IDS
  }

  /**
   * Takes an auth packet.
   *
   * @param from at the request record
   * @returns false when it proves nothing: the server answers AUTHFAILED and closes
   */
  authenticate(from: ByteReader): boolean {
    let identity: AuthId | null = null
    try {
      const { scheme, auth } = readAuthRequest(from)
      identity = identityOf(scheme, auth, this.#address)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
    }
    return identity !== null && this.#add(identity)
  }

  /** @returns false when the ids would no longer fit into a command */
  #add(identity: AuthId): boolean {
    if (this.#ids.some(({ scheme, id }) => scheme === identity.scheme && id === identity.id)) return true
    const encoded = tryEncodeIds([...this.#ids, identity])
    if (encoded === null) return false
    this.#ids.push(identity)
    this.encoded = encoded
    return true
  }
}

/**
 * What an auth packet proves. Schemes: `digest` (the data is `user:password`; anybody may claim any pair, its hash is what
 * ACLs compare) and `ip` (adds nothing: every connection holds its address already).
 *
 * Source: DigestAuthenticationProvider, IPAuthenticationProvider (Apache ZooKeeper 3.9).
 */
function identityOf(scheme: string | null, auth: Uint8Array | null, address: string): AuthId | null {
  if (auth === null) return null
  switch (scheme) {
    case 'digest':
      return { scheme: 'digest', id: digestOf(Buffer.from(auth).toString('utf8')) }
    case 'ip':
      return { scheme: 'ip', id: address }
    default:
      return null
  }
}

/** @param text `user:password`; without a colon all of it counts as the user, and is hashed as it is */
export function digestOf(text: string): string {
  const colon = text.indexOf(':')
  const user = colon === -1 ? text : text.slice(0, colon)
  return `${user}:${createHash('sha1').update(text, 'utf8').digest('base64')}`
}

/** An IPv4 address that reached an IPv6 socket, in the form that ACLs and operators write. */
export function plainAddress(remoteHost: string): string {
  return remoteHost.startsWith('::ffff:') ? remoteHost.slice('::ffff:'.length) : remoteHost
}
