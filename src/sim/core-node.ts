import type { Timer } from '../kernel/ports.ts'
import type { Prng } from '../kernel/prng.ts'
import { Acceptor, type RecoveredState } from '../paxos/acceptor.ts'
import type { Ballot, ReplicaId } from '../paxos/ballot.ts'
import { Effects, type Envelope, type PersistRecord, type ReplicaEvent } from '../paxos/effects.ts'
import { slotOf, type Entry, type Slot } from '../paxos/entry.ts'
import { Learner } from '../paxos/learner.ts'
import type { Message } from '../paxos/message.ts'
import { bitOf, type QuorumSystem } from '../paxos/quorum.ts'
import { Replica, type Input } from '../paxos/replica.ts'
import { EMPTY_STATE, stateAfter, type CoreDisk, type CoreSnapshot } from './core-disk.ts'
import type { SimProcess } from './sim-process.ts'

/** Where a mistake can be planted; `HONEST` makes none. */
export interface CoreParts {
  makeAcceptor(recovered: RecoveredState, isVoting: boolean): Acceptor
  makeLearner(chosenSlot: Slot): Learner
  /** False: the record is lost on its way to the disk. */
  keeps(record: PersistRecord): boolean
  /** False: messages leave before the sync that makes them true. */
  readonly waitsForSync: boolean
  /** What the nodes take for quorums; the world judges by its own. */
  quorum(honest: QuorumSystem, members: readonly ReplicaId[]): QuorumSystem
  /** Sees each message before its receiver does. @returns what the receiver gets, null for nothing */
  onDelivery(world: CoreWire, to: CoreNode, from: ReplicaId, message: Message): Message | null
}

export const HONEST: CoreParts = {
  makeAcceptor: (recovered, isVoting) => new Acceptor(recovered, isVoting),
  makeLearner: (chosenSlot) => new Learner(chosenSlot),
  keeps: () => true,
  waitsForSync: true,
  quorum: (honest) => honest,
  onDelivery: (_world, _to, _from, message) => message,
}

/** What nodes say to each other: messages of the core, and snapshots, which the shell of a replica carries. */
export type CorePacket =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'wantSnapshot' }
  | { readonly kind: 'snapshot'; readonly snapshot: CoreSnapshot }

/** What a node needs of its world. */
export interface CoreWire {
  readonly quorum: QuorumSystem
  readonly nodes: readonly CoreNode[]
  send(from: ReplicaId, to: ReplicaId, packet: CorePacket): void
  onApplied(node: CoreNode, slot: number, entry: Entry): void
  onRestored(node: CoreNode, slot: number): void
  onEvent(node: CoreNode, event: ReplicaEvent): void
}

export interface CoreNodeOptions {
  readonly id: ReplicaId
  readonly disk: CoreDisk
  readonly prng: Prng
  readonly parts: CoreParts
  readonly tickMs: number
  readonly syncMs: readonly [number, number]
  /** A snapshot is taken after so many applied slots, and so many more are kept in the log. */
  readonly snapshotSlots: number
  readonly keptSlots: number
}

interface Batch {
  readonly records: PersistRecord[]
  readonly sends: Envelope[]
}

const SNAPSHOT_TIMEOUT_MS = 500

/** The shell around one core replica: turns, group commit, applying, snapshots; by conventions.md 5, as plain as can be. */
export class CoreNode {
  readonly id: ReplicaId
  readonly process: SimProcess
  readonly disk: CoreDisk
  /** Multiplies the time of each sync: a disk that hangs. */
  diskSlowness = 1
  appliedSlot = 0
  /** The replicated state: a chain of hashes over the values of all applied slots. */
  state = EMPTY_STATE
  /** The ballot this node leads, as its events say. */
  leads: Ballot | null = null
  readonly #wire: CoreWire
  readonly #options: CoreNodeOptions
  #replica: Replica | null = null
  #inputs: Input[] = []
  #queued: Batch[] = []
  #syncing: PersistRecord[] | null = null
  #snapshotTimeout: Timer | null = null
  #trimmedTo = 0

