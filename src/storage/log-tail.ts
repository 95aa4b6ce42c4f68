import type { Disk, OpenFile } from '../kernel/ports.ts'
import { LogGroup } from './log-group.ts'
import type { Segment } from './log-segment.ts'

/** Where writing goes on. */
export interface LogTail {
  readonly file: OpenFile
  /** Offset of the next group. */
  readonly end: number
  /** The file's length. */
  readonly allocatedBytes: number
}

export interface TailFacts {
  /** Before this, everything is known to have been synced. */
  readonly provenEnd: number
  /** Where the kept part ends. */
  readonly end: number
  readonly sizeBytes: number
  /** What is behind the end is torn: cut it and mark the place. Null when nothing is there. */
  readonly marker: { readonly group: number; readonly keptGroup: number } | null
}

const CHUNK_BYTES = 1024 * 1024

/**
 * Makes durable what was read, so that the server may vouch for it: after a kill the bytes may have been read from the
 * operating system's cache only. They are written once more, not just synced: a sync that failed may have left the
 * cache's pages marked as clean (Rebello et al., *Can Applications Recover from fsync Failures?*, ATC 2020).
 */
export function openTail(disk: Disk, segment: Segment, facts: TailFacts): LogTail {
  const file = disk.open(segment.path)
  if (facts.marker !== null) file.resizeNow(facts.end)
  let at = facts.provenEnd
  do {
    const bytes = disk.read(segment.path, at, Math.min(CHUNK_BYTES, facts.end - at))
    file.writeAndSyncNow(bytes, at)
    at += bytes.length
  } while (at < facts.end)
  if (facts.marker === null) return { file, end: facts.end, allocatedBytes: facts.sizeBytes }

  const group = new LogGroup()
  group.reset(facts.marker.group, segment.salt, true)
  group.addStart({ previousGroup: facts.marker.keptGroup, previousEnd: facts.end, preambleCount: 0 })
  group.seal()
  file.writeAndSyncNow(group.bytes, facts.end)
  const end = facts.end + group.size
  return { file, end, allocatedBytes: end }
}
