import type { Clock } from '../../kernel/ports.ts'
import type { Ballot } from '../../paxos/ballot.ts'
import type { Slot } from '../../paxos/entry.ts'
import type { PeerLinks } from '../peers/peer-links.ts'
import type { Forward } from '../peers/peer-message.ts'
import type { ConsensusLoop } from './consensus-loop.ts'
import type { ForwardedWrites } from './forwarded-writes.ts'
import type { LeaderDuties } from './leader-duties.ts'
import type { AttachedSession, AttachRequest, ClientSide, Refusal } from './replicated-service.ts'
import type { SyncRounds } from './sync-rounds.ts'

/** What a server is at the moment: it decides where that goes which the server's own clients ask for. */
export type Standing = Looking | Following | Leading

/** What the clients of one server ask of its leader, as `ReplicatedService` has it. */
interface LeaderAsks {
  submit(command: Buffer): void
  sync(requestNumber: number): void
  attach(request: AttachRequest): void
  /** @param halves of the ids of sessions that were heard of, high before low */
  touch(halves: readonly number[]): void
}

/** There is no leader: what is asked for is held, never sent to any, and asked of the next. */
export class Looking implements LeaderAsks {
  readonly state = 'looking'
  readonly leader = null
  readonly serveFrom = null
  #held: ((next: LeaderAsks) => void)[] = []

  submit(command: Buffer): void {
    this.#held.push((next) => next.submit(command))
  }

  sync(requestNumber: number): void {
    this.#held.push((next) => next.sync(requestNumber))
  }

  attach(request: AttachRequest): void {
    this.#held.push((next) => next.attach(request))
  }

  /** The next leader hears of all sessions when it begins. */
  touch(): void {}

  askAgain(next: LeaderAsks): void {
    for (const ask of this.#held) ask(next)
    this.forget()
  }

  /** Those who asked are gone. */
  forget(): void {
    this.#held = []
  }
}

export interface FollowingOptions {
  /** Server id. */
  readonly leader: number
  readonly ballot: Ballot
  /** Clients are served once this slot is applied. */
  readonly serveFrom: Slot
  readonly links: Pick<PeerLinks, 'send'>
  readonly forwarded: ForwardedWrites
}

/** Everything goes to the leader. */
export class Following implements LeaderAsks {
  readonly state = 'following'
  readonly leader: number
  readonly serveFrom: Slot
  readonly #ballot: Ballot
  readonly #links: Pick<PeerLinks, 'send'>
  readonly #forwarded: ForwardedWrites

  /** @param sessions that have a connection here: told before any write, so that the leader knows whose they are */
  constructor({ leader, ballot, serveFrom, links, forwarded }: FollowingOptions, sessions: AttachedSession[]) {
    this.leader = leader
    this.serveFrom = serveFrom
    this.#ballot = ballot
    this.#links = links
    this.#forwarded = forwarded
    forwarded.onFollowing(leader, ballot)
    links.send(leader, { kind: 'sessionReport', ballot, sessions })
  }

  submit(command: Buffer): void {
    const ballot = this.#ballot
    const number = this.#forwarded.next(ballot)
    // The link has just ended, and the core is about to hear of it: then everybody who waits for this is told.
    if (number === null) return
    this.#links.send(this.leader, { kind: 'forward', ballot, number, command })
  }

  sync(requestNumber: number): void {
    this.#links.send(this.leader, { kind: 'syncAsked', ballot: this.#ballot, requestNumber })
  }

  attach(request: AttachRequest): void {
    this.#links.send(this.leader, { kind: 'attachAsked', ballot: this.#ballot, request })
  }

  touch(halves: readonly number[]): void {
    this.#links.send(this.leader, { kind: 'touches', sessions: halves })
  }
}

export interface LeadingOptions {
  readonly self: number
  /** The opening slot: clients are served once it is applied. */
  readonly serveFrom: Slot
  readonly clock: Clock
  readonly links: Pick<PeerLinks, 'send' | 'cut'>
  readonly loop: Pick<ConsensusLoop, 'offer' | 'dueTurn'>
  readonly forwarded: ForwardedWrites
  readonly syncs: SyncRounds
  readonly clients: ClientSide | null
  /** @param refuse tells whoever's client asked for a write that it is not proposed */
  readonly dutiesWith: (refuse: (origin: number, requestNumber: number, refusal: Refusal) => void) => LeaderDuties
}

/** Everything is done here, and what followers ask for theirs as well. */
export class Leading implements LeaderAsks {
  readonly state = 'leading'
  readonly leader: number
  readonly serveFrom: Slot
  readonly duties: LeaderDuties
  readonly #options: LeadingOptions

  constructor(options: LeadingOptions) {
    this.leader = options.self
    this.serveFrom = options.serveFrom
    this.#options = options
    this.duties = options.dutiesWith((origin, requestNumber, refusal) => this.#refuse(origin, requestNumber, refusal))
    this.duties.report(this.leader, options.clients?.attachedSessions() ?? [])
  }

  submit(command: Buffer): void {
    this.duties.write(command)
  }

  sync(requestNumber: number): void {
    this.#beginSync(this.leader, requestNumber)
  }

  attach(request: AttachRequest): void {
    const { clock, clients } = this.#options
    this.duties.attach(this.leader, request, (grant) => {
      clock.afterTurn(() => clients?.onAttached(request.requestNumber, grant))
    })
  }

  touch(halves: readonly number[]): void {
    this.duties.touch(halves)
  }

  // --- for clients of followers ---

  onForward(from: number, { ballot, number, command }: Forward): void {
    const { forwarded, links, loop } = this.#options
    const due = forwarded.onReceived(from, ballot, number)
    if (due !== null) return links.cut(from, `forwarded write ${number} came in place of ${due}`)
    this.duties.write(command)
    loop.dueTurn()
  }

  onSyncAsked(from: number, requestNumber: number): void {
    this.#beginSync(from, requestNumber)
  }

  onAttachAsked(from: number, request: AttachRequest): void {
    const { links, loop } = this.#options
    this.duties.attach(from, request, (grant) => {
      links.send(from, { kind: 'attachDone', requestNumber: request.requestNumber, grant })
      loop.dueTurn()
    })
  }

  #beginSync(replica: number, requestNumber: number): void {
    const { loop, syncs } = this.#options
    loop.offer({ kind: 'sync', token: syncs.begin({ replica, requestNumber }) })
  }

  #refuse(origin: number, requestNumber: number, refusal: Refusal): void {
    const { clock, clients, links, loop } = this.#options
    if (origin !== this.leader) links.send(origin, { kind: 'refused', requestNumber, refusal })
    else clock.afterTurn(() => clients?.onRefused(requestNumber, refusal))
    loop.dueTurn()
  }
}