  constructor(wire: CoreWire, makeProcess: (name: string, main: () => void) => SimProcess, options: CoreNodeOptions) {
    this.id = options.id
    this.disk = options.disk
    this.#wire = wire
    this.#options = options
    this.process = makeProcess(`r${options.id}`, () => this.#boot())
    this.process.onCrash(() => this.#onCrash())
  }

  /** For plants and traces. */
  get replica(): Replica | null {
    return this.#replica
  }

  offer(input: Input): void {
    if (!this.process.isUp) return
    this.#inputs.push(input)
    if (this.#inputs.length === 1) this.process.afterTurn(() => this.#turn())
  }

  receive(from: ReplicaId, packet: CorePacket): void {
    switch (packet.kind) {
      case 'message': {
        const message = this.#options.parts.onDelivery(this.#wire, this, from, packet.message)
        if (message !== null) this.offer({ kind: 'message', from, message })
        break
      }
      case 'wantSnapshot':
        this.#sendSnapshot(from)
        break
      case 'snapshot':
        this.process.later(this.#drawSyncMs(), 'snapshot', () => this.#takeSnapshot(packet.snapshot))
    }
  }

  #boot(): void {
    const { disk } = this
    const recovered = disk.recover()
    this.appliedSlot = disk.snapshot.slot
    this.state = disk.snapshot.state
    this.#trimmedTo = disk.snapshot.slot
    this.leads = null
    this.#wire.onRestored(this, disk.snapshot.slot)
    const { id, prng, parts } = this.#options
    const members = this.#wire.nodes.map((node) => node.id)
    const hasVoteToLose = bitOf(this.#wire.quorum, id) !== 0
    this.#replica = new Replica({
      self: id,
      members,
      quorum: parts.quorum(this.#wire.quorum, members),
      acceptor: parts.makeAcceptor(recovered, !hasVoteToLose || disk.hasVote),
      learner: parts.makeLearner(recovered.chosenSlot),
      prng: prng.fork(`boot ${this.process.incarnation}`),
      heartbeatTicks: 2,
      patienceTicks: 10,
      joinTicks: 20,
      retryTicks: 5,
    })
    this.#tick()
  }

  #tick(): void {
    this.offer({ kind: 'tick', nowMs: this.process.scheduler.nowMs })
    this.process.later(this.#options.tickMs, 'tick', () => this.#tick())
  }

  #turn(): void {
    const replica = this.#replica
    if (replica === null) return
    const out = new Effects()
    const inputs = this.#inputs
    this.#inputs = []
    for (const input of inputs) replica.step(input, out)
    replica.endTurn(out)
    for (const { to, message } of out.sendNow) this.#send(to, message)
    this.#queued.push({ records: out.persist.filter((record) => this.#options.parts.keeps(record)), sends: out.send })
    this.#flush()
    for (const event of out.events) this.#onEvent(event)
    this.#applyChosen(replica)
  }

  /** One sync serves all that waits. */
  #flush(): void {
    if (!this.#options.parts.waitsForSync) {
      for (const batch of this.#queued) this.#sendAll(batch.sends.splice(0))
    }
    if (this.#syncing !== null || this.#queued.length === 0) return
    const batches = this.#queued
    this.#queued = []
    const records = batches.flatMap((batch) => batch.records)
    if (records.length === 0) {
      for (const batch of batches) this.#sendAll(batch.sends)
      return
    }
    this.#syncing = records
    this.process.later(this.#drawSyncMs(), 'sync', () => {
      this.#syncing = null
      for (const record of records) this.disk.append(record)
      for (const batch of batches) this.#sendAll(batch.sends)
      this.#flush()
    })
  }

  #sendAll(envelopes: readonly Envelope[]): void {
    for (const { to, message } of envelopes) this.#send(to, message)
  }

  #send(to: ReplicaId, message: Message): void {
    if (to === this.id) this.receive(to, { kind: 'message', message })
    else this.#wire.send(this.id, to, { kind: 'message', message })
  }

  #onEvent(event: ReplicaEvent): void {
    if (event.kind === 'leading') this.leads = event.ballot
    if (event.kind === 'looking' || event.kind === 'following') this.leads = null
    if (event.kind === 'sendSnapshot') this.#sendSnapshot(event.to)
    if (event.kind === 'needsSnapshot') {
      this.#wire.send(this.id, event.from, { kind: 'wantSnapshot' })
      this.#snapshotTimeout?.cancel()
      this.#snapshotTimeout = this.process.later(SNAPSHOT_TIMEOUT_MS, 'snapshot timeout', () => {
        this.offer({ kind: 'snapshotFailed' })
      })
    }
    this.#wire.onEvent(this, event)
  }

  #applyChosen(replica: Replica): void {
    while (this.appliedSlot < replica.chosenSlot) {
      const slot = slotOf(this.appliedSlot + 1)
      const entry = replica.log.get(slot)
      this.appliedSlot = slot
      this.state = stateAfter(this.state, valueOf(entry))
      this.#wire.onApplied(this, slot, entry)
    }
    const { snapshotSlots, keptSlots } = this.#options
    if (this.appliedSlot >= this.disk.snapshot.slot + snapshotSlots) {
      this.disk.saveSnapshot({ slot: this.appliedSlot, state: this.state })
    }
    const trimTo = Math.min(this.disk.snapshot.slot, this.appliedSlot - keptSlots)
    if (trimTo > this.#trimmedTo) {
      this.#trimmedTo = trimTo
      replica.trim(slotOf(trimTo))
    }
  }

  #sendSnapshot(to: ReplicaId): void {
    const snapshot = { slot: this.appliedSlot, state: this.state }
    this.#wire.send(this.id, to, { kind: 'snapshot', snapshot })
  }

  /** It is on disk. */
  #takeSnapshot(snapshot: CoreSnapshot): void {
    this.#snapshotTimeout?.cancel()
    if (snapshot.slot > this.appliedSlot) {
      this.disk.saveSnapshot(snapshot)
      this.appliedSlot = snapshot.slot
      this.state = snapshot.state
      this.#wire.onRestored(this, snapshot.slot)
    }
    this.offer({ kind: 'snapshotInstalled', slot: slotOf(snapshot.slot) })
  }

  /** Of what was on its way to the disk, some beginning arrived. */
  #onCrash(): void {
    const { prng } = this.#options
    const writing = this.#syncing ?? []
    const keptCount = prng.below(writing.length + 1)
    for (const record of writing.slice(0, keptCount)) this.disk.append(record)
    this.#syncing = null
    this.#queued = []
    this.#inputs = []
    this.#replica = null
    this.leads = null
  }

  #drawSyncMs(): number {
    const [low, high] = this.#options.syncMs
    return (low + (high - low) * this.#options.prng.float() ** 2) * this.diskSlowness
  }
}

/** @returns null for an entry that carries no command */
export function valueOf(entry: Entry): string | null {
  return entry.kind === 'command' ? Buffer.from(entry.payload).toString() : null
}
