import { WireError } from '../protocol/wire-error.ts'
import { removeZnode } from './delete.ts'
import type { Transaction } from './transaction.ts'

/** closeSession: the session and all its ephemerals go in one transaction, asked for by the client or by expiry. */
export function closeSession(tx: Transaction): number {
  const { session, store } = tx
  if (session === null) return WireError.sessionExpired
  // Sorted: a replica that came from a snapshot may hold the set in another order.
  for (const path of [...session.ephemerals].sort()) {
    const node = store.get(path)
    if (node !== null) removeZnode(tx, node)
  }
  tx.sessions.remove(session, tx.zxid)
  return WireError.ok
}
