/** What servers that run tell of themselves, without a session and without a write. */
import { figuresOf, numberOf } from '../ensemble/server-figures.ts'
import type { ServerFigures } from '../ensemble/server-figures.ts'
import { readAccess } from '../ensemble/remote/remote-access.ts'
import { reportsOf } from '../ensemble/remote/server-report.ts'
import type { AskOptions, ServerReport } from '../ensemble/remote/server-report.ts'
import { ZktuneError } from '../kernel/errors.ts'
import type { RemoteAccess } from '../profile/engine.ts'
import type { InspectedServer, InspectedWorkload, Inspection } from '../report/inspect-text.ts'
import { parseRelease } from '../zoocfg/release.ts'
import type { Release } from '../zoocfg/release.ts'
import { lintRunning, runningSettings } from '../zoocfg/running-settings.ts'
import type { ToldSettings } from '../zoocfg/running-settings.ts'
import type { Shell } from './shell.ts'

const ASK_TIMEOUT_MS = 3_000
/** Between two readings of the counters: what the rate of just now is taken over. */
const RATE_OVER_MS = 1_000

export interface Inspected {
  readonly inspection: Inspection
  /** Of the servers that tell their settings. */
  readonly told: readonly ToldSettings[]
  /** Null: none told a version. */
  readonly release: Release | null
}

/** @throws ZktuneError CannotConnect when none of them answers, the signal's reason when that is aborted, and what reading the access files may throw */
export async function askServers(
  connect: string,
  access: RemoteAccess,
  { progress, signal }: Shell,
): Promise<Inspected> {
  const ask: AskOptions = { tls: readAccess(access).tls, timeoutMs: ASK_TIMEOUT_MS, adminPort: access.adminPort }
  progress.show({ phase: `asking ${connect}`, totalMs: null, opsPerSecond: null })
  const reports = await unlessAborted(reportsOf(connect, ask), signal)
  refuseSilence(reports, connect)
  await unlessAborted(new Promise((resolve) => setTimeout(resolve, RATE_OVER_MS)), signal)
  const later = await unlessAborted(reportsOf(connect, { ...ask, adminPort: null }), signal)
  progress.end()
  return inspectedOf(connect, reports, later)
}

/** Nothing has been opened that must be closed: what is under way may end by itself. @throws the signal's reason */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  let stop = (): void => undefined
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error)
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

function refuseSilence(reports: readonly ServerReport[], connect: string): void {
  if (reports.some(({ role, version, notes }) => role !== 'down' || version !== null || notes.length === 0)) return
  throw new ZktuneError('CannotConnect', {
    where: connect,
    what: `none of these servers can be asked: ${whyNot(reports)}`,
    mend: 'See whether they run, and whether they want TLS: --tls-ca, --tls-cert.',
  })
}

/** The first one's reason, and whose it is where there are several. */
function whyNot(reports: readonly ServerReport[]): string {
  const [first] = reports
  const why = (first?.notes[0] ?? '')
    .replace(/^It cannot be asked: (the server cannot be asked \w+: )?/, '')
    .replace(/\.$/, '')
  return reports.length === 1 ? why : `${first?.endpoint ?? ''}: ${why}`
}

function inspectedOf(connect: string, reports: readonly ServerReport[], later: readonly ServerReport[]): Inspected {
  const told = reports.flatMap((report): ToldSettings[] => {
    const { endpoint, settings, members, properties } = report
    return settings === null ? [] : [{ name: endpoint, conf: settings, members, properties }]
  })
  const release = releaseOf(reports)
  const inspection: Inspection = {
    connect,
    servers: reports.map(serverOf),
    settings: settingsOf(told, release),
    findings: release === null ? lintRunning(told) : lintRunning(told, release),
    workload: workloadOf(reports, later),
  }
  return { inspection, told, release }
}

