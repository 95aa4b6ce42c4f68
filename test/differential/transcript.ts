import type { RequestFrame } from './sequence.ts'

/** One thing that happened on a connection, in the order in which the client saw it. */
export type Entry = {
  /** `a2` is the second connection of session a; `audit` looks at the tree. */
  readonly connection: string
  /** The step under way; events may come later than the change they tell of. */
  readonly step: number
} & (
  | { readonly kind: 'sent'; readonly text: string }
  | { readonly kind: 'handshake'; readonly payload: Buffer }
  | { readonly kind: 'reply'; readonly frame: RequestFrame; readonly payload: Buffer }
  /** `group`: events of one group may come in any order; null: in this order only. */
  | { readonly kind: 'event'; readonly payload: Buffer; readonly group: number | null }
  /** Something other than bytes: closed, not connected, no answer. */
  | { readonly kind: 'note'; readonly text: string }
)

/** All that one server, or ensemble, said in one sequence. */
export interface Transcript {
  /** The subtree in which it happened. */
  readonly root: string
  readonly entries: readonly Entry[]
  /** Names of session ids. */
  readonly sessions: ReadonlyMap<bigint, string>
  /** The zxid at which the subtree began. */
  readonly rootZxid: bigint
}
