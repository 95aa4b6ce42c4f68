import type { Slot } from '../../paxos/entry.ts'
import { slotOf } from '../../paxos/entry.ts'
import type { StorageSettings } from '../../zoocfg/settings/storage-settings.ts'

/** Applied entries that stay in memory for peers that lag a little. */
const KEPT_LOG_BYTES = 32 * 1024 * 1024

/** As much of the log in memory as retention asks for. */
export interface MeasuredLog {
  readonly start: Slot
  readonly end: Slot
  readonly sizeBytes: number
  bytesBetween(from: number, to: number): number
}

/** What the rule goes by besides the log. */
export interface RetentionState {
  readonly applied: Slot
  /** A snapshot that is on its way to a peer needs the log from here on; null: none is. */
  readonly oldestNeeded: Slot | null
  /** Null: there is none. */
  readonly newestSnapshotBytes: number | null
}

/** @returns the slot through which the log may go; null: it stays as it is */
export function trimThrough(log: MeasuredLog, state: RetentionState, settings: StorageSettings): Slot | null {
  const { commitLogCount } = settings
  const { applied, oldestNeeded } = state
  const roomBytes = roomForLogBytes(settings.snapshotSizeFactor, state.newestSnapshotBytes)
  if (log.sizeBytes <= roomBytes || applied - log.start < 2 * commitLogCount) return null
  const through = Math.min(applied - commitLogCount, oldestNeeded ?? applied)
  let keepFrom: number = log.start
  // Down to half at once, so that this is rare.
  while (keepFrom < through && log.bytesBetween(keepFrom, log.end) > roomBytes / 2) keepFrom++
  return slotOf(keepFrom)
}

/** What a peer can catch up from costs less than a snapshot, up to `snapshotSizeFactor` of it. */
function roomForLogBytes(snapshotSizeFactor: number | null, newestSnapshotBytes: number | null): number {
  if (snapshotSizeFactor === null) return KEPT_LOG_BYTES
  return Math.min(KEPT_LOG_BYTES, snapshotSizeFactor * (newestSnapshotBytes ?? KEPT_LOG_BYTES))
}
