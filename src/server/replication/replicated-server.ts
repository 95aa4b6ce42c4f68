import { unreachable } from '../../kernel/assert.ts'
import type { Clock, Entropy } from '../../kernel/ports.ts'
import type { Ballot } from '../../paxos/ballot.ts'
import { ballotText } from '../../paxos/ballot.ts'
import type { ReplicaEvent } from '../../paxos/effects.ts'
import type { Entry, Slot } from '../../paxos/entry.ts'
import type { Replica } from '../../paxos/replica.ts'
import type { WriteAheadLog } from '../../storage/write-ahead-log.ts'
import type { DataTree } from '../../tree/data-tree.ts'
import { Availability } from './availability.ts'
import { ConsensusLoop } from './consensus-loop.ts'
import type { Divergence } from './digest-watch.ts'
import { ForwardedWrites } from './forwarded-writes.ts'
import type { AuditLog } from '../audit-log.ts'
import type { ReplicationCounters } from '../admin/replication-counters.ts'
import { LeaderDuties, type LeaderDutiesOptions } from './leader-duties.ts'
import { trimThrough } from './log-retention.ts'
import type { PeerLinks } from '../peers/peer-links.ts'
import type { PeerMessage } from '../peers/peer-message.ts'
import type { AttachRequest, Audience, ClientSide, ReplicatedService, ServerMode } from './replicated-service.ts'
import { QuotaReports } from './quota-reports.ts'
import type { ServerSettings } from '../settings.ts'
import type { SnapshotTransfer } from './snapshot-transfer.ts'
import type { Snapshotter } from './snapshotter.ts'
import { Following, Leading, Looking, type Standing } from './standing.ts'
import { StateMachine } from './state-machine.ts'
import { SyncRounds } from './sync-rounds.ts'
import { TouchedSessions } from './touched-sessions.ts'

export interface ReplicatedServerOptions {
  readonly settings: ServerSettings
  readonly clock: Clock
  readonly entropy: Entropy
  readonly replica: Replica
  readonly log: WriteAheadLog
  readonly links: PeerLinks
  readonly tree: DataTree
  /** The slot through which `tree` is applied. */
  readonly appliedSlot: Slot
  readonly snapshotter: Snapshotter
  readonly transfer: SnapshotTransfer
  readonly counters: ReplicationCounters
  /** Null: nobody keeps a log of changes. */
  readonly audit: AuditLog | null
  /** False: an observer that writes nothing of what it learns. */
  readonly keepsLog: boolean
  /** Something that must not be has happened: the server stops. */
  readonly onFatal: (error: Error) => void
  readonly onNote: (note: string) => void
  readonly onServing: (isServing: boolean) => void
  /** Each applied entry, for those who watch a replica from outside (the simulator's checkers). */
  readonly onApplied: ((slot: Slot, entry: Entry) => void) | null
}

/**
 * Where consensus, tree and clients meet: client writes go to the leader, chosen commands go into the tree, outcomes go
 * back to the clients; and, while this server leads, its duties as a leader.
 */
export class ReplicatedServer implements ReplicatedService {
  readonly #options: ReplicatedServerOptions
  readonly #self: number
  readonly #clock: Clock
  readonly #links: PeerLinks
  readonly #replica: Replica
  readonly #loop: ConsensusLoop
  readonly #machine: StateMachine
  #clients: ClientSide | null = null
  readonly #looking = new Looking()
  #standing: Standing = this.#looking
  readonly #availability: Availability
  #lastRequestNumber: number
  readonly #forwarded = new ForwardedWrites()
  readonly #touched: TouchedSessions
  readonly #syncs = new SyncRounds()
  readonly #quotas: QuotaReports

