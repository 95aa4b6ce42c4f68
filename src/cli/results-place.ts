import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

import { ZktuneError } from '../kernel/errors.ts'
import { whatIsAt } from './profile-files.ts'
import type { Environment } from './terminal.ts'

/**
 * Where runs are kept unless told otherwise: state of the user's, by the XDG base directory specification.
 *
 * @param given what `--results` says; undefined: nothing
 * @throws ZktuneError BadConfigValue when it is something else than a folder, or than nothing yet
 */
export function resultsParent(given: string | undefined, environment: Environment): string {
  if (given !== undefined) {
    if (whatIsAt(given) === 'file') throw noFolder(given)
    return resolve(given)
  }
  const state = environment['XDG_STATE_HOME']
  return join(state === undefined || state === '' ? join(homedir(), '.local', 'state') : state, 'zktune', 'runs')
}

function noFolder(given: string): ZktuneError {
  return new ZktuneError('BadConfigValue', {
    where: `--results ${given}`,
    what: 'this is a file, and runs are kept in a folder',
    mend: `Name the folder that holds the runs; one run is printed by zktune report ${given}.`,
  })
}
