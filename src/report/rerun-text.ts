import type { ReproducedFigure, Reproduction, SurroundingsChange } from '../measure/same-again.ts'
import { grouped, milliseconds } from './figures.ts'
import type { Style } from './style.ts'
import { strong, warned } from './style.ts'
import { plainTable, wrapped } from './table.ts'

export interface ShownRerun {
  readonly earlier: { readonly folder: string; readonly startedAt: string }
  readonly verdict: Reproduction
  readonly rule: string
  readonly figures: readonly ReproducedFigure[]
  readonly surroundings: readonly SurroundingsChange[]
}

/** Beyond this a factor says no more than that nothing is known. */
const FACTOR_MAX = 10

const WORDS: Readonly<Record<Reproduction, string>> = {
  reproduced: 'REPRODUCED',
  'not-reproduced': 'NOT REPRODUCED',
  inconclusive: 'INCONCLUSIVE',
}

/** Whether a run came out as before, figure by figure, and by which rule. Ends with a newline. */
export function rerunText({ earlier, verdict, rule, figures, surroundings }: ShownRerun, style: Style): string {
  const columns = [
    { title: 'figure', align: 'left' } as const,
    ...['earlier', 'now', 'ratio', 'by chance'].map((title) => ({ title, align: 'right' }) as const),
    { title: '', align: 'left' } as const,
  ]
  const factor = style.hasUnicode ? '×÷' : 'x/'
  const rows = figures.map((figure) => {
    const { metric, unit, high, ratio } = figure
    const text = (value: number | null): string =>
      value === null ? '-' : unit === 'us' ? `${milliseconds(value)} ms` : `${grouped(value)}/s`
    const half = high === null || ratio === null ? null : high / ratio
    return [
      `${metric.slice(metric.indexOf('.') + 1).replace('opsPerSecond', 'rate')}, ${figure.phase}`,
      text(figure.earlier),
      text(figure.now),
      ratio === null ? '-' : ratio.toFixed(2),
      half === null ? '-' : half > FACTOR_MAX ? `over ${factor}${FACTOR_MAX}` : `${factor}${half.toFixed(2)}`,
      WORDS[figure.verdict].toLowerCase(),
    ]
  })
  const boots = figures[0]
  const lines = [
    strong(`${WORDS[verdict]}: the run of ${earlier.startedAt}`, style),
    `earlier      ${earlier.folder}, ${counted(boots?.earlierBoots ?? 0)}; now ${counted(boots?.boots ?? 0)}`,
    ...surroundings.map(({ what, earlier: was, now }) => warned(`CHANGED      ${what}: was ${was}, is ${now}`, style)),
    '',
    plainTable(columns, rows, style),
    '',
    ...wrapped(`rule: ${rule}`, style.columns).map((line) => line.trimStart()),
  ]
  return `${lines.join('\n')}\n`
}

function counted(boots: number): string {
  return `${boots} ${boots === 1 ? 'boot' : 'boots'}`
}
