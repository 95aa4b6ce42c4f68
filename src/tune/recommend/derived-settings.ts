/** What is derived rather than searched: limits that a trial of throughput or latency does not feel until they are broken. */
import type { RecoveryResult } from '../../measure/recovery.ts'
import type { DerivedSetting } from '../output/recommendation.ts'
import { treeText } from './tree-size.ts'

/** Clients come back twice after a failover, and some machines have several. */
const CONNECTION_MARGIN = 2
const CONNECTIONS_DEFAULT = 60
/** Apache keeps at least so many. */
const RETAINED_LEAST = 3
/** What a day's log and snapshots may take before a purge an hour is asked for. */
const DAILY_BYTES_MUCH = 10 * 2 ** 30
const DAY_S = 86_400
const TICK_DEFAULT_MS = 3_000
/** The shortest session outlives a failover, and a client may ask for one that outlives several. */
const MIN_SESSION_MARGIN = 2
const MAX_SESSION_MARGIN = 10
const SNAP_COUNT_DEFAULT = 100_000
/** Of the room on the disk: the rest is for what else grows, and for a purge that comes late. */
const ROOM_SHARE = 0.5
/** A collection of garbage, or a disk that hangs, comes beside what was seen. */
const STALL_MARGIN = 4
/** Less leaves nothing for a heartbeat that is late. */
const SYNC_LIMIT_LEAST = 2

/** The machines of a deployment are busier, and its network is slower, than what was measured. */
export const INIT_MARGIN = 3
export const SYNC_MARGIN = 2

/** As much of a server's configuration as rules look at. */
export interface WrittenSettings {
  readonly settings: readonly { readonly key: string; readonly value: string }[]
}

/** Null: not known, and nothing follows from it. */
export interface DerivedFacts {
  /** Of what is recommended, or of what servers count. */
  readonly writesPerSecond: number | null
  readonly writesFrom: 'measured' | 'told'
  /** In the transaction log. */
  readonly bytesPerWrite: number
  /** The longest time without writes after the loss of a leader. */
  readonly failoverMs: number | null
  /** Free on the disk that log and snapshots lie on. */
  readonly roomBytes?: number | null
  /** The longest that any write took under load. */
  readonly stallMs?: number | null
  /** How long servers took to come back. */
  readonly recovery?: RecoveryResult | null
}

/** @returns only what differs from the starting configuration */
export function derivedSettings(server: WrittenSettings, facts: DerivedFacts): readonly DerivedSetting[] {
  return [
    ...purging(server, facts),
    ...snapshots(server, facts),
    ...sessionBounds(server, facts),
    ...initialSync(server, facts),
    ...silence(server, facts),
  ].filter(({ from, to }) => from !== to)
}

/** Needed before any trial: a start that turns its own clients away measures nothing. */
export function connectionLimit(server: WrittenSettings, sessions: number): readonly DerivedSetting[] {
  const from = written(server, 'maxClientCnxns')
  const allowed = Number(from ?? CONNECTIONS_DEFAULT)
  // In the worst case all clients come from one address (a NAT, a node of Kubernetes) to one server that is left.
  const needed = sessions * CONNECTION_MARGIN
  if (allowed === 0 || allowed >= needed) return []
  return [
    {
      key: 'maxClientCnxns',
      from,
      to: String(Math.ceil(needed / 10) * 10),
      why: `${sessions} clients may come from one address to one server, twice as many while they come back`,
      basis: 'computed',
    },
  ]
}

function purging(server: WrittenSettings, facts: DerivedFacts): readonly DerivedSetting[] {
  const from = written(server, 'autopurge.purgeInterval')
  const retained = written(server, 'autopurge.snapRetainCount')
  const dailyBytes = dailyBytesOf(facts)
  const room = facts.roomBytes ?? null
  const isMuch =
    dailyBytes !== null && (dailyBytes > DAILY_BYTES_MUCH || (room !== null && dailyBytes > room * ROOM_SHARE))
  const hours = isMuch ? 1 : 24
  const rate = facts.writesFrom === 'measured' ? 'at the measured rate' : 'at the rate that the servers count'
  const ofRoom = room === null ? '' : ` of the ${gibibytes(room)} that are free`
  const growth =
    dailyBytes === null
      ? 'without a purge the disk fills up in the end'
      : `${rate} the log grows by ${gibibytes(dailyBytes)} a day${ofRoom}, and without a purge the disk fills up`
  const settings: DerivedSetting[] = []
  if (from === null || Number(from) === 0 || Number(from) > hours) {
    settings.push({
      key: 'autopurge.purgeInterval',
      from,
      to: String(hours),
      why: growth,
      basis: dailyBytes === null || facts.writesFrom === 'told' ? 'computed' : 'measured',
    })
  }
  if (retained !== null && Number(retained) < RETAINED_LEAST) {
    const why = 'ZooKeeper takes nothing less, and says so in its log'
    settings.push({
      key: 'autopurge.snapRetainCount',
      from: retained,
      to: String(RETAINED_LEAST),
      why,
      basis: 'computed',
    })
  }
  return settings
}

