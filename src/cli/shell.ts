import type { Progress } from './progress.ts'
import type { AppliedSetting } from './settings.ts'
import type { Environment, Terminal } from './terminal.ts'

/** What a command may touch of the program around it. main.ts makes the real one; only there is anything printed. */
export interface Shell {
  /** Of stdout: results are written for it. */
  readonly terminal: Terminal
  readonly environment: Environment
  /** Of zktune itself. */
  readonly version: string
  /** Writes to stdout, as is: results and nothing else. */
  print(text: string): void
  /** On stderr: where the command stands, and lines that stay. */
  readonly progress: Progress
  /** Aborted by Ctrl-C and its like: the command stops, keeps what it has, and leaves nothing behind. */
  readonly signal: AbortSignal
  /** What no flag has set, but a file or the environment; known once the command is called. */
  readonly settings: readonly AppliedSetting[]
}
