import type { DiskFigures } from '../../measure/disk-probe.ts'
import { syncMsOf } from '../space/disk-bounds.ts'
import { count, significant } from './markdown.ts'

/** What the probe of a folder says, as a clause. */
export function diskText(disk: DiskFigures): string {
  const { folder, fileSystem, grouped, writesPerSecondMax } = disk
  return (
    `a sync in ${folder}${fileSystem === null ? '' : ` (${fileSystem})`} takes ${significant(syncMsOf(disk), 2)} ms; ` +
    `with ${grouped.writes} writes to a sync it is at most ${count(writesPerSecondMax)} writes a second`
  )
}
