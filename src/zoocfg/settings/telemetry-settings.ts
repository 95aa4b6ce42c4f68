import { javaDecodedInt } from '../java-number.ts'
import type { SettingReader } from '../setting-reader.ts'

/** What a server writes down of its work, for those who look into it later. */
export interface TelemetrySettings {
  /** A line of the log for each change that a client asks for. */
  readonly isAudited: boolean
  /** Null: paths of requests are not counted. */
  readonly pathStats: PathStatsSettings | null
  /** The latency of acknowledgements is measured of every so manyth slot; null: of none. */
  readonly ackSampleEvery: number | null
}

export interface PathStatsSettings {
  /** The share of requests that is counted, 0 to 1. */
  readonly sampleRate: number
  /** Parts of a path; what lies deeper counts for them. */
  readonly depthMax: number
  /** Paths are counted by slots of time, of which the oldest is forgotten. */
  readonly slotMs: number
  readonly slotsMax: number
  readonly firstReportMs: number
  readonly reportEveryMs: number
  /** Paths in a report, of reads and of writes each. */
  readonly topMax: number
}

const MINUTE_MS = 60_000

export function readTelemetrySettings(from: SettingReader): TelemetrySettings {
  const every = from.lenientNumber('leader.ackLoggingFrequency', { fallback: 1_000 }, javaDecodedInt)
  const pathStats = readPathStats(from)
  return {
    isAudited: from.lenientSwitch('audit.enable', false),
    pathStats: from.lenientSwitch('pathStats.enabled', false) ? pathStats : null,
    ackSampleEvery: every > 0 ? every : null,
  }
}

function readPathStats(from: SettingReader): PathStatsSettings {
  const whole = (key: string, fallback: number, min: number): number =>
    from.lenientNumber(`pathStats.${key}`, { fallback, min }, javaDecodedInt)
  return {
    sampleRate: from.refusedDecimal('pathStats.sampleRate', { fallback: 0.1, min: 0, max: 1 }),
    depthMax: whole('maxDepth', 6, 1),
    slotMs: whole('slotDuration', 15, 1) * 1_000,
    slotsMax: whole('slotCapacity', 60, 1),
    firstReportMs: whole('initialDelay', 5, 0) * MINUTE_MS,
    reportEveryMs: whole('delay', 5, 1) * MINUTE_MS,
    topMax: whole('topPathMax', 20, 1),
  }
}
