import { existsSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'

import { ZktuneError } from '../kernel/errors.ts'
import { lineDiff } from '../report/line-diff.ts'
import { githubAnnotations, lintJson, lintSarif } from '../report/lint-exchange.ts'
import { lintSummary, lintText } from '../report/lint-text.ts'
import { ensemblesOf } from '../zoocfg/lint/ensembles.ts'
import { fixed } from '../zoocfg/lint/fix.ts'
import { lint } from '../zoocfg/lint/lint.ts'
import type { LintFinding, Severity } from '../zoocfg/lint/lint-rule.ts'
import { RULE_TEXTS } from '../zoocfg/lint/rule-texts.ts'
import { hideSecrets } from '../zoocfg/secrets.ts'
import type { ExitCode } from './failure.ts'
import { EXIT } from './failure.ts'
import type { LintFlags } from './options.ts'
import { recordsText, refuseTwoForms } from './output-form.ts'
import { STDIN } from './profile-files.ts'
import { releaseOf } from './release-flag.ts'
import { configurationsAt, readServers } from './server-files.ts'
import type { Shell } from './shell.ts'

const FAIL_ON: Readonly<Record<string, readonly Severity[]>> = {
  error: ['error'],
  warning: ['error', 'warning'],
  info: ['error', 'warning', 'info'],
  never: [],
}

/** Looks at every configuration that the paths stand for; those of one ensemble beside each other. */
export function lintFiles(paths: readonly string[], flags: LintFlags, shell: Shell): ExitCode {
  refuseTwoForms(flags, 'zktune lint')
  refuseFixOf(paths, flags)
  const release = releaseOf(flags.zookeeperVersion)
  const failing = failingOf(flags.failOn)
  const files = [...new Set(paths.flatMap(configurationsAt))].flatMap(readServers)
  const findings = ensemblesOf(files, release).flatMap((ensemble) => lint(ensemble, release))
  if (flags.fix === true) {
    for (const { file, text } of files.filter(({ made }) => made === undefined))
      fixFile(file, text, findings, flags, shell)
  }
  shell.print(textOf(findings, new Set(files.map(({ file }) => file)).size, flags, shell))
  return findings.some(({ severity }) => failing.includes(severity)) ? EXIT.failed : EXIT.done
}

function textOf(findings: readonly LintFinding[], fileCount: number, flags: LintFlags, shell: Shell): string {
  if (flags.sarif === true) return lintSarif(findings, RULE_TEXTS, shell.version)
  if (flags.json === true) return lintJson(findings)
  if (flags.plain === true) return recordsText(findings.map(recordOf))
  const annotations = shell.environment['GITHUB_ACTIONS'] === 'true' ? githubAnnotations(findings) : ''
  if (flags.quiet === true) return `${annotations}${lintSummary(findings, fileCount)}\n`
  return annotations + lintText(findings, fileCount, shell.terminal)
}

function recordOf({ file, line, column, severity, rule, message }: LintFinding): readonly string[] {
  return [`${file}:${line}:${column}`, severity, rule, message]
}

function refuseFixOf(paths: readonly string[], flags: LintFlags): void {
  const refuse = (what: string, mend: string): never => {
    throw new ZktuneError('UsageConflict', { where: 'zktune lint', what, mend })
  }
  if (flags.inPlace === true && flags.fix !== true) refuse('--in-place says where --fix writes', 'Add --fix.')
  if (flags.fix === true && paths.includes(STDIN)) refuse('--fix needs a file to write beside', 'Name the file.')
}

/** Writes beside the file, or into it and keeps what was there; shows the difference on stderr. */
function fixFile(file: string, text: string, findings: readonly LintFinding[], flags: LintFlags, shell: Shell): void {
  const mended = fixed(file, text, findings)
  if (mended === text) return
  const isInPlace = flags.inPlace === true
  const target = isInPlace ? file : freshName(`${file}.fixed`)
  shell.progress.note(
    lineDiff({ name: file, text: hideSecrets(text) }, { name: target, text: hideSecrets(mended) }).trimEnd(),
  )
  if (isInPlace) {
    const backup = freshName(`${file}.bak`)
    write(backup, text)
    shell.progress.note(`The file as it was is in ${backup}.`)
  }
  write(target, mended)
  shell.progress.note(`Written: ${target}`)
}

/** All of it or nothing: a disk that is full must not cost the user the file that was there. */
function write(file: string, text: string): void {
  const target = existsSync(file) ? realpathSync(file) : file
  const draft = freshName(`${target}.draft`)
  try {
    writeFileSync(draft, text, { encoding: 'latin1', ...(existsSync(target) ? { mode: statSync(target).mode } : {}) })
    renameSync(draft, target)
  } catch (error) {
    rmSync(draft, { force: true })
    throw new ZktuneError('DiskFailed', {
      where: file,
      what: `it cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      mend: 'Run it where you may write, or without --fix.',
      cause: error,
    })
  }
}

/** Never one that is taken. */
function freshName(name: string): string {
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${name}.${number}`
    if (!existsSync(candidate)) return candidate
  }
}

function failingOf(text = 'warning'): readonly Severity[] {
  const severities = FAIL_ON[text]
  if (severities !== undefined) return severities
  throw new ZktuneError('BadConfigValue', {
    where: '--fail-on',
    what: `"${text}" is no severity`,
    mend: `Give one of ${Object.keys(FAIL_ON).join(', ')}.`,
  })
}
