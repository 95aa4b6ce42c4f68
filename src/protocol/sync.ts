import type { ByteReader, ByteWriter } from '../kernel/bytes.ts'

/**
 * sync (op code 9): what the session reads next is at least as new as this moment. Servers do not look at the path; even
 * null is echoed.
 *
 *   request   path: ustring
 *   response  path: ustring
 *
 * Source: zookeeper.jute, SyncRequest and SyncResponse (Apache ZooKeeper 3.9).
 */
export interface SyncRequest {
  readonly path: string | null
}

export function writeSyncRequest(out: ByteWriter, request: SyncRequest): void {
  out.string(request.path)
}

export function readSyncRequest(from: ByteReader): SyncRequest {
  return { path: from.nullableString('sync.path') }
}

export function writeSyncResponse(out: ByteWriter, path: string | null): void {
  out.string(path)
}

export function readSyncResponse(from: ByteReader): string | null {
  return from.nullableString('synced.path')
}