/** A purge keeps the logs back to the oldest snapshot that it keeps: they must have room, the next ones beside them. */
function snapshots(
  server: WrittenSettings,
  { bytesPerWrite, roomBytes = null }: DerivedFacts,
): readonly DerivedSetting[] {
  if (roomBytes === null) return []
  const from = written(server, 'snapCount')
  const count = Number(from ?? SNAP_COUNT_DEFAULT)
  const kept = Math.max(RETAINED_LEAST, Number(written(server, 'autopurge.snapRetainCount') ?? RETAINED_LEAST)) + 1
  const fits = Math.floor((roomBytes * ROOM_SHARE) / kept / bytesPerWrite)
  if (count <= fits || fits < 2) return []
  const why =
    `${kept} logs of ${count} writes of ${bytesPerWrite} bytes take ${gibibytes(kept * count * bytesPerWrite)}, ` +
    `and half of the ${gibibytes(roomBytes)} that are free is theirs`
  return [{ key: 'snapCount', from, to: String(Number(fits.toPrecision(2))), why, basis: 'computed' }]
}

/** A session that is shorter than a failover ends with it, and its locks with it. */
function sessionBounds(server: WrittenSettings, { failoverMs }: DerivedFacts): readonly DerivedSetting[] {
  if (failoverMs === null) return []
  const tickMs = tickOf(server)
  const settings: DerivedSetting[] = []
  const bound = (key: string, ticks: number, margin: number): void => {
    const from = written(server, key)
    const current = from === null || Number(from) < 0 ? ticks * tickMs : Number(from)
    const needed = Math.ceil((failoverMs * margin) / tickMs) * tickMs
    if (current >= needed) return
    const why = `without its leader the ensemble took no writes for ${Math.round(failoverMs)} ms; ${margin} times that, in whole ticks`
    settings.push({ key, from, to: String(needed), why, basis: 'measured' })
  }
  bound('minSessionTimeout', 2, MIN_SESSION_MARGIN)
  bound('maxSessionTimeout', 20, MAX_SESSION_MARGIN)
  return settings
}

/** The slowest of the servers, in milliseconds; null: none was measured. */
export function slowestSyncMs(recovery: RecoveryResult | null, lost: 'nothing' | 'data'): number | null {
  const times = (recovery?.returns ?? []).flatMap((each) => (each.lost === lost ? [each.syncMs] : []))
  return times.length === 0 ? null : Math.max(...times)
}

/** A learner that has not synced within initLimit is given up, and begins again: with too little it never joins. */
function initialSync(server: WrittenSettings, { recovery = null }: DerivedFacts): readonly DerivedSetting[] {
  const from = written(server, 'initLimit')
  const syncMs = slowestSyncMs(recovery, 'data')
  // Without the line there is nothing to be more than: one server alone has none.
  if (from === null || recovery === null || syncMs === null) return []
  const tickMs = tickOf(server)
  const ticks = Math.ceil((syncMs * INIT_MARGIN) / tickMs)
  if (Number(from) >= ticks) return []
  const why =
    `a server without its data had that of ${treeText(recovery.tree)} from the others after ${Math.round(syncMs)} ms; ` +
    `${INIT_MARGIN} times that, in ticks of ${tickMs} ms`
  return [{ key: 'initLimit', from, to: String(ticks), why, basis: 'measured' }]
}

/** A follower that is silent for syncLimit is dropped, and has to join again; so is one that takes longer for what it missed. */
function silence(
  server: WrittenSettings,
  { stallMs = null, recovery = null }: DerivedFacts,
): readonly DerivedSetting[] {
  const from = written(server, 'syncLimit')
  if (from === null) return []
  const tickMs = tickOf(server)
  const missedMs = slowestSyncMs(recovery, 'nothing')
  const needs = [
    ...(stallMs === null ? [] : [{ ms: stallMs, margin: STALL_MARGIN, what: 'the slowest write under load took' }]),
    ...(missedMs === null || recovery === null
      ? []
      : [
          {
            ms: missedMs,
            margin: SYNC_MARGIN,
            what: `to learn what it missed a server (tree of ${treeText(recovery.tree)}) took`,
          },
        ]),
  ].sort((one, other) => other.ms * other.margin - one.ms * one.margin)
  const [most] = needs
  if (most === undefined) return []
  const ticks = Math.max(SYNC_LIMIT_LEAST, Math.ceil((most.ms * most.margin) / tickMs))
  if (Number(from) >= ticks) return []
  const why = `${most.what} ${Math.round(most.ms)} ms; ${most.margin} times that, in ticks of ${tickMs} ms`
  return [{ key: 'syncLimit', from, to: String(ticks), why, basis: 'measured' }]
}

function dailyBytesOf({ writesPerSecond, bytesPerWrite }: DerivedFacts): number | null {
  return writesPerSecond === null ? null : writesPerSecond * bytesPerWrite * DAY_S
}

export function tickOf(server: WrittenSettings): number {
  return Number(written(server, 'tickTime') ?? TICK_DEFAULT_MS)
}

export function written({ settings }: WrittenSettings, key: string): string | null {
  return settings.findLast((setting) => setting.key === key)?.value ?? null
}

function gibibytes(bytes: number): string {
  const gib = bytes / 2 ** 30
  return `${gib < 10 ? gib.toFixed(1) : Math.round(gib)} GiB`
}
