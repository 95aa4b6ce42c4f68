import type { ArmComparison, CompareResult } from '../tune/compare-result.ts'
import {
  armOf,
  nameText,
  designLines,
  differenceValue,
  figureName,
  figureVerdict,
  intervalText,
  percent,
  pText,
  ratioText,
  valueText,
  verdictLine,
} from './compare-figures.ts'

/** A comparison for a pull request. Ends with a newline. */
export function compareMarkdown(result: CompareResult): string {
  const lines = [
    '## zktune compare',
    '',
    ...result.comparisons.map((comparison) => `- **${cell(verdictLine(result, comparison))}**`),
    ...designLines(result).map((line) => `- ${cell(line)}`),
    ...result.comparisons.flatMap((comparison) => ['', ...figuresTable(result, comparison)]),
    ...(result.notes.length === 0 ? [] : ['', ...result.notes.map(({ text }) => `> ${cell(text)}\n`)]),
    ...result.comparisons.flatMap((comparison) => ['', ...differencesTable(result, comparison)]),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}

function figuresTable(result: CompareResult, { arm, figures }: ArmComparison): readonly string[] {
  const first = armOf(result, null).label
  const { confidence, minEffect } = result.design
  const interval = `${percent(confidence)} interval`
  return [
    `| median | ${first} | ${arm} | ${arm} / ${first} | ${interval} | p (Holm) | verdict |`,
    '|---|---:|---:|---:|---:|---:|---|',
    ...figures.map((figure) => {
      const cells = [
        figureName(figure),
        valueText(figure.baseline, figure.unit),
        valueText(figure.value, figure.unit),
        ratioText(figure),
        intervalText(figure),
        pText(figure.adjustedP),
        figureVerdict(figure, minEffect),
      ]
      return `| ${cells.map(cell).join(' | ')} |`
    }),
  ]
}

function differencesTable(result: CompareResult, { arm, differences }: ArmComparison): readonly string[] {
  const first = armOf(result, null).label
  if (differences.length === 0)
    return [`${nameText(armOf(result, arm))} differs from ${nameText(armOf(result, null))} in nothing that counts.`]
  return [
    `<details><summary>What differs between ${nameText(armOf(result, null))} and ${nameText(armOf(result, arm))}</summary>`,
    '',
    `| setting | ${first} | ${arm} |`,
    '|---|---|---|',
    ...differences.map((difference) => {
      const values = [differenceValue(difference.baseline, difference), differenceValue(difference.arm, difference)]
      return `| ${[difference.key, ...values].map(cell).join(' | ')} |`
    }),
    '',
    '</details>',
  ]
}

/** A bar would end the cell, and a tag would be one. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;')
}
