import type { LintFinding } from '../zoocfg/lint/lint-rule.ts'
import type { RunningSetting } from '../zoocfg/running-settings.ts'
import { grouped } from './figures.ts'
import type { Style } from './style.ts'
import { strong, warned } from './style.ts'
import { plainTable } from './table.ts'
import { wrapped } from './wrap.ts'

/** What `inspect` has found; also its JSON document. */
export interface Inspection {
  readonly connect: string
  readonly servers: readonly InspectedServer[]
  /** A key once for each value that servers tell for it. */
  readonly settings: readonly (RunningSetting & { readonly servers: readonly string[] })[]
  readonly findings: readonly LintFinding[]
  /** Over all servers; null: none answers mntr. */
  readonly workload: InspectedWorkload | null
}

/** Null: not told. */
export interface InspectedServer {
  readonly endpoint: string
  readonly id: number | null
  readonly role: string
  readonly version: string | null
  readonly connections: number | null
  readonly outstanding: number | null
  readonly znodes: number | null
  readonly meanLatencyMs: number | null
  readonly maxLatencyMs: number | null
  readonly uptimeMs: number | null
  readonly notes: readonly string[]
}

/** Null: this release does not count it. */
export interface InspectedWorkload {
  /** Since the servers' start. */
  readonly reads: number | null
  readonly writes: number | null
  readonly readMeanMs: number | null
  readonly writeMeanMs: number | null
  readonly syncs: number | null
  readonly syncMeanMs: number | null
  readonly snapshots: number | null
  readonly elections: number | null
  /** Just now, over a second. */
  readonly requestsPerSecond: number | null
  readonly sessions: number | null
  readonly znodes: number | null
  readonly meanZnodeBytes: number | null
  readonly ephemerals: number | null
  readonly watches: number | null
}

/** Fits 80 columns; long values of settings are folded below each other. Ends with a newline. */
export function inspectText(inspection: Inspection, style: Style): string {
  const { servers, settings, findings, workload } = inspection
  const versions = [...new Set(servers.flatMap(({ version }) => version ?? []))]
  const lines = [
    strong(`${inspection.connect}${versions.length === 0 ? '' : `, ZooKeeper ${versions.join(' and ')}`}`, style),
    '',
    serverTable(servers, style),
    ...servers.flatMap(({ endpoint, notes }) =>
      notes.flatMap((note) => wrapped(`${endpoint}: ${note}`, style.columns)),
    ),
    '',
    ...workloadLines(workload),
    '',
    ...settingLines(settings, servers.length, style),
    ...findingLines(findings, style),
    `Next, what a setting does: zktune explain ${findings.find(({ key }) => key !== null && !/\d$/.test(key))?.key ?? 'tickTime'}`,
  ]
  return `${lines.join('\n')}\n`
}

function serverTable(servers: readonly InspectedServer[], style: Style): string {
  const right = (title: string): { title: string; align: 'right' } => ({ title, align: 'right' })
  const left = (title: string): { title: string; align: 'left' } => ({ title, align: 'left' })
  const columns = [left('server'), right('id'), left('role'), right('conns'), right('queued'), right('znodes')]
  const rows = servers.map((server) => [
    server.endpoint,
    shown(server.id),
    server.role,
    shown(server.connections),
    shown(server.outstanding),
    shown(server.znodes),
    server.meanLatencyMs === null ? '-' : server.meanLatencyMs.toFixed(2),
    shown(server.maxLatencyMs),
    server.uptimeMs === null ? '-' : durationText(server.uptimeMs),
  ])
  return plainTable([...columns, right('mean ms'), right('max ms'), right('up')], rows, style)
}

