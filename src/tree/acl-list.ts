import { OPEN_ACL, Permission, type Acl } from '../protocol/acl.ts'

/** A znode's ACL. Znodes with the same entries mostly share one list: `AclTable` sees to that. */
export class AclList {
  readonly entries: readonly Acl[]
  /**
   * The permissions that everybody has, so that most checks end without knowing who asks. An empty list, which no client
   * can make but an old snapshot may hold, grants everything.
   */
  readonly worldPerms: number

  constructor(entries: readonly Acl[]) {
    let worldPerms = entries.length === 0 ? -1 : 0
    for (const entry of entries) {
      if (entry.scheme === 'world' && entry.id === 'anyone') worldPerms |= entry.perms
    }
    this.entries = entries
    this.worldPerms = worldPerms
  }
}

/** world:anyone with all permissions: one object, for nearly every znode has it. */
export const OPEN_ACL_LIST = new AclList(OPEN_ACL)

/** world:anyone may read: the ACL of `/zookeeper/config`. */
export const READ_ACL_LIST = new AclList([{ perms: Permission.read, scheme: 'world', id: 'anyone' }])

const INTERNED_MAX = 4096

/** Gives equal entries one list. Forgets all when full: a list is a value, so a second copy costs memory and no more. */
export class AclTable {
  readonly #lists = new Map<string, AclList>()

  intern(entries: readonly Acl[]): AclList {
    if (isOpen(entries)) return OPEN_ACL_LIST
    const key = keyOf(entries)
    let list = this.#lists.get(key)
    if (list === undefined) {
      if (this.#lists.size === INTERNED_MAX) this.#lists.clear()
      list = new AclList(entries)
      this.#lists.set(key, list)
    }
    return list
  }
}

function isOpen(entries: readonly Acl[]): boolean {
  const first = entries[0]
  return (
    entries.length === 1 &&
    first !== undefined &&
    first.perms === Permission.all &&
    first.scheme === 'world' &&
    first.id === 'anyone'
  )
}

/** Lengths keep the texts apart, whatever characters they hold. */
function keyOf(entries: readonly Acl[]): string {
  let key = ''
  for (const { perms, scheme, id } of entries) key += `${perms}:${scheme.length}:${scheme}${id.length}:${id}`
  return key
}
