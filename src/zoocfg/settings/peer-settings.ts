import { javaDecodedInt, javaInt } from '../java-number.ts'
import type { SettingReader } from '../setting-reader.ts'

/** How servers reach each other, and how a leader brings the others up to date. */
export interface PeerSettings {
  /** How long an attempt to reach a peer may take. */
  readonly dialTimeoutMs: number
  /** The longest pause between two attempts to reach a peer. */
  readonly redialMaxMs: number
  /** An observer waits a random time below this before it returns to a server that it lost. */
  readonly observerReconnectDelayMs: number
  readonly listensOnAllAddresses: boolean
  /** How often a peer port that is taken is tried again, a second apart; 0: for ever. */
  readonly bindRetries: number
  /** Peers that may be sent a snapshot, and log entries to catch up with, at a time. */
  readonly snapshotSyncsMax: number
  readonly logSyncsMax: number
  /** Whether an observer writes what it learns to its disk. */
  readonly isObserverSynced: boolean
  /** A peer that lags is sent a snapshot, even if the log reaches back far enough. */
  readonly forcesSnapshots: boolean
  /** The system probes connections between servers that are silent for long. */
  readonly keepsAlive: boolean
  /** All addresses of a server line count, not just the first. */
  readonly usesAllAddresses: boolean
  /** How long one of several addresses is tried before the next is; null: only the first is dialled. */
  readonly addressTimeoutMs: number | null
  /** Messages of each link, sent or received, that are written to the log when it breaks; 0: none. */
  readonly trackedMessages: number
}

const BIND_RETRIES = 3

export function readPeerSettings(from: SettingReader): PeerSettings {
  const retries = from.lenientNumber('electionPortBindRetry', { fallback: BIND_RETRIES }, javaInt)
  return {
    dialTimeoutMs: from.refusedInt('cnxTimeout', { fallback: 5_000, min: 1 }, 'milliseconds'),
    redialMaxMs: from.lenientNumber('leaderConnectDelayDuringRetryMs', { fallback: 100, min: 1 }, javaDecodedInt),
    observerReconnectDelayMs: from.lenientNumber('observer.reconnectDelayMs', { fallback: 0, min: 0 }, javaDecodedInt),
    listensOnAllAddresses: from.refusedSwitch('quorumListenOnAllIPs', false),
    bindRetries: retries < 0 ? BIND_RETRIES : retries,
    snapshotSyncsMax: from.lenientNumber('leader.maxConcurrentSnapSyncs', { fallback: 10, min: 1 }, javaDecodedInt),
    logSyncsMax: from.lenientNumber('leader.maxConcurrentDiffSyncs', { fallback: 100, min: 1 }, javaDecodedInt),
    isObserverSynced: from.refusedSwitch('syncEnabled', true),
    forcesSnapshots: from.lenientSwitch('forceSnapshotSync', false),
    keepsAlive: from.lenientSwitch('tcpKeepAlive', false),
    usesAllAddresses: from.refusedSwitch('multiAddress.enabled', false),
    addressTimeoutMs: readAddressTimeout(from),
    trackedMessages: readTracked(from),
  }
}

function readAddressTimeout(from: SettingReader): number | null {
  const timeoutMs = from.refusedInt(
    'multiAddress.reachabilityCheckTimeoutMs',
    { fallback: 1_000, min: 1 },
    'milliseconds',
  )
  return from.refusedSwitch('multiAddress.reachabilityCheckEnabled', true) ? timeoutMs : null
}

function readTracked(from: SettingReader): number {
  const size = from.lenientNumber('messageTracker.BufferSize', { fallback: 10, min: 1 }, javaDecodedInt)
  return from.lenientSwitch('messageTracker.Enabled', false) ? size : 0
}
