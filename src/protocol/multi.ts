import { DecodeError, type ByteReader, type ByteWriter } from '../kernel/bytes.ts'
import { readCheckRequest, writeCheckRequest, type CheckRequest } from './check.ts'
import {
  readCreateRequest,
  readCreateTtlRequest,
  writeCreateRequest,
  writeCreateTtlRequest,
  type CreateRequest,
  type CreateTtlRequest,
} from './create.ts'
import { readDeleteRequest, writeDeleteRequest, type DeleteRequest } from './delete.ts'
import { readGetChildrenRequest, writeGetChildrenRequest, type GetChildrenRequest } from './get-children.ts'
import { readGetDataRequest, writeGetDataRequest, type GetDataRequest } from './get-data.ts'
import { OpCode } from './op-code.ts'
import { readSetDataRequest, writeSetDataRequest, type SetDataRequest } from './set-data.ts'

/**
 * The requests of multi (op code 14), all or nothing, and of multiRead (22), each for itself.
 *
 *   request      (MultiHeader · the operation's own request record)* · end
 *   MultiHeader  type: int · done: boolean · err: int
 *   end          MultiHeader { -1, true, -1 }
 *
 * A server reads one operation after the other until null; what follows the end is ignored.
 * Source: MultiOperationRecord, zookeeper.jute MultiHeader (Apache ZooKeeper 3.9).
 */
export type MultiOperation =
  | { readonly kind: 'create' | 'create2' | 'createContainer'; readonly request: CreateRequest }
  | { readonly kind: 'createTTL'; readonly request: CreateTtlRequest }
  | { readonly kind: 'delete'; readonly request: DeleteRequest }
  | { readonly kind: 'setData'; readonly request: SetDataRequest }
  | { readonly kind: 'check'; readonly request: CheckRequest }

/** The watch flags of these are ignored by servers. */
export type MultiReadOperation =
  | { readonly kind: 'getData'; readonly request: GetDataRequest }
  | { readonly kind: 'getChildren'; readonly request: GetChildrenRequest }

export function writeMultiRequest(out: ByteWriter, operations: readonly MultiOperation[]): void {
  for (const operation of operations) {
    writeMultiHeader(out, OpCode[operation.kind], -1)
    switch (operation.kind) {
      case 'create':
      case 'create2':
      case 'createContainer':
        writeCreateRequest(out, operation.request)
        break
      case 'createTTL':
        writeCreateTtlRequest(out, operation.request)
        break
      case 'delete':
        writeDeleteRequest(out, operation.request)
        break
      case 'setData':
        writeSetDataRequest(out, operation.request)
        break
      case 'check':
        writeCheckRequest(out, operation.request)
        break
    }
  }
  writeMultiEnd(out)
}

/**
 * @returns the next operation of a multi, null at its end
 * @throws DecodeError also for an operation that a multi may not have: servers refuse the whole with MARSHALLINGERROR
 */
export function readMultiOperation(from: ByteReader): MultiOperation | null {
  const header = readMultiHeader(from)
  if (header.isEnd) return null
  switch (header.type) {
    case OpCode.create:
      return { kind: 'create', request: readCreateRequest(from) }
    case OpCode.create2:
      return { kind: 'create2', request: readCreateRequest(from) }
    case OpCode.createContainer:
      return { kind: 'createContainer', request: readCreateRequest(from) }
    case OpCode.createTTL:
      return { kind: 'createTTL', request: readCreateTtlRequest(from) }
    case OpCode.delete:
      return { kind: 'delete', request: readDeleteRequest(from) }
    case OpCode.setData:
      return { kind: 'setData', request: readSetDataRequest(from) }
    case OpCode.check:
      return { kind: 'check', request: readCheckRequest(from) }
    default:
      throw new DecodeError(`a multi cannot hold the operation ${header.type}`)
  }
}

export function writeMultiReadRequest(out: ByteWriter, operations: readonly MultiReadOperation[]): void {
  for (const operation of operations) {
    writeMultiHeader(out, OpCode[operation.kind], -1)
    if (operation.kind === 'getData') writeGetDataRequest(out, operation.request)
    else writeGetChildrenRequest(out, operation.request)
  }
  writeMultiEnd(out)
}

/** As `readMultiOperation`, for multiRead. */
export function readMultiReadOperation(from: ByteReader): MultiReadOperation | null {
  const header = readMultiHeader(from)
  if (header.isEnd) return null
  switch (header.type) {
    case OpCode.getData:
      return { kind: 'getData', request: readGetDataRequest(from) }
    case OpCode.getChildren:
      return { kind: 'getChildren', request: readGetChildrenRequest(from) }
    default:
      throw new DecodeError(`a multiRead cannot hold the operation ${header.type}`)
  }
}

export interface MultiHeader {
  readonly type: number
  readonly isEnd: boolean
  /** -1 in requests, the code in results. */
  readonly error: number
}

export function writeMultiHeader(out: ByteWriter, type: number, error: number): void {
  out.int32(type).boolean(false).int32(error)
}

/** Closes a request as well as a response. */
export function writeMultiEnd(out: ByteWriter): void {
  out.int32(-1).boolean(true).int32(-1)
}

export function readMultiHeader(from: ByteReader): MultiHeader {
  return {
    type: from.int32('multi.type'),
    isEnd: from.boolean('multi.done'),
    error: from.int32('multi.err'),
  }
}
