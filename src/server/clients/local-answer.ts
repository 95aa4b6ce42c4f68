import { assert } from '../../kernel/assert.ts'
import { DecodeError, type ByteReader, type ByteWriter } from '../../kernel/bytes.ts'
import { readSyncRequest, writeSyncResponse } from '../../protocol/sync.ts'
import { WireError } from '../../protocol/wire-error.ts'
import { Xid } from '../../protocol/xid.ts'
import type { DataTree } from '../../tree/data-tree.ts'
import { executeRead, type Reader } from '../../tree/reads.ts'
import type { ClientOutput } from './client-output.ts'
import type { RequestKind } from './request-kind.ts'

/** Apache's answer to an unknown operation has no zxid. */
const NO_ZXID = -1

/** What answering takes besides the request. */
export interface AnswerContext {
  readonly tree: DataTree
  readonly output: ClientOutput
  readonly caller: Reader
  /** For what is written before it is known whether it counts. */
  readonly scratch: ByteWriter
}

/**
 * Writes the reply to a request that needs nobody else, from the state that this server has applied now.
 *
 * @param from at the request record
 */
export function answerLocally(kind: RequestKind, xid: number, type: number, from: ByteReader, to: AnswerContext): void {
  const { tree, output } = to
  switch (kind) {
    case 'read': {
      output.beginReply(xid, tree.lastZxid, WireError.ok)
      const error = executeRead(tree, type, from, output.bytes, to.caller)
      if (error !== WireError.ok) output.failReply(error)
      break
    }
    case 'watches': {
      // Setting watches may write events, and these come before the reply; the reply has no record.
      const error = executeRead(tree, type, from, to.scratch, to.caller)
      to.scratch.truncate(0)
      output.beginReply(xid, tree.lastZxid, error)
      break
    }
    case 'ping':
      output.beginReply(Xid.ping, tree.lastZxid, WireError.ok)
      break
    case 'closeLocal':
      output.beginReply(xid, tree.lastZxid, WireError.ok)
      break
    case 'refuse':
      // deleteContainer, which belongs to the leader, for it checks no ACL.
      output.beginReply(xid, tree.lastZxid, WireError.badArguments)
      break
    case 'readOnly':
      output.beginReply(xid, tree.lastZxid, WireError.notReadOnly)
      break
    case 'unknown':
      output.beginReply(xid, NO_ZXID, WireError.unimplemented)
      break
    default:
      assert(false, 'a request that needs others is not answered alone')
  }
  output.endFrame()
}

/** The path is echoed as it came. */
export function answerSync(xid: number, from: ByteReader, to: AnswerContext): void {
  const { output } = to
  output.beginReply(xid, to.tree.lastZxid, WireError.ok)
  try {
    writeSyncResponse(output.bytes, readSyncRequest(from).path)
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    output.failReply(WireError.marshallingError)
  }
  output.endFrame()
}
