import type { History } from './history.ts'
import type { NodeStore } from './node-store.ts'
import type { Session } from './session.ts'
import type { SessionTable } from './session-table.ts'
import { childPath, nameOf, type Znode } from './znode.ts'

const NO_CHILDREN: ReadonlyMap<string, Znode> = new Map()

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
    const now = this.#state.store.get(path)
    return now === null ? this.#state.history.nodeAt(path === '' ? '/' : path, this.zxid) : this.stateThen(now)
  }

  /**
   * As `getNode`, without looking the path up.
   *
   * @param node that is there now, or was when the view's own moment had come
   */
  stateThen(node: Znode): Znode | null {
    return node.changedZxid <= this.zxid ? node : this.#state.history.nodeAt(node.path, this.zxid)
  }

  /** Names of the children that the znode had then, in no order; empty also for a znode that was not there. */
  childNames(path: string): string[] {
    const { present, taken } = this.candidates(path)
    const there = present.filter((child) => this.stateThen(child) !== null).map((child) => nameOf(child.path))
    return [...there, ...taken.filter((name) => this.getNode(childPath(path, name)) !== null)]
  }

  /**
   * The children that the znode had then, and perhaps some that were not there: cheap, for one who will ask for the state
   * of each anyway. The arrays are the caller's, so writes may go on while they are walked.
   *
   * @returns those that are there now, and the names of those that are not
   */
  candidates(path: string): { readonly present: readonly Znode[]; readonly taken: readonly string[] } {
    const { store, history } = this.#state
    const children = store.get(path)?.children ?? NO_CHILDREN
    const taken: string[] = []
    for (const name of history.takenNames(path)) if (!children.has(name)) taken.push(name)
    return { present: Array.from(children.values()), taken }
  }

  /** The sessions that were open then; of each, its ephemerals are those of now. */
  openSessions(): Session[] {
    const { history, sessions } = this.#state
    const open = history.closedSessionsAt(this.zxid)
    for (const session of sessions) if (session.createdZxid <= this.zxid) open.push(session)
    return open
  }
}
