import { assert } from '../kernel/assert.ts'
import type { Acceptor } from './acceptor.ts'
import type { Ballot, ReplicaId } from './ballot.ts'
import type { Recovery } from './candidacy.ts'
import type { Effects } from './effects.ts'
import type { Slot } from './entry.ts'
import { NO_SLOT, slotOf } from './entry.ts'
import type { Learner } from './learner.ts'
import type { Accept, Message, PromiseMade } from './message.ts'
import type { QuorumSystem, VoterSet } from './quorum.ts'
import { bitOf, reachedByPhase2 } from './quorum.ts'

/** Largest batch of entries in one message. */
const MESSAGE_BYTES_MAX = 1024 * 1024
/** Entries that a peer may be sent beyond what it has acknowledged. */
const UNACKED_BYTES_MAX = 16 * 1024 * 1024

/**
 * Where a peer stands in this ballot.
 *
 *   silent ──promise──→ installing ──accepted past the recovered end──→ accepting
 *      └─────promise, too far behind──→ snapshot ──promise──→ installing
 */
interface Peer {
  readonly id: ReplicaId
  /** Others learn: they are sent only what is chosen. */
  readonly isVoter: boolean
  state: 'silent' | 'installing' | 'accepting' | 'snapshot'
  /** The last slot it was sent. */
  sent: Slot
  /** Through this slot its disk holds this ballot's log. */
  accepted: Slot
  /** Through this slot it was sent the log when it joined. */
  joinedThrough: Slot
  /** It was told that everything through this slot is chosen. */
  told: Slot
  ticksWithoutProgress: number
}

interface SyncWaiter {
  readonly token: number
  readonly slot: Slot
}

/** How a leader brings up to date who lags. */
export interface CatchUp {
  /** Learners that may take over the log at a time; voters always may. */
  readonly learnersMax: number
  /** Whoever lacks anything chosen is sent a snapshot, even if the log reaches back far enough. */
  readonly forcesSnapshots: boolean
}

export interface LeadershipOptions {
  readonly ballot: Ballot
  readonly self: ReplicaId
  readonly members: readonly ReplicaId[]
  readonly quorum: QuorumSystem
  readonly acceptor: Acceptor
  readonly learner: Learner
  readonly recovery: Recovery
  readonly heartbeatTicks: number
  /** A leader that no phase-2 quorum has answered for so long steps down (syncLimit). */
  readonly patienceTicks: number
  /** A peer that has not taken over the log within so long starts again (initLimit). */
  readonly joinTicks: number
  readonly catchUp: CatchUp
  readonly nowMs: number
}

/**
 * Phase 2 of one ballot: everything a leader does once its log is recovered. Its own acceptor gets no favours: its
 * acknowledgements come back as messages, after its own sync.
 */
export class Leadership {
  readonly ballot: Ballot
  readonly openingSlot: Slot
  readonly #self: ReplicaId
  readonly #quorum: QuorumSystem
  readonly #acceptor: Acceptor
  readonly #learner: Learner
  readonly #recovery: Recovery
  readonly #heartbeatTicks: number
  readonly #patienceTicks: number
  readonly #joinTicks: number
  readonly #catchUp: CatchUp
  readonly #peers = new Map<ReplicaId, Peer>()
  /** Per voter, in the order of the quorum system: accepted through, last round answered, tick of the last answer. */
  readonly #accepted: number[]
  readonly #answeredRound: number[]
  readonly #answeredTick: number[]
  /** Voters that promised this ballot, and those that said in it that they lost their disk. */
  #accountedFor: VoterSet
  #hasNewAcceptance = false
  #isOpen = false
  #tick = 0
  #nowMs: number
  #round = 0
  /** When each round began that no quorum has answered yet, oldest first. */
  #openRounds: { readonly round: number; readonly sinceMs: number }[] = []
  #provenMs = 0
  /** Syncs that wait for the next round, and those of the round under way. */
  #nextSyncs: SyncWaiter[] = []
  #roundSyncs: SyncWaiter[] = []
  #syncRound = 0

