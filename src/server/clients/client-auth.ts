import { createHash } from 'node:crypto'
import { DecodeError, type ByteReader } from '../../kernel/bytes.ts'
import { readAuthRequest } from '../../protocol/auth.ts'
import { NO_IDS, tryEncodeIds } from '../../tree/command.ts'
import type { AuthId } from '../../tree/credentials.ts'
import type { DigestSettings } from '../../zoocfg/settings/security-settings.ts'

/** Holding this id, a connection is above all access lists. */
const SUPER: AuthId = { scheme: 'super', id: '' }

/** The identities of one connection: its address from the start, and what it proves. They only ever become more. */
export class ClientIdentities {
  /** As reads ask for them; the same array always. */
  readonly ids: readonly AuthId[]
  /** As commands carry them. */
  encoded: Buffer
  readonly #address: string
  readonly #digest: DigestSettings | null
  readonly #ids: AuthId[]

  /** @param digest null: nothing is proved by a digest */
  constructor(address: string, digest: DigestSettings | null) {
    this.#address = address
    this.#digest = digest
    this.#ids = [{ scheme: 'ip', id: address }]
    this.ids = this.#ids
    this.encoded = tryEncodeIds(this.#ids) ?? NO_IDS
  }

  get isSuper(): boolean {
    return this.#ids.includes(SUPER)
  }

  hasAnyOf(schemes: readonly string[]): boolean {
    return this.#ids.some(({ scheme }) => schemes.includes(scheme))
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
      identity = this.#identityOf(scheme, auth)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
    }
    if (identity === null || !this.add(identity)) return false
    const isSuper = identity.scheme === 'digest' && identity.id === this.#digest?.superDigest
    return !isSuper || this.add(SUPER)
  }

  /**
   * Takes an id that is proved already, by the transport for one.
   *
   * @returns false when the ids would no longer fit into a command
   */
  add(identity: AuthId): boolean {
    if (this.#ids.some(({ scheme, id }) => scheme === identity.scheme && id === identity.id)) return true
    const encoded = tryEncodeIds([...this.#ids, identity])
    if (encoded === null) return false
    this.#ids.push(identity)
    this.encoded = encoded
    return true
  }

  /** Above all access lists from here on. */
  addSuper(): boolean {
    return this.add(SUPER)
  }

  /**
   * What an auth packet proves. Schemes: `digest` (the data is `user:password`; anybody may claim any pair, its hash is
   * what ACLs compare) and `ip` (adds nothing: every connection holds its address already); `x509` repeats what the
   * transport has proved.
   *
   * Source: DigestAuthenticationProvider, IPAuthenticationProvider, X509AuthenticationProvider (Apache ZooKeeper 3.9).
   */
  #identityOf(scheme: string | null, auth: Uint8Array | null): AuthId | null {
    if (auth === null) return null
    switch (scheme) {
      case 'digest': {
        if (this.#digest === null) return null
        return { scheme: 'digest', id: digestOf(Buffer.from(auth).toString('utf8'), this.#digest.algorithm) }
      }
      case 'ip':
        return { scheme: 'ip', id: this.#address }
      case 'x509':
        return this.#ids.find((id) => id.scheme === 'x509') ?? null
      default:
        return null
    }
  }
}

/**
 * @param text `user:password`; without a colon all of it counts as the user, and is hashed as it is
 * @param algorithm as node:crypto spells it
 */
export function digestOf(text: string, algorithm = 'sha1'): string {
  const colon = text.indexOf(':')
  const user = colon === -1 ? text : text.slice(0, colon)
  return `${user}:${createHash(algorithm).update(text, 'utf8').digest('base64')}`
}

/** An IPv4 address that reached an IPv6 socket, in the form that ACLs and operators write. */
export function plainAddress(remoteHost: string): string {
  return remoteHost.startsWith('::ffff:') ? remoteHost.slice('::ffff:'.length) : remoteHost
}
