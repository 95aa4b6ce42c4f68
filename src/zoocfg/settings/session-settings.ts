import type { SettingReader } from '../setting-reader.ts'
import { UNSET } from '../setting-reader.ts'

/** Between these a client's wish for its session's timeout is taken as it is. */
export interface SessionSettings {
  readonly minSessionTimeoutMs: number
  readonly maxSessionTimeoutMs: number
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
  return { minSessionTimeoutMs, maxSessionTimeoutMs }
}
