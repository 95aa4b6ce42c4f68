/** The settings that the servers of an ensemble share and that the built-in engine acts on, checked and in one unit. */
import type { Findings, Setting } from './findings.ts'
import { javaDecodedInt, javaInt, javaLong } from './java-number.ts'
import { SettingReader } from './setting-reader.ts'

export interface EngineSettings {
  readonly tickTimeMs: number
  /** Null when it is not given or 0, which only a standalone server may do without. */
  readonly initLimitTicks: number | null
  readonly syncLimitTicks: number | null
  readonly minSessionTimeoutMs: number
  readonly maxSessionTimeoutMs: number
  /** Connections from one address; 0 is no limit. */
  readonly maxClientCnxns: number
  /** As written; what one server may hold is `outstandingLimitPerServer`. */
  readonly globalOutstandingLimit: number
  /** Transactions between two snapshots. */
  readonly snapCount: number
  /** 0: log files grow as they are written. */
  readonly preAllocSizeBytes: number
  readonly forceSync: boolean
  readonly juteMaxBufferBytes: number
  /** `*` stands for all; `srvr` is answered always. */
  readonly fourLetterWords: readonly string[]
  /** Null: the system's own. */
  readonly clientPortListenBacklog: number | null
  readonly snapRetainCount: number
  readonly standaloneEnabled: boolean
}

const TICK_TIME_MS = 3_000
const MIN_SESSION_TICKS = 2
const MAX_SESSION_TICKS = 20
const SNAP_RETAIN_MIN = 3
const JUTE_MAX_BUFFER_BYTES = 0xfffff
/** Written for "take the default": QuorumPeerConfig cannot tell it from an absent line. */
const UNSET = -1

/** @param settings by key; of duplicates the one that counts */
export function readEngineSettings(settings: ReadonlyMap<string, Setting>, findings: Findings): EngineSettings {
  const from = new SettingReader(settings, findings)
  const tickTimeMs = from.refusedInt('tickTime', { fallback: TICK_TIME_MS, min: 1 }, 'milliseconds')
  const backlog = from.refusedInt('clientPortListenBacklog', { fallback: UNSET }, 'connections')
  const retainCount = from.refusedInt('autopurge.snapRetainCount', { fallback: SNAP_RETAIN_MIN }, 'snapshots')
  const retain = from.get('autopurge.snapRetainCount')
  if (retain !== null && retainCount < SNAP_RETAIN_MIN) from.clamped(retain, String(SNAP_RETAIN_MIN))
  const preAllocSizeKiB = from.lenientNumber('preAllocSize', { fallback: 65_536 }, javaLong)
  remarkMaxBuffer(from, findings)
  return {
    tickTimeMs,
    initLimitTicks: from.refusedInt('initLimit', { fallback: 0, min: 0 }, 'ticks') || null,
    syncLimitTicks: from.refusedInt('syncLimit', { fallback: 0, min: 0 }, 'ticks') || null,
    ...readSessionBounds(from, tickTimeMs),
    maxClientCnxns: Math.max(0, from.refusedInt('maxClientCnxns', { fallback: 60 }, 'connections')),
    globalOutstandingLimit: Math.max(0, from.lenientNumber('globalOutstandingLimit', { fallback: 1_000 }, javaInt)),
    snapCount: from.lenientNumber('snapCount', { fallback: 100_000, min: 2 }, javaInt),
    preAllocSizeBytes: Math.max(0, preAllocSizeKiB) * 1_024,
    forceSync: from.exactWord('forceSync', { on: 'yes', off: 'no' }),
    juteMaxBufferBytes: from.lenientNumber('jute.maxbuffer', { fallback: JUTE_MAX_BUFFER_BYTES }, javaDecodedInt),
    fourLetterWords: readWords(from.get('4lw.commands.whitelist')?.value ?? 'srvr'),
    clientPortListenBacklog: backlog > 0 ? backlog : null,
    snapRetainCount: Math.max(SNAP_RETAIN_MIN, retainCount),
    standaloneEnabled: from.refusedSwitch('standaloneEnabled', true),
  }
}

/**
 * The requests that one server may hold: Apache's leader and followers share the limit between the voters but one, once
 * there are more than two; an observer and a standalone server have all of it (LeaderZooKeeperServer,
 * FollowerZooKeeperServer).
 */
export function outstandingLimitPerServer(limit: number, voters: number, isObserver: boolean): number {
  return voters > 2 && !isObserver ? Math.floor(limit / (voters - 1)) : limit
}

function readSessionBounds(
  from: SettingReader,
  tickTimeMs: number,
): { readonly minSessionTimeoutMs: number; readonly maxSessionTimeoutMs: number } {
  const min = from.refusedInt('minSessionTimeout', { fallback: UNSET }, 'milliseconds')
  const max = from.refusedInt('maxSessionTimeout', { fallback: UNSET }, 'milliseconds')
  const minSessionTimeoutMs = min === UNSET ? MIN_SESSION_TICKS * tickTimeMs : min
  const maxSessionTimeoutMs = max === UNSET ? MAX_SESSION_TICKS * tickTimeMs : max
  const culprit = from.get('minSessionTimeout') ?? from.get('maxSessionTimeout')
  if (minSessionTimeoutMs > maxSessionTimeoutMs && culprit !== null) {
    const minText = min === UNSET ? `${minSessionTimeoutMs} (2 ticks)` : String(min)
    const maxText = max === UNSET ? `${maxSessionTimeoutMs} (20 ticks)` : String(max)
    from.fault(
      culprit,
      `minSessionTimeout, ${minText} ms, is larger than maxSessionTimeout, ${maxText} ms`,
      'Set both, the smaller one first, or leave both to follow tickTime.',
    )
  }
  return { minSessionTimeoutMs, maxSessionTimeoutMs }
}

function remarkMaxBuffer(from: SettingReader, findings: Findings): void {
  const setting = from.get('jute.maxbuffer')
  if (setting === null) return
  findings.remarks.push({
    kind: 'differs-from-apache',
    key: setting.key,
    where: setting.where,
    what: 'jute.maxbuffer works here, but does nothing in the zoo.cfg of an Apache server',
    mend: 'For Apache give -Djute.maxbuffer to the JVM of every server and client.',
  })
}

function readWords(list: string): readonly string[] {
  const words = list.split(',').map((word) => word.trim())
  return words.includes('*') ? ['*'] : [...new Set(['srvr', ...words.filter((word) => word !== '')])]
}
