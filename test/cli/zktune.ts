import { Progress } from '../../src/cli/progress.ts'
import { runCli } from '../../src/cli/run.ts'
import type { Environment, Terminal } from '../../src/cli/terminal.ts'

const TERMINAL: Terminal = { isInteractive: false, hasColour: false, hasUnicode: true, columns: 80 }

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command line in this process, as one that writes to files would see it. */
export async function zktune(...words: string[]): Promise<Ran> {
  return await zktuneIn({ folder: '/nowhere', environment: {} }, ...words)
}

/** The same where there may be settings. */
export async function zktuneIn(
  where: { readonly folder: string; readonly environment: Environment; readonly columns?: number },
  ...words: string[]
): Promise<Ran> {
  const { folder, environment, columns = TERMINAL.columns } = where
  const terminal = { ...TERMINAL, columns }
  const written = { stdout: '', stderr: '' }
  const complain = (text: string): void => {
    written.stderr += text
  }
  const code = await runCli({
    words,
    complain,
    folder,
    shell: {
      terminal,
      environment,
      version: '9.9.9',
      print: (text) => {
        written.stdout += text
      },
      progress: new Progress({ terminal: TERMINAL, write: complain, nowMs: () => 0 }),
      signal: new AbortController().signal,
    },
  })
  return { code, ...written }
}
