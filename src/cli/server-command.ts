import { readReaches, withReaches } from '../ensemble/reaches.ts'
import { runServer } from '../ensemble/run-server.ts'
import { readServerFiles } from '../ensemble/server-files.ts'
import { startServer } from '../ensemble/start-server.ts'
import type { ExitCode } from './failure.ts'
import { EXIT } from './failure.ts'
import type { ServerFlags } from './options.ts'
import { readGivenFile } from './profile-files.ts'
import type { Shell } from './shell.ts'

/** Runs the server that a zoo.cfg describes, in this process, until the signal. What it has to say goes to stderr. */
export async function server(file: string, flags: ServerFlags, shell: Shell): Promise<ExitCode> {
  const { progress, signal } = shell
  const reaches = readReaches(flags.reaches ?? [])
  readGivenFile(file, 'configuration') // for the user's own word on it when it is not there
  const { settings, config, remarks } = readServerFiles(file)
  for (const { where, what, mend } of remarks) progress.note(`${where}: ${what}. ${mend}`)
  for (const { key, reason } of config.notHonoured) progress.note(`${key} is not acted on: ${reason}`)
  await runServer({
    start: (hooks) => startServer(withReaches(settings, reaches), { ...hooks, onNote: (note) => progress.note(note) }),
    orphanRemoves: [],
    signal,
  })
  progress.note('stopped')
  return EXIT.interrupted
}
