import type { ByteReader, ByteWriter } from '../kernel/bytes.ts'

/**
 * addWatch (op code 106): a watch that stays when it fires.
 *
 *   request   path: ustring · mode: int
 *   response  err: int   (ErrorResponse, always 0)
 *
 * Source: zookeeper.jute, AddWatchRequest and ErrorResponse (Apache ZooKeeper 3.9).
 */
export interface AddWatchRequest {
  readonly path: string
  /** One of AddWatchMode, else MARSHALLINGERROR. */
  readonly mode: number
}

export const AddWatchMode = {
  /** Changes of the znode's data and of its children's names. */
  persistent: 0,
  /** Creations, deletions and data changes of the znode and all below it. */
  persistentRecursive: 1,
} as const

export function writeAddWatchRequest(out: ByteWriter, request: AddWatchRequest): void {
  out.string(request.path).int32(request.mode)
}

export function readAddWatchRequest(from: ByteReader): AddWatchRequest {
  return { path: from.string('addWatch.path'), mode: from.int32('addWatch.mode') }
}

export function writeAddWatchResponse(out: ByteWriter, error: number): void {
  out.int32(error)
}

export function readAddWatchResponse(from: ByteReader): number {
  return from.int32('addedWatch.err')
}
