import { gather, throwFaults } from '../kernel/faults.ts'
import type { Fault } from '../kernel/faults.ts'
import { parseDurationMs } from '../kernel/quantity.ts'
import { probeFolder, writesOf } from '../measure/disk-probe.ts'
import type { DiskFigures } from '../measure/disk-probe.ts'
import { disksText } from '../report/disk-text.ts'
import type { DiskDocument } from './documents.ts'
import type { ExitCode } from './failure.ts'
import { EXIT } from './failure.ts'
import type { DiskFlags } from './options.ts'
import { readPlan } from './plan-source.ts'
import { requireFolder } from './profile-files.ts'
import type { Shell } from './shell.ts'

const DURATION_MS = 2_000

/** Measures what a sync costs in folders, each for itself, and leaves nothing in them. */
export async function disk(folders: readonly string[], flags: DiskFlags, shell: Shell): Promise<ExitCode> {
  const faults: Fault[] = []
  const { duration, json, ...ofWorkload } = flags
  const range = { where: '--duration', min: 50, max: 600_000 }
  const durationMs = duration === undefined ? DURATION_MS : gather(faults, () => parseDurationMs(duration, range))
  const { workload } = readPlan(ofWorkload, faults)
  for (const folder of folders) gather(faults, () => requireFolder('zktune disk', folder))
  throwFaults(faults)
  const writes = writesOf(workload)
  const found: DiskFigures[] = []
  for (const folder of folders) {
    shell.progress.show({ phase: `measuring ${folder}`, totalMs: durationMs, opsPerSecond: null })
    found.push(await probeFolder(folder, writes, durationMs ?? DURATION_MS, shell.signal))
  }
  shell.progress.end()
  const sameDevice = found.length < 2 ? null : new Set(found.map(({ device }) => device)).size === 1
  const document: DiskDocument = { schemaVersion: 1, command: 'disk', folders: found, sameDevice }
  shell.print(
    json === true
      ? `${JSON.stringify(document, null, 2)}\n`
      : disksText({ folders: found, sameDevice }, shell.terminal),
  )
  return EXIT.done
}
