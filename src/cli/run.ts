import { CommanderError } from 'commander'

import { didYouMean } from '../kernel/did-you-mean.ts'
import { ZktuneError } from '../kernel/errors.ts'
import { annotation, isOnGitHub } from './annotations.ts'
import { COMMANDS } from './examples.ts'
import type { ExitCode } from './failure.ts'
import { EXIT, exitCodeOf, failureJson, failuresOf, failureText, stackText } from './failure.ts'
import { buildProgram, SHORT_HELP } from './program.ts'
import { applySettings, type AppliedSetting } from './settings.ts'
import type { Shell } from './shell.ts'

/** Thrown by commander after it has printed help or the version. */
const ANSWERED = ['commander.helpDisplayed', 'commander.help', 'commander.version']

export interface CliContext {
  /** The words after `zktune`. */
  readonly words: readonly string[]
  readonly shell: Omit<Shell, 'settings'>
  /** Whose zktune.ini counts; absent: the working directory. */
  readonly folder?: string
  /** Writes to stderr, as is: failures. */
  readonly complain: (text: string) => void
}

/** One command line from its words to its exit code; its failure is printed too. */
export async function runCli(context: CliContext): Promise<ExitCode> {
  const { words, folder } = context
  const applied: AppliedSetting[] = []
  const shell: Shell = { ...context.shell, settings: applied }
  const { version } = shell
  if (words.length === 0) {
    shell.print(SHORT_HELP)
    return EXIT.done
  }
  const isVerbose = words.includes('--verbose')
  const isAskingVersion = words.includes('--version') || words.includes('-V')
  const versionText = isVerbose && isAskingVersion ? await allVersions(shell) : version
  let code: ExitCode = EXIT.done
  try {
    const program = buildProgram({ shell, version: versionText, onDone: (done) => (code = done) })
    program.hook('preAction', (_, command) => {
      applied.push(
        ...applySettings(program, command, { environment: shell.environment, folder: folder ?? process.cwd() }),
      )
      if (isVerbose) for (const { flag, value, origin } of applied) shell.progress.note(`${flag} ${value} (${origin})`)
    })
    await program.parseAsync(words, { from: 'user' })
    return code
  } catch (error) {
    // commander's help for a command that is not there is help for nobody, and printed nowhere.
    const isNoHelp = error instanceof CommanderError && error.code === 'commander.help' && error.exitCode !== 0
    if (!isNoHelp && error instanceof CommanderError && ANSWERED.includes(error.code)) return EXIT.done
    return reportFailure(isNoHelp ? noCommand(words) : error, { ...context, shell }, applied)
  }
}

function noCommand(words: readonly string[]): ZktuneError {
  const name = words[words.indexOf('help') + 1] ?? ''
  const mend = `See \`zktune --help\`.${didYouMean(name, COMMANDS)}`
  return new ZktuneError('UnknownName', { where: 'zktune help', what: `there is no command "${name}"`, mend })
}

/** Of everything that a result can depend on; what is not installed here is said to be so. */
async function allVersions({ version, environment }: Shell): Promise<string> {
  const { apacheVersions } = await import('../ensemble/apache/apache-engine.ts')
  return [
    `zktune ${version}`,
    `engine builtin ${version}`,
    `engine apache ${await apacheVersions(environment)}`,
    `node ${process.version}`,
  ].join('\n')
}

/** As one line for people on stderr, and with `--json` as the one document on stdout. */
export function reportFailure(
  error: unknown,
  { words, shell, complain }: CliContext,
  applied: readonly AppliedSetting[] = [],
): ExitCode {
  const command = words.find((word) => word === 'help' || COMMANDS.includes(word)) ?? 'zktune'
  // What nobody typed is told by where it stands.
  const failures = failuresOf(error, command).map((failure) => {
    const setting = applied.find(({ flag }) => failure.where === flag || failure.where.startsWith(`${flag} `))
    return setting === undefined ? failure : { ...failure, where: setting.origin }
  })
  shell.progress.end()
  if (words.includes('--verbose')) complain(stackText(error))
  complain(failureText(failures))
  if (isOnGitHub(shell.environment)) {
    for (const { where, what } of failures)
      complain(`${annotation('error', `zktune ${command}`, `${where}: ${what}`)}\n`)
  }
  if (words.includes('--json')) shell.print(failureJson(failures, command))
  return exitCodeOf(failures)
}
