/** Whether a run that was done again came out as before. The runs are not paired: whatever changed on the machine in between counts. */
import { studentPoint } from '../stats/student.ts'
import type { BenchResult, HeadlineFigure } from './bench-result.ts'

/**
 * - `reproduced`: no difference beyond chance, or one too small to mind
 * - `not-reproduced`: a difference that chance does not explain
 * - `inconclusive`: the boots vary so much that a large difference would not show
 */
export type Reproduction = 'reproduced' | 'not-reproduced' | 'inconclusive'

export interface ReproducedFigure {
  readonly phase: string
  readonly metric: string
  readonly unit: HeadlineFigure['unit']
  /** Geometric means over the boots; null where there were too few samples. */
  readonly earlier: number | null
  readonly now: number | null
  /** Now over earlier, with the interval that chance alone leaves to it; null where it cannot be told. */
  readonly ratio: number | null
  readonly low: number | null
  readonly high: number | null
  readonly earlierBoots: number
  readonly boots: number
  readonly verdict: Reproduction
}

/** What two results were measured with, where that differs. */
export interface SurroundingsChange {
  readonly what: string
  readonly earlier: string
  readonly now: string
}

/** A difference below this is nobody's concern, however certain. */
export const MINIMUM_EFFECT = 0.05
/** An interval of a factor of more than this in either direction says nothing. */
export const INTERVAL_MAX = 1.5
/** Of all figures together: so often two runs of one thing are told apart. */
const ERROR_RATE = 0.05

/** As it is printed beside the verdict. */
export const REPRODUCTION_RULE =
  'unpaired; 95 % for all figures together by Student’s t on the logarithms of the boots, pooled (Bonferroni): ' +
  `reproduced where the ratio's interval holds 1, or it is within ${MINIMUM_EFFECT * 100} % of 1; ` +
  `inconclusive where the interval is wider than a factor of ${INTERVAL_MAX} to either side`

type Asked = Pick<ReproducedFigure, 'phase' | 'metric' | 'unit'> & {
  /** Logarithms, one a boot. */
  readonly read: (result: BenchResult) => readonly number[]
  /** Whether it is itself a finding that there is none. */
  readonly isMissing: (result: BenchResult) => boolean
}

/** The figures of the earlier headline, each beside what came now; of a search for a rate, the rate that was found before all others. */
export function sameAgain(earlier: BenchResult, now: BenchResult): readonly ReproducedFigure[] {
  const asked = askedOf(earlier)
  return asked.map(({ phase, metric, unit, read, isMissing }) => {
    const before = read(earlier)
    const after = read(now)
    const base = {
      phase,
      metric,
      unit,
      earlier: before.length === 0 ? null : Math.exp(mean(before)),
      now: after.length === 0 ? null : Math.exp(mean(after)),
      earlierBoots: before.length,
      boots: after.length,
    }
    const degrees = before.length + after.length - 2
    if (before.length === 0 || after.length === 0 || degrees < 1) {
      const missing = [isMissing(earlier), isMissing(now)]
      const isOther = missing.includes(true) && (before.length > 0 || after.length > 0)
      const verdict = isOther ? 'not-reproduced' : missing.includes(false) ? 'inconclusive' : 'reproduced'
      return { ...base, ratio: null, low: null, high: null, verdict }
    }
    const spread = Math.sqrt((squares(before) + squares(after)) / degrees)
    const t = studentPoint(ERROR_RATE / asked.length / 2, degrees)
    const half = t * spread * Math.sqrt(1 / before.length + 1 / after.length)
    const ratio = mean(after) - mean(before)
    return {
      ...base,
      ratio: Math.exp(ratio),
      low: Math.exp(ratio - half),
      high: Math.exp(ratio + half),
      verdict: verdictOf(ratio, half),
    }
  })
}

function askedOf({ headline, rateSearch }: BenchResult): readonly Asked[] {
  const figures = headline.map(({ phase, metric, unit }): Asked => {
    const figure = metric === 'all.opsPerSecond' ? 'opsPerSecond' : metric === 'all.p50' ? 'p50' : 'p99'
    return { phase, metric, unit, read: (result) => logsOf(result, phase, figure), isMissing: () => false }
  })
  if (rateSearch === null) return figures
  const phase = `highest with ${rateSearch.objective.text}`
  return [{ phase, metric: 'all.opsPerSecond', unit: 'ops/s', read: foundLogs, isMissing: hasNoRate }, ...figures]
}

/** Of the boots that found one: a boot that found none says that there is no such rate, which is no figure. */
function foundLogs({ rateSearch }: BenchResult): number[] {
  return (rateSearch?.boots ?? []).flatMap(({ ratePerSecond }) =>
    ratePerSecond === null ? [] : [Math.log(ratePerSecond)],
  )
}

/** No boot found a rate, and not for want of samples. */
function hasNoRate({ rateSearch }: BenchResult): boolean {
  const boots = rateSearch?.boots ?? []
  return (
    boots.every(({ ratePerSecond }) => ratePerSecond === null) &&
    boots.some(({ tries }) => tries.some(({ value }) => value !== null))
  )
}

/** One figure that differs is enough; one that cannot be told keeps the rest from being called reproduced. */
export function reproductionOf(figures: readonly ReproducedFigure[]): Reproduction {
  const verdicts = figures.map(({ verdict }) => verdict)
  if (verdicts.includes('not-reproduced')) return 'not-reproduced'
  return verdicts.length === 0 || verdicts.includes('inconclusive') ? 'inconclusive' : 'reproduced'
}

/** What is not as it was: a difference in figures may come from there. */
export function surroundingsChanged(earlier: BenchResult, now: BenchResult): readonly SurroundingsChange[] {
  const [before, after] = [surroundingsOf(earlier), surroundingsOf(now)]
  return [...after].flatMap(([what, value]) => {
    const other = before.get(what) ?? 'none'
    return other === value ? [] : [{ what, earlier: other, now: value }]
  })
}

function surroundingsOf({ environment, boots, durability }: BenchResult): ReadonlyMap<string, string> {
  const { zktune, node, platform, cpu, cores, memoryBytes, dataFileSystem, logFileSystem } = environment
  const software = (boots[0]?.software ?? []).map(({ name, version }) => [name, version] as const)
  return new Map([
    ['zktune', zktune],
    ['Node', node],
    ['platform', platform],
    ['processor', `${cores} × ${cpu}`],
    ['memory', `${Math.round(memoryBytes / 2 ** 20)} MiB`],
    ['file systems', `${dataFileSystem ?? 'unknown'}, ${logFileSystem ?? 'unknown'}`],
    ['durability', durability],
    ...software,
  ])
}

function verdictOf(logRatio: number, half: number): Reproduction {
  const isClose = Math.abs(logRatio) <= Math.log(1 + MINIMUM_EFFECT)
  if (Math.abs(logRatio) > half) return isClose ? 'reproduced' : 'not-reproduced'
  return half > Math.log(INTERVAL_MAX) ? 'inconclusive' : 'reproduced'
}

function logsOf({ boots }: BenchResult, phase: string, figure: 'opsPerSecond' | 'p50' | 'p99'): number[] {
  return boots.flatMap(({ phases }) =>
    phases
      .filter(({ name }) => name === phase)
      .map(({ opsPerSecond, latencyUs }) => (figure === 'opsPerSecond' ? opsPerSecond : latencyUs[figure]))
      .filter((value) => value !== null && value > 0)
      .map((value) => Math.log(value ?? 1)),
  )
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function squares(values: readonly number[]): number {
  const centre = mean(values)
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0)
}
