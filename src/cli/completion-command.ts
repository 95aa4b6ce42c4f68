import type { Command } from 'commander'

import { didYouMean } from '../kernel/did-you-mean.ts'
import { ZktuneError } from '../kernel/errors.ts'
import { ENGINES } from '../profile/engine.ts'
import { ProfileLibrary } from '../profile/library.ts'
import { ARRIVALS } from '../profile/plan.ts'
import { completionScript, SHELLS } from './completion.ts'
import type { ExitCode } from './failure.ts'
import { EXIT } from './failure.ts'
import { readShippedProfiles } from './profile-files.ts'
import type { Shell } from './shell.ts'

/** Prints the script by which a shell completes zktune's lines. */
export function completion(name: string, program: Command, shell: Shell): ExitCode {
  const wanted = SHELLS.find((known) => known === name)
  if (wanted === undefined) {
    throw new ZktuneError('UnknownName', {
      where: 'zktune completion',
      what: `there is no completion for "${name}"`,
      mend: `The shells are ${SHELLS.join(', ')}.${didYouMean(name, SHELLS)}`,
    })
  }
  const profiles = ProfileLibrary.read(readShippedProfiles()).all
  const words = {
    '--engine': ENGINES,
    '--arrivals': ARRIVALS,
    '--profile': profiles.map((profile) => profile.name),
    '--workload': profiles.filter(({ concern }) => concern === 'workload').map((profile) => profile.name),
  }
  shell.print(completionScript(wanted, program, words))
  return EXIT.done
}
