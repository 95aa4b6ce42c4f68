import { javaDecodedInt } from '../java-number.ts'
import type { SettingReader } from '../setting-reader.ts'

/** What is held back or turned away when clients come, or ask, faster than a server works. */
export interface ThrottleSettings {
  readonly connections: ConnectionThrottleSettings
  readonly requests: RequestThrottleSettings
  readonly largeRequests: LargeRequestSettings
}

/** A bucket of tokens that handshakes draw from. */
export interface ConnectionThrottleSettings {
  /** Tokens that the bucket holds; 0 lets every handshake pass. */
  readonly tokensMax: number
  readonly fillTimeMs: number
  /** Tokens that come back in each `fillTimeMs`. */
  readonly fillCount: number
  /** How often the probability of turning a handshake away is adapted; null never turns one away by chance. */
  readonly freezeTimeMs: number | null
  readonly dropIncrease: number
  readonly dropDecrease: number
  /** The share of the bucket that may be missing when the probability falls. */
  readonly decreaseRatio: number
  /** Tokens that a handshake takes. */
  readonly weights: {
    readonly newGlobal: number
    readonly newLocal: number
    readonly renewed: number
  }
}

export interface RequestThrottleSettings {
  /** Requests under way beyond which further ones wait; 0 lets all go on. */
  readonly maxRequests: number
  /** How often requests that wait are looked at while none is answered. */
  readonly stallTimeMs: number
  readonly dropsStale: boolean
  /** A request that waits for longer than its session's timeout is stale. */
  readonly checksLatency: boolean
  /** A request whose connection has closed is stale. */
  readonly checksConnection: boolean
  /** A request that waited for longer is answered with THROTTLEDOP; null for none. */
  readonly opWaitMaxMs: number | null
}

export interface LargeRequestSettings {
  /** A request of more bytes is large; null for none. */
  readonly thresholdBytes: number | null
  /** Bytes of all large requests of one server at a time. */
  readonly totalMaxBytes: number
}

export function readThrottleSettings(from: SettingReader): ThrottleSettings {
  return {
    connections: readConnectionThrottle(from),
    requests: readRequestThrottle(from),
    largeRequests: readLargeRequests(from),
  }
}

function readConnectionThrottle(from: SettingReader): ConnectionThrottleSettings {
  const int = (name: string, fallback: number, min: number): number =>
    from.lenientNumber(`connection_throttle_${name}`, { fallback, min }, javaDecodedInt)
  const share = (name: string, fallback: number): number =>
    from.refusedDecimal(`connection_throttle_${name}`, { fallback, min: 0, max: 1 })
  const hasWeights = from.lenientSwitch('connection_throttle_weight_enabled', false)
  // The order of the three is kept: a new local session costs least (BlueThrottle).
  const newLocal = int('local_session_weight', 1, 1)
  const newGlobal = Math.max(newLocal, int('global_session_weight', 3, 1))
  const renewed = Math.max(newLocal, int('renew_session_weight', 2, 1))
  const tokens = int('tokens', 0, 0)
  const freezeTimeMs = int('freeze_time', -1, -1)
  return {
    tokensMax: hasWeights ? tokens * newGlobal : tokens,
    fillTimeMs: int('fill_time', 1, 1),
    fillCount: int('fill_count', 1, 1),
    freezeTimeMs: freezeTimeMs === -1 ? null : freezeTimeMs,
    dropIncrease: share('drop_increase', 0.02),
    dropDecrease: share('drop_decrease', 0.002),
    decreaseRatio: share('decrease_ratio', 0),
    weights: hasWeights ? { newGlobal, newLocal, renewed } : { newGlobal: 1, newLocal: 1, renewed: 1 },
  }
}

function readRequestThrottle(from: SettingReader): RequestThrottleSettings {
  const opWaitMs = from.lenientNumber('throttled_op_wait_time', { fallback: 0, min: 0 }, javaDecodedInt)
  return {
    maxRequests: from.lenientNumber('request_throttle_max_requests', { fallback: 0, min: 0 }, javaDecodedInt),
    stallTimeMs: from.lenientNumber('request_throttle_stall_time', { fallback: 100, min: 1 }, javaDecodedInt),
    dropsStale: from.lenientSwitch('request_throttle_drop_stale', true),
    checksLatency: from.lenientSwitch('request_stale_latency_check', false),
    checksConnection: from.lenientSwitch('request_stale_connection_check', true),
    opWaitMaxMs: opWaitMs === 0 ? null : opWaitMs,
  }
}

function readLargeRequests(from: SettingReader): LargeRequestSettings {
  const threshold = from.lenientNumber('largeRequestThreshold', { fallback: -1 }, javaDecodedInt)
  return {
    thresholdBytes: threshold > 0 ? threshold : null,
    totalMaxBytes: from.lenientNumber(
      'largeRequestMaxBytes',
      { fallback: 100 * 1_024 * 1_024, min: 1 },
      javaDecodedInt,
    ),
  }
}
