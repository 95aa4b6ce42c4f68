import { unreachable } from '../kernel/assert.ts'
import type { Prng } from '../kernel/prng.ts'
import type { Acceptor } from './acceptor.ts'
import type { Ballot, ReplicaId } from './ballot.ts'
import { ballotOf, ballotText, proposerOf, roundOf } from './ballot.ts'
import type { Recovery } from './candidacy.ts'
import { Candidacy } from './candidacy.ts'
import type { Effects } from './effects.ts'
import { Election } from './election.ts'
import type { Slot } from './entry.ts'
import { NO_SLOT, slotOf } from './entry.ts'
import type { EntryLog } from './entry-log.ts'
import { Leadership } from './leadership.ts'
import type { CatchUp } from './leadership.ts'
import type { Learner } from './learner.ts'
import type { Accept, Answer, Fetch, Heartbeat, Install, Message, PromiseMade } from './message.ts'
import type { QuorumSystem } from './quorum.ts'
import { bitOf } from './quorum.ts'

/** A hint of the chosen slot is written after so many more slots, beside other records. */
const CHOSEN_HINT_SLOTS = 1024
const FETCHED_BYTES_MAX = 1024 * 1024

export type Input =
  /** Regularly. The time is monotonic, in milliseconds. */
  | { readonly kind: 'tick'; readonly nowMs: number }
  | { readonly kind: 'message'; readonly from: ReplicaId; readonly message: Message }
  | { readonly kind: 'connected'; readonly peer: ReplicaId }
  | { readonly kind: 'disconnected'; readonly peer: ReplicaId }
  | { readonly kind: 'propose'; readonly payload: Uint8Array }
  | { readonly kind: 'sync'; readonly token: number }
  /** The state through `slot` came from a peer and is on disk. */
  | { readonly kind: 'snapshotInstalled'; readonly slot: Slot }
  /** The snapshot that was asked for will not come. */
  | { readonly kind: 'snapshotFailed' }

export interface ReplicaOptions {
  readonly self: ReplicaId
  /** All members, this one and observers included. */
  readonly members: readonly ReplicaId[]
  readonly quorum: QuorumSystem
  readonly acceptor: Acceptor
  readonly learner: Learner
  /** For the jitter of elections only. */
  readonly prng: Prng
  readonly heartbeatTicks: number
  /** Without a word from the leader for so long, a follower looks for another; a leader without a quorum steps down. */
  readonly patienceTicks: number
  /** How long a peer may take to take over this leader's log, a snapshot included. */
  readonly joinTicks: number
  /** Absent: as many at a time as come, and from the log where it reaches. */
  readonly catchUp?: CatchUp
  /** Between two attempts to become leader; jitter doubles it. */
  readonly retryTicks: number
}

const CATCH_UP: CatchUp = { learnersMax: Infinity, forcesSnapshots: false }

type Role =
  | { readonly state: 'looking' }
  | { readonly state: 'preparing'; readonly candidacy: Candidacy }
  | { readonly state: 'following'; readonly leader: ReplicaId; readonly ballot: Ballot }
  | { readonly state: 'leading'; readonly leadership: Leadership }

/**
 * One replica of Sequence Paxos: routes inputs to its acceptor, its learner, and to the role it plays. The state changes
 * only here; the same inputs give the same effects, on any machine, for ever.
 */
export class Replica {
  readonly #self: ReplicaId
  readonly #options: ReplicaOptions
  readonly #quorum: QuorumSystem
  readonly #acceptor: Acceptor
  readonly #learner: Learner
  readonly #election: Election
  #role: Role = { state: 'looking' }
  #nowMs = 0
  /** The last ballot that this replica followed in, and where its opening command stands. */
  #joined: { readonly ballot: Ballot; readonly openingSlot: Slot } | null = null
  /** Ticks since the leader that is followed was last heard. */
  #ticksUnheard = 0
  /** The highest round that any message named. */
  #roundSeen: number
  #hinted: Slot
  /** Whose prepare was answered last: who sends a snapshot is told what follows it. */
  #preparedBy: { readonly from: ReplicaId; readonly ballot: Ballot } | null = null
  /** Voters that said, before this ballot, that they lost their disk: its phase 1 did without them. */
  readonly #lost = new Set<ReplicaId>()

  constructor(options: ReplicaOptions) {
    this.#self = options.self
    this.#options = options
    this.#quorum = options.quorum
    this.#acceptor = options.acceptor
    this.#learner = options.learner
    this.#election = new Election(options.self, options.quorum, options.prng, options.retryTicks)
    this.#roundSeen = roundOf(options.acceptor.promised)
    this.#hinted = options.learner.chosenIn(options.acceptor.log)
    this.#election.suspect()
  }

