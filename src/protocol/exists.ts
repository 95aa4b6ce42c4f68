import type { ByteReader, ByteWriter } from '../kernel/bytes.ts'
import { readStat, writeStat, type Stat } from './stat.ts'

/**
 * exists (op code 3): a znode's Stat, or NONODE; either way the watch is set.
 *
 *   request   path: ustring · watch: boolean
 *   response  stat: Stat
 *
 * Source: zookeeper.jute, ExistsRequest and ExistsResponse (Apache ZooKeeper 3.9).
 */
export interface ExistsRequest {
  readonly path: string
  readonly watch: boolean
}

export function writeExistsRequest(out: ByteWriter, request: ExistsRequest): void {
  out.string(request.path).boolean(request.watch)
}

export function readExistsRequest(from: ByteReader): ExistsRequest {
  return { path: from.string('exists.path'), watch: from.boolean('exists.watch') }
}

export function writeExistsResponse(out: ByteWriter, stat: Stat): void {
  writeStat(out, stat)
}

export function readExistsResponse(from: ByteReader): Stat {
  return readStat(from)
}
