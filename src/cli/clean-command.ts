import { tmpdir } from 'node:os'

import { findLeftovers, removeLeftover } from '../ensemble/leftovers.ts'
import { gather, throwFaults, type Fault } from '../kernel/faults.ts'
import { cleanText } from '../report/clean-text.ts'
import type { CleanDocument } from './documents.ts'
import type { ExitCode } from './failure.ts'
import { EXIT } from './failure.ts'
import type { CleanFlags } from './options.ts'
import { requireFolder } from './profile-files.ts'
import type { Shell } from './shell.ts'

/** Removes what crashed runs left on this machine: folders that say so themselves, and servers that run on them. */
export async function clean(parents: readonly string[], flags: CleanFlags, shell: Shell): Promise<ExitCode> {
  const faults: Fault[] = []
  for (const parent of parents) gather(faults, () => requireFolder('zktune clean', parent))
  throwFaults(faults)
  const { leftovers, leftAlone } = findLeftovers([tmpdir(), ...parents])
  const isDryRun = flags.dryRun === true
  if (!isDryRun) for (const leftover of leftovers) await removeLeftover(leftover)
  const document: CleanDocument = { schemaVersion: 1, command: 'clean', dryRun: isDryRun, leftovers, leftAlone }
  shell.print(flags.json === true ? `${JSON.stringify(document, null, 2)}\n` : cleanText(document))
  return EXIT.done
}
