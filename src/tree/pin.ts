import { assert } from '../kernel/assert.ts'
import type { Session } from './session.ts'
import { TreeView, type ViewedState } from './tree-view.ts'
import type { Znode } from './znode.ts'

export interface PinnedState extends ViewedState {
  readonly digest: number
}

/** The tree as it was at one zxid, for as long as the pin is held. Who pins, releases. */
export class Pin extends TreeView {
  readonly digest: number
  readonly #state: PinnedState
  #isReleased = false

  constructor(state: PinnedState) {
    super(state)
    this.digest = state.digest
    this.#state = state
    state.history.addPin(state.zxid)
  }

  get isReleased(): boolean {
    return this.#isReleased
  }

  override getNode(path: string): Znode | null {
    this.#assertHeld()
    return super.getNode(path)
  }

  override stateThen(node: Znode): Znode | null {
    this.#assertHeld()
    return super.stateThen(node)
  }

  override candidates(path: string): { readonly present: readonly Znode[]; readonly taken: readonly string[] } {
    this.#assertHeld()
    return super.candidates(path)
  }

  override openSessions(): Session[] {
    this.#assertHeld()
    return super.openSessions()
  }

  /** Earlier states that nobody else sees are dropped. Twice is the same as once. */
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
