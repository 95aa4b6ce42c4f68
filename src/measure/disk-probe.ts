/** What a sync costs in a folder, before any server runs: the floor under every write that waits for a disk. */
import { closeSync, fdatasyncSync, ftruncateSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { newOwner, writeOwner } from '../ensemble/run-owner.ts'
import { fileSystemType } from '../io/file-system-type.ts'
import { ZktuneError } from '../kernel/errors.ts'
import type { Workload } from '../profile/plan.ts'
import { LatencyHistogram, type LatencySummary } from '../stats/latency-histogram.ts'
import { isWrite } from './read-or-write.ts'

/** One way of writing: always so many bytes, then a sync. */
export interface SyncFigures {
  /** Written before each sync. */
  readonly writeBytes: number
  /** Write and fdatasync together, one after the other; microseconds. */
  readonly syncUs: LatencySummary
  /** One after the other. */
  readonly syncsPerSecond: number
}

/** A folder as the transaction log would use it: a file that is grown first, then written from its beginning on. */
export interface DiskFigures {
  readonly folder: string
  /** Null when it cannot be told. */
  readonly fileSystem: string | null
  /** Tells whether two folders lie on one device; says nothing else. */
  readonly device: number
  /** One write of the workload a sync: what a lone client waits for. */
  readonly alone: SyncFigures
  /** All writes that the workload has in flight share a sync: as good as it gets. */
  readonly grouped: SyncFigures & { readonly writes: number }
  /** What one server can make durable at most, by `grouped`. Servers that share the device share this, too. */
  readonly writesPerSecondMax: number
}

/** What the disks gave before a run. */
export interface DiskResult {
  /** Where the transaction log lies. */
  readonly log: DiskFigures
  /** Where the snapshots lie; null: in the folder of the log. */
  readonly data: DiskFigures | null
  /** Null: one folder. */
  readonly sameDevice: boolean | null
}

/** What is written in a probe. */
export interface ProbedWrites {
  /** Of one write. */
  readonly bytes: number
  /** That may share a sync. */
  readonly inFlight: number
}

/** Beside the value: the headers of the record and the request, the path. */
export const RECORD_OVERHEAD_BYTES = 128
const GROUP_BYTES_MAX = 4 * 2 ** 20
/** As far as the file is grown at once: a server's preAllocSize. */
const GROWN_BYTES = 64 * 2 ** 20
/** How long the event loop may be kept from a signal. */
const BLOCKED_MAX_MS = 20
/** However slow the disk is, it is asked so often. */
const SYNCS_MIN = 3

/** The writes of a workload: their mean size as a log has them, and how many of the requests in flight they are. */
export function writesOf({ mix, sessions, inFlight, shape }: Workload): ProbedWrites {
  const weights = shape.valueSizes.reduce((sum, { weight }) => sum + weight, 0)
  const valueBytes = shape.valueSizes.reduce((sum, { weight, minBytes, maxBytes }) => {
    return sum + ((weight / weights) * (minBytes + maxBytes)) / 2
  }, 0)
  const kinds = Object.entries(mix) as [keyof typeof mix, number][]
  const all = kinds.reduce((sum, [, weight]) => sum + weight, 0)
  const writing = kinds.reduce((sum, [kind, weight]) => sum + (isWrite(kind) ? weight : 0), 0)
  return {
    bytes: Math.round(valueBytes) + RECORD_OVERHEAD_BYTES,
    inFlight: Math.max(1, Math.round((sessions * inFlight * writing) / all)),
  }
}

/**
 * Measures a folder, in a file of its own that is removed again.
 *
 * @param durationMs in all; a disk that takes longer for the fewest syncs is waited for
 * @throws ZktuneError DiskFailed; Interrupted when `signal` is aborted
 */
export async function probeFolder(
  folder: string,
  { bytes, inFlight }: ProbedWrites,
  durationMs: number,
  signal: AbortSignal | null = null,
): Promise<DiskFigures> {
  const path = resolve(folder)
  const writes = Math.max(1, Math.min(inFlight, Math.floor(GROUP_BYTES_MAX / bytes)))
  const own = attempt(path, () => mkdtempSync(join(path, 'zktune-probe-')))
  try {
    attempt(path, () => writeOwner(newOwner([own], false)))
    const file = attempt(path, () => new ProbeFile(join(own, 'log')))
    try {
      const alone = await syncsOf(path, file, bytes, durationMs / 2, signal)
      const together = await syncsOf(path, file, bytes * writes, durationMs / 2, signal)
      return {
        folder: path,
        fileSystem: fileSystemType(path),
        device: statSync(path).dev,
        alone,
        grouped: { ...together, writes },
        writesPerSecondMax: together.syncsPerSecond * writes,
      }
    } finally {
      file.close()
    }
  } finally {
    rmSync(own, { recursive: true, force: true })
  }
}

/**
 * Both folders of a server. @param logFolder null: with the data
 *
 * @throws ZktuneError DiskFailed; Interrupted when `signal` is aborted
 */
export async function probeDisks(
  { dataFolder, logFolder }: { readonly dataFolder: string; readonly logFolder: string | null },
  writes: ProbedWrites,
  durationMs: number,
  signal: AbortSignal | null = null,
): Promise<DiskResult> {
  if (logFolder === null || resolve(logFolder) === resolve(dataFolder)) {
    return { log: await probeFolder(dataFolder, writes, durationMs, signal), data: null, sameDevice: null }
  }
  const log = await probeFolder(logFolder, writes, durationMs / 2, signal)
  const data = await probeFolder(dataFolder, writes, durationMs / 2, signal)
  return { log, data, sameDevice: log.device === data.device }
}

/** Written from its beginning on, and grown before that, as a transaction log is. */
class ProbeFile {
  readonly #fd: number
  #at = GROWN_BYTES

  constructor(path: string) {
    this.#fd = openSync(path, 'w', 0o600)
  }

  /** @returns how long it took, in milliseconds */
  writeAndSync(bytes: Uint8Array): number {
    if (this.#at + bytes.length > GROWN_BYTES) {
      ftruncateSync(this.#fd, 0)
      ftruncateSync(this.#fd, GROWN_BYTES)
      fdatasyncSync(this.#fd)
      this.#at = 0
    }
    const startMs = performance.now()
    for (let written = 0; written < bytes.length;) {
      written += writeSync(this.#fd, bytes, written, bytes.length - written, this.#at + written)
    }
    fdatasyncSync(this.#fd)
    this.#at += bytes.length
    return performance.now() - startMs
  }

  close(): void {
    closeSync(this.#fd)
  }
}

/** Blocks, a little at a time: nothing else is measured meanwhile, and a thread in between would be in the figure. */
async function syncsOf(
  where: string,
  file: ProbeFile,
  writeBytes: number,
  durationMs: number,
  signal: AbortSignal | null,
): Promise<SyncFigures> {
  // Not zeroes: there are devices that write nothing for these.
  const bytes = Buffer.alloc(writeBytes, 'zktune probes the disk ')
  attempt(where, () => file.writeAndSync(bytes)) // the first one makes the file durable, too
  const latency = new LatencyHistogram()
  const endMs = performance.now() + durationMs
  let sumMs = 0
  let turnMs = performance.now()
  while (latency.count < SYNCS_MIN || performance.now() < endMs) {
    const tookMs = attempt(where, () => file.writeAndSync(bytes))
    latency.record(tookMs * 1_000)
    sumMs += tookMs
    if (performance.now() - turnMs < BLOCKED_MAX_MS) continue
    await new Promise((resolveTurn) => setImmediate(resolveTurn))
    if (signal?.aborted === true) throw interrupted(where)
    turnMs = performance.now()
  }
  return { writeBytes, syncUs: latency.summary(), syncsPerSecond: (latency.count * 1_000) / Math.max(sumMs, 1e-3) }
}

function interrupted(where: string): ZktuneError {
  return new ZktuneError('Interrupted', {
    where,
    what: 'measuring its disk was interrupted',
    mend: 'Nothing is left behind; start it again.',
  })
}

function attempt<T>(where: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new ZktuneError('DiskFailed', {
      where,
      what: `its disk cannot be measured: ${error instanceof Error ? error.message : String(error)}`,
      mend: 'Name a folder that exists, that you may write to, and that has 64 MiB of room.',
      cause: error,
    })
  }
}
