import { ZktuneError } from '../kernel/errors.ts'

const ORPHAN_REMOVES = '--orphan-removes'

/** What a server process is told on its command line by the ensemble that starts it. */
export interface ServerArguments {
  /** The path of its zoo.cfg. */
  readonly config: string
  /** Folders to remove once the server has stopped because its parent is gone. */
  readonly orphanRemoves: readonly string[]
}

export function writeServerArguments({ config, orphanRemoves }: ServerArguments): string[] {
  return [config, ...orphanRemoves.flatMap((folder) => [ORPHAN_REMOVES, folder])]
}

/** @throws ZktuneError UsageConflict when these are not arguments that `writeServerArguments` made */
export function readServerArguments(words: readonly string[]): ServerArguments {
  const [config, ...rest] = words
  const orphanRemoves: string[] = []
  for (let index = 0; index < rest.length; index += 2) {
    const folder = rest[index + 1]
    if (rest[index] !== ORPHAN_REMOVES || folder === undefined) throw misuse()
    orphanRemoves.push(folder)
  }
  if (config === undefined) throw misuse()
  return { config, orphanRemoves }
}

function misuse(): ZktuneError {
  return new ZktuneError('UsageConflict', {
    where: 'server-main',
    what: 'it takes the path of a zoo.cfg',
    mend: 'To run a server by hand use: zktune server FILE',
  })
}
