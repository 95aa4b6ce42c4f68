import { readFileSync } from 'node:fs'

import { ZktuneError } from '../kernel/errors.ts'
import { EXIT } from './failure.ts'
import { Interrupt } from './interrupt.ts'
import { watchNpmParent } from './npm-parent.ts'
import type { Progress } from './progress.ts'
import { reportFailure, runCli } from './run.ts'
import type { Shell } from './shell.ts'
import { terminalOf } from './terminal.ts'
import type { Environment } from './terminal.ts'

export interface ProcessContext {
  /** The words after `zktune`. */
  readonly words: readonly string[]
  readonly environment: Environment
  readonly progress: Progress
}

/** The one place that prints and exits: what the commands know of the process, they are given here. */
export async function runProcess({ words, environment, progress }: ProcessContext): Promise<void> {
  const complain = (text: string): void => {
    process.stderr.write(text)
  }

  const interrupt = new Interrupt({
    onFirst: (cause) => {
      const again = cause === 'SIGINT' ? '; Ctrl-C again ends at once' : ''
      progress.note(`${cause}: stopping${again}`)
    },
    // Children and folders go in the exit handlers of the rooms that made them.
    onSecond: () => process.exit(EXIT.interrupted),
  })

  const shell: Omit<Shell, 'settings'> = {
    terminal: terminalOf(process.stdout, environment),
    print: (text) => {
      process.stdout.write(text)
    },
    environment,
    version: readVersion(),
    progress,
    signal: interrupt.signal,
  }

  interrupt.listenTo(process)
  watchNpmParent(process.env, () => interrupt.end('npm, which started zktune, has ended'))

  // A reader that has seen enough (`zktune profiles | head -1`) is no failure; without a reader there is nothing to do.
  process.stdout.on('error', (error: NodeJS.ErrnoException) =>
    onPipeError(error, () => interrupt.end('nobody reads the output any more')),
  )
  process.stderr.on('error', (error: NodeJS.ErrnoException) => onPipeError(error, () => undefined))
  process.on('uncaughtException', (error) => {
    reportFailure(error, { words, shell, complain })
    process.exit(EXIT.failed)
  })

  const code = await runCli({ words, shell, complain })
  progress.end()
  // What is still on its way to a slow reader leaves first, and a write that failed has its turn to say so; a handle that some
  // library left open does not hold us.
  process.stdout.write('', () => setImmediate(() => process.exit(code)))
}

function onPipeError(error: NodeJS.ErrnoException, onClosed: () => void): void {
  if (error.code === 'EPIPE') return onClosed()
  throw new ZktuneError('DiskFailed', {
    where: 'the output',
    what: `it could not be written: ${error.message}`,
    mend: 'Write it where there is room.',
    cause: error,
  })
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const isManifest = typeof manifest === 'object' && manifest !== null && 'version' in manifest
  return isManifest && typeof manifest.version === 'string' ? manifest.version : 'unknown'
}
