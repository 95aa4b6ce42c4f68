import type { ByteReader, ByteWriter } from '../kernel/bytes.ts'

/**
 * getAllChildrenNumber (op code 104): how many znodes are below one, at any depth.
 *
 *   request   path: ustring
 *   response  totalNumber: int
 *
 * Source: zookeeper.jute, GetAllChildrenNumberRequest and GetAllChildrenNumberResponse (Apache ZooKeeper 3.9).
 */
export interface GetAllChildrenNumberRequest {
  readonly path: string
}

export function writeGetAllChildrenNumberRequest(out: ByteWriter, request: GetAllChildrenNumberRequest): void {
  out.string(request.path)
}

export function readGetAllChildrenNumberRequest(from: ByteReader): GetAllChildrenNumberRequest {
  return { path: from.string('getAllChildrenNumber.path') }
}

export function writeGetAllChildrenNumberResponse(out: ByteWriter, count: number): void {
  out.int32(count)
}

export function readGetAllChildrenNumberResponse(from: ByteReader): number {
  return from.int32('gotAllChildrenNumber.totalNumber')
}
