import { OpCode } from '../../protocol/op-code.ts'

/**
 * What a server does with a request of a client, by its op code.
 *
 * - `read`: answered here from the applied state
 * - `watches`: as a read, but its answer has no record and events may come before it
 * - `write`: replicated
 * - `closeLocal`: closeSession of a session that no other server knows; answered here
 * - `refuse`: a known operation that no client may have; answered with an error, the connection stays
 * - `readOnly`: a change, or a sync, asked of a server in read-only mode; answered with NOTREADONLY, the connection stays
 * - `unknown`: no operation at all; answered with UNIMPLEMENTED, then the connection closes
 */
export type RequestKind =
  | 'read'
  | 'watches'
  | 'write'
  | 'closeSession'
  | 'closeLocal'
  | 'sync'
  | 'ping'
  | 'auth'
  | 'sasl'
  | 'refuse'
  | 'readOnly'
  | 'unknown'

export function requestKindOf(type: number): RequestKind {
  switch (type) {
    case OpCode.getData:
    case OpCode.exists:
    case OpCode.getChildren:
    case OpCode.getChildren2:
    case OpCode.getACL:
    case OpCode.getEphemerals:
    case OpCode.getAllChildrenNumber:
    case OpCode.multiRead:
    case OpCode.addWatch:
    case OpCode.whoAmI:
      return 'read'
    case OpCode.setData:
    case OpCode.create:
    case OpCode.create2:
    case OpCode.delete:
    case OpCode.multi:
    case OpCode.setACL:
    case OpCode.createContainer:
    case OpCode.createTTL:
    case OpCode.reconfig:
      return 'write'
    case OpCode.ping:
      return 'ping'
    case OpCode.sync:
      return 'sync'
    case OpCode.closeSession:
      return 'closeSession'
    case OpCode.setWatches:
    case OpCode.setWatches2:
    case OpCode.checkWatches:
    case OpCode.removeWatches:
      return 'watches'
    case OpCode.auth:
      return 'auth'
    case OpCode.sasl:
      return 'sasl'
    case OpCode.deleteContainer:
      return 'refuse'
    // A check outside of a multi gets no answer from Apache 3.8 and leaves a log that it cannot read again
    // (ZOOKEEPER-2623); later versions refuse it as unknown, and so does this server. createSession is not for clients.
    default:
      return 'unknown'
  }
}

/** The same where nothing may change. Only a session that this server keeps by itself gets there, so it may be closed. */
export function readerKindOf(type: number): RequestKind {
  const kind = requestKindOf(type)
  return kind === 'write' || kind === 'sync' ? 'readOnly' : kind
}

/** Whether the replicated side answers it. */
export function isReplicated(kind: RequestKind): boolean {
  return kind === 'write' || kind === 'sync' || kind === 'closeSession'
}
