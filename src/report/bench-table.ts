import type {
  BenchResult,
  BootResult,
  Durability,
  OperationResult,
  PhaseResult,
  ServerEvent,
  ServerResult,
} from '../measure/bench-result.ts'
import type { Plan } from '../profile/plan.ts'
import { headlineLines } from './bench-headline.ts'
import { diskText } from './disk-text.ts'
import { grouped, hasWholeMs, milliseconds, seconds, wholeMilliseconds } from './figures.ts'
import { scalabilityLines, triesLines } from './search-text.ts'
import { thresholdLines } from './threshold-text.ts'
import { loadText, reasonLines } from './plan-text.ts'
import { linksText } from './links-text.ts'
import type { Style } from './style.ts'
import { strong, warned } from './style.ts'
import { narrowedTable, wrapped } from './table.ts'

interface Column<T> {
  readonly title: string
  readonly cell: (row: T) => string
  /** See TableColumn. */
  readonly keep?: number
}

/** @param ms how a latency in microseconds is written */
function operationColumns(ms: (us: number | null) => string): readonly Column<OperationResult>[] {
  return [
    { title: 'count', cell: (result) => grouped(result.operations), keep: 3 },
    { title: 'ops/s', cell: (result) => grouped(result.opsPerSecond) },
    { title: 'errors', cell: (result) => grouped(errorCount(result)), keep: 8 },
    { title: 'p50', cell: (result) => ms(result.latencyUs.p50), keep: 7 },
    { title: 'p90', cell: (result) => ms(result.latencyUs.p90), keep: 2 },
    { title: 'p99', cell: (result) => ms(result.latencyUs.p99), keep: 6 },
    { title: 'p99.9', cell: (result) => ms(result.latencyUs.p999), keep: 4 },
    { title: 'max', cell: (result) => ms(result.latencyUs.max), keep: 5 },
  ]
}

const COLUMNS = operationColumns(milliseconds)
/** Of HTTP, by the clock of autocannon. */
const WHOLE_COLUMNS = operationColumns(wholeMilliseconds)

const PHASE_COLUMNS: readonly Column<PhaseResult>[] = [
  { title: 'due/s', cell: ({ ratePerSecond }) => (ratePerSecond === null ? '-' : grouped(ratePerSecond)), keep: 3 },
  ...COLUMNS.filter(({ title }) => ['ops/s', 'errors', 'p50', 'p99', 'p99.9', 'max'].includes(title)),
  { title: 'svc p50', cell: ({ serviceUs }) => milliseconds(serviceUs?.p50 ?? null), keep: 1 },
  { title: 'svc p99', cell: ({ serviceUs }) => milliseconds(serviceUs?.p99 ?? null), keep: 2 },
]

/** Where the words of a fact begin. */
const FACT_INDENT = 13

const EVENT_TEXT: Readonly<Record<ServerEvent['kind'], readonly [one: string, several: string]>> = {
  election: ['election', 'elections'],
  snapshot: ['snapshot', 'snapshots'],
  'slow-sync': ['slow sync', 'slow syncs'],
  'gc-pause': ['pause for garbage', 'pauses for garbage'],
}

/** What the generator counts, and no server answered. */
const GENERATOR_ERRORS: readonly string[] = ['UNANSWERED', 'UNSENT']

const DURABILITY_TEXT: Readonly<Record<Durability, string>> = {
  synced: 'synced: acknowledged once on the disks of a quorum',
  unsynced: 'UNSYNCED: a power cut loses writes that were acknowledged',
  unknown: 'unknown: no telling here whether a sync reaches the disk',
}

