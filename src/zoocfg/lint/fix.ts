import { escapeValue, readProperties } from '../properties.ts'
import type { LintFinding } from './lint-rule.ts'

/**
 * A text with every fix of its findings made; all else keeps every character. A fix replaces a value or takes away the
 * whole line, its line break included.
 *
 * @param findings those of other files are passed by
 */
export function fixed(file: string, text: string, findings: readonly LintFinding[]): string {
  const { entries } = readProperties(text)
  const edits: { readonly start: number; readonly end: number; readonly text: string }[] = []
  for (const { fix, line, column, file: where } of findings) {
    const entry = entries.find((each) => each.line === line && each.column === column)
    if (fix === null || where !== file || entry === undefined) continue
    if (fix.kind === 'set') {
      const separator = entry.hasSeparator ? '' : '='
      edits.push({ start: entry.valueStart, end: entry.valueEnd, text: separator + escapeValue(fix.value) })
    } else {
      edits.push({ ...wholeLines(text, entry.start, entry.valueEnd), text: '' })
    }
  }
  edits.sort((one, other) => other.start - one.start)
  let result = text
  let untouchedFrom = text.length
  for (const edit of edits) {
    if (edit.end > untouchedFrom) continue // two rules about one line: the one further down has been made
    result = result.slice(0, edit.start) + edit.text + result.slice(edit.end)
    untouchedFrom = edit.start
  }
  return result
}

function wholeLines(text: string, start: number, end: number): { readonly start: number; readonly end: number } {
  let from = start
  while (from > 0 && !'\r\n'.includes(text.charAt(from - 1))) from--
  const rest = /^[^\r\n]*(\r\n|\n|\r|$)/.exec(text.slice(end))?.[0] ?? ''
  return { start: from, end: end + rest.length }
}
