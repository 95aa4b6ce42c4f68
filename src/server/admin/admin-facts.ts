import type { Clock, Disk, Host } from '../../kernel/ports.ts'
import type { ClientConnection } from '../clients/client-connection.ts'
import type { ClientSessions } from '../clients/client-sessions.ts'
import type { ServerSettings } from '../settings.ts'
import type { DigestEntry } from './digest-log.ts'
import type { Metric } from './metric.ts'
import type { ServerStatistics } from './server-statistics.ts'

/** The session ids that expire together, unless they are heard of before. */
export interface Expiry {
  /** Wall time, milliseconds since 1970. */
  readonly atMs: number
  readonly sessions: readonly { readonly high: number; readonly low: number }[]
}

/** What only the replicated side knows. */
export interface ReplicationFigures {
  /** Metrics of replication, log and snapshots. */
  metrics(): Iterable<Metric>
  /** Sizes of proposed commands in bytes, -1 each before the first; null on a server that does not lead. */
  proposalSizes(): { readonly last: number; readonly min: number; readonly max: number } | null
  /** Oldest first; null on a server that does not lead, for only the leader keeps the sessions' time. */
  expiries(): readonly Expiry[] | null
  digests(): readonly DigestEntry[]
  /** The newest snapshot that this process wrote, or began from: of that one the time is null. Null before the first. */
  lastSnapshot(): { readonly zxid: number; readonly wallMs: number | null } | null
  /** Server id of the leader; null while there is none. */
  leader(): number | null
  /** Counts start again. */
  reset(): void
}

export interface AdminFactsOptions {
  readonly sessions: ClientSessions
  readonly figures: ReplicationFigures
  readonly clock: Clock
  readonly disk: Pick<Disk, 'list' | 'sizeBytes'>
  /** Null where there is none to tell of: in the simulator. */
  readonly host: Host | null
  /** Folders with the snapshots and with the log. */
  readonly snapshotFolder: string
  readonly logFolder: string
}

const DEFAULT_TRACE_MASK = 306

/** One server's state as its administrators see it: asked by the four letter words, the AdminServer and Prometheus. */
export class AdminFacts {
  readonly sessions: ClientSessions
  readonly figures: ReplicationFigures
  readonly clock: Clock
  readonly host: Host | null
  readonly #disk: Pick<Disk, 'list' | 'sizeBytes'>
  readonly #snapshotFolder: string
  readonly #logFolder: string
  readonly #startedMs: number
  /** Kept for those who set and ask it; there is no trace log that it would steer. */
  traceMask = BigInt(DEFAULT_TRACE_MASK)

  constructor(options: AdminFactsOptions) {
    this.sessions = options.sessions
    this.figures = options.figures
    this.clock = options.clock
    this.host = options.host
    this.#disk = options.disk
    this.#snapshotFolder = options.snapshotFolder
    this.#logFolder = options.logFolder
    this.#startedMs = options.clock.nowMs()
  }

  get settings(): ServerSettings {
    return this.sessions.settings
  }

  get statistics(): ServerStatistics {
    return this.sessions.statistics
  }

  get isServing(): boolean {
    return this.sessions.service.isServing
  }

  /** A leader that takes no clients, too, and a server in read-only mode tell how they are. */
  get isAnswering(): boolean {
    const { service } = this.sessions
    return service.isServing || service.audience === 'readers'
  }

  get uptimeMs(): number {
    return Math.floor(this.clock.nowMs() - this.#startedMs)
  }

  /** Bytes of the snapshots on disk. */
  get dataDirSize(): number {
    return this.#sizeOf(this.#snapshotFolder, (name) => !isLogFile(name))
  }

  /** Bytes of the log on disk, preallocated ones included. */
  get logDirSize(): number {
    return this.#sizeOf(this.#logFolder, isLogFile)
  }

  connections(): ClientConnection[] {
    return [...this.sessions.connections()]
  }

  /** The four letter word srst. */
  resetStatistics(): void {
    this.statistics.reset()
    this.figures.reset()
  }

  /** The four letter word crst. */
  resetConnections(): void {
    for (const connection of this.sessions.connections()) connection.figures.reset()
  }

  #sizeOf(folder: string, counts: (name: string) => boolean): number {
    let sizeBytes = 0
    for (const name of this.#disk.list(folder)) if (counts(name)) sizeBytes += this.#fileSize(`${folder}/${name}`)
    return sizeBytes
  }

  /** A file may be purged between the listing and the question. */
  #fileSize(path: string): number {
    try {
      return this.#disk.sizeBytes(path)
    } catch {
      return 0
    }
  }
}

/** Snapshots and log may lie in one folder. */
function isLogFile(name: string): boolean {
  return name.startsWith('log.')
}