/** The result of a run for people: what ran, what stands for it, tables, what to mind, what to run next. Ends with a newline. */
export function benchText(result: BenchResult, style: Style): string {
  const lines = [
    strong(title(result.plan, style), style),
    ...headlineLines(result, style).map((line) => strong(line, style)),
    '',
    ...facts(result, style),
    '',
  ]
  if (result.phases.length > 1) lines.push(...phasesTable(result.phases, style), '')
  const told = toldPhase(result)
  if (told === null) lines.push('Nothing was measured.', '')
  else
    lines.push(
      phaseTitle(told, style),
      operationsTable(told, hasWholeMs(result.plan) ? WHOLE_COLUMNS : COLUMNS, style),
      ...errorLines(told),
      '',
    )
  if (result.rateSearch !== null) lines.push(...triesLines(result.rateSearch, style), '')
  if (result.scalability !== null) lines.push(...scalabilityLines(result.scalability, style), '')
  if (result.thresholds.length > 0) lines.push(...thresholdLines(result.thresholds, style), '')
  const reasons = reasonLines('Given, but not acted on by this engine:', result.notHonoured, style)
  if (reasons.length > 0) lines.push(...reasons.slice(1), '')
  lines.push(nextText(result))
  return `${lines.join('\n')}\n`
}

/** The phase that is shown by operation: the one whose latency is in the headline. */
function toldPhase({ phases, headline }: BenchResult): PhaseResult | null {
  const name = headline.findLast(({ unit }) => unit === 'us')?.phase
  return phases.find((phase) => phase.name === name) ?? phases[0] ?? null
}

function title(plan: Plan, style: Style): string {
  const { cluster, storage, security } = plan.profiles
  if (plan.remote !== null)
    return [`remote ${plan.remote.connect}`, plan.workload.name].join(style.hasUnicode ? ' · ' : ', ')
  return [cluster, storage, security, plan.workload.name].join(style.hasUnicode ? ' · ' : ', ')
}

function facts(result: BenchResult, style: Style): string[] {
  const { boots, plan } = result
  const durability = `durability   ${DURABILITY_TEXT[result.durability]}`
  const links = linksText(plan.links)
  const software = (boots[0]?.software ?? []).map(({ name, version }) => `${name} ${version}`)
  const lines = [
    `ensemble     ${ensembleText(boots)}`,
    ...(links === null ? [] : hanging('network', `between servers ${links}`, style.columns)),
    ...(software.length === 0 ? [] : [`software     ${software.join(', ')}`]),
    result.durability === 'unsynced' ? warned(durability, style) : durability,
    ...hanging('load', loadText(plan.workload, style), style.columns),
    ...clientLines(result),
    ...httpLines(plan, style),
    `seed         ${result.seed}`,
    ...(result.disk === null ? [] : hanging('disk', diskText(result.disk), style.columns)),
  ]
  const costs = costText(boots, style)
  if (costs !== null) lines.push(`cpu          ${costs}`)
  const held = heldText(boots)
  if (held !== null) lines.push(`memory       ${held}`)
  const written = writtenText(boots)
  if (written !== null) lines.push(...hanging('written', written, style.columns))
  // What can be measured from here about servers elsewhere is little; what they say themselves is shown beside it.
  if (plan.remote !== null) lines.push(`servers say  ${figuresText(boots)}`)
  const znodes = znodesText(boots)
  if (znodes !== null) lines.push(`znodes       ${znodes}`)
  const events = plan.remote === null ? eventsText(boots) : 'not known: the logs of servers elsewhere are not read'
  lines.push(...hanging('events', events, style.columns))
  const caution = (text: string): string =>
    hanging('CAUTION', text, style.columns)
      .map((line) => warned(line, style))
      .join('\n')
  if (result.environment.isLogApart === false) {
    lines.push(caution('log and data are on one device: put them apart with --log-dir and --data-dir'))
  }
  for (const phase of result.phases) lines.push(...cautionsOf(phase).map((text) => caution(`${phase.name}: ${text}`)))
  if (result.partial)
    lines.unshift(warned('PARTIAL      interrupted: the figures cover what was measured until then', style))
  return lines
}

/** What the figures of autocannon are, and are not. */
function httpLines(plan: Plan, style: Style): string[] {
  if (!hasWholeMs(plan)) return []
  const where = plan.workload.shape.via === 'admin' ? 'the AdminServers' : 'the REST gateways'
  const text = `asked of ${where} by autocannon: whole milliseconds, as it has them, and a closed loop only`
  return hanging('http', text, style.columns)
}

