import { ZktuneError } from '../kernel/errors.ts'
import type { Clock, Disk, Entropy, Host, Network, TlsServerOptions } from '../kernel/ports.ts'
import { Prng } from '../kernel/prng.ts'
import { Acceptor } from '../paxos/acceptor.ts'
import type { RecoveredState } from '../paxos/acceptor.ts'
import type { Entry, Slot } from '../paxos/entry.ts'
import { NO_SLOT } from '../paxos/entry.ts'
import { Learner } from '../paxos/learner.ts'
import type { QuorumSystem } from '../paxos/quorum.ts'
import { Replica } from '../paxos/replica.ts'
import { SnapshotStore } from '../storage/snapshot-store.ts'
import { openLog } from '../storage/write-ahead-log.ts'
import { DataTree } from '../tree/data-tree.ts'
import { AuditLog } from './audit-log.ts'
import { ClientListener } from './clients/client-listener.ts'
import { ClientSessions } from './clients/client-sessions.ts'
import { CORE_TICK_MS } from './replication/consensus-loop.ts'
import { AdminFacts } from './admin/admin-facts.ts'
import { FourLetterWords } from './admin/four-letter-words.ts'
import { ReplicationCounters } from './admin/replication-counters.ts'
import { PeerLinks } from './peers/peer-links.ts'
import { AckLatency } from './replication/ack-latency.ts'
import { quorumOf } from './replication/quorum-of.ts'
import { appendRecord, neededAfter, recoverReplica } from './replication/replica-log.ts'
import { ReplicatedServer } from './replication/replicated-server.ts'
import { ReplicationStatistics } from './admin/replication-statistics.ts'
import type { ServerMode } from './replication/replicated-service.ts'
import type { PeerAddress, ServerSettings } from './settings.ts'
import { loadNewest, SnapshotTransfer } from './replication/snapshot-transfer.ts'
import { Snapshotter } from './replication/snapshotter.ts'

/** Under dataDir and dataLogDir: everything of this engine lies in a folder of its own. */
export const STATE_FOLDER = 'zktune-1'
/** Where Apache ZooKeeper keeps its state. */
const APACHE_FOLDER = 'version-2'
/** Says that this server's empty folder belongs to a fresh ensemble, so that it may vote (storage.md). */
export const INITIALIZE_FLAG = 'initialize'

const RETRY_TICKS = 4
/** Room in a peer's frame for a batch of entries and the largest command beside it. */
const PEER_FRAME_EXTRA_BYTES = 4 * 1024 * 1024

export interface World {
  readonly clock: Clock
  readonly disk: Disk
  readonly network: Network
  readonly entropy: Entropy
  /** Absent where there is none to tell of: in the simulator. */
  readonly host?: Host
}

export interface ZooServerCallbacks {
  /** Listening for clients and peers. */
  readonly onListening: (ports: { readonly plain: number | null; readonly secure: number | null }) => void
  /** It began or ceased to serve clients. */
  readonly onServing: (isServing: boolean, mode: ServerMode) => void
  /** It cannot go on; `stop` it. */
  readonly onFatal: (error: Error) => void
  /** One line for the log. */
  readonly onNote: (note: string) => void
  /** Each applied entry, in slot order; null when nobody watches. */
  readonly onApplied: ((slot: Slot, entry: Entry) => void) | null
}

/** What a test may replace, to see that the checkers notice. */
export interface Parts {
  readonly makeAcceptor: (recovered: RecoveredState, isVoting: boolean) => Acceptor
  readonly makeLearner: (chosen: Slot) => Learner
  /** @param members ids of all, observers included */
  readonly quorum: (configured: QuorumSystem, members: readonly number[]) => QuorumSystem
}

const PARTS: Parts = {
  makeAcceptor: (recovered, isVoting) => new Acceptor(recovered, isVoting),
  makeLearner: (chosen) => new Learner(chosen),
  quorum: (configured) => configured,
}

/** One server of an ensemble, or a standalone one. */
export class ZooServer {
  /** What its administrators may ask. */
  readonly admin: AdminFacts
  readonly #settings: ServerSettings
  readonly #world: World
  readonly #callbacks: ZooServerCallbacks
  readonly #server: ReplicatedServer
  readonly #links: PeerLinks
  readonly #sessions: ClientSessions
  readonly #listener: ClientListener
  readonly #snapshotter: Snapshotter
  readonly #transfer: SnapshotTransfer
  readonly #closeLog: () => void
  readonly #audit: AuditLog | null
  #isStopped = false

