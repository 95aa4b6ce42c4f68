import type { ByteReader, ByteWriter } from '../kernel/bytes.ts'

/**
 * delete (op code 2): remove a znode that has no children.
 *
 *   request   path: ustring · version: int   (-1 matches any version)
 *   response  nothing
 *
 * Source: zookeeper.jute, DeleteRequest (Apache ZooKeeper 3.9).
 */
export interface DeleteRequest {
  readonly path: string
  readonly version: number
}

export function writeDeleteRequest(out: ByteWriter, request: DeleteRequest): void {
  out.string(request.path).int32(request.version)
}

export function readDeleteRequest(from: ByteReader): DeleteRequest {
  return { path: from.string('delete.path'), version: from.int32('delete.version') }
}