  constructor(options: ReplicatedServerOptions) {
    this.#options = options
    this.#self = options.settings.id
    this.#clock = options.clock
    this.#links = options.links
    this.#replica = options.replica
    this.#machine = new StateMachine({
      tree: options.tree,
      clock: options.clock,
      counters: options.counters,
      audit: options.audit,
      comparesDigests: options.settings.tree.digestEnabled,
      onDiverged: (divergence) => this.#onDiverged(divergence),
    })
    this.#quotas = new QuotaReports(options.clock, options.onNote)
    this.#touched = new TouchedSessions(options.settings.cluster.tickTimeMs / 4)
    this.#availability = new Availability({
      settings: options.settings.cluster,
      clock: options.clock,
      electionTime: options.counters.electionTime,
      unavailableTime: options.counters.unavailableTime,
      onServing: options.onServing,
      onAudienceGone: () => {
        this.#looking.forget()
        this.#clients?.onStopServing()
      },
    })
    const start = Buffer.alloc(6)
    options.entropy.fill(start)
    this.#lastRequestNumber = start.readUIntBE(0, 6) * 8 + 1
    this.#loop = new ConsensusLoop({
      self: this.#self,
      replica: options.replica,
      log: options.log,
      clock: options.clock,
      keepsLog: options.keepsLog,
      forceSync: options.settings.storage.forceSync,
      batchSizeMax: options.settings.storage.batchSizeMax,
      appliedSlot: options.appliedSlot,
      send: (to, message) => options.links.send(to, message),
      flush: () => options.links.flush(),
      onEvent: (event) => this.#onEvent(event),
      onChosen: (slot, entry) => this.#onChosen(slot, entry),
      onTurnEnd: () => this.#onTurnEnd(),
    })
  }

  /** @param clients is told from here on */
  start(clients: ClientSide): void {
    this.#clients = clients
    this.#loop.start()
    this.#availability.start()
  }

  stop(): void {
    this.#loop.stop()
    this.#endStanding()
    this.#availability.stop()
  }

  // --- what clients' connections ask ---

  get tree(): DataTree {
    return this.#machine.tree
  }

  get isServing(): boolean {
    return this.#availability.isServing
  }

  get audience(): Audience {
    return this.#availability.audience
  }

  get appliedSlot(): Slot {
    return this.#loop.appliedSlot
  }

  /** For the report of an operator: what the core says it is. */
  get state(): Replica['state'] {
    return this.#replica.state
  }

  /** Server id; null while this server knows of none. */
  get leader(): number | null {
    return this.#standing.leader
  }

  /** Of clients, and of followers for theirs: the quorum round is under way. */
  get pendingSyncs(): number {
    return this.#syncs.underWayCount
  }

  /** Of a leader: ids of those that have taken over its log. */
  get syncedPeers(): readonly number[] {
    return this.#replica.syncedPeers
  }

  get leaderDuties(): LeaderDuties | null {
    return this.#standing.state === 'leading' ? this.#standing.duties : null
  }

  /** What this server has told, while it led, of exceeded quotas. */
  get quotaReports(): QuotaReports {
    return this.#quotas
  }

  get mode(): ServerMode {
    const { id, members } = this.#options.settings
    if (members.length === 0) return 'standalone'
    if (this.#availability.audience === 'readers') return 'read-only'
    if (this.#standing.state === 'leading') return 'leader'
    return members.find((member) => member.id === id)?.isObserver === true ? 'observer' : 'follower'
  }

  nextRequestNumber(): number {
    return ++this.#lastRequestNumber
  }

  submit(command: Buffer): void {
    this.#loop.dueTurn()
    this.#standing.submit(command)
  }

  sync(requestNumber: number): void {
    this.#loop.dueTurn()
    this.#standing.sync(requestNumber)
  }

  attach(request: AttachRequest): void {
    this.#loop.dueTurn()
    this.#standing.attach(request)
  }

  touch(high: number, low: number): void {
    this.#touched.touch(high, low, this.#clock.nowMs())
  }

  // --- what peers send ---

  onPeerUp(peer: number): void {
    this.#forwarded.onLinkChanged(peer)
    this.#loop.offer({ kind: 'connected', peer })
  }

  onPeerDown(peer: number): void {
    this.#forwarded.onLinkChanged(peer)
    this.#options.transfer.onPeerDown(peer)
    this.#loop.offer({ kind: 'disconnected', peer })
  }

  onPeerMessage(from: number, message: PeerMessage): void {
    switch (message.kind) {
      case 'hello':
        return this.#links.cut(from, 'a second hello')
      case 'forward':
        return this.#leadingIn(message.ballot)?.onForward(from, message)
      case 'refused':
        return this.#clients?.onRefused(message.requestNumber, message.refusal)
      case 'syncAsked':
        return this.#leadingIn(message.ballot)?.onSyncAsked(from, message.requestNumber)
      case 'syncDone':
        return this.#onSyncDone(message.slot, message.requestNumber)
      case 'attachAsked':
        return this.#leadingIn(message.ballot)?.onAttachAsked(from, message.request)
      case 'attachDone':
        return this.#clients?.onAttached(message.requestNumber, message.grant)
      case 'touches':
        return this.leaderDuties?.touch(message.sessions)
      case 'sessionReport':
        return this.#leadingIn(message.ballot)?.duties.report(from, message.sessions)
      case 'snapshotWanted':
        return this.#sendSnapshot(from)
      case 'snapshotPart':
        return this.#options.transfer.onPart(from, message)
      case 'snapshotTaken':
        return this.#options.transfer.onTaken(from, message)
      case 'digest':
        return this.#machine.onDigestAnnounced(message.slot, message.digest, this.#loop.appliedSlot)
      default:
        if (message.kind === 'accepted') this.#onAccepted(from, message.slot)
        this.#loop.offer({ kind: 'message', from, message })
    }
  }

  #onAccepted(from: number, slot: Slot): void {
    if (this.#standing.state !== 'leading') return
    this.#options.counters.ackLatency?.onAccepted(from, slot)
  }

  /** A snapshot that a peer sent is on disk and loaded. */
  onSnapshotInstalled(slot: Slot, tree: DataTree): void {
    if (slot <= this.#loop.appliedSlot) {
      // It applied past the snapshot while that was under way.
      this.#loop.offer({ kind: 'snapshotInstalled', slot: this.#loop.appliedSlot })
      return
    }
    // Watches and the like belong to the old tree, and whoever read from it was far behind.
    this.#clients?.onStopServing()
    this.#machine.replace(tree)
    this.#options.snapshotter.onInstalled(slot)
    this.#loop.onSnapshotInstalled(slot)
  }

  onSnapshotFailed(): void {
    this.#loop.offer({ kind: 'snapshotFailed' })
  }

  /** Null: it does not lead that ballot. */
  #leadingIn(ballot: Ballot): Leading | null {
    return this.#standing.state === 'leading' && this.#standing.duties.ballot === ballot ? this.#standing : null
  }

  // --- leading and following ---

  #onEvent(event: ReplicaEvent): void {
    switch (event.kind) {
      case 'leading':
        return this.#onLeading(event.ballot, event.openingSlot)
      case 'following':
        return this.#onFollowing(event.leader, event.ballot, event.serveFrom)
      case 'looking':
        return this.#onLooking(event.reason)
      case 'needsSnapshot':
        this.#links.send(event.from, { kind: 'snapshotWanted' })
        return
      case 'sendSnapshot':
        return this.#sendSnapshot(event.to)
      case 'syncReady':
        return this.#onSyncReady(event.token, event.slot)
      default:
        unreachable(event, 'ReplicatedServer.onEvent')
    }
  }

  #sendSnapshot(to: number): void {
    this.#options.transfer.send(to, () => {
      this.#options.counters.sentSnapshots++
      return { tree: this.tree, slot: this.#loop.appliedSlot }
    })
  }

  #onLeading(ballot: Ballot, openingSlot: Slot): void {
    this.#options.onNote(`leads ballot ${ballotText(ballot)}, opening at slot ${openingSlot}`)
    this.#stand(
      new Leading({
        self: this.#self,
        serveFrom: openingSlot,
        clock: this.#clock,
        links: this.#links,
        loop: this.#loop,
        forwarded: this.#forwarded,
        syncs: this.#syncs,
        clients: this.#clients,
        dutiesWith: (refuse) => this.#dutiesIn(ballot, refuse),
      }),
    )
  }

  #dutiesIn(ballot: Ballot, refuse: LeaderDutiesOptions['refuse']): LeaderDuties {
    const { settings, counters, onNote } = this.#options
    return new LeaderDuties({
      self: this.#self,
      ballot,
      tickTimeMs: settings.cluster.tickTimeMs,
      treeSettings: settings.tree,
      membersText: settings.membersText,
      onNote,
      clock: this.#clock,
      tree: () => this.tree,
      counters,
      provenMs: () => this.#replica.provenMs,
      propose: (command) => {
        this.#loop.offer({ kind: 'propose', payload: command })
        counters.ackLatency?.onProposed(this.#replica.log.end)
      },
      refuse,
    })
  }

  #onFollowing(leader: number, ballot: Ballot, serveFrom: Slot): void {
    this.#options.onNote(`follows server ${leader} in ballot ${ballotText(ballot)}`)
    const options = { leader, ballot, serveFrom, links: this.#links, forwarded: this.#forwarded }
    this.#stand(new Following(options, this.#clients?.attachedSessions() ?? []))
  }

  #stand(found: Following | Leading): void {
    this.#standing = found
    this.#availability.onLeaderFound(found.state === 'leading')
    this.#looking.askAgain(found)
    this.#loop.dueTurn()
  }

  #onLooking(reason: string): void {
    const { onNote, counters } = this.#options
    if (this.#standing.state !== 'looking') onNote(`looks for a leader: ${reason}`)
    const wasLeading = this.#standing.state === 'leading'
    this.#endStanding()
    if (this.#availability.onLooking()) counters.lookings++
    // A leader that was deposed may have answered for what it no longer knows: all its clients go.
    if (wasLeading) this.#clients?.onStopServing()
    else this.#clients?.onLeaderLost()
  }

  #endStanding(): void {
    if (this.#standing.state === 'leading') this.#standing.duties.stop()
    this.#looking.forget()
    this.#standing = this.#looking
    this.#options.counters.ackLatency?.forgetSample()
    this.#forwarded.forgetReceived()
    this.#syncs.forgetAll()
    this.#machine.onLeaderLost()
  }

  #onSyncReady(token: number, slot: Slot): void {
    const asked = this.#syncs.end(token)
    if (asked === null) return
    const { replica, requestNumber } = asked
    if (replica === this.#self) this.#onSyncDone(slot, requestNumber)
    else this.#links.send(replica, { kind: 'syncDone', requestNumber, slot })
    this.#loop.dueTurn()
  }

  #onSyncDone(slot: Slot, requestNumber: number): void {
    this.#syncs.awaitSlot(slot, requestNumber)
    this.#loop.dueTurn()
  }

  // --- applying ---

  #onChosen(slot: Slot, entry: Entry): void {
    const outcome = this.#machine.apply(entry)
    if (outcome !== null) {
      this.leaderDuties?.onApplied(outcome)
      if (outcome.quotaExcess !== null && this.#standing.state === 'leading') this.#quotas.onExcess(outcome.quotaExcess)
      this.#clients?.onApplied(outcome)
    }
    this.#options.onApplied?.(slot, entry)
    this.#options.snapshotter.onApplied(slot, this.tree)
    const digest = this.#machine.digestDue(slot)
    if (digest !== null) this.#announceDigest(slot, digest)
    if (slot === this.#standing.serveFrom) this.#onCaughtUp()
  }

  #onCaughtUp(): void {
    this.leaderDuties?.open()
    this.#availability.onCaughtUp()
  }

  #onTurnEnd(): void {
    this.#machine.endTurn()
    const applied = this.#loop.appliedSlot
    const standing = this.#standing
    // A follower that had applied everything when it joined has nothing to wait for.
    if (standing.state === 'following' && applied >= standing.serveFrom) this.#availability.onCaughtUp()
    this.#syncs.onApplied(applied, (requestNumber) => this.#clients?.onSynced(requestNumber))
    this.#clients?.onBatchEnd()
    const touched = this.#touched.takeDue(this.#clock.nowMs())
    if (touched !== null) this.#standing.touch(touched)
    this.#availability.onTurnEnd()
    this.#trimLog(applied)
    this.#links.flush()
  }

  #trimLog(applied: Slot): void {
    const { transfer, snapshotter, settings } = this.#options
    const state = {
      applied,
      oldestNeeded: transfer.oldestNeededSlot,
      newestSnapshotBytes: snapshotter.newestSizeBytes,
    }
    const through = trimThrough(this.#replica.log, state, settings.storage)
    if (through !== null) this.#replica.trim(through)
  }

  #announceDigest(slot: Slot, digest: number): void {
    if (this.#standing.state !== 'leading') return
    for (const { id } of this.#options.settings.members) {
      if (id !== this.#self) this.#links.send(id, { kind: 'digest', slot, digest })
    }
  }

  #onDiverged({ slot, own, leaders }: Divergence): void {
    const where = this.#standing.state === 'following' ? `server ${this.#standing.leader}, its leader,` : 'its leader'
    this.#options.onFatal(
      new Error(
        `after slot ${slot} this server's tree has the digest ${own.toString(16)}, and ${where} has ` +
          `${leaders.toString(16)}: it stops, so that no client reads a state that differs`,
      ),
    )
  }
}