/** How clients came, where it is not in the clear and as nobody. */
function clientLines({ plan: { clients }, environment: { tls } }: BenchResult): string[] {
  const shown = clients.tls === 'mutual' ? ', both sides with certificates' : ''
  const byTls = tls === null ? [] : [`${tls.protocol}, ${tls.cipher}${shown}`]
  const asUser = clients.auth === 'digest' ? ['each proves a digest user and owns what it creates'] : []
  const ways = [...byTls, ...asUser]
  return ways.length === 0 ? [] : [`clients      ${ways.join('; ')}`]
}

/** A fact whose words may take more than a line, which then stand below each other. */
function hanging(label: string, text: string, columns: number): string[] {
  const [first = '', ...others] = wrapped(text, columns - FACT_INDENT + 2).map((line) => line.trim())
  return [label.padEnd(FACT_INDENT) + first, ...others.map((line) => ' '.repeat(FACT_INDENT) + line)]
}

/** What keeps a phase from being what it seems. */
export function cautionsOf({ unsteadyBecause, clientLimited, sending, cutSeconds }: PhaseResult): string[] {
  const cut = cutSeconds > 0 ? ` (${cutSeconds.toFixed(1)} s cut)` : ''
  return [
    ...(unsteadyBecause === null ? [] : [`not steady: ${unsteadyBecause}${cut}`]),
    ...(clientLimited === null ? [] : [`client-limited: ${clientLimited}`]),
    ...(sending === null || sending.unsent === 0 ? [] : [`overloaded: ${grouped(sending.unsent)} were never sent`]),
  ]
}

function ensembleText(boots: readonly BootResult[]): string {
  const [boot] = boots
  if (boot === undefined) return 'none'
  const count = boot.servers.length
  const servers = `${count} ${count === 1 ? 'server' : 'servers'} (${boot.engine})`
  const bootMs = boots.map((each) => each.bootMs)
  const [least, most] = [grouped(Math.min(...bootMs)), grouped(Math.max(...bootMs))]
  const took = `${boot.engine === 'remote' ? 'connected' : 'all serving'} after ${least === most ? least : `${least} to ${most}`} ms`
  return boots.length === 1 ? `${servers}, ${leaderText(boot)}, ${took}` : `${boots.length} times ${servers}, ${took}`
}

/** Whether the run left the tree as large as it was; of several boots the one where it changed most. */
function znodesText(boots: readonly BootResult[]): string | null {
  const change = ({ znodes }: BootResult): number => (znodes === null ? -1 : Math.abs(znodes.after - znodes.before))
  const worst = boots.toSorted((one, other) => change(other) - change(one))[0]?.znodes ?? null
  return worst === null ? null : `${grouped(worst.before)} when measuring began, ${grouped(worst.after)} at its end`
}

/** Means over all servers and boots of what they count themselves. */
function figuresText(boots: readonly BootResult[]): string {
  const figures = boots.flatMap(({ servers }) => servers.flatMap((server) => server.figures ?? []))
  const mean = (count: 'reads' | 'writes' | 'syncs', meanMs: 'readMeanMs' | 'writeMeanMs' | 'syncMeanMs'): string[] => {
    const counted = figures.flatMap((each) => (each[count] === null || each[meanMs] === null ? [] : [each]))
    const total = counted.reduce((sum, each) => sum + (each[count] ?? 0), 0)
    if (total === 0) return []
    const sumMs = counted.reduce((sum, each) => sum + (each[count] ?? 0) * (each[meanMs] ?? 0), 0)
    return [`${grouped(total)} ${count}, ${(sumMs / total).toFixed(2)} ms each`]
  }
  const texts = [...mean('reads', 'readMeanMs'), ...mean('writes', 'writeMeanMs'), ...mean('syncs', 'syncMeanMs')]
  return texts.length === 0 ? 'nothing: mntr is not answered, or counts none of it' : texts.join('; ')
}

