import { compareMarkdown } from '../report/compare-markdown.ts'
import { compareText } from '../report/compare-text.ts'
import type { CompareResult } from '../tune/compare-result.ts'
import type { CompareFlags } from './options.ts'
import type { Shell } from './shell.ts'

/** In the form that the flags of `compare` or `report` ask for. */
export function comparisonText(
  result: CompareResult,
  { json, markdown }: Pick<CompareFlags, 'json' | 'markdown'>,
  { terminal }: Shell,
): string {
  if (json === true) return `${JSON.stringify(result, null, 2)}\n`
  return markdown === true ? compareMarkdown(result) : compareText(result, terminal)
}
