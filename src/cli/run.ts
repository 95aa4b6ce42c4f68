import { CommanderError } from 'commander'

import type { ExitCode } from './failure.ts'
import { EXIT, exitCodeOf, failureJson, failuresOf, failureText, stackText } from './failure.ts'
import { buildProgram, SHORT_HELP } from './program.ts'
import type { Shell } from './shell.ts'

const COMMANDS = ['bench', 'up', 'profiles', 'lint', 'explain', 'diff', 'server', 'help']

/** Thrown by commander after it has printed help or the version. */
const ANSWERED = ['commander.helpDisplayed', 'commander.help', 'commander.version']

export interface CliContext {
  /** The words after `zktune`. */
  readonly words: readonly string[]
  readonly shell: Shell
  /** Writes to stderr, as is: failures. */
  readonly complain: (text: string) => void
}

/** One command line from its words to its exit code; its failure is printed too. */
export async function runCli(context: CliContext): Promise<ExitCode> {
  const { words, shell } = context
  const { version } = shell
  if (words.length === 0) {
    shell.print(SHORT_HELP)
    return EXIT.done
  }
  const isVerbose = words.includes('--verbose')
  const versionText = isVerbose ? `zktune ${version}\nengine builtin ${version}\nnode ${process.version}` : version
  let code: ExitCode = EXIT.done
  try {
    const program = buildProgram({ shell, version: versionText, onDone: (done) => (code = done) })
    await program.parseAsync(words, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError && ANSWERED.includes(error.code)) return EXIT.done
    return reportFailure(error, context)
  }
}

/** As one line for people on stderr, and with `--json` as the one document on stdout. */
export function reportFailure(error: unknown, { words, shell, complain }: CliContext): ExitCode {
  const command = words.find((word) => COMMANDS.includes(word)) ?? 'zktune'
  const failures = failuresOf(error, command)
  shell.progress.end()
  if (words.includes('--verbose')) complain(stackText(error))
  complain(failureText(failures))
  if (words.includes('--json')) shell.print(failureJson(failures, command))
  return exitCodeOf(failures)
}
