import type { ByteReader, ByteWriter } from '../kernel/bytes.ts'

/**
 * check (op code 13): inside a multi only, a condition that the whole depends on.
 *
 *   request   path: ustring · version: int   (-1 asks only that the znode exists)
 *   response  nothing
 *
 * Source: zookeeper.jute, CheckVersionRequest (Apache ZooKeeper 3.9).
 */
export interface CheckRequest {
  readonly path: string
  readonly version: number
}

export function writeCheckRequest(out: ByteWriter, request: CheckRequest): void {
  out.string(request.path).int32(request.version)
}

export function readCheckRequest(from: ByteReader): CheckRequest {
  return { path: from.string('check.path'), version: from.int32('check.version') }
}
