import type { Plan, PlannedLoad, ValueSizes, Workload } from '../profile/plan.ts'
import { grouped, seconds } from './figures.ts'
import { linkRows } from './links-text.ts'
import type { Style } from './style.ts'
import { plainTable, wrapped } from './table.ts'

/**
 * What `--print-config` prints: what would run, and every value with where it comes from. Ends with a newline.
 *
 * @param sourceOf where a flag stands: on the line as it is called, or in a file
 */
export function planText(plan: Plan, style: Style, sourceOf: (flag: string) => string = (flag) => flag): string {
  const { origins, workload } = plan
  const mix = Object.entries(workload.mix).map(([kind, weight]) => `${kind} ${weight}`)
  const observers: [string, string, string] = ['observers', String(plan.observers), origins.observers]
  const values: [string, string, string][] = [
    ...engineRows(plan, sourceOf),
    ['voters', String(plan.voters), origins.voters],
    ...(plan.observers === 0 ? [] : [observers]),
    ...linkRows(plan.links).map(([name, text]): [string, string, string] => [name, text, origins.links]),
    ['data', plan.dataParent ?? "the system's temporary folder", origins.dataParent],
    [
      'log',
      plan.logParent ?? (plan.splitsLog ? 'beside the data, in a folder of its own' : 'with the data'),
      origins.logParent,
    ],
    ['clients by TLS', plan.clients.tls, origins['clients.tls']],
    ['clients prove', plan.clients.auth, origins['clients.auth']],
    ['mix', mix.join(', '), origins['workload.mix']],
    ['sessions', grouped(workload.sessions), origins['workload.sessions']],
    ['in flight', grouped(workload.inFlight), origins['workload.inFlight']],
    ['value bytes', sizesText(workload.shape.valueSizes), origins['workload.valueSizeBytes']],
    ['znodes', grouped(workload.keyCount), origins['workload.keyCount']],
    ['in folders', shapeText(workload), origins['workload.shape']],
    ['load', plannedLoadText(plan.load), origins.load],
    ['generators', grouped(plan.generators), origins.generators],
    ['boots', grouped(plan.repeats), origins.repeats],
    ['warm-up', `${seconds(plan.warmupMs)} s`, origins.warmupMs],
    ['duration', `${seconds(plan.durationMs)} s`, origins.durationMs],
    ['seed', String(plan.seed), origins.seed],
  ]
  const settings = plan.settings.map(({ key, value, origin }): [string, string, string] => [key, value, origin])
  const lines = [
    `${Object.values(plan.profiles).join(', ')}, ${workload.name} (${plan.engine})`,
    ...(plan.isUnsafe ? ['UNSAFE: a power cut loses writes that were acknowledged.'] : []),
    '',
    originTable('run', values, style),
    '',
    originTable('zoo.cfg', settings, style),
    ...reasonLines('Given, but not acted on by this engine:', plan.notHonoured, style),
    ...reasonLines('Given, and replaced by what the run makes for itself:', plan.replaced, style),
    ...plan.remarks.flatMap(({ where, what, mend }) => ['', `${where}: ${what}. ${mend}`]),
  ]
  return `${lines.join('\n')}\n`
}

/** What the default engine is, is said above the tables. */
function engineRows({ apache, origins }: Plan, sourceOf: (flag: string) => string): [string, string, string][] {
  if (apache === null) return []
  const { zookeeperHome, heapBytes } = apache
  const home = zookeeperHome ?? '$ZOOKEEPER_HOME, or where it is found'
  const heap = heapBytes === null ? '1000 MiB at most' : `${grouped(heapBytes / 2 ** 20)} MiB`
  return [
    ['engine', 'apache', origins.engine],
    ['zookeeper', home, zookeeperHome === null ? 'default' : sourceOf('--zookeeper-home')],
    ['heap', heap, heapBytes === null ? 'default' : sourceOf('--heap')],
  ]
}

function originTable(title: string, rows: readonly (readonly string[])[], style: Style): string {
  const columns = [title, 'value', 'from'].map((each) => ({ title: each, align: 'left' }) as const)
  return plainTable(columns, rows, style)
}

/** A blank line, the title and a paragraph for each; nothing at all when there are none. */
export function reasonLines(
  title: string,
  reasons: readonly { readonly key: string; readonly reason: string }[],
  style: Style,
): string[] {
  if (reasons.length === 0) return []
  return ['', title, ...reasons.flatMap(({ key, reason }) => wrapped(`${key}: ${reason}`, style.columns))]
}

/** `of 16, 1 deep, uniform`; what a multi and a watch do is said where the mix has them. */
function shapeText({ mix, shape }: Workload): string {
  const { keyOrder, folderSize, depth, multiSize, watchers, parties, stormSize, stormSpreadMs, via } = shape
  const multi = mix.multi === undefined ? '' : `, multi of ${grouped(multiSize)}`
  const watch = mix.watch === undefined ? '' : `, ${grouped(watchers)} watchers`
  const hasParties = [mix.lock, mix.election, mix.queue, mix.barrier].some((weight) => weight !== undefined)
  const party = hasParties ? `, ${grouped(parties)} parties` : ''
  const back = stormSpreadMs === 0 ? 'at once' : `over ${grouped(stormSpreadMs)} ms`
  const storm =
    mix.storm === undefined && mix.reconnect === undefined ? '' : `, storms of ${grouped(stormSize)}, back ${back}`
  return `of ${grouped(folderSize)}, ${depth} deep, ${keyOrder}${multi}${watch}${party}${storm}${via === 'sessions' ? '' : `, by HTTP (${via})`}`
}

/** `8 sessions × 8 in flight, values of 1,024 bytes, 1,000 znodes` */
export function loadText({ sessions, inFlight, shape, keyCount }: Workload, style: Style): string {
  const load = `${sessions} ${sessions === 1 ? 'session' : 'sessions'} ${style.hasUnicode ? '×' : 'x'} ${inFlight} in flight`
  if (shape.via !== 'sessions') return load.replace(/sessions?/, (word) => word.replace('session', 'connection'))
  return `${load}, values of ${sizesText(shape.valueSizes)} bytes, ${grouped(keyCount)} znodes`
}

/** `capacity; 50, 70, 90 % of it (constant)` */
export function plannedLoadText(load: PlannedLoad): string {
  switch (load.kind) {
    case 'closed':
      return 'closed loop: the capacity'
    case 'open':
      return `${grouped(load.ratePerSecond)} requests a second (${load.arrivals})`
    case 'find-rate':
      return `capacity; the highest rate with ${load.objective} (${load.arrivals})`
    case 'sweep':
      return `closed loop: ${load.over === 'sessions' ? 'sessions' : 'in flight'} ${load.values.join(', ')}`
    case 'capacity-and-rate':
      return `capacity; then ${grouped(load.ratePerSecond)} requests a second (${load.arrivals})`
    case 'capacity':
      return `capacity; ${load.percents.join(', ')} % of it (${load.arrivals})`
  }
}

/** `1,024`, `100..4,096` or `90:100, 10:65,536`: bytes, as a profile has them. */
function sizesText(sizes: readonly ValueSizes[]): string {
  const texts = sizes.map(({ weight, minBytes, maxBytes }) => {
    const span = minBytes === maxBytes ? grouped(minBytes) : `${grouped(minBytes)}..${grouped(maxBytes)}`
    return sizes.length === 1 ? span : `${weight}:${span}`
  })
  return texts.join(', ')
}