  /**
   * Reads the disk (blocking) and brings the state up to what is known to be chosen. Nothing is sent before `start`.
   *
   * @throws ZktuneError ForeignData, DamagedFile, DiskFailed
   */
  constructor(settings: ServerSettings, world: World, callbacks: ZooServerCallbacks, parts = PARTS) {
    this.#settings = settings
    this.#world = world
    this.#callbacks = callbacks
    const { clock, disk, network, entropy } = world
    const { onNote } = callbacks
    const onFatal = (error: Error): void => this.#fail(error)
    refuseForeignData(disk, settings)

    const user = world.host?.properties.get('user.name') ?? 'unknown'
    this.#audit = settings.telemetry.isAudited ? new AuditLog(user, onNote) : null
    const seed = Buffer.alloc(10)
    entropy.fill(seed)
    const prng = new Prng(seed.readUIntBE(0, 6))
    const { storage } = settings
    if (!storage.createsFolders) refuseMissingFolders(disk, settings)
    const store = new SnapshotStore(disk, `${settings.dataDir}/${STATE_FOLDER}`, storage.snapshotCompression)
    const logFolder = `${settings.dataLogDir}/${STATE_FOLDER}`
    const { ackSampleEvery } = settings.telemetry
    const counters = new ReplicationCounters(ackSampleEvery === null ? null : new AckLatency(ackSampleEvery, clock))
    const startedMs = clock.nowMs()
    const { tree, slot } = loadNewest(store, () => new DataTree())
    const snapshotReadMs = clock.nowMs()
    const { log, records, report } = openLog(disk, {
      folder: logFolder,
      preallocBytes: storage.preAllocSizeBytes,
      salt: seed.readUInt32BE(6),
      isNeeded: neededAfter(slot),
      syncMode: storage.logSync,
      writesInFlight: storage.logWritesInFlight,
      pace: { delayMs: storage.flushDelayMs, pollMs: storage.writeQueuePollMs, batchMax: storage.batchSizeMax },
      clock,
      onSynced: (durationMs) => {
        counters.fsyncTime.add(durationMs)
        if (durationMs <= storage.fsyncWarningThresholdMs) return
        counters.slowSyncs++
        onNote(`a sync of the log in ${logFolder} took ${Math.round(durationMs)} ms: this slows every write down`)
      },
      onFailure: onFatal,
    })
    this.#closeLog = () => log.close()
    if (report.cut !== null) {
      const { path, offset, lastMark } = report.cut
      onNote(`cut the torn tail of ${path} at offset ${offset}; the log ends at slot ${lastMark}`)
    }

    const start = {
      snapshotMs: Math.round(snapshotReadMs - startedMs),
      logMs: Math.round(clock.nowMs() - snapshotReadMs),
      logRecords: records.length,
      snapshotZxid: slot === NO_SLOT ? null : tree.lastZxid,
    }
    for (const damaged of store.damaged) onNote(`passed over a damaged snapshot: ${damaged.reason}`)
    const self = selfAddress(settings)
    const members = settings.members.length === 0 ? [self] : settings.members
    const ids = members.map(({ id }) => id)
    const voters = members.filter(({ isObserver }) => !isObserver).map(({ id }) => id)
    // A server alone has nobody to take its state from.
    const mayLackState = storage.trustsEmpty && voters.length > 1
    const recovered = recoverReplica(records, slot, logFolder, mayLackState)
    if (recovered.lacksState) onNote('its snapshots are gone: it takes everything from a leader before it votes again')
    const isFresh = records.length === 0
    if (isFresh && settings.isInitial) this.#format(log, disk)
    const keepsLog = !self.isObserver || settings.peers.isObserverSynced
    // An observer, and a server alone, has no vote that it could have forgotten.
    const mayVote = recovered.hasVote || (isFresh && settings.isInitial) || self.isObserver || voters.length === 1
    const replica = new Replica({
      self: settings.id,
      members: ids,
      quorum: parts.quorum(quorumOf(settings.cluster.quorum, voters), ids),
      acceptor: parts.makeAcceptor(recovered, mayVote),
      learner: parts.makeLearner(recovered.chosenSlot),
      prng: prng.fork('election'),
      heartbeatTicks: Math.max(1, Math.floor(settings.cluster.tickTimeMs / 2 / CORE_TICK_MS)),
      patienceTicks: Math.ceil((settings.cluster.syncLimitTicks * settings.cluster.tickTimeMs) / CORE_TICK_MS),
      joinTicks: Math.ceil((settings.cluster.initLimitTicks * settings.cluster.tickTimeMs) / CORE_TICK_MS),
      retryTicks: RETRY_TICKS,
      catchUp: { learnersMax: settings.peers.logSyncsMax, forcesSnapshots: settings.peers.forcesSnapshots },
    })

    this.#links = new PeerLinks({
      self,
      peers: members.filter(({ id }) => id !== self.id),
      quorum: settings.cluster.quorum,
      settings: settings.peers,
      prng: prng.fork('links'),
      network,
      clock,
      frameBytesMax: 2 * settings.limits.juteMaxBufferBytes + PEER_FRAME_EXTRA_BYTES,
      onUp: (peer) => this.#server.onPeerUp(peer),
      onDown: (peer) => this.#server.onPeerDown(peer),
      onMessage: (peer, message) => this.#server.onPeerMessage(peer, message),
      onNote,
    })
    this.#snapshotter = new Snapshotter({
      store,
      log,
      replica,
      clock,
      prng: prng.fork('snapshot'),
      settings: storage,
      counters,
      keepsLog,
      onNote,
      onFatal,
    })
    this.#transfer = new SnapshotTransfer({
      store,
      links: this.#links,
      clock,
      sendingMax: settings.peers.snapshotSyncsMax,
      mayWait: (peer) => !voters.includes(peer),
      onInstalled: (installed, installedTree) => this.#server.onSnapshotInstalled(installed, installedTree),
      onFailed: () => this.#server.onSnapshotFailed(),
      onNote,
      onFatal,
    })
    this.#server = new ReplicatedServer({
      settings,
      clock,
      entropy,
      replica,
      log,
      links: this.#links,
      tree,
      appliedSlot: slot,
      snapshotter: this.#snapshotter,
      transfer: this.#transfer,
      counters,
      audit: this.#audit,
      keepsLog,
      onFatal,
      onNote,
      onServing: (isServing) => callbacks.onServing(isServing, this.#server.mode),
      onApplied: callbacks.onApplied,
    })
    this.#sessions = new ClientSessions({ service: this.#server, settings, clock, entropy, onNote, audit: this.#audit })
    this.#listener = new ClientListener(settings, this.#sessions)
    const figures = new ReplicationStatistics({
      settings,
      clock,
      links: this.#links,
      server: this.#server,
      snapshotter: this.#snapshotter,
      quotaReports: this.#server.quotaReports,
      counters,
      start,
    })
    this.admin = new AdminFacts({
      sessions: this.#sessions,
      figures,
      clock,
      disk,
      host: world.host ?? null,
      snapshotFolder: `${settings.dataDir}/${STATE_FOLDER}`,
      logFolder,
      handshakes: () => this.#listener.handshakes,
    })
    const words = new FourLetterWords(this.admin)
    this.#sessions.answerWordsWith((word, argument, asker) => words.answer(word, argument, asker))
  }

  get server(): ReplicatedServer {
    return this.#server
  }

  start(): void {
    const { onListening } = this.#callbacks
    this.#audit?.onServer('serverStart')
    const listenForClients = (): void => {
      this.#listener.listen(this.#world.network, (error) => {
        if (error !== null) return this.#fail(error)
        this.#sessions.start()
        this.#server.start(this.#sessions)
        onListening({ plain: this.#listener.port, secure: this.#listener.securePort })
      })
    }
    if (this.#settings.members.length === 0) return listenForClients()
    this.#links.start((error) => {
      if (error !== null) this.#fail(error)
      else listenForClients()
    })
  }

  /** New connections of clients get these keys and certificates. */
  setTls(tls: TlsServerOptions): void {
    this.#listener.setTls(tls)
  }

  /** Closes everything. What was acknowledged is on disk already. Twice is the same as once. */
  stop(onStopped: () => void): void {
    if (this.#isStopped) return onStopped()
    this.#isStopped = true
    this.#audit?.onServer('serverStop')
    this.#server.stop()
    this.#sessions.stop()
    this.#snapshotter.stop()
    this.#transfer.stop()
    this.#closeLog()
    this.#listener.close(() => this.#links.stop(onStopped))
  }

  /** From here on the folder is not empty, whatever happens: the flag has served. */
  #format(log: ReturnType<typeof openLog>['log'], disk: Disk): void {
    const flag = `${this.#settings.dataDir}/${INITIALIZE_FLAG}`
    appendRecord(log, { kind: 'vote' })
    log.commit(() => {
      if (!disk.exists(flag)) return
      disk.remove(flag)
      disk.syncFolder(this.#settings.dataDir)
    })
  }

  #fail(error: Error): void {
    if (!this.#isStopped) this.#callbacks.onFatal(error)
  }
}

function selfAddress(settings: ServerSettings): PeerAddress {
  const own = settings.members.find(({ id }) => id === settings.id)
  return own ?? { id: settings.id, host: '127.0.0.1', peerPort: 0, isObserver: false }
}

/** As with `datadir.autocreate=false`: a folder that is not there may be a device that is not mounted. */
function refuseMissingFolders(disk: Disk, settings: ServerSettings): void {
  for (const folder of new Set([settings.dataDir, settings.dataLogDir])) {
    if (disk.exists(folder)) continue
    throw new ZktuneError('DiskFailed', {
      where: folder,
      what: 'the folder is not there, and datadir.autocreate is false',
      mend: 'Mount the device that has it, or make it.',
    })
  }
}

function refuseForeignData(disk: Disk, settings: ServerSettings): void {
  for (const folder of new Set([settings.dataDir, settings.dataLogDir])) {
    if (!disk.exists(`${folder}/${APACHE_FOLDER}`)) continue
    throw new ZktuneError('ForeignData', {
      where: `${folder}/${APACHE_FOLDER}`,
      what: 'this is the data of an Apache ZooKeeper, which this engine neither reads nor changes',
      mend: 'Give the server a dataDir (and dataLogDir) of its own, or move the folder away.',
    })
  }
}
