import type { ByteReader, ByteWriter } from '../kernel/bytes.ts'
import { readStringVector, writeStringVector } from './string-vector.ts'

/**
 * setWatches (op code 101) and setWatches2 (105), both with xid -8: after a reconnect the client's watches are set
 * again; what changed meanwhile comes as events before the reply.
 *
 *   request   relativeZxid: long · dataWatches, existWatches, childWatches: vector<ustring>
 *             (setWatches2: · persistentWatches, persistentRecursiveWatches: vector<ustring>)
 *   response  nothing
 *
 * Source: zookeeper.jute, SetWatches and SetWatches2 (Apache ZooKeeper 3.9).
 */
export interface SetWatchesRequest {
  /** The last zxid the client has seen, clamped to the safe range: only compared. */
  readonly relativeZxid: number
  readonly dataWatches: readonly string[]
  readonly existWatches: readonly string[]
  readonly childWatches: readonly string[]
}

export interface SetWatches2Request extends SetWatchesRequest {
  readonly persistentWatches: readonly string[]
  readonly persistentRecursiveWatches: readonly string[]
}

export function writeSetWatchesRequest(out: ByteWriter, request: SetWatchesRequest): void {
  out.safeLong(request.relativeZxid)
  writeStringVector(out, request.dataWatches)
  writeStringVector(out, request.existWatches)
  writeStringVector(out, request.childWatches)
}

export function readSetWatchesRequest(from: ByteReader): SetWatchesRequest {
  return {
    relativeZxid: from.clampedLong('setWatches.relativeZxid'),
    dataWatches: readStringVector(from, 'setWatches.dataWatches'),
    existWatches: readStringVector(from, 'setWatches.existWatches'),
    childWatches: readStringVector(from, 'setWatches.childWatches'),
  }
}

export function writeSetWatches2Request(out: ByteWriter, request: SetWatches2Request): void {
  writeSetWatchesRequest(out, request)
  writeStringVector(out, request.persistentWatches)
  writeStringVector(out, request.persistentRecursiveWatches)
}

export function readSetWatches2Request(from: ByteReader): SetWatches2Request {
  return {
    relativeZxid: from.clampedLong('setWatches2.relativeZxid'),
    dataWatches: readStringVector(from, 'setWatches2.dataWatches'),
    existWatches: readStringVector(from, 'setWatches2.existWatches'),
    childWatches: readStringVector(from, 'setWatches2.childWatches'),
    persistentWatches: readStringVector(from, 'setWatches2.persistentWatches'),
    persistentRecursiveWatches: readStringVector(from, 'setWatches2.persistentRecursiveWatches'),
  }
}
