import { javaSwitch } from '../java-number.ts'
import { readCountedQuorum } from '../quorum-rule.ts'
import type { CountedQuorum } from '../quorum-rule.ts'
import type { SettingReader } from '../setting-reader.ts'

/** The ensemble's clock, and how it is put together. */
export interface ClusterSettings {
  readonly tickTimeMs: number
  /** Null when it is not given or 0, which only a standalone server may do without. */
  readonly initLimitTicks: number | null
  readonly syncLimitTicks: number | null
  readonly standaloneEnabled: boolean
  /** What `zktune.quorum` says; where there are groups, these come with the members. */
  readonly quorum: CountedQuorum
  /** Whether a leader takes client connections. */
  readonly leaderServes: boolean
  /** Whether a server without a leader serves readers. */
  readonly isReadOnlyModeEnabled: boolean
}

const TICK_TIME_MS = 3_000

export function readClusterSettings(from: SettingReader): ClusterSettings {
  return {
    tickTimeMs: from.refusedInt('tickTime', { fallback: TICK_TIME_MS, min: 1 }, 'milliseconds'),
    initLimitTicks: from.refusedInt('initLimit', { fallback: 0, min: 0 }, 'ticks') || null,
    syncLimitTicks: from.refusedInt('syncLimit', { fallback: 0, min: 0 }, 'ticks') || null,
    standaloneEnabled: from.refusedSwitch('standaloneEnabled', true),
    quorum: readCountedQuorum(from),
    leaderServes: from.exactWord('leaderServes', { off: 'no', on: 'yes' }),
    isReadOnlyModeEnabled: javaSwitch(from.get('readonlymode.enabled')?.value ?? '') ?? false,
  }
}
