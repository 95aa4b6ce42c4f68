import { javaInt, javaLong } from '../java-number.ts'
import type { SettingReader } from '../setting-reader.ts'

/** The log, the snapshots, and when a write counts as on disk. */
export interface StorageSettings {
  /** Transactions between two snapshots. */
  readonly snapCount: number
  /** 0: log files grow as they are written. */
  readonly preAllocSizeBytes: number
  /** False: acceptances are written but not synced. Promises are synced always. */
  readonly forceSync: boolean
  readonly snapRetainCount: number
}

const SNAP_RETAIN_MIN = 3

export function readStorageSettings(from: SettingReader): StorageSettings {
  const retainCount = from.refusedInt('autopurge.snapRetainCount', { fallback: SNAP_RETAIN_MIN }, 'snapshots')
  const retain = from.get('autopurge.snapRetainCount')
  if (retain !== null && retainCount < SNAP_RETAIN_MIN) from.clamped(retain, String(SNAP_RETAIN_MIN))
  const preAllocSizeKiB = from.lenientNumber('preAllocSize', { fallback: 65_536 }, javaLong)
  return {
    snapCount: from.lenientNumber('snapCount', { fallback: 100_000, min: 2 }, javaInt),
    preAllocSizeBytes: Math.max(0, preAllocSizeKiB) * 1_024,
    forceSync: from.exactWord('forceSync', { on: 'yes', off: 'no' }),
    snapRetainCount: Math.max(SNAP_RETAIN_MIN, retainCount),
  }
}
