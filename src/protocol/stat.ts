import type { ByteReader, ByteWriter } from '../kernel/bytes.ts'

/**
 * Stat: what a znode tells of itself, 68 bytes.
 *
 *   czxid: long · mzxid: long · ctime: long · mtime: long · version: int · cversion: int · aversion: int
 *   · ephemeralOwner: long · dataLength: int · numChildren: int · pzxid: long
 *
 * Source: zookeeper.jute, Stat (Apache ZooKeeper 3.9).
 */
export interface Stat {
  /** The change that created the znode, the last one to its data, the last one to its set of children. */
  readonly czxid: number
  readonly mzxid: number
  readonly pzxid: number
  /** Milliseconds since 1970 by the leader's clock. */
  readonly ctime: number
  readonly mtime: number
  /** Changes of the data. */
  readonly version: number
  /** Creations and deletions of children. The tree counts creations only; this is the value on the wire. */
  readonly cversion: number
  /** Changes of the ACL. */
  readonly aversion: number
  /** The owning session of an ephemeral znode as signed halves; both 0 otherwise, for container and TTL znodes too. */
  readonly ephemeralOwnerHigh: number
  readonly ephemeralOwnerLow: number
  /** Bytes. */
  readonly dataLength: number
  readonly numChildren: number
}

export const STAT_SIZE_BYTES = 68

export function writeStat(out: ByteWriter, stat: Stat): void {
  out.safeLong(stat.czxid).safeLong(stat.mzxid).safeLong(stat.ctime).safeLong(stat.mtime)
  out.int32(stat.version).int32(stat.cversion).int32(stat.aversion)
  out.int32(stat.ephemeralOwnerHigh).int32(stat.ephemeralOwnerLow)
  out.int32(stat.dataLength).int32(stat.numChildren).safeLong(stat.pzxid)
}

export function readStat(from: ByteReader): Stat {
  return {
    czxid: from.safeLong('stat.czxid'),
    mzxid: from.safeLong('stat.mzxid'),
    ctime: from.safeLong('stat.ctime'),
    mtime: from.safeLong('stat.mtime'),
    version: from.int32('stat.version'),
    cversion: from.int32('stat.cversion'),
    aversion: from.int32('stat.aversion'),
    ephemeralOwnerHigh: from.int32('stat.ephemeralOwner'),
    ephemeralOwnerLow: from.int32('stat.ephemeralOwner'),
    dataLength: from.int32('stat.dataLength'),
    numChildren: from.int32('stat.numChildren'),
    pzxid: from.safeLong('stat.pzxid'),
  }
}
