import type { SettingReader } from '../setting-reader.ts'
import { UNSET } from '../setting-reader.ts'

/** How long sessions last, and who knows of them. Between the two timeouts a client's wish is taken as it is. */
export interface SessionSettings {
  readonly minSessionTimeoutMs: number
  readonly maxSessionTimeoutMs: number
  /** New sessions belong to the server that accepted them and are not replicated; of an ensemble only. */
  readonly localSessionsEnabled: boolean
  /** A local session that creates an ephemeral znode becomes a replicated one. */
  readonly localSessionsUpgradingEnabled: boolean
}

const MIN_SESSION_TICKS = 2
const MAX_SESSION_TICKS = 20

export function readSessionSettings(from: SettingReader, tickTimeMs: number): SessionSettings {
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
  return {
    minSessionTimeoutMs,
    maxSessionTimeoutMs,
    localSessionsEnabled: from.refusedSwitch('localSessionsEnabled', false),
    localSessionsUpgradingEnabled: from.refusedSwitch('localSessionsUpgradingEnabled', false),
  }
}
