import type { LintFinding, Severity } from '../zoocfg/lint/lint-rule.ts'
import type { Style } from './style.ts'
import { strong, warned } from './style.ts'
import { wrapped } from './wrap.ts'

/** Findings for people: a block each, `file:line:column` first, and a last line that sums up. */
export function lintText(findings: readonly LintFinding[], fileCount: number, style: Style): string {
  const lines: string[] = []
  for (const finding of findings) {
    const where = `${finding.file}:${finding.line}:${finding.column}`
    const severity = finding.severity === 'info' ? finding.severity : warned(finding.severity, style)
    lines.push(`${strong(where, style)} ${severity}: ${finding.message} [${finding.rule}]`)
    for (const text of [finding.effect, `Mend: ${finding.mend}`])
      for (const line of wrapped(text, Math.min(style.columns, 100) - 4)) lines.push(`    ${line}`)
    lines.push('')
  }
  lines.push(lintSummary(findings, fileCount))
  return `${lines.join('\n')}\n`
}

/** The line that sums up. */
export function lintSummary(findings: readonly LintFinding[], fileCount: number): string {
  const files = fileCount === 1 ? '1 file' : `${fileCount} files`
  if (findings.length === 0) return `Nothing found in ${files}.`
  const count = (severity: Severity, name: string): string => {
    const number = findings.filter((finding) => finding.severity === severity).length
    return `${number} ${name}${number === 1 || severity === 'info' ? '' : 's'}`
  }
  const fixable = findings.filter(({ fix }) => fix !== null).length
  const next = fixable === 0 ? '' : ` ${fixable} can be fixed: add --fix.`
  return `${count('error', 'error')}, ${count('warning', 'warning')}, ${count('info', 'info')} in ${files}.${next}`
}
