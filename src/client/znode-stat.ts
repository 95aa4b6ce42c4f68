import { sessionIdOf } from '../kernel/session-id.ts'
import type { Stat } from '../protocol/stat.ts'

/** What a znode tells of itself, as callers see it: Stat with the owner as one number. */
export interface ZnodeStat extends Omit<Stat, 'ephemeralOwnerHigh' | 'ephemeralOwnerLow'> {
  /** The session that an ephemeral znode ends with; 0n for any other znode. */
  readonly ephemeralOwner: bigint
}

export function znodeStatOf(stat: Stat): ZnodeStat {
  const { ephemeralOwnerHigh, ephemeralOwnerLow, ...rest } = stat
  return { ...rest, ephemeralOwner: sessionIdOf(ephemeralOwnerHigh, ephemeralOwnerLow) }
}
