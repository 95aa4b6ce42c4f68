/**
 * One server of a local ensemble, as a process of its own: what it has to say goes to stdout and stderr, which its
 * parent leads into a file, and over the channel to its parent. `zktune server` runs the same by hand.
 */
import { ZktuneError } from '../kernel/errors.ts'
import { withReaches } from './reaches.ts'
import { runServer } from './run-server.ts'
import { readServerArguments } from './server-arguments.ts'
import { readServerFiles } from './server-files.ts'
import { startServer } from './start-server.ts'

const EXIT_DONE = 0
const EXIT_FAILED = 1

function note(line: string): void {
  process.stdout.write(`${new Date().toISOString()} ${line}\n`)
}

async function main(): Promise<number> {
  try {
    const { config, orphanRemoves, reaches } = readServerArguments(process.argv.slice(2))
    await runServer({
      start: (hooks) => startServer(withReaches(readServerFiles(config).settings, reaches), { ...hooks, onNote: note }),
      orphanRemoves,
    })
    note('stopped')
    return EXIT_DONE
  } catch (error) {
    process.stderr.write(`${error instanceof ZktuneError ? error.message : String(error)}\n`)
    return EXIT_FAILED
  }
}

process.exit(await main())
