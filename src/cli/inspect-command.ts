import { throwFaults } from '../kernel/faults.ts'
import type { Fault } from '../kernel/faults.ts'
import { readAccessFlags } from '../profile/remote-flags.ts'
import { inspectText } from '../report/inspect-text.ts'
import type { ExitCode } from './failure.ts'
import { EXIT } from './failure.ts'
import { askServers } from './inspected.ts'
import type { InspectFlags } from './options.ts'
import type { Shell } from './shell.ts'

/** Asks servers that run what they are and do. No session is opened and nothing is written. */
export async function inspect(flags: InspectFlags, shell: Shell): Promise<ExitCode> {
  const faults: Fault[] = []
  const connect = flags.connect ?? ''
  if (connect === '') {
    const what = 'it is not said which servers'
    faults.push({ code: 'UsageConflict', where: 'zktune inspect', what, mend: 'Add --connect host:port,host:port.' })
  }
  const access = readAccessFlags(flags, faults)
  throwFaults(faults)
  const { inspection } = await askServers(connect, access, shell)
  shell.print(
    flags.json === true
      ? `${JSON.stringify({ schemaVersion: 1, command: 'inspect', ...inspection }, null, 2)}\n`
      : inspectText(inspection, shell.terminal),
  )
  return EXIT.done
}
