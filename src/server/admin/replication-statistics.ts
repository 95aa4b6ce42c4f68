import type { Clock } from '../../kernel/ports.ts'
import type { PeerLinks } from '../peers/peer-links.ts'
import type { QuotaReports } from '../replication/quota-reports.ts'
import type { ReplicatedServer } from '../replication/replicated-server.ts'
import type { Snapshotter } from '../replication/snapshotter.ts'
import type { ServerSettings } from '../settings.ts'
import type { Expiry, LearnerFigures, ReplicationFigures } from './admin-facts.ts'
import type { DigestEntry } from './digest-log.ts'
import type { Metric } from './metric.ts'
import { counter, counterSet, gauge, summary, summarySet, text } from './metric.ts'
import type { ReplicationCounters, StartFigures } from './replication-counters.ts'
import { Summary } from './summary.ts'

export interface ReplicationStatisticsOptions {
  readonly settings: ServerSettings
  readonly clock: Clock
  readonly links: PeerLinks
  readonly server: ReplicatedServer
  readonly snapshotter: Snapshotter
  readonly quotaReports: QuotaReports
  readonly counters: ReplicationCounters
  readonly start: StartFigures
}

/** What administrators see of replication: read when somebody asks, counted nowhere but where it happens. */
export class ReplicationStatistics implements ReplicationFigures {
  readonly #options: ReplicationStatisticsOptions

  constructor(options: ReplicationStatisticsOptions) {
    this.#options = options
  }

  *metrics(): Iterable<Metric> {
    const { settings, counters, quotaReports } = this.#options
    if (settings.members.length > 0) {
      yield text('peer_state', this.#peerState())
      yield gauge('quorum_size', settings.members.filter((one) => !one.isObserver).length)
    }
    yield* this.#leading()
    yield counter('looking_count', counters.lookings)
    yield counter('proposal_count', counters.proposals)
    yield counter('commit_count', counters.commits)
    yield counter('stale_sessions_expired', counters.expiredSessions)
    yield counter('digest_mismatches_count', counters.divergences)
    yield counter('fsync_threshold_exceed_count', counters.slowSyncs)
    yield counter('snap_count', counters.sentSnapshots)
    yield counter('quota_exceeded_tolerated', quotaReports.toleratedCount)
    yield counterSet('quota_exceeded_error_per_namespace', quotaReports.refusedByNamespace)
    yield summary('election_time', counters.electionTime)
    yield summary('unavailable_time', counters.unavailableTime)
    yield summary('fsynctime', counters.fsyncTime)
    yield summary('snapshottime', counters.snapshotTime)
    yield summary('propagation_latency', counters.propagationLatency, 'advanced')
    if (counters.ackLatency !== null) yield summarySet('ack_latency', counters.ackLatency.byPeer)
    yield* this.#starting()
  }

  proposalSizes(): { readonly last: number; readonly min: number; readonly max: number } | null {
    return this.#options.server.leaderDuties?.proposalSizes ?? null
  }

  expiries(): readonly Expiry[] | null {
    const { server, clock } = this.#options
    const toWallMs = clock.wallMs() - clock.nowMs()
    const expiries = server.leaderDuties?.expiries() ?? null
    return expiries?.map(({ atMs, sessions }) => ({ atMs: Math.round(atMs + toWallMs), sessions })) ?? null
  }

  digests(): readonly DigestEntry[] {
    return this.#options.counters.digests.entries()
  }

  lastSnapshot(): { readonly zxid: number; readonly wallMs: number | null } | null {
    const { snapshotter, start } = this.#options
    if (snapshotter.last !== null) return snapshotter.last
    return start.snapshotZxid === null ? null : { zxid: start.snapshotZxid, wallMs: null }
  }

  learners(): readonly LearnerFigures[] {
    const { settings, links, server, clock } = this.#options
    if (server.leaderDuties === null) return []
    const toWallMs = clock.wallMs() - clock.nowMs()
    const synced = new Set(server.syncedPeers)
    return settings.members.flatMap(({ id, isObserver }) => {
      const link = links.figures(id)
      if (link === null) return []
      const { remoteHost, remotePort, sinceMs, received: packetsReceived, sent: packetsSent, bufferedBytes } = link
      const sinceWallMs = Math.round(sinceMs + toWallMs)
      const traffic = { packetsReceived, packetsSent, queuedBytes: bufferedBytes }
      return { id, isObserver, isSynced: synced.has(id), remoteHost, remotePort, sinceWallMs, ...traffic }
    })
  }

  resetObservers(): void {
    const { settings, links } = this.#options
    for (const { id, isObserver } of settings.members) if (isObserver) links.resetFigures(id)
  }

  leader(): number | null {
    return this.#options.server.leader
  }

  reset(): void {
    this.#options.counters.reset()
  }

  *#leading(): Iterable<Metric> {
    const { settings, server, clock } = this.#options
    const duties = server.leaderDuties
    if (duties === null) return
    const { last, min, max } = duties.proposalSizes
    if (settings.members.length > 0) {
      const learners = this.learners()
      const synced = learners.filter(({ isSynced }) => isSynced)
      yield gauge('learners', learners.length)
      yield gauge('synced_followers', synced.filter((one) => !one.isObserver).length)
      yield gauge('synced_non_voting_followers', 0)
      yield gauge('synced_observers', synced.filter((one) => one.isObserver).length)
      yield gauge('pending_syncs', server.pendingSyncs)
      yield gauge('leader_uptime', Math.floor(clock.nowMs() - duties.sinceMs))
    }
    yield gauge('last_proposal_size', last)
    yield gauge('max_proposal_size', max)
    yield gauge('min_proposal_size', min)
  }

  *#starting(): Iterable<Metric> {
    const { snapshotMs, logMs, logRecords } = this.#options.start
    yield summary('startup_snap_load_time', once(snapshotMs))
    yield summary('startup_txns_load_time', once(logMs))
    yield summary('startup_txns_loaded', once(logRecords))
    yield summary('dbinittime', once(snapshotMs + logMs))
  }

  /** In Apache's words. */
  #peerState(): string {
    const { server } = this.#options
    if (server.leader === null) return 'looking - election'
    const role = server.mode === 'leader' ? 'leading' : server.mode === 'observer' ? 'observing' : 'following'
    return `${role} - ${server.isServing ? 'broadcast' : 'synchronization'}`
  }
}

function once(value: number): Summary {
  const values = new Summary()
  values.add(value)
  return values
}
