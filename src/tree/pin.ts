import { assert } from '../kernel/assert.ts'
import type { History } from './history.ts'
import type { NodeStore } from './node-store.ts'
import type { Session } from './session.ts'
import type { SessionTable } from './session-table.ts'
import { childPath, type Znode } from './znode.ts'

export interface PinnedState {
  readonly zxid: number
  readonly digest: number
  readonly history: History
  readonly store: NodeStore
  readonly sessions: SessionTable
}

/** The tree as it was at one zxid, for as long as the pin is held. Who pins, releases. */
export class Pin {
  readonly zxid: number
  readonly digest: number
  readonly #state: PinnedState
  #isReleased = false

  constructor(state: PinnedState) {
    this.zxid = state.zxid
    this.digest = state.digest
    this.#state = state
    state.history.addPin(state.zxid)
  }

  get isReleased(): boolean {
    return this.#isReleased
  }

  /** @returns the znode as it was, good until the next command; of its children ask `childNames` */
  getNode(path: string): Znode | null {
    this.#assertHeld()
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
    this.#assertHeld()
    const { store, history } = this.#state
    const present = store.get(path)?.children ?? null
    const names = present === null ? [] : Array.from(present)
    for (const name of history.takenNames(path)) if (present === null || !present.has(name)) names.push(name)
    return names
  }

  /** The sessions that were open then; of each, its ephemerals are those of now. */
  openSessions(): Session[] {
    this.#assertHeld()
    const open = this.#state.history.closedSessionsAt(this.zxid)
    for (const session of this.#state.sessions) if (session.createdZxid <= this.zxid) open.push(session)
    return open
  }

  /** Earlier states that no other pin sees are dropped. Twice is the same as once. */
  release(): void {
    if (this.#isReleased) return
    this.#isReleased = true
    this.#state.history.releasePin(this.zxid)
  }

  [Symbol.dispose](): void {
    this.release()
  }

  #assertHeld(): void {
    assert(!this.#isReleased, 'a pin is read only while it is held')
  }
}
