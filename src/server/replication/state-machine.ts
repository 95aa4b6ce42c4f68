import type { Clock } from '../../kernel/ports.ts'
import type { Entry, Slot } from '../../paxos/entry.ts'
import { commandTimeMs, sessionToClose } from '../../tree/command.ts'
import type { DataTree } from '../../tree/data-tree.ts'
import type { Outcome } from '../../tree/outcome.ts'
import type { ReplicationCounters } from '../admin/replication-counters.ts'
import type { AuditLog } from '../audit-log.ts'
import type { Divergence } from './digest-watch.ts'
import { DigestWatch } from './digest-watch.ts'

export interface StateMachineOptions {
  readonly tree: DataTree
  readonly clock: Clock
  readonly counters: ReplicationCounters
  /** Null: nobody keeps a log of changes. */
  readonly audit: AuditLog | null
  /** False: nobody asks whether the replicas are alike. */
  readonly comparesDigests: boolean
  /** This replica and its leader have applied the same, and are not the same. */
  readonly onDiverged: (divergence: Divergence) => void
}

/**
 * What a replica does with each chosen entry, whoever leads: the tree that it is applied to, what is counted and written
 * down of it, and the comparison of the result with the leader's.
 */
export class StateMachine {
  readonly #options: StateMachineOptions
  readonly #digests = new DigestWatch()
  #tree: DataTree
  /** The wall clock, read once a turn at most; 0 before the first reading of the turn. */
  #turnWallMs = 0

  constructor(options: StateMachineOptions) {
    this.#options = options
    this.#tree = options.tree
  }

  get tree(): DataTree {
    return this.#tree
  }

  /** @returns the same object each time; null for an entry without a command */
  apply(entry: Entry): Outcome | null {
    if (entry.kind === 'opening') {
      this.#tree.openEpoch()
      return null
    }
    const command = entry.payload as Buffer
    if (this.#options.audit !== null) this.#auditEnd(command, this.#options.audit)
    const outcome = this.#tree.apply(command)
    this.#count(command, outcome.zxid)
    return outcome
  }

  /** A snapshot takes the place of everything so far; the watches of this server's clients stay. */
  replace(tree: DataTree): void {
    tree.watches.onFired = this.#tree.watches.onFired
    this.#tree = tree
    this.#digests.reset()
    this.#options.counters.digests.reset()
  }

  /** To be called when `slot` was applied. @returns what a leader is to announce of it; null: nothing */
  digestDue(slot: Slot): number | null {
    if (!this.#options.comparesDigests || !this.#digests.isDue(slot)) return null
    const { digest } = this.#tree
    this.#tell(this.#digests.onApplied(slot, digest))
    return digest
  }

  /** @param applied through this slot the own tree is applied */
  onDigestAnnounced(slot: Slot, digest: number, applied: Slot): void {
    if (this.#options.comparesDigests) this.#tell(this.#digests.onAnnounced(slot, digest, applied))
  }

  /** What the leader announced is void: another one comes. */
  onLeaderLost(): void {
    this.#digests.forgetAnnounced()
  }

  endTurn(): void {
    this.#turnWallMs = 0
  }

  /** Which ephemeral znodes went with a session is not to be seen any more once it is applied. */
  #auditEnd(command: Buffer, audit: AuditLog): void {
    const ended = sessionToClose(command)
    const session = ended === null ? null : this.#tree.sessions.get(ended.high, ended.low)
    if (session !== null) audit.onSessionEnd(session)
  }

  /** How old the command is depends on two wall clocks: what would be below zero counts as nothing. */
  #count(command: Buffer, zxid: number): void {
    const { counters, clock, comparesDigests } = this.#options
    if (this.#turnWallMs === 0) this.#turnWallMs = clock.wallMs()
    counters.commits++
    counters.propagationLatency.add(Math.max(0, this.#turnWallMs - commandTimeMs(command)))
    if (comparesDigests && counters.digests.isDue(zxid)) counters.digests.add(zxid, this.#tree.digest)
  }

  #tell(divergence: Divergence | null): void {
    if (divergence === null) return
    this.#options.counters.divergences++
    this.#options.onDiverged(divergence)
  }
}
