import type { AckLatency } from '../replication/ack-latency.ts'
import { DigestLog } from './digest-log.ts'
import { Summary } from './summary.ts'

/** What one server counts of replication, its log and its snapshots: plain numbers, changed where it happens. */
export class ReplicationCounters {
  /** How often it began to look for a leader. */
  lookings = 0
  /** Commands that it proposed while it led. */
  proposals = 0
  /** Commands that it applied. */
  commits = 0
  /** Sessions that it closed, as the leader, because nothing was heard of them. */
  expiredSessions = 0
  /** Trees that differed from the leader's. */
  divergences = 0
  /** Snapshots that it sent to servers that were far behind. */
  sentSnapshots = 0
  /** Syncs of the log that took longer than `fsync.warningthresholdms`. */
  slowSyncs = 0
  /** From the loss of a leader to the next one found, ms. */
  electionTime = new Summary()
  /** From the end of serving clients to its next beginning, ms. */
  unavailableTime = new Summary()
  /** One write to the log and its sync, ms. */
  fsyncTime = new Summary()
  snapshotTime = new Summary()
  /** From the leader's stamp on a command to its being applied here, ms: by the wall clocks of the two. */
  propagationLatency = new Summary()
  /** Null: not measured. */
  readonly ackLatency: AckLatency | null
  readonly digests = new DigestLog()

  /** @param ackLatency null: nobody measures it */
  constructor(ackLatency: AckLatency | null = null) {
    this.ackLatency = ackLatency
  }

  /** The four letter word srst; digests are no statistics and stay. */
  reset(): void {
    this.lookings = 0
    this.proposals = 0
    this.commits = 0
    this.expiredSessions = 0
    this.divergences = 0
    this.sentSnapshots = 0
    this.slowSyncs = 0
    this.electionTime = new Summary()
    this.unavailableTime = new Summary()
    this.fsyncTime = new Summary()
    this.snapshotTime = new Summary()
    this.propagationLatency = new Summary()
    this.ackLatency?.reset()
  }
}

/** How long it took this process to read what was on disk. */
export interface StartFigures {
  readonly snapshotMs: number
  readonly logMs: number
  readonly logRecords: number
  /** The zxid of the snapshot that it began from; null when there was none. */
  readonly snapshotZxid: number | null
}