function releaseOf(reports: readonly ServerReport[]): Release | null {
  const version = reports.find((report) => report.version !== null)?.version ?? ''
  return parseRelease(/^\d+\.\d+\.\d+/.exec(version)?.[0] ?? '')
}

function serverOf({ endpoint, id, role, version, counters, notes }: ServerReport): InspectedServer {
  const count = (key: string): number | null => (counters === null ? null : numberOf(counters, key))
  return {
    endpoint,
    id,
    role,
    version,
    connections: count('num_alive_connections'),
    outstanding: count('outstanding_requests'),
    znodes: count('znode_count'),
    meanLatencyMs: count('avg_latency'),
    maxLatencyMs: count('max_latency'),
    uptimeMs: count('uptime'),
    notes,
  }
}

/** By key in the order told; one that differs between servers stands there once for each value. */
function settingsOf(told: readonly ToldSettings[], release: Release | null): Inspection['settings'] {
  type Row = Inspection['settings'][number]
  const rows = new Map<string, Map<string, Row>>()
  for (const server of told) {
    for (const setting of release === null ? runningSettings(server) : runningSettings(server, release)) {
      const ofKey = rows.get(setting.key) ?? new Map<string, Row>()
      const known = ofKey.get(setting.value)
      ofKey.set(setting.value, { ...setting, servers: [...(known?.servers ?? []), server.name] })
      rows.set(setting.key, ofKey)
    }
  }
  return [...rows.values()].flatMap((ofKey) => [...ofKey.values()])
}

function workloadOf(reports: readonly ServerReport[], later: readonly ServerReport[]): InspectedWorkload | null {
  const counted = reports.flatMap(({ counters }) => counters ?? [])
  if (counted.length === 0) return null
  const figures = counted.map((counters) => figuresOf(counters))
  const sum = (of: (each: ServerFigures) => number | null): number | null => total(figures.map(of))
  const mean = (
    count: 'reads' | 'writes' | 'syncs',
    meanMs: 'readMeanMs' | 'writeMeanMs' | 'syncMeanMs',
  ): number | null => {
    const times = figures.flatMap((each) => (each[meanMs] === null ? [] : [(each[count] ?? 0) * each[meanMs]]))
    const all = sum((each) => (each[meanMs] === null ? null : each[count]))
    return all === null || all === 0 ? null : times.reduce((one, other) => one + other, 0) / all
  }
  const most = (key: string): number | null => {
    const values = counted.flatMap((counters) => numberOf(counters, key) ?? [])
    return values.length === 0 ? null : Math.max(...values)
  }
  const perSecond = reports.map(({ counters }, index) => {
    const next = later[index]?.counters ?? null
    // What we ask is counted as well: a connection for each word, with a packet or two.
    return counters === null || next === null ? null : figuresOf(next, counters).packetsReceived
  })
  const [znodes, bytes] = [most('znode_count'), most('approximate_data_size')]
  return {
    reads: sum((each) => each.reads),
    writes: sum((each) => each.writes),
    readMeanMs: mean('reads', 'readMeanMs'),
    writeMeanMs: mean('writes', 'writeMeanMs'),
    syncs: sum((each) => each.syncs),
    syncMeanMs: mean('syncs', 'syncMeanMs'),
    snapshots: sum((each) => each.snapshots),
    elections: sum((each) => each.elections),
    requestsPerSecond: total(perSecond),
    // Every server knows all of these.
    sessions: most('global_sessions'),
    znodes,
    meanZnodeBytes: znodes === null || bytes === null || znodes === 0 ? null : bytes / znodes,
    ephemerals: most('ephemerals_count'),
    watches: total(counted.map((counters) => numberOf(counters, 'watch_count'))),
  }
}

/** @returns null when none of them is known */
function total(values: readonly (number | null)[]): number | null {
  const known = values.flatMap((value) => value ?? [])
  return known.length === 0 ? null : known.reduce((one, other) => one + other, 0)
}
