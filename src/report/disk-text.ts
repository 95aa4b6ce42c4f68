/** What syncs cost, in words and as a table. */
import type { DiskFigures, DiskResult, SyncFigures } from '../measure/disk-probe.ts'
import { grouped, milliseconds, withinReach } from './figures.ts'
import type { Style } from './style.ts'
import { strong } from './style.ts'
import { plainTable } from './table.ts'

/** What `zktune disk` found, a folder each. */
export interface ProbedFolders {
  readonly folders: readonly DiskFigures[]
  /** Null for a single one. */
  readonly sameDevice: boolean | null
}

/** Of a run: a sync of its log, and what that allows. */
export function diskText({ log, data, sameDevice }: DiskResult): string {
  const apart = sameDevice === true ? ', on the device of the data' : ', on a device of its own'
  const ofData = data === null ? '' : `; data: ${syncText(data.alone)}`
  return `log${data === null ? '' : apart}: ${syncText(log.alone)}; ${ceilingText(log)}${ofData}`
}

/** `zktune disk`. Ends with a newline. */
export function disksText({ folders, sameDevice }: ProbedFolders, style: Style): string {
  const columns = ['writes', 'bytes', 'syncs/s', 'p50', 'p99', 'max'].map(
    (title) => ({ title, align: 'right' }) as const,
  )
  const row = (writes: number, { writeBytes, syncsPerSecond, syncUs }: SyncFigures): string[] => [
    grouped(writes),
    grouped(writeBytes),
    withinReach(syncsPerSecond, null),
    milliseconds(syncUs.p50),
    milliseconds(syncUs.p99),
    milliseconds(syncUs.max),
  ]
  const lines = folders.flatMap((disk) => [
    strong(`${disk.folder} (${disk.fileSystem ?? 'unknown file system'})`, style),
    plainTable(columns, [row(1, disk.alone), row(disk.grouped.writes, disk.grouped)], style),
    ceilingText(disk),
    ...(isMemory(disk) ? ['MEMORY: a sync there reaches no disk, and a power cut takes all of it'] : []),
    '',
  ])
  if (sameDevice !== null) lines.push(sameDevice ? SAME_DEVICE : 'They lie on different devices.', '')
  lines.push('writes: that share a sync; latencies of write and sync in ms. Next: zktune bench --log-dir DIR')
  return `${lines.join('\n')}\n`
}

const SAME_DEVICE = 'They lie on one device: a snapshot in the one slows the syncs of the other.'

function isMemory({ fileSystem }: DiskFigures): boolean {
  return fileSystem === 'tmpfs' || fileSystem === 'ramfs'
}

function syncText({ writeBytes, syncUs: { p50, p99, max } }: SyncFigures): string {
  const tail = p99 === null ? `at most ${milliseconds(max)}` : `p99 ${milliseconds(p99)}`
  return `a sync of ${grouped(writeBytes)} bytes p50 ${milliseconds(p50)}, ${tail} ms`
}

function ceilingText({ alone, grouped: { writes }, writesPerSecondMax }: DiskFigures): string {
  const lone = `at most ${withinReach(alone.syncsPerSecond, null)} writes/s one after the other`
  return writes === 1 ? lone : `${lone}, ${withinReach(writesPerSecondMax, null)} when ${writes} share a sync`
}
