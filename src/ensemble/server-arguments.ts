import { ZktuneError } from '../kernel/errors.ts'
import { readReaches, reachWord } from './reaches.ts'

const ORPHAN_REMOVES = '--orphan-removes'
const REACHES = '--reaches'

/** What a server process is told on its command line by the ensemble that starts it. */
export interface ServerArguments {
  /** The path of its zoo.cfg. */
  readonly config: string
  /** Folders to remove once the server has stopped because its parent is gone. */
  readonly orphanRemoves: readonly string[]
  /** Ports of this machine by which it reaches other servers, by their ids. */
  readonly reaches: ReadonlyMap<number, number>
}

export function writeServerArguments({ config, orphanRemoves, reaches }: ServerArguments): string[] {
  return [
    config,
    ...orphanRemoves.flatMap((folder) => [ORPHAN_REMOVES, folder]),
    ...[...reaches].flatMap(([id, port]) => [REACHES, reachWord(id, port)]),
  ]
}

/** @throws ZktuneError UsageConflict or BadConfigValue when these are not arguments that `writeServerArguments` made */
export function readServerArguments(words: readonly string[]): ServerArguments {
  const [config, ...rest] = words
  const orphanRemoves: string[] = []
  const reaches: string[] = []
  for (let index = 0; index < rest.length; index += 2) {
    const word = rest[index + 1]
    if (word === undefined) throw misuse()
    if (rest[index] === ORPHAN_REMOVES) orphanRemoves.push(word)
    else if (rest[index] === REACHES) reaches.push(word)
    else throw misuse()
  }
  if (config === undefined) throw misuse()
  return { config, orphanRemoves, reaches: readReaches(reaches) }
}

function misuse(): ZktuneError {
  return new ZktuneError('UsageConflict', {
    where: 'server-main',
    what: 'it takes the path of a zoo.cfg',
    mend: 'To run a server by hand use: zktune server FILE',
  })
}
