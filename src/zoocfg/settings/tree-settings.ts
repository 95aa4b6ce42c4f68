import { javaDecodedInt, javaSwitch } from '../java-number.ts'
import type { SettingReader } from '../setting-reader.ts'

/** What the replicated tree allows, and when the leader tidies it up. */
export interface TreeSettings {
  /** TTL znodes may be created through this server. */
  readonly extendedTypesEnabled: boolean
  /** How often the leader looks for containers and TTL znodes that have served. */
  readonly containerCheckIntervalMs: number
  /** Containers and TTL znodes that the leader deletes within a minute at most. */
  readonly containerMaxPerMinute: number
  /** How long a container may stay that never had a child; 0 for ever. */
  readonly containerMaxNeverUsedMs: number
}

const CHECK_INTERVAL_MS = 60_000
const MAX_PER_MINUTE = 10_000
const MAX_NEVER_USED_MS = 300_000

export function readTreeSettings(from: SettingReader): TreeSettings {
  return {
    extendedTypesEnabled: javaSwitch(from.get('extendedTypesEnabled')?.value ?? '') ?? false,
    containerCheckIntervalMs: bareNumber(from, 'znode.container.checkIntervalMs', CHECK_INTERVAL_MS, 1),
    containerMaxPerMinute: bareNumber(from, 'znode.container.maxPerMinute', MAX_PER_MINUTE, 1),
    containerMaxNeverUsedMs: bareNumber(from, 'znode.container.maxNeverUsedIntervalMs', MAX_NEVER_USED_MS, 0),
  }
}

/** A number that Apache takes from the JVM only, as it does (`Integer.getInteger`), but out of zoo.cfg. */
function bareNumber(from: SettingReader, key: string, fallback: number, min: number): number {
  from.remarkJvmOnly(key)
  return from.lenientNumber(key, { fallback, min }, javaDecodedInt)
}
