import { OPERATION_KINDS, type OperationKind } from '../profile/plan.ts'

const READS: readonly OperationKind[] = ['get', 'exists', 'children', 'sync', 'admin']

/**
 * A notification is nobody's request, and a reconnect a part of its storm: they count for themselves, neither as reads nor as
 * writes.
 */
export const PARTS: readonly OperationKind[] = ['watch', 'reconnect']

export const REQUESTS: readonly OperationKind[] = OPERATION_KINDS.filter((kind) => !PARTS.includes(kind))

export function isRequest(kind: OperationKind): boolean {
  return REQUESTS.includes(kind)
}

/** It changes nothing that is kept. */
export function isRead(kind: OperationKind): boolean {
  return READS.includes(kind)
}

export function isWrite(kind: OperationKind): boolean {
  return isRequest(kind) && !isRead(kind)
}
