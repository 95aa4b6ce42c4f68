import { OPERATION_KINDS, type OperationKind } from '../profile/plan.ts'

const READS: readonly OperationKind[] = ['get', 'exists', 'children', 'sync']

/** A notification is nobody's request: it counts for itself, and neither as a read nor as a write. */
export const REQUESTS: readonly OperationKind[] = OPERATION_KINDS.filter((kind) => kind !== 'watch')

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
