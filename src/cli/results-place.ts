import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

import type { Environment } from './terminal.ts'

/**
 * Where runs are kept unless told otherwise: state of the user's, by the XDG base directory specification.
 *
 * @param given what `--results` says; undefined: nothing
 */
export function resultsParent(given: string | undefined, environment: Environment): string {
  if (given !== undefined) return resolve(given)
  const state = environment['XDG_STATE_HOME']
  return join(state === undefined || state === '' ? join(homedir(), '.local', 'state') : state, 'zktune', 'runs')
}
