/** What a disk says of the range of knobs, and of where to begin. */
import type { DiskFigures } from '../../measure/disk-probe.ts'
import type { Configuration } from './configuration-space.ts'
import type { KnobRange } from './knob-range.ts'
import type { SearchDimension, SearchSpace } from './search-space.ts'

/** They let a flush wait for company. */
const WAITS: readonly string[] = ['flushDelay', 'maxWriteQueuePollTime']
/** Beyond so many syncs a flush waits for nothing that the next one would not have. */
const SYNCS_MAX = 4
/** Of its time for a sync: a folder that is no faster than this by a probe is not worth a trial of its own. */
const FASTER = 0.8

/** What a lone sync takes there, in milliseconds. */
export function syncMsOf({ alone }: DiskFigures): number {
  return (alone.syncUs.p50 ?? 0) / 1_000
}

/**
 * Waits shorter than a sync gather no more than what comes while the one before is under way, so they are not drawn by chance; on a
 * slow disk longer ones are within reach. What the starting configuration has stays within.
 *
 * @param disks where the log may lie; none: nothing is known
 */
export function boundedByDisk(space: SearchSpace, disks: readonly DiskFigures[]): SearchSpace {
  if (disks.length === 0) return space
  // Where the search may choose the folder, the range has to suit each.
  const syncMs = Math.min(...disks.map(syncMsOf))
  const slowestMs = Math.max(...disks.map(syncMsOf))
  const dimensions = space.dimensions.map((dimension) =>
    WAITS.includes(dimension.key)
      ? { ...dimension, range: waiting(dimension, Math.ceil(syncMs), Math.ceil(SYNCS_MAX * slowestMs)) }
      : dimension,
  )
  return { ...space, dimensions }
}

function waiting({ range, start, fallback }: SearchDimension, least: number, most: number): KnobRange {
  if (range.kind !== 'whole') return range
  const { usual } = range
  // 0 lies beyond the range, and is its own text.
  const had = [start, fallback].map(Number).filter((value) => value > 0)
  const high = Math.max(usual.high, most)
  const low = Math.min(Math.max(usual.low, least), high)
  return {
    ...range,
    usual: { low, high },
    // Wider where the file is, as before.
    low: Math.min(low, ...had),
    high: Math.max(range.high, high),
  }
}

/** The start with its log in the folder that the probe finds clearly fastest; null: it is there, or nothing is clear. */
export function fasterLog(start: Configuration, disks: readonly DiskFigures[]): Configuration | null {
  const own = disks.find(({ folder }) => folder === start.get('dataLogDir'))
  const [fastest] = disks.toSorted((one, other) => syncMsOf(one) - syncMsOf(other))
  if (own === undefined || fastest === undefined || syncMsOf(fastest) >= FASTER * syncMsOf(own)) return null
  return new Map([...start, ['dataLogDir', fastest.folder]])
}
