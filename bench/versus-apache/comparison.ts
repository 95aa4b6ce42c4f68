import { median } from '../../src/stats/quantile.ts'
import { type Engine, ENGINES } from '../engines.ts'

/** A row of the table: one figure of both engines, a sample a pair. */
export interface Row {
  readonly name: string
  readonly builtin: number
  readonly apache: number
  /** Of each pair builtin / apache: their median, with the lowest and the highest. */
  readonly ratio: { readonly median: number; readonly lowest: number; readonly highest: number }
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
        const ratio = { median: median(ratios), lowest: Math.min(...ratios), highest: Math.max(...ratios) }
        return { name, builtin: median(samples.builtin), apache: median(samples.apache), ratio, samples }
      })
  }
}

export function markdownOf(rows: readonly Row[]): string {
  const lines = rows.map(({ name, builtin, apache, ratio }) => {
    const range = `${rounded(ratio.lowest)} to ${rounded(ratio.highest)}`
    return `| ${name} | ${rounded(builtin)} | ${rounded(apache)} | ${rounded(ratio.median)} (${range}) |`
  })
  const head = `| median of the pairs | ${ENGINES.join(' | ')} | ${ENGINES.join(' / ')} (lowest to highest pair) |`
  return [head, '|---|---|---|---|', ...lines].join('\n')
}

function rounded(value: number): string {
  if (!Number.isFinite(value)) return '–'
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3)
}