  constructor(options: LeadershipOptions, out: Effects) {
    this.ballot = options.ballot
    this.#self = options.self
    this.#quorum = options.quorum
    this.#acceptor = options.acceptor
    this.#learner = options.learner
    this.#recovery = options.recovery
    this.#heartbeatTicks = options.heartbeatTicks
    this.#patienceTicks = options.patienceTicks
    this.#joinTicks = options.joinTicks
    this.#catchUp = options.catchUp
    this.#nowMs = options.nowMs
    this.#accountedFor = bitOf(options.quorum, options.self)
    const voters = options.quorum.voters.length
    this.#accepted = new Array<number>(voters).fill(0)
    this.#answeredRound = new Array<number>(voters).fill(0)
    this.#answeredTick = new Array<number>(voters).fill(0)
    for (const id of options.members) {
      if (id === this.#self) continue
      this.#peers.set(id, {
        id,
        isVoter: bitOf(options.quorum, id) !== 0,
        state: 'silent',
        sent: NO_SLOT,
        accepted: NO_SLOT,
        joinedThrough: NO_SLOT,
        told: NO_SLOT,
        ticksWithoutProgress: 0,
      })
    }
    this.openingSlot = this.#acceptor.propose(this.ballot, { kind: 'opening', payload: new Uint8Array(0) }, out)
  }

  /** The start of the latest round that a phase-2 quorum has answered; 0 before the first. */
  get provenMs(): number {
    return this.#provenMs
  }

  /** Peers whose disks hold all that they were sent when they joined, and who are sent what comes after. */
  get syncedPeers(): readonly ReplicaId[] {
    const synced: ReplicaId[] = []
    for (const { id, state, accepted, joinedThrough } of this.#peers.values()) {
      if (state === 'accepting' && accepted >= joinedThrough) synced.push(id)
    }
    return synced
  }

  propose(payload: Uint8Array, out: Effects): Slot {
    return this.#acceptor.propose(this.ballot, { kind: 'command', payload }, out)
  }

  /** A round that starts after this call will answer it. */
  sync(token: number): void {
    this.#nextSyncs.push({ token, slot: this.#acceptor.log.end })
  }

  /** Where a peer stands: it is sent the log from there, or a snapshot. */
  onPromise(from: ReplicaId, promise: PromiseMade, out: Effects): void {
    const peer = this.#peers.get(from)
    if (peer === undefined || promise.ballot !== this.ballot) return
    this.#accountedFor |= bitOf(this.#quorum, from)
    if (!promise.isVoting && !this.#isEveryVoterAccountedFor()) {
      // Asked again with the next heartbeat: until then it stays without a log, and so without a vote.
      peer.state = 'silent'
      return
    }
    if (!peer.isVoter && !this.#isOpen) {
      // What this leader recovered is not known to be chosen yet, and a part of it could not call itself this ballot's log.
      peer.state = 'silent'
      return
    }
    this.#onAnswer(from)
    const base = this.#joinsAt(promise)
    peer.ticksWithoutProgress = 0
    peer.accepted = NO_SLOT
    // Who has just taken a snapshot gets the rest from the log, or there would be no end of it.
    const isForced = this.#catchUp.forcesSnapshots && peer.state !== 'snapshot' && base < this.#chosen()
    if (isForced || base < this.#acceptor.log.start) {
      // Also when it just took one: the log has moved on meanwhile, and nothing else would tell it so.
      out.events.push({ kind: 'sendSnapshot', to: from })
      peer.state = 'snapshot'
      return
    }
    if (!peer.isVoter && this.#learnersJoining() >= this.#catchUp.learnersMax) {
      // It is asked again with the next heartbeat.
      peer.state = 'silent'
      return
    }
    peer.state = 'installing'
    this.#sendInstall(peer, base, out)
  }

  onAccepted(from: ReplicaId, ballot: Ballot, slot: Slot): void {
    if (ballot !== this.ballot) return
    this.#onAnswer(from)
    const position = this.#quorum.voters.indexOf(from)
    if (position !== -1 && slot > (this.#accepted[position] as number)) {
      this.#accepted[position] = slot
      this.#hasNewAcceptance = true
    }
    const peer = this.#peers.get(from)
    if (peer === undefined || slot <= peer.accepted) return
    peer.accepted = slot
    peer.ticksWithoutProgress = 0
    if (peer.state === 'installing' && slot >= this.#recovery.lastSlot) peer.state = 'accepting'
    if (peer.sent < slot) peer.sent = slot
  }

  onHeartbeatAck(from: ReplicaId, ballot: Ballot, round: number, slot: Slot): void {
    if (ballot !== this.ballot) return
    const position = this.#quorum.voters.indexOf(from)
    if (position !== -1 && round > (this.#answeredRound[position] as number)) {
      this.#answeredRound[position] = round
      this.#closeRounds()
    }
    this.onAccepted(from, ballot, slot)
    const peer = this.#peers.get(from)
    // It is not in this ballot's log though we think so: it restarted, or the install was lost.
    if (peer !== undefined && slot === NO_SLOT && peer.state === 'accepting') peer.state = 'silent'
  }

  onGap(from: ReplicaId, ballot: Ballot, lastSlot: Slot): void {
    const peer = this.#peers.get(from)
    if (peer === undefined || ballot !== this.ballot || peer.state !== 'accepting') return
    if (lastSlot < peer.sent) peer.sent = lastSlot
  }

  /** The link to a peer is new: what was under way on the old one may be lost. */
  onConnected(peerId: ReplicaId, out: Effects): void {
    const peer = this.#peers.get(peerId)
    if (peer === undefined) return
    peer.state = 'silent'
    peer.accepted = NO_SLOT
    out.sendNow.push({ to: peerId, message: { kind: 'prepare', ballot: this.ballot } })
  }

  /** A peer asked who leads: it may have lost us without our noticing. */
  onAsked(peerId: ReplicaId, out: Effects): void {
    const peer = this.#peers.get(peerId)
    // On a narrow link it may ask long before what it was sent has arrived: to begin again would only add to that.
    if (peer === undefined || peer.state === 'snapshot' || peer.state === 'installing') return
    this.onConnected(peerId, out)
  }

  /** @returns why this leader must step down, or null */
  tick(nowMs: number, out: Effects): string | null {
    this.#tick++
    this.#nowMs = nowMs
    for (const peer of this.#peers.values()) this.#retryIfStuck(peer)
    if (this.#tick % this.#heartbeatTicks === 0) this.#startRound(out)
    return this.#whyNotLeading()
  }

  /** Once a turn, after its inputs: what they made choosable is chosen, and what came in goes out in few messages. */
  flush(out: Effects): void {
    this.#acceptor.flushAck(this.#self, out)
    if (this.#hasNewAcceptance) {
      this.#hasNewAcceptance = false
      const chosen = slotOf(reachedByPhase2(this.#quorum, this.#accepted))
      this.#learner.tell(this.ballot, chosen, this.#acceptor.logBallot)
      if (!this.#isOpen && chosen >= this.openingSlot) this.#open(out)
    }
    const chosen = this.#chosen()
    let shared: Accept | null = null
    let sharedByLearners: Accept | null = null
    for (const peer of this.#peers.values()) {
      if (peer.isVoter) shared = this.#sendEntries(peer, this.#acceptor.log.end, chosen, shared, out)
      else sharedByLearners = this.#sendEntries(peer, chosen, chosen, sharedByLearners, out)
    }
    this.#turnSyncs(out)
  }

  /** The opening command is chosen, and all before it. */
  #open(out: Effects): void {
    this.#isOpen = true
    for (const { id, isVoter, state } of this.#peers.values()) {
      if (!isVoter && state === 'silent') {
        out.sendNow.push({ to: id, message: { kind: 'prepare', ballot: this.ballot } })
      }
    }
  }

  #chosen(): Slot {
    return this.#learner.chosenIn(this.#acceptor.log)
  }

  /** @param through the last slot that the peer may have by now */
  #sendEntries(peer: Peer, through: Slot, chosen: Slot, shared: Accept | null, out: Effects): Accept | null {
    if (peer.state !== 'accepting') return shared
    const { log } = this.#acceptor
    if (peer.sent < log.start) {
      peer.state = 'silent'
      return shared
    }
    let last = shared
    while (peer.sent < through && log.bytesBetween(peer.accepted, peer.sent) < UNACKED_BYTES_MAX) {
      // Peers that are level get the very same message, so that the shell encodes it once.
      if (last === null || last.after !== peer.sent) {
        const entries = log.slice(peer.sent, MESSAGE_BYTES_MAX, through)
        last = { kind: 'accept', ballot: this.ballot, after: peer.sent, entries, chosenSlot: chosen }
      }
      out.sendNow.push({ to: peer.id, message: last })
      peer.sent = slotOf(peer.sent + last.entries.length)
      peer.told = last.chosenSlot
    }
    if (peer.told < chosen) {
      out.sendNow.push({ to: peer.id, message: { kind: 'chosen', ballot: this.ballot, slot: chosen } })
      peer.told = chosen
    }
    return last
  }

  /**
   * A promise that a voter forgot was given to a candidate, which is bound by it itself. Once every voter has promised this
   * ballot, or forgot as much, no candidate can still count what was forgotten (docs/decisions/0003).
   */
  #isEveryVoterAccountedFor(): boolean {
    return this.#quorum.voters.every((id) => (this.#accountedFor & bitOf(this.#quorum, id)) !== 0)
  }

  #joinsAt(promise: PromiseMade): Slot {
    const { log } = this.#acceptor
    if (promise.logBallot === this.ballot) return slotOf(Math.min(promise.lastSlot, log.end))
    // Its log is a prefix of what was recovered when both come from one ballot's leader.
    if (promise.logBallot === this.#recovery.logBallot && promise.lastSlot <= this.#recovery.lastSlot) {
      return promise.lastSlot
    }
    return promise.chosenSlot
  }

  #learnersJoining(): number {
    let count = 0
    for (const { isVoter, state, accepted, joinedThrough } of this.#peers.values()) {
      const hasLink = state === 'installing' || state === 'accepting'
      if (!isVoter && hasLink && accepted < joinedThrough) count++
    }
    return count
  }

  #sendInstall(peer: Peer, base: Slot, out: Effects): void {
    const { log } = this.#acceptor
    const end = peer.isVoter ? log.end : this.#chosen()
    let after = base
    do {
      const entries = log.slice(after, MESSAGE_BYTES_MAX, end)
      const next = slotOf(after + entries.length)
      const message: Message = {
        kind: 'install',
        ballot: this.ballot,
        base,
        after,
        entries,
        isLast: next >= end,
        chosenSlot: this.#chosen(),
        openingSlot: this.openingSlot,
      }
      out.sendNow.push({ to: peer.id, message })
      after = next
    } while (after < end)
    peer.sent = end
    peer.joinedThrough = end
    peer.told = this.#chosen()
  }

  /** Links lose nothing while they stand, so this is for whoever restarted behind a link's back. */
  #retryIfStuck(peer: Peer): void {
    peer.ticksWithoutProgress++
    const isAccepting = peer.state === 'accepting'
    if (peer.ticksWithoutProgress <= (isAccepting ? this.#patienceTicks : this.#joinTicks)) return
    peer.ticksWithoutProgress = 0
    if (!isAccepting) peer.state = 'silent'
    else if (peer.accepted < peer.sent) peer.sent = peer.accepted
  }

  #closeRounds(): void {
    const answered = reachedByPhase2(this.#quorum, this.#answeredRound)
    while (this.#openRounds.length > 0 && (this.#openRounds[0]?.round ?? 0) <= answered) {
      this.#provenMs = this.#openRounds.shift()?.sinceMs ?? this.#provenMs
    }
  }

  #startRound(out: Effects): void {
    this.#round++
    this.#openRounds.push({ round: this.#round, sinceMs: this.#nowMs })
    const heartbeat: Message = {
      kind: 'heartbeat',
      ballot: this.ballot,
      round: this.#round,
      chosenSlot: this.#chosen(),
    }
    for (const peer of this.#peers.values()) {
      out.sendNow.push({ to: peer.id, message: heartbeat })
      if (peer.state === 'silent') {
        out.sendNow.push({ to: peer.id, message: { kind: 'prepare', ballot: this.ballot } })
      }
    }
    // Behind whatever this replica's own disk still owes: a leader whose disk hangs does not hear itself.
    out.send.push({
      to: this.#self,
      message: { kind: 'heartbeatAck', ballot: this.ballot, round: this.#round, slot: NO_SLOT },
    })
  }

  #turnSyncs(out: Effects): void {
    if (this.#roundSyncs.length > 0 && reachedByPhase2(this.#quorum, this.#answeredRound) >= this.#syncRound) {
      for (const { token, slot } of this.#roundSyncs) out.events.push({ kind: 'syncReady', token, slot })
      this.#roundSyncs = []
    }
    if (this.#roundSyncs.length > 0 || this.#nextSyncs.length === 0 || !this.#isOpen) return
    this.#roundSyncs = this.#nextSyncs
    this.#nextSyncs = []
    this.#startRound(out)
    this.#syncRound = this.#round
  }

  #onAnswer(from: ReplicaId): void {
    const position = this.#quorum.voters.indexOf(from)
    if (position !== -1) this.#answeredTick[position] = this.#tick
  }

  #whyNotLeading(): string | null {
    let heard = 0
    for (let position = 0; position < this.#answeredTick.length; position++) {
      if (this.#tick - (this.#answeredTick[position] as number) <= this.#patienceTicks) heard |= 1 << position
    }
    const own = this.#quorum.voters.indexOf(this.#self)
    assert(own !== -1, 'only a voter leads')
    if ((heard & (1 << own)) === 0) return 'its own disk does not answer'
    if (!this.#quorum.isPhase2(heard)) return 'no quorum answers'
    return null
  }
}
