import { sessionIdOf } from '../kernel/session-id.ts'
import type { Stat } from '../protocol/stat.ts'

/** What a znode tells of itself, as callers see it: Stat with the owner as one number. */
export interface ZnodeStat extends Omit<Stat, 'ephemeralOwnerHigh' | 'ephemeralOwnerLow'> {
  /** The session that an ephemeral znode ends with; 0n for any other znode. */
  readonly ephemeralOwner: bigint
}

export function znodeStatOf(stat: Stat): ZnodeStat {
  return {
    czxid: stat.czxid,
    mzxid: stat.mzxid,
    pzxid: stat.pzxid,
    ctime: stat.ctime,
    mtime: stat.mtime,
    version: stat.version,
    cversion: stat.cversion,
    aversion: stat.aversion,
    ephemeralOwner:
      stat.ephemeralOwnerHigh === 0 && stat.ephemeralOwnerLow === 0
        ? 0n
        : sessionIdOf(stat.ephemeralOwnerHigh, stat.ephemeralOwnerLow),
    dataLength: stat.dataLength,
    numChildren: stat.numChildren,
  }
}
