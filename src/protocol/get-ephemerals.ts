import type { ByteReader, ByteWriter } from '../kernel/bytes.ts'
import { readStringVector, writeStringVector } from './string-vector.ts'

/**
 * getEphemerals (op code 103): the session's own ephemeral znodes.
 *
 *   request   prefixPath: ustring
 *   response  ephemerals: vector<ustring>
 *
 * Source: zookeeper.jute, GetEphemeralsRequest and GetEphemeralsResponse (Apache ZooKeeper 3.9).
 */
export interface GetEphemeralsRequest {
  /** A prefix of the text, not of the path's elements: `/a` finds `/ab`. Null, blank and `/` find all. */
  readonly prefixPath: string | null
}

export function writeGetEphemeralsRequest(out: ByteWriter, request: GetEphemeralsRequest): void {
  out.string(request.prefixPath)
}

export function readGetEphemeralsRequest(from: ByteReader): GetEphemeralsRequest {
  return { prefixPath: from.nullableString('getEphemerals.prefixPath') }
}

/** @param paths whole paths */
export function writeGetEphemeralsResponse(out: ByteWriter, paths: readonly string[]): void {
  writeStringVector(out, paths)
}

export function readGetEphemeralsResponse(from: ByteReader): string[] {
  return readStringVector(from, 'gotEphemerals.ephemerals')
}
