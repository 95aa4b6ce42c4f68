import type { ByteReader, ByteWriter } from '../kernel/bytes.ts'
import { readStat, writeStat, type Stat } from './stat.ts'
import { readStringVector, writeStringVector } from './string-vector.ts'

/**
 * getChildren (op code 8) and getChildren2 (12): the names under a znode, in no order.
 *
 *   request   path: ustring · watch: boolean
 *   response  children: vector<ustring>   (getChildren2: · stat: Stat)
 *
 * Source: zookeeper.jute, GetChildrenRequest, GetChildren2Request and their responses (Apache ZooKeeper 3.9).
 */
export interface GetChildrenRequest {
  readonly path: string
  readonly watch: boolean
}

export interface GetChildren2Response {
  /** Names, not paths. */
  readonly children: readonly string[]
  readonly stat: Stat
}

export function writeGetChildrenRequest(out: ByteWriter, request: GetChildrenRequest): void {
  out.string(request.path).boolean(request.watch)
}

export function readGetChildrenRequest(from: ByteReader): GetChildrenRequest {
  return { path: from.string('getChildren.path'), watch: from.boolean('getChildren.watch') }
}

export function writeGetChildrenResponse(out: ByteWriter, children: readonly string[]): void {
  writeStringVector(out, children)
}

export function readGetChildrenResponse(from: ByteReader): string[] {
  return readStringVector(from, 'gotChildren.children')
}

export function writeGetChildren2Response(out: ByteWriter, children: readonly string[], stat: Stat): void {
  writeStringVector(out, children)
  writeStat(out, stat)
}

export function readGetChildren2Response(from: ByteReader): GetChildren2Response {
  return { children: readStringVector(from, 'gotChildren.children'), stat: readStat(from) }
}
