/** What a search for a rate and a sweep of concurrencies came to. */
import type { RateSearchResult, ScalabilityResult } from '../measure/bench-result.ts'
import type { Estimate } from '../stats/scalability-law.ts'
import { grouped, milliseconds, withinReach } from './figures.ts'
import type { Style } from './style.ts'
import { strong } from './style.ts'
import { plainTable, wrapped } from './table.ts'

/** `highest rate with write.p99<20ms: 4,200/s` */
export function foundText({ objective, ratePerSecond, low, high, boots }: RateSearchResult, style: Style): string {
  const name = `highest rate with ${objective.text}`
  if (ratePerSecond === null) {
    const isShort = boots.every(({ tries }) => tries.every(({ value }) => value === null))
    return `${name}: none${isShort ? ', for no try had enough samples (a longer --duration has)' : ''}`
  }
  const interval = low === null || high === null ? null : { low, high }
  const dash = style.hasUnicode ? '–' : '-'
  const reach =
    interval === null ? '' : ` (${withinReach(interval.low, interval)}${dash}${withinReach(interval.high, interval)})`
  return `${name}: ${grouped(ratePerSecond)}/s${reach}`
}

/** Every try, in its order. */
export function triesLines({ objective, boots }: RateSearchResult, style: Style): string[] {
  const columns = [
    ...['due/s', 'ops/s', objective.text.replace(/[<>=].*/, '')].map((title) => ({ title, align: 'right' }) as const),
    { title: '', align: 'left' } as const,
    { title: 'why', align: 'left' } as const,
  ]
  const rows = boots.flatMap(({ tries }) =>
    tries.map(({ ratePerSecond, opsPerSecond, value, isKept, purpose, clientLimited }) => [
      grouped(ratePerSecond),
      grouped(opsPerSecond),
      value === null ? 'too few' : objective.unit === 'us' ? milliseconds(value) : grouped(value),
      isKept ? 'kept' : 'not kept',
      purpose + (clientLimited === null ? '' : ', client-limited'),
    ]),
  )
  const title = `${strong('tries', style)}${objective.unit === 'us' ? ' (latencies in ms)' : ''}`
  return [title, plainTable(columns, rows, style)]
}

/** The law with its intervals, or why it is silent. */
export function scalabilityLines({ over, points, law, refused }: ScalabilityResult, style: Style): string[] {
  const what = over === 'sessions' ? 'sessions' : 'in flight'
  if (law === null) return wrapped(`No law of scalability is told: ${refused ?? ''}.`, style.columns).map(trimmed)
  const largest = Math.max(...points.map(({ concurrency }) => concurrency))
  const dash = style.hasUnicode ? '–' : '-'
  const share = ({ value, low, high }: Estimate): string =>
    `${percent(value)} % (${percent(low)}${dash}${percent(high)})`
  const knee =
    law.knee === null
      ? `no knee within ten times ${grouped(largest)} ${what}`
      : `knee at ${grouped(law.knee.value)} ${what} (${grouped(law.knee.low)}${dash}${grouped(law.knee.high)}), ` +
        `${withinReach(law.peakPerSecond ?? 0, null)} ops/s there` +
        (law.knee.value > largest ? `; beyond what was measured, so a guess` : '')
  return [
    `${strong('Universal Scalability Law', style)} (95 % intervals)`,
    `contention   ${share(law.contention)}`,
    `coherency    ${share(law.coherency)}`,
    ...wrapped(`knee         ${knee}`, style.columns).map(trimmed),
    `fit          explains ${percent(law.rSquared)} %, misses a point by ${percent(law.worstResidual)} % at most`,
  ]
}

function trimmed(line: string): string {
  return line.trimStart()
}

function percent(share: number): string {
  return Number((share * 100).toPrecision(2)).toString()
}
