import type { Verdict } from '../measure/threshold.ts'
import { grouped, milliseconds } from './figures.ts'
import type { Style } from './style.ts'
import { strong } from './style.ts'

/** A line for each threshold: whether it was kept, what was measured, and where. */
export function thresholdLines(verdicts: readonly Verdict[], style: Style): string[] {
  return verdicts.map((verdict) => {
    const line = `${verdict.isKept ? 'KEPT    ' : 'BREACHED'}  ${sentenceOf(verdict)}`
    return verdict.isKept ? line : strong(line, style)
  })
}

/** `set.p99<20ms: 31.2 ms at 70 % of capacity` */
export function sentenceOf({ threshold, value, phase }: Verdict): string {
  const { figure, text } = threshold
  if (value === null) return `${text}: not measured, or by too few samples`
  const isCount = figure === 'opsPerSecond' || figure === 'errors'
  return `${text}: ${isCount ? grouped(value) : `${milliseconds(value)} ms`} (${phase})`
}
