import type { History } from './history.ts'
import type { NodeStore } from './node-store.ts'
import type { SessionTable } from './session-table.ts'
import { TreeView } from './tree-view.ts'

export interface WindowedState {
  readonly history: History
  readonly store: NodeStore
  readonly sessions: SessionTable
  readonly lastZxid: () => number
}

/**
 * All states of the tree from one zxid on: whoever holds the window moves its floor along with time, and the limits that
 * it was opened with move it, too. While it is open each change keeps the state before it. Who opens, closes.
 */
export class HistoryWindow {
  readonly #state: WindowedState

  /** Use `DataTree.openWindow`. */
  constructor(state: WindowedState) {
    this.#state = state
  }

  /** The lowest zxid that can be read. */
  get floorZxid(): number {
    return this.#state.history.windowFloor ?? this.#state.lastZxid() + 1
  }

  /** Earlier states held now. */
  get versionCount(): number {
    return this.#state.history.size
  }

  /** Nothing before `zxid` is kept from here on. */
  raiseFloor(zxid: number): void {
    this.#state.history.raiseFloor(zxid)
  }

  /**
   * The tree as it was after the last command up to `zxid`.
   *
   * @returns good until the next command; null outside of the window, and for what has not happened yet
   */
  viewAt(zxid: number): TreeView | null {
    const { history, store, sessions, lastZxid } = this.#state
    if (zxid < this.floorZxid || zxid > lastZxid()) return null
    return new TreeView({ zxid, history, store, sessions })
  }

  close(): void {
    this.#state.history.closeWindow()
  }
}
