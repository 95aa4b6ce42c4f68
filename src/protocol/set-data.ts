import type { KeptBytes } from '../kernel/byte-string.ts'
import type { ByteReader, ByteWriter } from '../kernel/bytes.ts'
import { readStat, writeStat, type Stat } from './stat.ts'

/**
 * setData (op code 5): replace one znode's data.
 *
 *   request   path: ustring · data: buffer · version: int   (-1 matches any version)
 *   response  stat: Stat
 *
 * Source: zookeeper.jute, SetDataRequest and SetDataResponse (Apache ZooKeeper 3.9).
 */
export interface SetDataRequest {
  readonly path: string
  /** Null is stored as null, which is not the same as empty. */
  readonly data: KeptBytes | null
  readonly version: number
}

export function writeSetDataRequest(out: ByteWriter, request: SetDataRequest): void {
  out.string(request.path).buffer(request.data).int32(request.version)
}

export function readSetDataRequest(from: ByteReader): SetDataRequest {
  return {
    path: from.string('setData.path'),
    data: from.kept('setData.data'),
    version: from.int32('setData.version'),
  }
}

export function writeSetDataResponse(out: ByteWriter, stat: Stat): void {
  writeStat(out, stat)
}

export function readSetDataResponse(from: ByteReader): Stat {
  return readStat(from)
}
