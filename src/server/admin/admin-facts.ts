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

/** A server that follows this one, over a link that stands. */
export interface LearnerFigures {
  readonly id: number
  readonly isObserver: boolean
  /** It has taken over this leader's log, and gets what comes after. */
  readonly isSynced: boolean
  readonly remoteHost: string
  readonly remotePort: number
  /** When the link came up: wall time, milliseconds since 1970. */
  readonly sinceWallMs: number
  /** Messages over the link, since it came up or since the last reset. */
  readonly packetsReceived: number
  readonly packetsSent: number
  /** What it has not taken yet. */
  readonly queuedBytes: number
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
  /** Empty on a server that does not lead. */
  learners(): readonly LearnerFigures[]
  /** Counts start again. */
  reset(): void
  /** Those of the links to observers alone. */
  resetObservers(): void
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
  /** How many TLS handshakes are under way. */
  readonly handshakes: () => number
}

const DEFAULT_TRACE_MASK = 306

/** One server's state as its administrators see it: asked by the four letter words, the AdminServer and Prometheus. */
export class AdminFacts {
  readonly sessions: ClientSessions
  readonly figures: ReplicationFigures
  readonly clock: Clock
  readonly host: Host | null
  readonly #disk: Pick<Disk, 'list' | 'sizeBytes'>
  /** Where the snapshots, and the log, really lie. */
  readonly snapshotFolder: string
  readonly logFolder: string
  readonly #handshakes: () => number
  readonly #startedMs: number
  /** Kept for those who set and ask it; there is no trace log that it would steer. */
  traceMask = BigInt(DEFAULT_TRACE_MASK)

  constructor(options: AdminFactsOptions) {
    this.sessions = options.sessions
    this.figures = options.figures
    this.clock = options.clock
    this.host = options.host
    this.#disk = options.disk
    this.snapshotFolder = options.snapshotFolder
    this.logFolder = options.logFolder
    this.#handshakes = options.handshakes
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

  /** When the sessions that this server keeps by itself expire, soonest first; null where no server does that. */
  localExpiries(): readonly Expiry[] | null {
    const { members, sessions } = this.settings
    if (!sessions.localSessionsEnabled || members.length === 0) return null
    const toWallMs = this.clock.wallMs() - this.clock.nowMs()
    return this.sessions.localSessions
      .expiries()
      .map(({ atMs, sessions: expiring }) => ({ atMs: Math.round(atMs + toWallMs), sessions: expiring }))
  }

  /** Bytes of the snapshots on disk. */
  get dataDirSize(): number {
    return this.#sizeOf(this.snapshotFolder, (name) => !isLogFile(name))
  }

  /** Bytes of the log on disk, preallocated ones included. */
  get logDirSize(): number {
    return this.#sizeOf(this.logFolder, isLogFile)
  }

  /** TLS handshakes under way. */
  get handshakes(): number {
    return this.#handshakes()
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
