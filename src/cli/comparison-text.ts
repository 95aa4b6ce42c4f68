import { compareMarkdown } from '../report/compare-markdown.ts'
import { compareText } from '../report/compare-text.ts'
import type { CompareResult } from '../tune/compare-result.ts'
import type { CompareFlags } from './options.ts'
import { recordsText } from './output-form.ts'
import { comparisonRecords } from './plain-records.ts'
import type { Shell } from './shell.ts'

export const COMPARISON_ENDINGS = ['.json', '.md'] as const

/** What a comparison is as a file, by the file's ending. */
export function comparisonForms(
  result: CompareResult,
): Readonly<Record<(typeof COMPARISON_ENDINGS)[number], () => string>> {
  return { '.json': () => `${JSON.stringify(result, null, 2)}\n`, '.md': () => compareMarkdown(result) }
}

/** In the form that the flags of `compare` or `report` ask for. */
export function comparisonText(
  result: CompareResult,
  { json, markdown, plain }: Pick<CompareFlags, 'json' | 'markdown' | 'plain'>,
  { terminal }: Shell,
): string {
  const forms = comparisonForms(result)
  if (json === true) return forms['.json']()
  if (plain === true) return recordsText(comparisonRecords(result))
  return markdown === true ? forms['.md']() : compareText(result, terminal)
}
