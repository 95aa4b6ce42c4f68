/** Findings in the forms that other programs take: JSON of our own, SARIF 2.1.0, and GitHub's workflow commands. */
import type { LintFinding, RuleText, Severity } from '../zoocfg/lint/lint-rule.ts'

const SARIF_LEVELS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' }
const GITHUB_LEVELS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'notice' }

export function lintJson(findings: readonly LintFinding[]): string {
  const shown = findings.map(({ rule, severity, key, file, line, column, message, effect, mend, fix }) => ({
    ...{ rule, severity, key, file, line, column, message, effect, mend },
    fixable: fix !== null,
  }))
  return `${JSON.stringify({ schemaVersion: 1, command: 'lint', findings: shown }, null, 2)}\n`
}

/** Source: SARIF 2.1.0 (OASIS), sections 3.13 (log), 3.19 (driver), 3.27 (result). */
export function lintSarif(findings: readonly LintFinding[], rules: readonly RuleText[], version: string): string {
  const used = rules.filter(({ id }) => findings.some(({ rule }) => rule === id))
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'zktune',
            version,
            rules: used.map(({ id, severity, when, why, mend }) => ({
              id,
              shortDescription: { text: when },
              fullDescription: { text: why },
              help: { text: mend },
              defaultConfiguration: { level: SARIF_LEVELS[severity] },
            })),
          },
        },
        // Files are read as bytes, one character each.
        columnKind: 'unicodeCodePoints',
        results: findings.map(({ rule, severity, file, line, column, message, effect, mend }) => ({
          ruleId: rule,
          ruleIndex: used.findIndex(({ id }) => id === rule),
          level: SARIF_LEVELS[severity],
          message: { text: `${message}. ${effect} ${mend}` },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: uriOf(file) },
                region: { startLine: line, startColumn: column },
              },
            },
          ],
        })),
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

/** Lines that GitHub Actions shows beside the changed lines of a pull request. */
export function githubAnnotations(findings: readonly LintFinding[]): string {
  return findings
    .map(({ rule, severity, file, line, column, message, mend }) => {
      const place = `file=${propertyText(file)},line=${line},col=${column},title=${propertyText(rule)}`
      return `::${GITHUB_LEVELS[severity]} ${place}::${commandText(`${message}. ${mend}`)}\n`
    })
    .join('')
}

/** Relative paths stay relative: a viewer joins them to the root of the repository. */
function uriOf(file: string): string {
  const path = file.split('/').map(encodeURIComponent).join('/')
  return file.startsWith('/') ? `file://${path}` : path.replace(/^\.\//, '')
}

function commandText(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function propertyText(text: string): string {
  return commandText(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
