import type { BenchResult, Durability, OperationResult, PhaseResult } from '../measure/bench-result.ts'
import type { Plan } from '../profile/plan.ts'
import { grouped, milliseconds, seconds } from './figures.ts'
import { loadText, reasonLines } from './plan-text.ts'
import type { Style } from './style.ts'
import { strong, warned } from './style.ts'
import { plainTable, widthOf } from './table.ts'

interface Column {
  readonly title: string
  readonly cell: (result: OperationResult) => string
  /** The lowest goes first when the line is too narrow; the highest never goes. */
  readonly keep: number
}

const COLUMNS: readonly Column[] = [
  { title: 'count', cell: (result) => grouped(result.operations), keep: 3 },
  { title: 'ops/s', cell: (result) => grouped(result.opsPerSecond), keep: 9 },
  { title: 'errors', cell: (result) => grouped(errorCount(result)), keep: 8 },
  { title: 'p50', cell: (result) => milliseconds(result.latencyUs.p50), keep: 7 },
  { title: 'p90', cell: (result) => milliseconds(result.latencyUs.p90), keep: 2 },
  { title: 'p99', cell: (result) => milliseconds(result.latencyUs.p99), keep: 6 },
  { title: 'p99.9', cell: (result) => milliseconds(result.latencyUs.p999), keep: 4 },
  { title: 'max', cell: (result) => milliseconds(result.latencyUs.max), keep: 5 },
]

/** Of one core: from here on the generator may be what limits the figures. */
const CLIENT_LIMITED_SHARE = 0.9

const DURABILITY_TEXT: Readonly<Record<Durability, string>> = {
  synced: 'synced: acknowledged after fdatasync on a quorum',
  unsynced: 'UNSYNCED: a power cut loses writes that were acknowledged',
  unknown: 'unknown: no telling here whether a sync reaches the disk',
}

/** The result of one run for people: what ran, a table a phase, what to mind, what to run next. Ends with a newline. */
export function benchText(result: BenchResult, style: Style): string {
  const lines = [strong(headline(result.plan, style), style), ...facts(result, style), '']
  for (const phase of result.phases) {
    lines.push(phaseTitle(phase, style), phaseTable(phase, style), ...errorLines(phase), '')
  }
  if (result.phases.length === 0) lines.push('Nothing was measured.', '')
  const reasons = reasonLines('Given, but not acted on by this engine:', result.notHonoured, style)
  if (reasons.length > 0) lines.push(...reasons.slice(1), '')
  lines.push(nextText(result))
  return `${lines.join('\n')}\n`
}

function headline(plan: Plan, style: Style): string {
  const { cluster, storage, security } = plan.profiles
  return [cluster, storage, security, plan.workload.name].join(style.hasUnicode ? ' · ' : ', ')
}

function facts(result: BenchResult, style: Style): string[] {
  const { ensemble, plan } = result
  const count = ensemble.servers.length
  const servers = `${count} ${count === 1 ? 'server' : 'servers'} (${ensemble.engine})`
  const durability = `durability   ${DURABILITY_TEXT[result.durability]}`
  const software = ensemble.software.map(({ name, version }) => `${name} ${version}`)
  const lines = [
    `ensemble     ${servers}, ${leaderText(result)}, all serving after ${grouped(ensemble.bootMs)} ms`,
    ...(software.length === 0 ? [] : [`software     ${software.join(', ')}`]),
    result.durability === 'unsynced' ? warned(durability, style) : durability,
    `load         ${loadText(plan.workload, style)}`,
    ...clientLines(result),
    `seed         ${result.seed}`,
  ]
  if (result.environment.isLogApart === false) {
    lines.push(
      warned('CAUTION      log and data are on one device: put them apart with --log-dir and --data-dir', style),
    )
  }
  const costs = costText(result, style)
  if (costs !== null) lines.push(`cpu          ${costs}`)
  if (result.generator !== null && result.generator.cpuShare >= CLIENT_LIMITED_SHARE) {
    lines.push(warned('CAUTION      the load generator was busy: it, not the ensemble, may be the limit', style))
  }
  if (result.partial)
    lines.unshift(warned('PARTIAL      interrupted: the figures cover what was measured until then', style))
  return lines
}

