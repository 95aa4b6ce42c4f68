import type { BenchResult, HeadlineFigure } from '../measure/bench-result.ts'
import { hasWholeMs, wholeMilliseconds, withinReach } from './figures.ts'
import { foundText } from './search-text.ts'
import type { Style } from './style.ts'

/** A phase's name in a sentence: `capacity` is a place, everything else a load. */
function placeOf(phase: string): string {
  return phase === 'capacity' ? 'at capacity' : `at ${phase}`
}

/**
 * What stands for the run, in one or two sentences, and what it is worth: the interval over the boots, or that there is
 * none. No figure has more digits than its interval supports, and two where there is no interval.
 */
export function headlineLines({ headline, boots, partial, plan, rateSearch }: BenchResult, style: Style): string[] {
  if (headline.length === 0) return []
  const lines: string[] = []
  for (const phase of new Set(headline.map((figure) => figure.phase))) {
    const texts = headline
      .filter((figure) => figure.phase === phase)
      .map((figure) => figureText(figure, hasWholeMs(plan), style))
    lines.push(`${placeOf(phase)}: ${texts.join(', ')}`)
  }
  if (rateSearch !== null) lines.unshift(foundText(rateSearch, style))
  if (boots.length > 1) return [...lines, `95 % intervals over ${boots.length} boots`]
  return partial ? lines : [...lines, 'one boot, so no interval: it says nothing about the next one (--repeat 5 does)']
}

function figureText({ metric, unit, value, low, high }: HeadlineFigure, isWhole: boolean, style: Style): string {
  const name = metric.slice(metric.indexOf('.') + 1)
  const label = unit === 'ops/s' ? '' : `${name} `
  if (value === null) return `${label}not enough samples`
  if (unit === 'us' && isWhole) return `${label}${wholeMilliseconds(value)} ms`
  const scale = unit === 'us' ? 1_000 : 1
  const word = unit === 'us' ? 'ms' : 'ops/s'
  const interval = low === null || high === null ? null : { low: low / scale, high: high / scale }
  const text = `${label}${withinReach(value / scale, interval)} ${word}`
  if (interval === null) return text
  const dash = style.hasUnicode ? '–' : '-'
  return `${text} (${withinReach(interval.low, interval)}${dash}${withinReach(interval.high, interval)})`
}
