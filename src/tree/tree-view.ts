import type { History } from './history.ts'
import type { NodeStore } from './node-store.ts'
import type { Session } from './session.ts'
import type { SessionTable } from './session-table.ts'
import { childPath, type Znode } from './znode.ts'

export interface ViewedState {
  readonly zxid: number
  readonly history: History
  readonly store: NodeStore
  readonly sessions: SessionTable
}

/** The tree as it was at one zxid, while its history is kept: by a pin, or by a window until the next command. */
export class TreeView {
  readonly zxid: number
  readonly #state: ViewedState

  constructor(state: ViewedState) {
    this.zxid = state.zxid
    this.#state = state
  }

  /** @returns the znode as it was, good until the next command; of its children ask `childNames` */
  getNode(path: string): Znode | null {
    const { store, history } = this.#state
    const now = store.get(path)
    if (now !== null && now.changedZxid <= this.zxid) return now
    return history.nodeAt(path === '' ? '/' : path, this.zxid)
  }

  /** Names of the children that the znode had then, in no order; empty also for a znode that was not there. */
  childNames(path: string): string[] {
    return this.candidateNames(path).filter((name) => this.getNode(childPath(path, name)) !== null)
  }

  /**
   * As `childNames`, and perhaps names that were not there then: cheap, for one who will ask for each znode anyway. The
   * array is the caller's, so writes may go on while it is walked.
   */
  candidateNames(path: string): string[] {
    const { store, history } = this.#state
    const present = store.get(path)?.children ?? null
    const names = present === null ? [] : Array.from(present)
    for (const name of history.takenNames(path)) if (present === null || !present.has(name)) names.push(name)
    return names
  }

  /** The sessions that were open then; of each, its ephemerals are those of now. */
  openSessions(): Session[] {
    const { history, sessions } = this.#state
    const open = history.closedSessionsAt(this.zxid)
    for (const session of sessions) if (session.createdZxid <= this.zxid) open.push(session)
    return open
  }
}
