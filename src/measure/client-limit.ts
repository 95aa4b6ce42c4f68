import type { GeneratorCost, LatencySummary } from './bench-result.ts'

/** Of one core: from here on a generator may be what limits the figures. */
const CPU_SHARE_MAX = 0.9
/** Of the p99 response, for one send in a hundred: from here on lateness is a part of what is told. */
const LATENESS_SHARE_MAX = 0.1
/** The same for the event loop: a reply that waits for it is told late. */
const DELAY_SHARE_MAX = 0.5

export interface ClientSigns {
  readonly generators: readonly GeneratorCost[]
  readonly responseUs: LatencySummary
  /** How late requests were sent, in microseconds; empty for a closed loop. */
  readonly lateness: LatencySummary
}

/**
 * Whether the load generators, and not the ensemble, may have set the figures of a phase.
 *
 * @returns what speaks for it, as a sentence without its full stop; null when nothing does
 */
export function clientLimit({ generators, responseUs, lateness }: ClientSigns): string | null {
  const busiest = Math.max(0, ...generators.map(({ cpuShare }) => cpuShare))
  if (busiest >= CPU_SHARE_MAX) return `a generator took ${Math.round(busiest * 100)} % of a core`
  const p99 = responseUs.p99 ?? responseUs.max
  if (p99 === null) return null
  const late = lateness.p99 ?? lateness.max
  if (late !== null && late > LATENESS_SHARE_MAX * p99) {
    return `one send in a hundred left more than ${milliseconds(late)} ms late`
  }
  const delayUs = 1_000 * Math.max(0, ...generators.map(({ eventLoopDelayMs }) => eventLoopDelayMs.p99))
  if (delayUs > DELAY_SHARE_MAX * p99) {
    return `the event loop of a generator was ${milliseconds(delayUs)} ms late one time in a hundred`
  }
  return null
}

function milliseconds(us: number): string {
  return (us / 1_000).toFixed(us < 10_000 ? 1 : 0)
}