function workloadLines(workload: InspectedWorkload | null): string[] {
  if (workload === null) return ['workload     not told: mntr is not in the whitelist of any server']
  const { reads, writes, syncs, sessions, znodes, ephemerals, watches, requestsPerSecond } = workload
  const lines: string[] = []
  if (reads !== null && writes !== null && reads + writes > 0) {
    const percent = Math.round((100 * reads) / (reads + writes))
    lines.push(`requests     ${grouped(reads)} reads, ${grouped(writes)} writes: ${percent} % read, since the start`)
    const means = [
      ...(workload.readMeanMs === null ? [] : [`read ${workload.readMeanMs.toFixed(2)} ms`]),
      ...(workload.writeMeanMs === null ? [] : [`write ${workload.writeMeanMs.toFixed(2)} ms`]),
      ...(workload.syncMeanMs === null ? [] : [`sync of the log ${workload.syncMeanMs.toFixed(2)} ms`]),
    ]
    if (means.length > 0) lines.push(`means        ${means.join(', ')}`)
  }
  if (syncs !== null && writes !== null && syncs > 0) {
    lines.push(`syncs        ${grouped(syncs)} on all servers`)
  }
  if (requestsPerSecond !== null) lines.push(`just now     ${grouped(requestsPerSecond)} packets a second`)
  const state = [
    ...(sessions === null ? [] : [`${grouped(sessions)} sessions`]),
    ...(znodes === null ? [] : [`${grouped(znodes)} znodes`]),
    ...(workload.meanZnodeBytes === null ? [] : [`${grouped(workload.meanZnodeBytes)} bytes each`]),
    ...(ephemerals === null ? [] : [`${grouped(ephemerals)} ephemeral`]),
    ...(watches === null ? [] : [`${grouped(watches)} watches`]),
  ]
  if (state.length > 0) lines.push(`state        ${state.join(', ')}`)
  const { elections, snapshots } = workload
  const events = [
    ...(elections === null ? [] : [`${grouped(elections)} elections`]),
    ...(snapshots === null ? [] : [`${grouped(snapshots)} snapshots`]),
  ]
  if (events.length > 0) lines.push(`events       ${events.join(', ')}, counted by each server for itself`)
  return lines.length === 0 ? ['workload     nothing of it is counted by this release'] : lines
}

const ORIGINS: Readonly<Record<RunningSetting['origin'], string>> = {
  default: 'the default',
  derived: 'follows from others',
  given: 'given',
  property: 'given (JVM property)',
}

function settingLines(settings: Inspection['settings'], serverCount: number, style: Style): string[] {
  if (settings.length === 0) return ['Settings are not told: neither conf nor an AdminServer answers.', '']
  const keys = [...new Set(settings.map(({ key }) => key))]
  const rows = keys.map((name) => {
    const told = settings.filter(({ key }) => key === name)
    const [first] = told
    if (first === undefined) throw new RangeError('a key has a setting')
    const { value, unit, origin, servers } = first
    const differs = told.length > 1 ? ', differs' : servers.length < serverCount ? `, ${servers.join(' ')}` : ''
    return [name, `${cut(value)}${unit === null || unit === 'port' ? '' : ` ${unit}`}`, ORIGINS[origin] + differs]
  })
  const columns = ['setting', 'value', 'origin'].map((title) => ({ title, align: 'left' }) as const)
  const more = new Set(keys).size < settings.length ? ['Where servers differ the first is shown; --json has all.'] : []
  return [plainTable(columns, rows, style), ...more, '']
}

const VALUE_MAX = 28

/** The end of a path says more than its beginning. */
function cut(value: string): string {
  return value.length <= VALUE_MAX ? value : `...${value.slice(3 - VALUE_MAX)}`
}

/** What several servers have in common is told once. */
function findingLines(findings: readonly LintFinding[], style: Style): string[] {
  if (findings.length === 0) return ['Lint finds nothing in what the servers tell.', '']
  const byRule = new Map<string, LintFinding[]>()
  for (const finding of findings) {
    const name = `${finding.rule} ${finding.key}`
    byRule.set(name, [...(byRule.get(name) ?? []), finding])
  }
  return [...byRule.values()].flatMap((alike) => {
    const [first] = alike
    if (first === undefined) return []
    const { severity, message, rule, effect, mend } = first
    const where = [...new Set(alike.map(({ file }) => file))].join(', ')
    const [title = '', ...rest] = wrapped(`${severity}: ${message} [${rule}]`, style.columns)
    return [
      severity === 'info' ? title : warned(title, style),
      ...rest,
      ...[where, effect, `Mend: ${mend}`]
        .flatMap((text) => wrapped(text, style.columns - 4))
        .map((line) => `    ${line}`),
      '',
    ]
  })
}

function shown(value: number | null): string {
  return value === null ? '-' : grouped(value)
}

function durationText(ms: number): string {
  const minutes = ms / 60_000
  if (minutes < 2) return `${Math.round(ms / 1_000)} s`
  if (minutes < 120) return `${Math.round(minutes)} min`
  return minutes < 2_880 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1_440)} d`
}
