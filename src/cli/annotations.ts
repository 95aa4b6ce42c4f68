import type { BenchResult } from '../measure/bench-result.ts'
import { sentenceOf } from '../report/threshold-text.ts'
import type { Environment } from './terminal.ts'

/** Whether the lines of this program are read by GitHub's runner, which shows annotations beside the change that is tested. */
export function isOnGitHub(environment: Environment): boolean {
  return environment['GITHUB_ACTIONS'] === 'true'
}

/**
 * A command of GitHub's runner: `::error title=zktune::set.p99<20ms…`. It ends with the line, and reads `%25` and the like.
 *
 * Source: docs.github.com, "Workflow commands for GitHub Actions"; the escapes are those of actions/toolkit, command.ts.
 */
export function annotation(level: 'error' | 'warning' | 'notice', title: string, text: string): string {
  const escaped = (part: string): string => part.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
  return `::${level} title=${escaped(title).replaceAll(':', '%3A').replaceAll(',', '%2C')}::${escaped(text)}`
}

/** What somebody who reads a change should know of the run: breached thresholds, and why figures should not be believed. */
export function annotationsOf({ thresholds, phases, partial }: BenchResult): readonly string[] {
  return [
    ...thresholds
      .filter(({ isKept }) => !isKept)
      .map((verdict) => annotation('error', 'zktune: breached', sentenceOf(verdict))),
    ...phases.flatMap(({ name, unsteadyBecause, clientLimited }) => [
      ...(unsteadyBecause === null ? [] : [annotation('warning', 'zktune: not steady', `${name}: ${unsteadyBecause}`)]),
      ...(clientLimited === null ? [] : [annotation('warning', 'zktune: client-limited', `${name}: ${clientLimited}`)]),
    ]),
    ...(partial ? [annotation('warning', 'zktune: partial', 'interrupted: the figures cover what was measured')] : []),
  ]
}
