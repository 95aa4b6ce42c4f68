import type { KeptBytes } from '../kernel/byte-string.ts'
import { DecodeError, type ByteReader, type ByteWriter } from '../kernel/bytes.ts'
import { readCreate2Response, readCreateResponse } from './create.ts'
import { readGetChildrenResponse } from './get-children.ts'
import { readGetDataResponse } from './get-data.ts'
import { readMultiHeader, writeMultiHeader } from './multi.ts'
import { OpCode } from './op-code.ts'
import { readStat, writeStat, type Stat } from './stat.ts'
import { writeStringVector } from './string-vector.ts'

/**
 * The results of multi (op code 14) and multiRead (22), one for each operation.
 *
 *   response   (MultiHeader { type, false, err } · the operation's response record)* · end
 *   an error   MultiHeader { -1, false, err } · err: int
 *
 * create2, createContainer and createTTL all answer with type 15. When a multi fails nothing is applied and all its
 * results are errors: 0 before the one that failed, its code, then RUNTIMEINCONSISTENCY. In a multiRead each result
 * stands for itself. Source: MultiResponse (Apache ZooKeeper 3.9).
 */
export type MultiResult =
  | { readonly kind: 'create'; readonly path: string }
  | { readonly kind: 'create2'; readonly path: string; readonly stat: Stat }
  | { readonly kind: 'delete' }
  | { readonly kind: 'setData'; readonly stat: Stat }
  | { readonly kind: 'check' }
  | { readonly kind: 'getData'; readonly data: KeptBytes | null; readonly stat: Stat }
  | { readonly kind: 'getChildren'; readonly children: readonly string[] }
  | { readonly kind: 'error'; readonly error: number }

/** One result; `writeMultiEnd` closes the response. */
export function writeMultiResult(out: ByteWriter, result: MultiResult): void {
  if (result.kind === 'error') {
    writeMultiHeader(out, OpCode.error, result.error)
    out.int32(result.error)
    return
  }
  writeMultiHeader(out, OpCode[result.kind], 0)
  switch (result.kind) {
    case 'create':
      out.string(result.path)
      break
    case 'create2':
      out.string(result.path)
      writeStat(out, result.stat)
      break
    case 'setData':
      writeStat(out, result.stat)
      break
    case 'getData':
      out.buffer(result.data)
      writeStat(out, result.stat)
      break
    case 'getChildren':
      writeStringVector(out, result.children)
      break
    case 'delete':
    case 'check':
      break
  }
}

/** @returns the next result, null at the end of the response */
export function readMultiResult(from: ByteReader): MultiResult | null {
  const header = readMultiHeader(from)
  if (header.isEnd) return null
  switch (header.type) {
    case OpCode.create:
      return { kind: 'create', path: readCreateResponse(from) }
    case OpCode.create2:
      return { kind: 'create2', ...readCreate2Response(from) }
    case OpCode.delete:
      return { kind: 'delete' }
    case OpCode.setData:
      return { kind: 'setData', stat: readStat(from) }
    case OpCode.check:
      return { kind: 'check' }
    case OpCode.getData:
      return { kind: 'getData', ...readGetDataResponse(from) }
    case OpCode.getChildren:
      return { kind: 'getChildren', children: readGetChildrenResponse(from) }
    case OpCode.error:
      return { kind: 'error', error: from.int32('multi.error') }
    default:
      throw new DecodeError(`a multi cannot answer with the operation ${header.type}`)
  }
}
