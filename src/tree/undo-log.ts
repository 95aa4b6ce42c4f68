import type { Znode } from './znode.ts'

export type UndoStep =
  | { readonly kind: 'linked'; readonly node: Znode }
  | { readonly kind: 'unlinked'; readonly node: Znode }
  | { readonly kind: 'changed'; readonly node: Znode; readonly before: Znode }

/** What a multi has done so far, so that it can be taken back, last step first. */
export class UndoLog {
  readonly #steps: UndoStep[] = []

  linked(node: Znode): void {
    this.#steps.push({ kind: 'linked', node })
  }

  unlinked(node: Znode): void {
    this.#steps.push({ kind: 'unlinked', node })
  }

  /** To be called while `node` is still as it was. */
  changed(node: Znode): void {
    this.#steps.push({ kind: 'changed', node, before: node.copy() })
  }

  pop(): UndoStep | null {
    return this.#steps.pop() ?? null
  }
}
