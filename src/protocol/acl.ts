import type { ByteReader, ByteWriter } from '../kernel/bytes.ts'

/**
 * ACL: what one identity may do with a znode.
 *
 *   perms: int · id { scheme: ustring · id: ustring }
 *
 * Source: zookeeper.jute, ACL and Id (Apache ZooKeeper 3.9).
 */
export interface Acl {
  /** Bits of Permission; bits beyond these are kept as they are. */
  readonly perms: number
  readonly scheme: string
  readonly id: string
}

export const Permission = {
  read: 1,
  write: 2,
  create: 4,
  delete: 8,
  admin: 16,
  all: 31,
} as const

/** Everybody may do everything: what clients send when nobody says otherwise. */
export const OPEN_ACL: readonly Acl[] = [{ perms: Permission.all, scheme: 'world', id: 'anyone' }]

/** Two lengths and the permissions. */
const ACL_SIZE_MIN = 12

/** @param acl null travels as null, which servers refuse with INVALIDACL as they do an empty vector */
export function writeAclVector(out: ByteWriter, acl: readonly Acl[] | null): void {
  if (acl === null) {
    out.int32(-1)
    return
  }
  out.int32(acl.length)
  for (const entry of acl) out.int32(entry.perms).string(entry.scheme).string(entry.id)
}

/**
 * A null scheme or id reads as the empty text: no scheme has that name and no scheme takes that id, so the request is
 * refused as INVALIDACL either way, and what an entry holds stays a plain string.
 */
export function readAclVector(from: ByteReader, field: string): Acl[] | null {
  const count = from.count(field, ACL_SIZE_MIN)
  if (count === -1) return null
  const acl: Acl[] = []
  for (let index = 0; index < count; index++) {
    acl.push({
      perms: from.int32(field),
      scheme: from.nullableString(field) ?? '',
      id: from.nullableString(field) ?? '',
    })
  }
  return acl
}
