import { javaDecodedInt, javaSwitch } from '../java-number.ts'
import type { SettingReader } from '../setting-reader.ts'

/** What the replicated tree allows, and when the leader tidies it up. */
export interface TreeSettings {
  /** TTL znodes may be created through this server. */
  readonly extendedTypesEnabled: boolean
  /** Writes through this server that break a hard quota are refused. */
  readonly enforceQuota: boolean
  /** A reconfig is not refused out of hand. */
  readonly reconfigEnabled: boolean
  /** The replicas compare digests of their trees, and one that differs from its leader stops. */
  readonly digestEnabled: boolean
  /** How often the leader looks for containers and TTL znodes that have served. */
  readonly containerCheckIntervalMs: number
  /** Containers and TTL znodes that the leader deletes within a minute at most. */
  readonly containerMaxPerMinute: number
  /** How long a container may stay that never had a child; 0 for ever. */
  readonly containerMaxNeverUsedMs: number
}

const CHECK_INTERVAL_MS = 60_000
const MAX_PER_MINUTE = 10_000
/** As Apache has it up to 3.9. */
const MAX_NEVER_USED_MS = 0

export function readTreeSettings(from: SettingReader): TreeSettings {
  return {
    extendedTypesEnabled: isTrue(from, 'extendedTypesEnabled'),
    enforceQuota: isTrue(from, 'enforceQuota'),
    reconfigEnabled: from.refusedSwitch('reconfigEnabled', false),
    digestEnabled: from.get('digest.enabled') === null || isTrue(from, 'digest.enabled'),
    containerCheckIntervalMs: from.lenientNumber(
      'znode.container.checkIntervalMs',
      { fallback: CHECK_INTERVAL_MS, min: 1 },
      javaDecodedInt,
    ),
    containerMaxPerMinute: from.lenientNumber(
      'znode.container.maxPerMinute',
      { fallback: MAX_PER_MINUTE, min: 1 },
      javaDecodedInt,
    ),
    containerMaxNeverUsedMs: from.lenientNumber(
      'znode.container.maxNeverUsedIntervalMs',
      { fallback: MAX_NEVER_USED_MS, min: 0 },
      javaDecodedInt,
    ),
  }
}

/** `Boolean.parseBoolean`: every word but true is false. */
function isTrue(from: SettingReader, key: string): boolean {
  return javaSwitch(from.get(key)?.value ?? '') === true
}
