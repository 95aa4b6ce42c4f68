/** What is derived rather than searched: limits that a trial of throughput or latency does not feel until they are broken. */
import type { Plan } from '../../profile/plan.ts'
import { writesOf } from '../../measure/disk-probe.ts'
import type { DerivedSetting } from '../output/recommendation.ts'

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

export interface DerivedFacts {
  /** Writes a second that the recommended configuration did; null: none were measured. */
  readonly writesPerSecond: number | null
  /** The longest time without writes after the loss of a leader; null: it was not measured. */
  readonly failoverMs: number | null
}

/** @returns only what differs from the starting configuration */
export function derivedSettings(plan: Plan, facts: DerivedFacts): readonly DerivedSetting[] {
  return [...purging(plan, facts), ...sessionBounds(plan, facts)].filter(({ from, to }) => from !== to)
}

/** Needed before any trial: a start that turns its own clients away measures nothing. */
export function connectionLimit(plan: Plan): readonly DerivedSetting[] {
  const from = written(plan, 'maxClientCnxns')
  const allowed = Number(from ?? CONNECTIONS_DEFAULT)
  const { sessions } = plan.workload
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

function purging(plan: Plan, { writesPerSecond }: DerivedFacts): readonly DerivedSetting[] {
  const from = written(plan, 'autopurge.purgeInterval')
  const retained = written(plan, 'autopurge.snapRetainCount')
  const dailyBytes = writesPerSecond === null ? null : writesPerSecond * writesOf(plan.workload).bytes * DAY_S
  const isMuch = dailyBytes !== null && dailyBytes > DAILY_BYTES_MUCH
  const hours = isMuch ? 1 : 24
  const growth =
    dailyBytes === null
      ? 'without a purge the disk fills up in the end'
      : `at the measured rate the log grows by ${gibibytes(dailyBytes)} a day, and without a purge the disk fills up`
  const settings: DerivedSetting[] = []
  if (from === null || Number(from) === 0 || Number(from) > hours) {
    settings.push({
      key: 'autopurge.purgeInterval',
      from,
      to: String(hours),
      why: growth,
      basis: dailyBytes === null ? 'computed' : 'measured',
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

/** A session that is shorter than a failover ends with it, and its locks with it. */
function sessionBounds(plan: Plan, { failoverMs }: DerivedFacts): readonly DerivedSetting[] {
  if (failoverMs === null) return []
  const tickMs = Number(written(plan, 'tickTime') ?? TICK_DEFAULT_MS)
  const settings: DerivedSetting[] = []
  const bound = (key: string, ticks: number, margin: number): void => {
    const from = written(plan, key)
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

export function written({ settings }: Pick<Plan, 'settings'>, key: string): string | null {
  return settings.findLast((setting) => setting.key === key)?.value ?? null
}

function gibibytes(bytes: number): string {
  const gib = bytes / 2 ** 30
  return `${gib < 10 ? gib.toFixed(1) : Math.round(gib)} GiB`
}
