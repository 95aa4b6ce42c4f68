import type { WriteAheadLog } from '../../storage/write-ahead-log.ts'
import type { ReplicationFigures } from './four-letter-words.ts'
import type { LeaderDuties } from '../replication/leader-duties.ts'
import type { PeerLinks } from '../peers/peer-links.ts'
import type { QuotaReports } from '../replication/quota-reports.ts'
import type { ServerSettings } from '../settings.ts'
import type { Snapshotter } from '../replication/snapshotter.ts'

export interface ReplicationStatisticsOptions {
  readonly settings: ServerSettings
  readonly links: PeerLinks
  readonly log: WriteAheadLog
  readonly snapshotter: Snapshotter
  readonly leaderDuties: () => LeaderDuties | null
  readonly quotaReports: QuotaReports
}

/** What `mntr` and `srvr` show of replication: read when somebody asks, counted nowhere but where it happens. */
export class ReplicationStatistics implements ReplicationFigures {
  readonly #options: ReplicationStatisticsOptions

  constructor(options: ReplicationStatisticsOptions) {
    this.#options = options
  }

  *gauges(): Iterable<readonly [name: string, value: number | string]> {
    const { settings, links, log, snapshotter, leaderDuties, quotaReports } = this.#options
    if (settings.members.length > 0) yield ['quorum_size', settings.members.filter((one) => !one.isObserver).length]
    if (leaderDuties() !== null && settings.members.length > 0) {
      const up = settings.members.filter(({ id }) => id !== settings.id && links.isUp(id))
      yield ['learners', up.length]
      yield ['synced_followers', up.filter((one) => !one.isObserver).length]
      yield ['synced_observers', up.filter((one) => one.isObserver).length]
    }
    yield ['cnt_fsynctime', log.syncCount]
    yield ['max_fsynctime', Math.round(log.maxSyncMs)]
    yield ['cnt_snapshottime', snapshotter.count]
    yield ['quota_exceeded_tolerated', quotaReports.toleratedCount]
    for (const [namespace, count] of quotaReports.refusedByNamespace) {
      yield [`${namespace}_quota_exceeded_error_per_namespace`, count]
    }
  }

  proposalSizes(): { readonly last: number; readonly min: number; readonly max: number } | null {
    return this.#options.leaderDuties()?.proposalSizes ?? null
  }
}
