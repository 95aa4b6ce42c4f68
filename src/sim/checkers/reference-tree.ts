import {
  BAD_VERSION,
  EPHEMERAL_ON_LOCAL_SESSION,
  NO_NODE,
  NODE_EXISTS,
  type Change,
  type Write,
  type WriteAnswer,
} from './operation.ts'

interface Znode {
  readonly value: string
  readonly version: number
  /** Null for a persistent one. */
  readonly owner: string | null
}

interface Revision {
  readonly zxid: number
  /** Null: gone. */
  readonly znode: Znode | null
}

/**
 * A second, slow and obvious tree: what the writes in the log make of a few znodes, with everything they ever were. It
 * knows no ACLs, no children and no times; names with sequence numbers it takes from the answers.
 */
export class ReferenceTree {
  readonly #znodes = new Map<string, Znode>()
  readonly #revisions = new Map<string, Revision[]>()
  readonly #sessions = new Set<string>()
  readonly #closed = new Set<string>()

  openSession(session: string): void {
    this.#sessions.add(session)
  }

  hasSession(session: string): boolean {
    return this.#sessions.has(session)
  }

  /** Whether it was known to all servers, and is over. */
  isClosed(session: string): boolean {
    return this.#closed.has(session)
  }

  closeSession(session: string, zxid: number): void {
    if (this.#sessions.delete(session)) this.#closed.add(session)
    for (const [path, { owner }] of [...this.#znodes]) if (owner === session) this.#put(path, null, zxid)
  }

  /** @returns what the client must hear, if it hears anything */
  apply(write: Write, session: string, zxid: number): WriteAnswer {
    const undo = new Map<string, Znode | null>()
    let version: number | null = null
    let path: string | null = null
    for (const change of write.changes) {
      const before = this.#znodes.get(change.path) ?? null
      const error = this.#refusal(change, before, session)
      if (error !== 0) {
        for (const [undonePath, znode] of undo) this.#set(undonePath, znode)
        return { error, version: null, path: null }
      }
      if (change.kind === 'check' || (change.kind === 'create' && change.isSequential)) continue
      if (!undo.has(change.path)) undo.set(change.path, before)
      const after = this.#after(change, before, session)
      this.#set(change.path, after)
      if (change.kind === 'set' && after !== null) version = after.version
      if (change.kind === 'create') path = change.path
    }
    for (const changed of undo.keys()) this.#put(changed, this.#znodes.get(changed) ?? null, zxid)
    return { error: 0, version, path }
  }

  /** What the path held when everything up to `zxid` was applied; null when there was nothing. */
  at(path: string, zxid: number): { readonly value: string; readonly version: number } | null {
    const revisions = this.#revisions.get(path) ?? []
    for (let index = revisions.length - 1; index >= 0; index--) {
      const revision = revisions[index]
      if (revision !== undefined && revision.zxid <= zxid) return revision.znode
    }
    return null
  }

  /** Whether the path was written after one zxid, and not later than another. */
  hasChanged(path: string, afterZxid: number, throughZxid: number): boolean {
    const revisions = this.#revisions.get(path) ?? []
    for (let index = revisions.length - 1; index >= 0; index--) {
      const zxid = revisions[index]?.zxid ?? 0
      if (zxid <= afterZxid) return false
      if (zxid <= throughZxid) return true
    }
    return false
  }

  #refusal(change: Change, before: Znode | null, session: string): number {
    if (change.kind === 'create') {
      if (change.isEphemeral && !this.#sessions.has(session)) return EPHEMERAL_ON_LOCAL_SESSION
      const parent = change.path.slice(0, change.path.lastIndexOf('/'))
      if (parent !== '' && !this.#znodes.has(parent)) return NO_NODE
      return before !== null && !change.isSequential ? NODE_EXISTS : 0
    }
    if (before === null) return NO_NODE
    return change.version !== -1 && change.version !== before.version ? BAD_VERSION : 0
  }

  #after(change: Change, before: Znode | null, session: string): Znode | null {
    switch (change.kind) {
      case 'create':
        return { value: change.value, version: 0, owner: change.isEphemeral ? session : null }
      case 'set':
        return { value: change.value, version: (before?.version ?? 0) + 1, owner: before?.owner ?? null }
      case 'delete':
        return null
      case 'check':
        return before
    }
  }

  #set(path: string, znode: Znode | null): void {
    if (znode === null) this.#znodes.delete(path)
    else this.#znodes.set(path, znode)
  }

  #put(path: string, znode: Znode | null, zxid: number): void {
    this.#set(path, znode)
    const revisions = this.#revisions.get(path) ?? []
    revisions.push({ zxid, znode })
    this.#revisions.set(path, revisions)
  }
}
