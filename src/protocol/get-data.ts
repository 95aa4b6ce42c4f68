import type { KeptBytes } from '../kernel/byte-string.ts'
import type { ByteReader, ByteWriter } from '../kernel/bytes.ts'
import { readStat, writeStat, type Stat } from './stat.ts'

/**
 * getData (op code 4): one znode's data and Stat.
 *
 *   request   path: ustring · watch: boolean
 *   response  data: buffer · stat: Stat
 *
 * Source: zookeeper.jute, GetDataRequest and GetDataResponse (Apache ZooKeeper 3.9).
 */
export interface GetDataRequest {
  readonly path: string
  readonly watch: boolean
}

export interface GetDataResponse {
  /** A view of the frame. Null was stored as null, which is not the same as empty. */
  readonly data: Buffer | null
  readonly stat: Stat
}

export function writeGetDataRequest(out: ByteWriter, request: GetDataRequest): void {
  out.string(request.path).boolean(request.watch)
}

export function readGetDataRequest(from: ByteReader): GetDataRequest {
  return { path: from.string('getData.path'), watch: from.boolean('getData.watch') }
}

export function writeGetDataResponse(out: ByteWriter, data: KeptBytes | null, stat: Stat): void {
  out.buffer(data)
  writeStat(out, stat)
}

export function readGetDataResponse(from: ByteReader): GetDataResponse {
  return { data: from.copy('gotData.data'), stat: readStat(from) }
}
