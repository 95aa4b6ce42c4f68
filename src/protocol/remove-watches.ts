import type { ByteReader, ByteWriter } from '../kernel/bytes.ts'

/**
 * removeWatches (op code 18) and checkWatches (17): give up the connection's watches on a path, or ask whether there are
 * any; NOWATCHER when there are none.
 *
 *   request   path: ustring · type: int
 *   response  nothing
 *
 * Source: zookeeper.jute, RemoveWatchesRequest and CheckWatchesRequest (Apache ZooKeeper 3.9).
 */
export interface RemoveWatchesRequest {
  readonly path: string
  /** One of WatcherType, else MARSHALLINGERROR. */
  readonly type: number
}

export const WatcherType = {
  children: 1,
  data: 2,
  any: 3,
  /** From 3.9 on. */
  persistent: 4,
  persistentRecursive: 5,
} as const

export function writeRemoveWatchesRequest(out: ByteWriter, request: RemoveWatchesRequest): void {
  out.string(request.path).int32(request.type)
}

export function readRemoveWatchesRequest(from: ByteReader): RemoveWatchesRequest {
  return { path: from.string('removeWatches.path'), type: from.int32('removeWatches.type') }
}
