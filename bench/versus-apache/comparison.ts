import { median } from '../../src/stats/quantile.ts'
import { type Engine, ENGINES } from '../engines.ts'

/** A row of the table: one figure of both engines, a sample a pair. */
export interface Row {
  readonly name: string
  readonly builtin: number
  readonly apache: number
  /** Of each pair builtin / apache: their median, with the lowest and the highest. */
  readonly ratio: {
    readonly median: number
    readonly lowest: number
    readonly highest: number
    /** How likely it is that the true median lies between lowest and highest, whatever the distribution. */
    readonly confidence: number
  }
  readonly samples: Readonly<Record<Engine, readonly number[]>>
}

/** Gathers figures by name, pair by pair, in the order in which they first came. */
export class Comparison {
  readonly #samples = new Map<string, Record<Engine, number[]>>()

  add(engine: Engine, name: string, value: number): void {
    const samples = this.#samples.get(name) ?? { builtin: [], apache: [] }
    samples[engine].push(value)
    this.#samples.set(name, samples)
  }

  /** What was measured on both engines equally often. */
  rows(): readonly Row[] {
    return [...this.#samples]
      .filter(([, { builtin, apache }]) => builtin.length > 0 && builtin.length === apache.length)
      .map(([name, samples]) => {
        const ratios = samples.builtin.map((value, pair) => value / (samples.apache[pair] ?? NaN))
        const [lowest, highest] = [Math.min(...ratios), Math.max(...ratios)]
        const ratio = { median: median(ratios), lowest, highest, confidence: rangeConfidence(ratios.length) }
        return { name, builtin: median(samples.builtin), apache: median(samples.apache), ratio, samples }
      })
  }
}

/** The chance that not all samples fall on one side of the median: the sign test turned round. */
function rangeConfidence(samples: number): number {
  return 1 - 2 ** (1 - samples)
}

export function markdownOf(rows: readonly Row[]): string {
  const lines = rows.map(({ name, builtin, apache, ratio, samples }) => {
    const range = `${rounded(ratio.lowest)} to ${rounded(ratio.highest)}`
    const pairs = samples.builtin.length === 1 ? 'one pair' : `${range}; ${Math.round(ratio.confidence * 100)} %`
    return `| ${name} | ${rounded(builtin)} | ${rounded(apache)} | ${rounded(ratio.median)} (${pairs}) |`
  })
  const head = `| median of the pairs | ${ENGINES.join(' | ')} | ${ENGINES.join(' / ')} (interval; its confidence) |`
  return [head, '|---|---|---|---|', ...lines].join('\n')
}

function rounded(value: number): string {
  if (!Number.isFinite(value)) return '–'
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3)
}
