import type { AclList } from './acl-list.ts'
import type { CommandHeader } from './command.ts'
import type { NodeStore } from './node-store.ts'
import type { QuotaExcess } from './quota-excess.ts'
import type { Session } from './session.ts'
import type { SessionTable } from './session-table.ts'
import { mixInt, mixZnode } from './state-hash.ts'
import type { WatchTable } from './watch-table.ts'
import type { Znode } from './znode.ts'

interface PendingEvent {
  readonly type: number
  readonly path: string
  readonly acl: AclList
}

/**
 * What the operations work on while one command is applied: the state, the command's header, and the places for what
 * they find. One object serves all commands of a tree.
 *
 * An operation is a function that checks first and changes then, and returns a WireError: unless that is `ok` it has
 * changed nothing. Only multi, which runs several, needs to take changes back.
 */
export class Transaction {
  readonly store: NodeStore
  readonly sessions: SessionTable
  readonly header: CommandHeader
  zxid = 0
  /** The session that sent the command; null when it is closed or unknown. */
  session: Session | null = null
  /** For the outcome: what a create made, what a setData, setACL or reconfig changed. */
  path = ''
  node: Znode | null = null
  /** A quota that the command exceeds, whether it is done or refused; null for nearly all commands. */
  quotaExcess: QuotaExcess | null = null
  /** The tree's rolling hash; operations mix in what they decide. */
  hash = 0
  readonly #watches: WatchTable
  readonly #events: PendingEvent[] = []

  constructor(store: NodeStore, sessions: SessionTable, watches: WatchTable, header: CommandHeader) {
    this.store = store
    this.sessions = sessions
    this.header = header
    this.#watches = watches
  }

  begin(zxid: number): void {
    this.zxid = zxid
    this.session = this.sessions.get(this.header.sessionHigh, this.header.sessionLow)
    this.path = ''
    this.node = null
    this.quotaExcess = null
  }

  /** An event for `fire`, in order. */
  announce(type: number, path: string, acl: AclList): void {
    if (this.#watches.count > 0) this.#events.push({ type, path, acl })
  }

  forgetEvents(): void {
    this.#events.length = 0
  }

  /** Tells the watchers: only now, when the whole command has succeeded. */
  fireEvents(): void {
    if (this.#events.length === 0) return
    for (const { type, path, acl } of this.#events) this.#watches.trigger(type, path, this.zxid, acl)
    this.#events.length = 0
  }

  mixNode(node: Znode): void {
    this.hash = mixZnode(this.hash, node)
  }

  mixNumber(value: number): void {
    this.hash = mixInt(this.hash, value)
  }
}
