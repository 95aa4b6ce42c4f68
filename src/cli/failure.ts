import { CommanderError } from 'commander'

import type { ErrorCode } from '../kernel/errors.ts'
import { ZktuneError } from '../kernel/errors.ts'
import { FaultyInput } from '../kernel/faults.ts'
import { EXAMPLES } from './examples.ts'

/** The exit codes of every command; `zktune help` prints them. */
export const EXIT = { done: 0, failed: 1, usage: 2, worse: 3, inconclusive: 4, breached: 99, interrupted: 130 } as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** One fault as a person or a program reads it. `Defect` is a fault of zktune itself. */
export interface Failure {
  readonly code: ErrorCode | 'Defect'
  readonly where: string
  readonly what: string
  readonly mend: string
}

const USAGE_CODES: readonly Failure['code'][] = ['BadConfigValue', 'UnknownName', 'UsageConflict', 'NotSupported']

/** All faults that an error stands for, at least one. */
export function failuresOf(error: unknown, command: string): readonly Failure[] {
  if (error instanceof ZktuneError) {
    const faults = error instanceof FaultyInput ? error.faults : [error]
    return faults.map(({ code, where, what, mend }) => ({ code, where, what, mend }))
  }
  if (error instanceof CommanderError) return [usageFailure(error, command)]
  return [
    {
      code: 'Defect',
      where: command,
      what: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
      mend: 'This is a fault of zktune itself: run the same line with --verbose and report what it prints.',
    },
  ]
}

export function exitCodeOf(failures: readonly Failure[]): ExitCode {
  if (failures.some((failure) => failure.code === 'Interrupted')) return EXIT.interrupted
  return failures.every((failure) => USAGE_CODES.includes(failure.code)) ? EXIT.usage : EXIT.failed
}

/** `where: what. mend`, one line a fault, unless what happened takes lines of its own (the end of a server's output). */
export function failureText(failures: readonly Failure[]): string {
  return failures
    .map(({ where, what, mend }) => `${where}: ${what}${what.endsWith('\n') ? '' : '. '}${mend}\n`)
    .join('')
}

/** The one document that a failed command prints with `--json`; further faults of the same run follow the first. */
export function failureJson(failures: readonly Failure[], command: string): string {
  const [error, ...others] = failures
  const document = { schemaVersion: 1, command, error: others.length === 0 ? error : { ...error, others } }
  return `${JSON.stringify(document)}\n`
}

/** The stack and every cause below it, for `--verbose`. */
export function stackText(error: unknown): string {
  const lines: string[] = []
  for (let each = error; each instanceof Error; each = each.cause) {
    lines.push(`${lines.length === 0 ? '' : 'caused by '}${each.stack ?? each.message}`)
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}

/** commander says `error: unknown option '--durtion'\n(Did you mean --duration?)`. */
function usageFailure(error: CommanderError, command: string): Failure {
  const [first = '', second = ''] = error.message.split('\n')
  const what = first.replace(/^error: /, '').replace(/\.$/, '')
  const guess = /\(Did you mean (.*)\?\)/.exec(second)?.[1]
  const help = command === 'zktune' ? 'zktune --help' : `zktune ${command} --help`
  const isName = error.code === 'commander.unknownCommand' || error.code === 'commander.unknownOption'
  const examples = Object.entries(EXAMPLES).find(([name]) => name === command)?.[1] ?? EXAMPLES.zktune
  const isArgument = error.code === 'commander.missingArgument' || error.code === 'commander.excessArguments'
  const example = isArgument ? `For example: \`${examples[0]?.line}\`. ` : ''
  return {
    code: isName ? 'UnknownName' : 'BadConfigValue',
    where: command === 'zktune' ? 'zktune' : `zktune ${command}`,
    what,
    mend: `${guess === undefined ? example : `Did you mean ${guess}? `}See \`${help}\`.`,
  }
}
