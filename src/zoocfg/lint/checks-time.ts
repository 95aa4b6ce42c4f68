/** Rules on ticks, limits counted in them, and session timeouts. */
import { javaInt } from '../java-number.ts'
import { onKey, onNumber } from './check.ts'
import type { Checks } from './check.ts'
import type { ServerView } from './server-view.ts'

const MIN_SESSION_TICKS = 2
const MAX_SESSION_TICKS = 20
const SYNC_WINDOW_MAX_MS = 30_000
/** Twice a pause of one second, which a collector of an ordinary heap takes now and then. */
const SYNC_WINDOW_MIN_MS = 2_000
/** What a gigabit link carries, and about what a server loads of a snapshot. */
const SNAPSHOT_BYTES_PER_MS = 50_000

export const TIME_CHECKS: Checks = {
  'ticktime-zero': onNumber('tickTime', (value) => value === 0),
  'ticktime-negative': onNumber('tickTime', (value) => value < 0),
  'ticktime-extreme': onNumber('tickTime', (value) => value > 0 && (value < 200 || value > 10_000)),
  'min-session-above-max': onKey('minSessionTimeout', (server) => {
    const { min, max } = writtenBounds(server)
    return min !== null && max !== null && min > max
      ? `minSessionTimeout is ${min} and maxSessionTimeout ${max}, so no timeout is possible`
      : null
  }),
  'min-session-above-derived-max': function* (server) {
    const { min, max } = writtenBounds(server)
    const derivedMin = MIN_SESSION_TICKS * server.tickTimeMs
    const derivedMax = MAX_SESSION_TICKS * server.tickTimeMs
    if (server.tickTimeMs <= 0) return
    if (min !== null && max === null && min > derivedMax) {
      yield server.at('minSessionTimeout', `minSessionTimeout is ${min}, and 20 ticks are only ${derivedMax} ms`)
    }
    if (max !== null && min === null && max < derivedMin) {
      yield server.at('maxSessionTimeout', `maxSessionTimeout is ${max}, and 2 ticks are already ${derivedMin} ms`)
    }
  },
  'min-session-below-two-ticks': onKey('minSessionTimeout', (server) => {
    const { min } = writtenBounds(server)
    const least = MIN_SESSION_TICKS * server.tickTimeMs
    return min !== null && min > 0 && min < least
      ? `minSessionTimeout is ${min} ms, and two ticks are ${least} ms`
      : null
  }),
  'max-session-below-failover-time': onKey('maxSessionTimeout', (server) => {
    const { max } = writtenBounds(server)
    const window = ticksMs(server, 'initLimit')
    return server.isDistributed && max !== null && max > 0 && window !== null && max < window
      ? `maxSessionTimeout is ${max} ms, and initLimit lets an election take ${window} ms`
      : null
  }),
  'initlimit-missing': missingLimit('initLimit'),
  'synclimit-missing': missingLimit('syncLimit'),
  'initlimit-or-synclimit-negative': function* (server) {
    for (const key of ['initLimit', 'syncLimit']) {
      const value = writtenInt(server, key)
      if (value !== null && value < 0) yield server.at(key, `${key} is ${value}`)
    }
  },
  'init-below-sync': onKey('initLimit', (server) => {
    const init = writtenInt(server, 'initLimit')
    const sync = writtenInt(server, 'syncLimit')
    return init !== null && sync !== null && init > 0 && init < sync
      ? `initLimit is ${init} and syncLimit ${sync}`
      : null
  }),
  'sync-window-too-short': onKey('syncLimit', (server) => {
    const window = ticksMs(server, 'syncLimit')
    return server.isDistributed && window !== null && window < SYNC_WINDOW_MIN_MS
      ? `syncLimit and tickTime make ${window} ms, less than twice a pause of one second`
      : null
  }),
  'sync-window-too-long': onKey('syncLimit', (server) => {
    const window = ticksMs(server, 'syncLimit')
    return server.isDistributed && window !== null && window > SYNC_WINDOW_MAX_MS
      ? `syncLimit and tickTime make ${window / 1_000} s until a dead leader is noticed`
      : null
  }),
  'init-window-too-short': onKey('initLimit', (server) => {
    const window = ticksMs(server, 'initLimit')
    const sizeBytes = server.dataDir?.snapshotSizeBytes ?? null
    if (!server.isDistributed || window === null || sizeBytes === null) return null
    const neededMs = Math.ceil((1.5 * 2 * sizeBytes) / SNAPSHOT_BYTES_PER_MS)
    return window < neededMs
      ? `initLimit and tickTime make ${window} ms, and a snapshot of ${sizeBytes} bytes may take ${neededMs} ms`
      : null
  }),
}

function missingLimit(key: 'initLimit' | 'syncLimit') {
  return function* (server: ServerView) {
    const value = server.written(key)
    if (!server.isDistributed || (value !== null && javaInt(value) !== 0)) return
    yield server.at(key, value === null ? `${key} is not set` : `${key} is 0, which counts as not set`)
  }
}

/** -1 is how zoo.cfg says "not given". */
function writtenBounds(server: ServerView): { readonly min: number | null; readonly max: number | null } {
  const bound = (key: string): number | null => {
    const value = writtenInt(server, key)
    return value === -1 ? null : value
  }
  return { min: bound('minSessionTimeout'), max: bound('maxSessionTimeout') }
}

function writtenInt(server: ServerView, key: string): number | null {
  return javaInt(server.written(key) ?? '')
}

/** In milliseconds; null when it is not given, or no positive number. */
function ticksMs(server: ServerView, key: string): number | null {
  const ticks = writtenInt(server, key)
  return ticks === null || ticks <= 0 || server.tickTimeMs <= 0 ? null : ticks * server.tickTimeMs
}