function leaderText({ servers, engine }: BootResult): string {
  const leader = servers.find((server) => server.role === 'leader')
  const observers = servers.filter((server) => server.role === 'observer').map(({ id }) => id)
  const observed = observers.length === 0 ? '' : `, ${observers.join(' and ')} observed`
  if (leader !== undefined) return `server ${leader.id} led${observed}`
  if (servers.every((server) => server.role === 'standalone')) return 'standalone'
  return engine === 'remote' ? 'the leader is not among them' : 'no leader at the end'
}

/** What happened in the servers while they were measured, and how long it lasted at most; where in time is in the JSON. */
function eventsText(boots: readonly BootResult[]): string {
  const events = boots.flatMap((boot) => boot.events)
  const kinds = [...new Set(events.map(({ kind }) => kind))]
  const texts = kinds.map((kind) => {
    const ofKind = events.filter((event) => event.kind === kind)
    const longest = Math.max(...ofKind.map(({ durationMs }) => durationMs ?? 0))
    const name = ofKind.length === 1 ? EVENT_TEXT[kind][0] : EVENT_TEXT[kind][1]
    return `${ofKind.length} ${name}${longest > 0 ? ` (up to ${grouped(longest)} ms)` : ''}`
  })
  return texts.length === 0 ? 'none: no election, snapshot, slow sync or long collection of garbage' : texts.join(', ')
}

/** What an operation cost in processor time; null when nothing of it is known. */
function costText(boots: readonly BootResult[], style: Style): string | null {
  const texts = [
    ...byRole(boots, (server) => server.cpuUsPerOperation),
    ...[rangeText('generators', boots.flatMap(generatorCost))].filter((text) => text !== null),
  ]
  return texts.length === 0 ? null : `${texts.join(', ')} ${style.hasUnicode ? 'µs' : 'us'} an operation`
}

/** What the servers' processes held; null when it is not known. */
function heldText(boots: readonly BootResult[]): string | null {
  const texts = byRole(boots, ({ memoryBytes }) => (memoryBytes === null ? null : memoryBytes / 2 ** 20), 0)
  return texts.length === 0 ? null : `${texts.join(', ')} MiB`
}

/** What an operation cost the disks; null when it is not known. */
function writtenText(boots: readonly BootResult[]): string | null {
  const bytes = byRole(boots, (server) => server.bytesWrittenPerOperation, 0)
  const syncs = byRole(boots, (server) => server.syncsPerOperation, 3)
  const texts = [
    ...(bytes.length === 0 ? [] : [`${bytes.join(', ')} bytes an operation`]),
    ...(syncs.length === 0 ? [] : [`syncs: ${syncs.join(', ')}`]),
  ]
  return texts.length === 0 ? null : texts.join('; ')
}

/** `leader 12.3`, `others 8.1 to 8.4`; nothing where it is known of no server. */
function byRole(boots: readonly BootResult[], read: (server: ServerResult) => number | null, decimals = 1): string[] {
  const known = boots.flatMap(({ servers }) =>
    servers.flatMap((server) => {
      const value = read(server)
      return value === null ? [] : [{ isLeader: server.role === 'leader', value }]
    }),
  )
  const ofServers = (isLeader: boolean): number[] =>
    known.filter((each) => each.isLeader === isLeader).map(({ value }) => value)
  return [
    rangeText('leader', ofServers(true), decimals),
    rangeText(known.length === boots.length ? 'server' : 'others', ofServers(false), decimals),
  ].filter((text) => text !== null)
}

function rangeText(name: string, values: readonly number[], decimals = 1): string | null {
  if (values.length === 0) return null
  const [low, high] = [decimal(Math.min(...values), decimals), decimal(Math.max(...values), decimals)]
  return low === high ? `${name} ${low}` : `${name} ${low} to ${high}`
}

function decimal(value: number, decimals: number): string {
  return decimals === 0 ? grouped(value) : value.toFixed(decimals)
}