  get log(): EntryLog {
    return this.#acceptor.log
  }

  get state(): Role['state'] {
    return this.#role.state
  }

  /** The ballot that this replica leads or follows in; what it has promised while it does neither. */
  get ballot(): Ballot {
    if (this.#role.state === 'leading') return this.#role.leadership.ballot
    if (this.#role.state === 'following') return this.#role.ballot
    return this.#acceptor.promised
  }

  /** When this leader last began a round that a phase-2 quorum answered: it did lead then. 0 elsewhere. */
  get provenMs(): number {
    return this.#role.state === 'leading' ? this.#role.leadership.provenMs : 0
  }

  /** Of a leader: whose disks hold its log, and who are sent what comes after. Empty elsewhere. */
  get syncedPeers(): readonly ReplicaId[] {
    return this.#role.state === 'leading' ? this.#role.leadership.syncedPeers : []
  }

  /** What may be applied: known to be chosen, and in the log. */
  get chosenSlot(): Slot {
    return this.#learner.chosenIn(this.#acceptor.log)
  }

  /** What the next segment of the log on disk must begin with. */
  get promised(): Ballot {
    return this.#acceptor.promised
  }

  get logBallot(): Ballot {
    return this.#acceptor.logBallot
  }

  get isVoting(): boolean {
    return this.#acceptor.isVoting
  }

  /** Forgets entries that are applied and that no peer should need any more. */
  trim(slot: Slot): void {
    this.#acceptor.log.trimTo(slot)
  }

  step(input: Input, out: Effects): void {
    switch (input.kind) {
      case 'tick':
        return this.#onTick(input.nowMs, out)
      case 'message':
        return this.#onMessage(input.from, input.message, out)
      case 'connected':
        return this.#onConnected(input.peer, out)
      case 'disconnected':
        return this.#onDisconnected(input.peer, out)
      case 'propose':
        if (this.#role.state === 'leading') this.#role.leadership.propose(input.payload, out)
        return
      case 'sync':
        if (this.#role.state === 'leading') this.#role.leadership.sync(input.token)
        return
      case 'snapshotInstalled':
        return this.#onSnapshotInstalled(input.slot, out)
      case 'snapshotFailed':
        if (this.#role.state === 'preparing') this.#look('the snapshot did not come', out)
        return
      default:
        unreachable(input, 'Replica.step')
    }
  }

  /** Once after the inputs of a turn: their answers are joined. */
  endTurn(out: Effects): void {
    const role = this.#role
    if (role.state === 'leading') role.leadership.flush(out)
    else if (role.state === 'following') this.#acceptor.flushAck(role.leader, out)
    if (out.persist.length > 0 && this.chosenSlot >= this.#hinted + CHOSEN_HINT_SLOTS) {
      this.#hinted = this.chosenSlot
      out.persist.push({ kind: 'chosen', slot: this.#hinted })
    }
  }

  #onMessage(from: ReplicaId, message: Message, out: Effects): void {
    switch (message.kind) {
      case 'ask':
        return this.#onAsk(from, message.attempt, out)
      case 'answer':
        return this.#onAnswer(from, message, out)
      case 'prepare':
        return this.#onPrepare(from, message.ballot, out)
      case 'promise':
        return this.#onPromise(from, message, out)
      case 'reject':
        return this.#onReject(message.promised, out)
      case 'fetch':
        return this.#onFetch(from, message, out)
      case 'fetched':
        if (this.#role.state === 'preparing') {
          this.#onRecovered(this.#role.candidacy.onFetched(from, message, out), out)
        }
        return
      case 'install':
        return this.#onInstall(from, message, out)
      case 'accept':
        return this.#onAccept(from, message, out)
      case 'accepted':
        return this.#onAccepted(from, message.ballot, message.slot)
      case 'gap':
        if (this.#role.state === 'leading') this.#role.leadership.onGap(from, message.ballot, message.lastSlot)
        return
      case 'chosen':
        this.#heard(from, message.ballot, message.slot, out)
        this.#learner.tell(message.ballot, message.slot, this.#acceptor.logBallot)
        return
      case 'heartbeat':
        return this.#onHeartbeat(from, message, out)
      case 'heartbeatAck':
        if (this.#role.state === 'leading') {
          this.#role.leadership.onHeartbeatAck(from, message.ballot, message.round, message.slot)
        }
        return
      default:
        unreachable(message, 'Replica.onMessage')
    }
  }

  // --- finding a leader ---

  #onTick(nowMs: number, out: Effects): void {
    const role = this.#role
    this.#nowMs = nowMs
    if (role.state === 'leading') {
      const reason = role.leadership.tick(nowMs, out)
      if (reason !== null) this.#look(reason, out)
      return
    }
    if (role.state === 'following') {
      this.#ticksUnheard++
      if (this.#ticksUnheard > this.#options.patienceTicks) this.#look('the leader is silent', out)
      return
    }
    if (role.state === 'preparing') {
      role.candidacy.tick()
      if (role.candidacy.ticksIdle > this.#options.retryTicks * 4) this.#look('its own candidacy stalled', out)
      return
    }
    if (this.#election.tick()) this.#ask(out)
  }

  #mayLead(): boolean {
    return bitOf(this.#quorum, this.#self) !== 0
  }

  /** Who has no vote asks too: the leader hears that it is lost, and a link that is dead only on this side breaks. */
  #ask(out: Effects): void {
    for (const to of this.#quorum.voters) {
      if (to !== this.#self) out.sendNow.push({ to, message: { kind: 'ask', attempt: this.#election.attempt } })
    }
    this.#standIfFit(out)
  }

  #onAsk(from: ReplicaId, attempt: number, out: Effects): void {
    const hearsLeader =
      this.#role.state === 'leading' || (this.#role.state === 'following' && this.#role.leader !== from)
    out.send.push({
      to: from,
      message: {
        kind: 'answer',
        attempt,
        hearsLeader,
        isVoting: this.#acceptor.isVoting,
        isEmpty: this.#acceptor.isEmpty,
        promised: this.#acceptor.promised,
        logBallot: this.#acceptor.logBallot,
        lastSlot: this.#acceptor.log.end,
      },
    })
    if (this.#role.state === 'leading') this.#role.leadership.onAsked(from, out)
  }

  #onAnswer(from: ReplicaId, answer: Answer, out: Effects): void {
    this.#roundSeen = Math.max(this.#roundSeen, roundOf(answer.promised))
    if (!this.#mayLead() || this.#role.state !== 'looking' || !this.#election.onAnswer(from, answer)) return
    if (!this.#acceptor.isVoting && this.#acceptor.isEmpty && this.#election.areAllOthersEmpty()) {
      this.#acceptor.startVoting(out)
    }
    this.#standIfFit(out)
  }

  #standIfFit(out: Effects): void {
    const { promised, logBallot, log, isVoting } = this.#acceptor
    if (!this.#mayLead() || !isVoting || !this.#election.mayStand({ promised, logBallot, lastSlot: log.end })) return
    for (const lost of this.#election.lostVoters()) this.#lost.add(lost)
    this.#prepare(out)
  }

  /** The own promise is first on disk, then everybody hears of the ballot: it is never used twice. */
  #prepare(out: Effects): void {
    const ballot = ballotOf(this.#roundSeen + 1, this.#self)
    this.#roundSeen++
    this.#role = {
      state: 'preparing',
      candidacy: new Candidacy(ballot, this.#self, this.#quorum, this.#acceptor),
    }
    this.#acceptor.promise(ballot, out)
    for (const to of this.#options.members) {
      if (to !== this.#self) out.send.push({ to, message: { kind: 'prepare', ballot } })
    }
    out.send.push({ to: this.#self, message: this.#promiseOf(ballot) })
  }

  #look(reason: string, out: Effects): void {
    if (this.#role.state !== 'looking') out.events.push({ kind: 'looking', reason })
    this.#role = { state: 'looking' }
    this.#election.suspect()
  }

  #onConnected(peer: ReplicaId, out: Effects): void {
    const role = this.#role
    if (role.state === 'leading') role.leadership.onConnected(peer, out)
    else if (role.state === 'preparing') {
      out.send.push({ to: peer, message: { kind: 'prepare', ballot: role.candidacy.ballot } })
    } else if (role.state === 'looking' && this.#election.attempt > 0) {
      out.sendNow.push({ to: peer, message: { kind: 'ask', attempt: this.#election.attempt } })
    }
  }

  #onDisconnected(peer: ReplicaId, out: Effects): void {
    const role = this.#role
    if (role.state === 'following' && role.leader === peer) this.#look('the leader is gone', out)
    if (role.state === 'preparing' && role.candidacy.dependsOn(peer)) this.#look('the log cannot be recovered', out)
  }

  // --- phase 1 ---

  #onPrepare(from: ReplicaId, ballot: Ballot, out: Effects): void {
    this.#roundSeen = Math.max(this.#roundSeen, roundOf(ballot))
    if (!this.#acceptor.promise(ballot, out)) {
      out.send.push({ to: from, message: { kind: 'reject', promised: this.#acceptor.promised } })
      return
    }
    // A higher ballot ends whatever this replica did in a lower one.
    const isOwnRoleOver =
      this.#role.state === 'looking' ||
      (this.#role.state === 'following' ? this.#role.ballot < ballot : this.#ballotOfRole() < ballot)
    if (isOwnRoleOver && this.#role.state !== 'looking')
      this.#look(`replica ${from} prepares ${ballotText(ballot)}`, out)
    if (this.#role.state === 'looking') this.#election.waitFor(this.#options.retryTicks * 4)
    // A voter without its disk promises nothing, so an older leader's question may come after a newer one's.
    if (this.#preparedBy === null || ballot >= this.#preparedBy.ballot) this.#preparedBy = { from, ballot }
    out.send.push({ to: from, message: this.#promiseOf(ballot) })
  }

  #ballotOfRole(): Ballot {
    return this.#role.state === 'preparing' ? this.#role.candidacy.ballot : this.ballot
  }

  #promiseOf(ballot: Ballot): PromiseMade {
    const { isVoting, logBallot, log } = this.#acceptor
    return {
      kind: 'promise',
      ballot,
      isVoting,
      logBallot,
      startSlot: log.start,
      lastSlot: log.end,
      chosenSlot: this.chosenSlot,
    }
  }

  #onPromise(from: ReplicaId, promise: PromiseMade, out: Effects): void {
    const role = this.#role
    if (role.state !== 'preparing' && role.state !== 'leading') return
    if (promise.ballot !== this.#ballotOfRole()) return
    if (!promise.isVoting && !this.#lost.has(from)) {
      // It may have promised a ballot above this one and forgotten it. A ballot that starts now is safe for it, for its
      // phase 1 meets everybody who could have counted that promise.
      this.#lost.add(from)
      if (role.state === 'leading') out.events.push({ kind: 'looking', reason: `replica ${from} lost its disk` })
      this.#prepare(out)
      return
    }
    if (promise.isVoting) this.#lost.delete(from)
    if (role.state === 'leading') role.leadership.onPromise(from, promise, out)
    else this.#onRecovered(role.candidacy.onPromise(from, promise, this.chosenSlot, out), out)
  }

  #onReject(promised: Ballot, out: Effects): void {
    this.#roundSeen = Math.max(this.#roundSeen, roundOf(promised))
    const role = this.#role
    if (role.state !== 'preparing' && role.state !== 'leading') return
    if (promised <= this.#ballotOfRole()) return
    if (role.state === 'preparing') return this.#look('a higher ballot is promised', out)
    // An acceptor that is bound to a higher ballot is lost to this one, so the leader goes above it.
    out.events.push({ kind: 'looking', reason: `refused with ${ballotText(promised)}` })
    this.#prepare(out)
  }

  #onFetch(from: ReplicaId, { ballot, after }: Fetch, out: Effects): void {
    if (this.#acceptor.promised !== ballot || this.#acceptor.logBallot === ballot) return
    const { log } = this.#acceptor
    if (after < log.start || after > log.end) {
      out.send.push({ to: from, message: this.#promiseOf(ballot) })
      return
    }
    const entries = log.slice(after, FETCHED_BYTES_MAX)
    out.send.push({ to: from, message: { kind: 'fetched', ballot, after, entries, lastSlot: log.end } })
  }

  #onRecovered(recovery: Recovery | null, out: Effects): void {
    if (recovery === null || this.#role.state !== 'preparing') return
    const { ballot, promises } = this.#role.candidacy
    this.#learner.tell(ballot, recovery.chosenSlot, this.#acceptor.logBallot)
    this.#election.calm()
    const { catchUp = CATCH_UP } = this.#options
    const leadership = new Leadership({ ...this.#options, ballot, recovery, catchUp, nowMs: this.#nowMs }, out)
    this.#role = { state: 'leading', leadership }
    out.events.push({ kind: 'leading', ballot, openingSlot: leadership.openingSlot })
    for (const [from, promise] of promises) leadership.onPromise(from, promise, out)
  }

  // --- phase 2 ---

  #onInstall(from: ReplicaId, message: Install, out: Effects): void {
    const { ballot } = message
    this.#roundSeen = Math.max(this.#roundSeen, roundOf(ballot))
    const result = this.#acceptor.install(message, out)
    if (result === 'refused') {
      out.send.push({ to: from, message: { kind: 'reject', promised: this.#acceptor.promised } })
      return
    }
    if (result === 'gap') {
      out.send.push({ to: from, message: this.#promiseOf(ballot) })
      return
    }
    this.#election.waitFor(this.#options.patienceTicks)
    if (result === 'staged') return
    this.#learner.tell(ballot, message.chosenSlot, this.#acceptor.logBallot)
    this.#joined = { ballot, openingSlot: message.openingSlot }
    this.#follow(from, ballot, slotOf(Math.max(message.chosenSlot, message.openingSlot)), out)
  }

  #follow(leader: ReplicaId, ballot: Ballot, serveFrom: Slot, out: Effects): void {
    this.#ticksUnheard = 0
    const role = this.#role
    if (role.state === 'following' && role.ballot === ballot) return
    if (role.state === 'following' || role.state === 'leading') {
      out.events.push({ kind: 'looking', reason: `replica ${leader} leads ${ballotText(ballot)}` })
    }
    this.#role = { state: 'following', leader, ballot }
    this.#election.calm()
    out.events.push({ kind: 'following', ballot, leader, serveFrom })
  }

  #onAccept(from: ReplicaId, message: Accept, out: Effects): void {
    this.#heard(from, message.ballot, message.chosenSlot, out)
    const result = this.#acceptor.accept(message.ballot, message.after, message.entries, out)
    if (result === 'accepted') {
      this.#learner.tell(message.ballot, message.chosenSlot, this.#acceptor.logBallot)
    } else if (result === 'gap') {
      out.send.push({ to: from, message: { kind: 'gap', ballot: message.ballot, lastSlot: this.log.end } })
    } else if (message.ballot < this.#acceptor.promised) {
      out.send.push({ to: from, message: { kind: 'reject', promised: this.#acceptor.promised } })
    }
  }

  #onAccepted(from: ReplicaId, ballot: Ballot, slot: Slot): void {
    if (this.#role.state !== 'leading') return
    this.#role.leadership.onAccepted(from, ballot, slot)
    // Whoever accepts has taken the whole log: should it lose its disk again, that is news.
    if (this.#lost.size > 0 && ballot === this.#role.leadership.ballot) this.#lost.delete(from)
  }

  #onHeartbeat(from: ReplicaId, { ballot, round, chosenSlot }: Heartbeat, out: Effects): void {
    this.#roundSeen = Math.max(this.#roundSeen, roundOf(ballot))
    if (ballot < this.#acceptor.promised) {
      out.send.push({ to: from, message: { kind: 'reject', promised: this.#acceptor.promised } })
      return
    }
    this.#heard(from, ballot, chosenSlot, out)
    this.#learner.tell(ballot, chosenSlot, this.#acceptor.logBallot)
    // Whoever forgot what it promised cannot vouch for this leader.
    if (!this.#acceptor.isVoting) return
    const hasJoined = ballot === this.#acceptor.logBallot
    const slot = hasJoined ? this.log.end : NO_SLOT
    out.send.push({ to: from, message: { kind: 'heartbeatAck', ballot, round, slot } })
  }

  /** @param chosen what the leader said to be chosen */
  #heard(from: ReplicaId, ballot: Ballot, chosen: Slot, out: Effects): void {
    const role = this.#role
    if (role.state === 'following' && role.ballot === ballot && role.leader === from) {
      this.#ticksUnheard = 0
    } else if (role.state === 'looking' && proposerOf(ballot) === from && ballot >= this.#acceptor.promised) {
      // Somebody leads though this replica is not in its log yet: the leader brings it in.
      this.#election.waitFor(this.#options.retryTicks * 4)
      // One that only was silent for a while does not know that it must: this replica is in its log all the time.
      const joined = this.#joined
      if (joined?.ballot === ballot && ballot === this.#acceptor.logBallot) {
        this.#follow(from, ballot, slotOf(Math.max(chosen, joined.openingSlot)), out)
      }
    }
  }

  #onSnapshotInstalled(slot: Slot, out: Effects): void {
    this.#acceptor.installSnapshot(slot)
    this.#learner.tellSnapshot(slot)
    const role = this.#role
    if (role.state === 'preparing') return this.#onRecovered(role.candidacy.onSnapshot(this.chosenSlot, out), out)
    // Tell the leader where the log stands now, so that it sends what follows the snapshot.
    if (this.#preparedBy === null || role.state === 'leading') return
    const { from, ballot } = this.#preparedBy
    out.send.push({ to: from, message: this.#promiseOf(ballot) })
  }
}
