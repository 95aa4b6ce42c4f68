import { escapeValue, readProperties } from '../properties.ts'
import type { PropertyEntry } from '../properties.ts'
import type { Fix, LintFinding } from './lint-rule.ts'

/**
 * A text with every fix of its findings made; all else keeps every character. A fix replaces a value or takes away the
 * whole line, its line break included.
 *
 * @param findings those of other files are passed by
 */
export function fixed(file: string, text: string, findings: readonly LintFinding[]): string {
  const { entries } = readProperties(text)
  const fixes = new Map<PropertyEntry, Fix>()
  for (const { fix, line, column, file: where } of findings) {
    const entry = entries.find((each) => each.line === line && each.column === column)
    if (fix === null || where !== file || entry === undefined) continue
    // A line that goes needs no other value.
    if (fixes.get(entry)?.kind !== 'delete') fixes.set(entry, fix)
  }
  // From the end on, so that the offsets before a change stay true.
  let result = text
  for (const [entry, fix] of [...fixes].sort(([one], [other]) => other.start - one.start)) {
    if (fix.kind === 'set') {
      const value = (entry.hasSeparator ? '' : '=') + escapeValue(fix.value)
      result = result.slice(0, entry.valueStart) + value + result.slice(entry.valueEnd)
    } else {
      const { start, end } = wholeLines(result, entry)
      result = result.slice(0, start) + result.slice(end)
    }
  }
  return result
}

function wholeLines(text: string, entry: PropertyEntry): { readonly start: number; readonly end: number } {
  let start = entry.start
  while (start > 0 && !'\r\n'.includes(text.charAt(start - 1))) start--
  const rest = /^[^\r\n]*(\r\n|\n|\r|$)/.exec(text.slice(entry.valueEnd))?.[0] ?? ''
  return { start, end: entry.valueEnd + rest.length }
}
