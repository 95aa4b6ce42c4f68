import { javaDecodedInt, javaInt, javaLong } from '../java-number.ts'
import type { SettingReader } from '../setting-reader.ts'

/** The log, the snapshots, and when a write counts as on disk. */
export interface StorageSettings {
  /** Transactions between two snapshots. */
  readonly snapCount: number
  /** Bytes of the log between two snapshots, whichever comes first; null: they do not count. */
  readonly snapSizeLimitBytes: number | null
  readonly snapshotCompression: SnapshotCompression
  /** 0: log files grow as they are written. */
  readonly preAllocSizeBytes: number
  /** Of one log file, after which the next begins; null: it ends with a snapshot only. */
  readonly txnLogSizeLimitBytes: number | null
  /** False: acceptances are written but not synced. Promises are synced always. */
  readonly forceSync: boolean
  /** `inline` blocks the event loop for each sync of the log: less time per sync on a fast disk. */
  readonly logSync: 'async' | 'inline'
  readonly logWritesInFlight: number
  /** A flush of the log may wait for so long after the one before it; 0: none waits. */
  readonly flushDelayMs: number
  /** A flush that waits goes ahead when so long nothing more has come. */
  readonly writeQueuePollMs: number
  /** Transactions that one flush carries at most; 0: any number. */
  readonly batchSizeMax: number
  /** A sync that takes longer is warned about. */
  readonly fsyncWarningThresholdMs: number
  readonly snapRetainCount: number
  /** Null: old snapshots go after each new one. 0: they stay. Else they go at the start, and then so often. */
  readonly purgeIntervalMs: number | null
  /** Applied entries that stay in memory at least, for peers that lag; 0 when it is not given. */
  readonly commitLogCount: number
  /** Beyond those, entries of so many times the newest snapshot's size; null: as many as there is room for. */
  readonly snapshotSizeFactor: number | null
  /** Makes a missing dataDir or dataLogDir. */
  readonly createsFolders: boolean
  /** A log whose beginning only lost snapshots hold does not keep a voter from starting, without its vote. */
  readonly trustsEmpty: boolean
}

export type SnapshotCompression = 'none' | 'gzip'

const SNAP_RETAIN_MIN = 3
const HOUR_MS = 3_600_000
const COMMIT_LOG_COUNT_MIN = 500
const SNAPSHOT_SIZE_FACTOR = 0.33

export function readStorageSettings(from: SettingReader): StorageSettings {
  const flushDelayMs = from.lenientNumber('flushDelay', { fallback: 0, min: 0 }, javaDecodedInt)
  const pollFallbackMs = Math.floor(flushDelayMs / 3)
  const preAllocSizeKiB = from.lenientNumber('preAllocSize', { fallback: 65_536 }, javaLong)
  return {
    snapCount: from.lenientNumber('snapCount', { fallback: 100_000, min: 2 }, javaInt),
    snapSizeLimitBytes: limitBytes(from, 'snapSizeLimitInKb', 4_194_304),
    snapshotCompression: readCompression(from),
    preAllocSizeBytes: Math.max(0, preAllocSizeKiB) * 1_024,
    txnLogSizeLimitBytes: limitBytes(from, 'txnLogSizeLimitInKb', -1),
    forceSync: from.exactWord('forceSync', { on: 'yes', off: 'no' }),
    logSync: from.get('zktune.logSync')?.value === 'inline' ? 'inline' : 'async',
    logWritesInFlight: from.refusedInt('zktune.logWritesInFlight', { fallback: 3, min: 1, max: 4 }, ''),
    flushDelayMs,
    writeQueuePollMs: from.lenientNumber('maxWriteQueuePollTime', { fallback: pollFallbackMs, min: 0 }, javaDecodedInt),
    batchSizeMax: Math.max(0, from.lenientNumber('maxBatchSize', { fallback: 1_000 }, javaDecodedInt)),
    fsyncWarningThresholdMs: from.lenientNumber(
      'fsync.warningthresholdms',
      { fallback: 1_000, min: 0 },
      javaDecodedInt,
    ),
    snapRetainCount: readRetainCount(from),
    purgeIntervalMs: readPurgeInterval(from),
    commitLogCount: from.lenientNumber('commitLogCount', { fallback: 0, min: COMMIT_LOG_COUNT_MIN }, javaInt),
    snapshotSizeFactor: readSizeFactor(from),
    createsFolders: from.lenientSwitch('datadir.autocreate', true),
    trustsEmpty: from.lenientSwitch('snapshot.trust.empty', false),
  }
}

/** A number of KiB; from 0 down there is no limit. (0 ends an Apache server, where it is a divisor: rule of its own in lint.) */
function limitBytes(from: SettingReader, key: string, fallback: number): number | null {
  const sizeKiB = from.lenientNumber(key, { fallback }, javaLong)
  return sizeKiB > 0 ? sizeKiB * 1_024 : null
}

function readCompression(from: SettingReader): SnapshotCompression {
  const setting = from.get('snapshot.compression.method')
  if (setting === null) return 'none'
  switch (setting.value) {
    case '':
      return 'none'
    case 'gz':
      return 'gzip'
    case 'snappy':
      from.differs(
        setting,
        `${setting.key} is snappy, which the built-in engine does not have: its snapshots are compressed by gzip`,
        'Write gz, which both have, when the two are to be compared.',
      )
      return 'gzip'
    default:
      from.counts(setting, 'nothing, so snapshots are not compressed', 'Write gz, or delete the line.')
      return 'none'
  }
}

function readRetainCount(from: SettingReader): number {
  const count = from.refusedInt('autopurge.snapRetainCount', { fallback: SNAP_RETAIN_MIN }, 'snapshots')
  const setting = from.get('autopurge.snapRetainCount')
  if (setting !== null && count < SNAP_RETAIN_MIN) from.clamped(setting, String(SNAP_RETAIN_MIN))
  return Math.max(SNAP_RETAIN_MIN, count)
}

function readPurgeInterval(from: SettingReader): number | null {
  if (from.get('autopurge.purgeInterval') === null) return null
  return Math.max(0, from.refusedInt('autopurge.purgeInterval', { fallback: 0 }, 'hours')) * HOUR_MS
}

/** `Double.parseDouble`; above 1 and unreadable give Apache's default. Negative: nothing beyond commitLogCount. */
function readSizeFactor(from: SettingReader): number | null {
  const setting = from.get('snapshotSizeFactor')
  if (setting === null) return null
  const factor = setting.value === '' ? NaN : Number(setting.value)
  if (factor <= 1) return Math.max(0, factor)
  from.counts(setting, `the default of ${SNAPSHOT_SIZE_FACTOR}`, 'Write a number up to 1, or a negative one for none.')
  return SNAPSHOT_SIZE_FACTOR
}
