/**
 * Who may do what: matching a znode's ACL against a connection's ids, and checking the ACL that a client wants to set.
 *
 * | scheme | id in an ACL           | matches when                          | may be set when                  |
 * |--------|------------------------|---------------------------------------|----------------------------------|
 * | world  | `anyone`               | always                                | it is exactly that id            |
 * | auth   | ignored                | replaced by the setter's own ids      | the connection has proved any id |
 * | digest | `user:hash`            | the connection's digest id is equal   | as `isDigestId` has it           |
 * | ip     | `address[/bits]`       | the client's address is in the prefix | it parses                        |
 * | x509   | a certificate's name   | the client's name is the same text    | it is an X.500 name, and the     |
 * |        |                        |                                       | server has TLS for clients       |
 * | super  | never in an ACL        | (passes every check)                  | never                            |
 *
 * Any other scheme is refused: this server cannot prove its ids, so nobody could pass.
 * Source: PrepRequestProcessor.fixupACL, ZooKeeperServer.checkACL (Apache ZooKeeper 3.9).
 */
import { type Acl } from '../protocol/acl.ts'
import { OPEN_ACL_LIST, type AclList, type AclTable } from './acl-list.ts'
import type { AuthId, Credentials } from './credentials.ts'
import { isX500Name } from './x500-name.ts'
import { ipPrefixMatches, isIpPrefix } from './ip-prefix.ts'

/** @param perms bits of Permission, any of which is enough */
export function permits(acl: AclList, perms: number, who: Credentials): boolean {
  return (acl.worldPerms & perms) !== 0 || who.isSuper || who.skipAcl || anyEntryGrants(acl, perms, who.ids)
}

/**
 * What a client asks to set, made into what is stored: repeated entries dropped, `auth` replaced by one entry for each
 * id that the connection has proved.
 *
 * @returns null when the request is refused with INVALIDACL
 */
export function resolveAcl(
  requested: readonly Acl[] | null,
  who: Credentials & { readonly knowsX509: boolean },
  table: AclTable,
): AclList | null {
  if (requested === null || requested.length === 0) return null
  const stored: Acl[] = []
  for (const [index, entry] of requested.entries()) {
    if (isRepeated(requested, index)) continue
    if (entry.scheme === 'auth') {
      const sizeBefore = stored.length
      for (const { scheme, id } of who.ids) {
        if (PROVED_SCHEMES.has(scheme)) stored.push({ perms: entry.perms, scheme, id })
      }
      if (stored.length === sizeBefore) return null
    } else if (mayBeSet(entry) && (entry.scheme !== 'x509' || who.knowsX509)) {
      stored.push(entry)
    } else {
      return null
    }
  }
  return table.intern(stored)
}

/** As getACL shows it to one who is not admin of the znode: without the hashes of digests. */
export function maskedEntries(acl: AclList): readonly Acl[] {
  if (acl === OPEN_ACL_LIST) return acl.entries
  return acl.entries.map((entry) =>
    entry.scheme === 'digest' ? { perms: entry.perms, scheme: entry.scheme, id: `${userOf(entry.id)}:x` } : entry,
  )
}

/** The part of a digest id that is no secret. */
export function userOf(digestId: string): string {
  const colon = digestId.indexOf(':')
  return colon === -1 ? digestId : digestId.slice(0, colon)
}

/** Schemes whose ids a connection holds only after it proved them; an address is just where it comes from. */
const PROVED_SCHEMES: ReadonlySet<string> = new Set(['digest', 'x509'])

function anyEntryGrants(acl: AclList, perms: number, ids: readonly AuthId[]): boolean {
  for (const entry of acl.entries) {
    if ((entry.perms & perms) === 0) continue
    for (const { scheme, id } of ids) {
      if (scheme !== entry.scheme) continue
      if (scheme === 'ip' ? ipPrefixMatches(entry.id, id) : entry.id === id) return true
    }
  }
  return false
}

function mayBeSet(entry: Acl): boolean {
  switch (entry.scheme) {
    case 'world':
      return entry.id === 'anyone'
    case 'digest':
      return isDigestId(entry.id)
    case 'ip':
      return isIpPrefix(entry.id)
    case 'x509':
      return isX500Name(entry.id)
    default:
      return false
  }
}

/** Two parts as Java splits at colons: those at the end do not count, and the user may be empty. The hash may be any. */
function isDigestId(id: string): boolean {
  return id.replace(/:+$/, '').split(':').length === 2
}

function isRepeated(entries: readonly Acl[], index: number): boolean {
  const entry = entries[index] as Acl
  for (let earlier = 0; earlier < index; earlier++) {
    const other = entries[earlier] as Acl
    if (other.perms === entry.perms && other.scheme === entry.scheme && other.id === entry.id) return true
  }
  return false
}