/** How clients came, where it is not in the clear and as nobody. */
function clientLines({ plan: { clients }, environment: { tls } }: BenchResult): string[] {
  const shown = clients.tls === 'mutual' ? ', both sides with certificates' : ''
  const byTls = tls === null ? [] : [`${tls.protocol}, ${tls.cipher}${shown}`]
  const asUser = clients.auth === 'digest' ? ['each proves a digest user and owns what it creates'] : []
  const ways = [...byTls, ...asUser]
  return ways.length === 0 ? [] : [`clients      ${ways.join('; ')}`]
}

function leaderText(result: BenchResult): string {
  const leader = result.ensemble.servers.find((server) => server.role === 'leader')
  const observers = result.ensemble.servers.filter((server) => server.role === 'observer').map(({ id }) => id)
  const observed = observers.length === 0 ? '' : `, ${observers.join(' and ')} observed`
  if (leader !== undefined) return `server ${leader.id} led${observed}`
  return result.ensemble.servers.every((server) => server.role === 'standalone') ? 'standalone' : 'no leader at the end'
}

/** What an operation cost in processor time; null when nothing of it is known. */
function costText({ ensemble, generator }: BenchResult, style: Style): string | null {
  const costs = ensemble.servers.flatMap(({ role, cpuUsPerOperation: cost }) => (cost === null ? [] : [{ role, cost }]))
  const others = costs.filter(({ role }) => role !== 'leader').map(({ cost }) => cost)
  const texts = costs.filter(({ role }) => role === 'leader').map(({ cost }) => `leader ${cost.toFixed(1)}`)
  if (others.length > 0) {
    const [low, high] = [Math.min(...others).toFixed(1), Math.max(...others).toFixed(1)]
    const name = costs.length === 1 ? 'server' : 'others'
    texts.push(low === high ? `${name} ${low}` : `${name} ${low} to ${high}`)
  }
  const ownCost = generator?.cpuUsPerOperation ?? null
  if (ownCost !== null) texts.push(`generator ${ownCost.toFixed(1)}`)
  return texts.length === 0 ? null : `${texts.join(', ')} ${style.hasUnicode ? 'µs' : 'us'} an operation`
}

function phaseTitle(phase: PhaseResult, style: Style): string {
  const span = `${seconds(phase.seconds * 1000)} s, ${phase.kind} loop`
  return `${strong(phase.name, style)} (${span}; latencies in ms)`
}

/** Columns go, one by one, until the table fits; a wrapped table can't be read. */
function phaseTable(phase: PhaseResult, style: Style): string {
  const rows: [string, OperationResult][] = Object.entries(phase.byOperation)
  if (rows.length !== 1) rows.push(['all', phase])
  let columns = [...COLUMNS]
  for (;;) {
    const text = draw(columns, rows, style)
    if (columns.length <= 1 || widthOf(text) <= style.columns) return text
    const least = Math.min(...columns.map((column) => column.keep))
    columns = columns.filter((column) => column.keep !== least)
  }
}

function draw(columns: readonly Column[], rows: readonly [string, OperationResult][], style: Style): string {
  const heads = [
    { title: 'operation', align: 'left' } as const,
    ...columns.map(({ title }) => ({ title, align: 'right' }) as const),
  ]
  return plainTable(
    heads,
    rows.map(([name, result]) => [name, ...columns.map((column) => column.cell(result))]),
    style,
  )
}

function errorLines(phase: PhaseResult): string[] {
  const kinds: [string, OperationResult][] = Object.entries(phase.byOperation)
  return kinds
    .filter(([, result]) => errorCount(result) > 0)
    .map(([kind, result]) => {
      const codes = Object.entries(result.errors).map(([code, count]) => `${code} ${grouped(count)}`)
      return `errors of ${kind}: ${codes.join(', ')}`
    })
}

function errorCount(result: OperationResult): number {
  return Object.values(result.errors).reduce((sum, count) => sum + count, 0)
}

/** The advice depends on what was run: nobody is told to do what he has just done. */
function nextText(result: BenchResult): string {
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