/** All generators of a boot together, an operation; none where nothing succeeded. */
function generatorCost({ phases }: BootResult): number[] {
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
  const operations = sum(phases.flatMap(({ series }) => series.points.map((point) => point.operations)))
  const cpuSeconds = sum(phases.flatMap(({ generators }) => generators.map((each) => each.cpuSeconds)))
  return operations === 0 ? [] : [(cpuSeconds * 1e6) / operations]
}

function phasesTable(phases: readonly PhaseResult[], style: Style): string[] {
  const title = `${strong('all phases', style)} (latencies in ms; svc: service time, from the sending)`
  const rows = phases.map((phase): [string, PhaseResult] => [phase.name, phase])
  return [title, tableOf('phase', PHASE_COLUMNS, rows, style)]
}

function phaseTitle(phase: PhaseResult, style: Style): string {
  const { ratePerSecond, arrivals } = phase
  const load = ratePerSecond === null ? 'closed loop' : `${grouped(ratePerSecond)}/s due, ${arrivals}`
  return `${strong(phase.name, style)} (${seconds(phase.seconds * 1000)} s, ${load}; latencies in ms)`
}

function operationsTable(phase: PhaseResult, columns: typeof COLUMNS, style: Style): string {
  const rows: [string, OperationResult][] = Object.entries(phase.byOperation)
  if (rows.length !== 1) rows.push(['all', phase])
  return tableOf('operation', columns, rows, style)
}

function tableOf<T>(
  first: string,
  columns: readonly Column<T>[],
  rows: readonly (readonly [string, T])[],
  style: Style,
): string {
  const heads = columns.map(({ title, keep }) => ({ title, keep, align: 'right' }) as const)
  const cells = rows.map(([name, row]) => [name, ...columns.map(({ cell }) => cell(row))])
  return narrowedTable([{ title: first, align: 'left' }, ...heads], cells, style)
}

function errorLines(phase: PhaseResult): string[] {
  const kinds: [string, OperationResult][] = Object.entries(phase.byOperation)
  const codesOf = (errors: OperationResult['errors']): string =>
    Object.entries(errors)
      .map(([code, count]) => `${code} ${grouped(count)}`)
      .join(', ')
  const ofKinds = kinds
    .filter(([, result]) => errorCount(result) > 0)
    .map(([kind, result]) => `errors of ${kind}: ${codesOf(result.errors)}`)
  const lost = Object.fromEntries(Object.entries(phase.errors).filter(([code]) => GENERATOR_ERRORS.includes(code)))
  return Object.keys(lost).length === 0 ? ofKinds : [...ofKinds, `errors: ${codesOf(lost)}`]
}

function errorCount(result: OperationResult): number {
  return Object.values(result.errors).reduce((sum, count) => sum + count, 0)
}

/** The advice depends on what was run: nobody is told to do what he has just done. */
function nextText(result: BenchResult): string {
  const { remote } = result.plan
  if (remote !== null && !result.partial) return `Next, what runs there: zktune inspect --connect ${remote.connect}`
  const { cluster, storage } = result.plan.profiles
  const ensemble = result.plan.origins.voters === cluster ? `--config ${cluster}` : `--profile ${cluster}`
  const engine = result.plan.engine === 'builtin' ? '' : ` --engine ${result.plan.engine}`
  const bench = `zktune bench${engine} ${ensemble}`
  if (result.partial) return `Next: the same line again, to its end (--seed ${result.seed} repeats this load).`
  if (result.phases.some((phase) => errorCount(phase) > 0)) return `Next, with the servers' logs kept: ${bench} --keep`
  if (result.durability === 'unsynced' && storage !== 'durable') {
    return `Next, the price of a sync: ${bench} --profile durable`
  }
  if (result.plan.workload.name !== 'write-heavy') return `Next, mostly writes: ${bench} --workload write-heavy`
  return `Next, for clients of your own: zktune up${engine} ${ensemble}`
}
