import type { RecoveredState } from '../../src/paxos/acceptor.ts'
import { Acceptor } from '../../src/paxos/acceptor.ts'
import { NO_BALLOT, proposerOf, type Ballot, type ReplicaId } from '../../src/paxos/ballot.ts'
import type { Effects } from '../../src/paxos/effects.ts'
import type { EntryLog } from '../../src/paxos/entry-log.ts'
import { slotOf, type Entry, type Slot } from '../../src/paxos/entry.ts'
import { Learner } from '../../src/paxos/learner.ts'
import type { Fetch, Install, Message, PromiseMade } from '../../src/paxos/message.ts'
import { bitOf, type QuorumSystem, type VoterSet } from '../../src/paxos/quorum.ts'
import { HONEST, type CoreNode, type CoreParts, type CoreWire } from '../../src/sim/core-node.ts'

/** The mistakes that the core's seeds must find, each with what it breaks. Fresh parts for each world. */
export const CORE_PLANTS = {
  'forgets-promise': (): CoreParts => ({
    ...withAcceptor(Forgetter),
    keeps: (record) => record.kind !== 'promise',
  }),
  'answers-before-sync': (): CoreParts => ({ ...HONEST, waitsForSync: false }),
  'cuts-tail-early': (): CoreParts => withAcceptor(EarlyCutter),
  'keeps-stale-tail': (): CoreParts => withAcceptor(TailKeeper),
  'mixes-promises': (): CoreParts => new PromiseMixer(),
  'applies-older-ballot': (): CoreParts => ({
    ...HONEST,
    makeLearner: (chosenSlot) => new CredulousLearner(chosenSlot),
  }),
  'counts-observers': (): CoreParts => ({ ...HONEST, quorum: withObservers }),
  'pairs-that-miss': (): CoreParts => ({ ...HONEST, quorum: thatMiss }),
} as const

export type CorePlant = keyof typeof CORE_PLANTS

/** As many promises and acceptances as a majority of the voters, whoever they come from. */
function withObservers(honest: QuorumSystem, members: readonly ReplicaId[]): QuorumSystem {
  const needed = Math.floor(honest.voters.length / 2) + 1
  return byCount(members, needed, needed)
}

/** A phase-1 quorum and a phase-2 quorum may have no member in common. */
function thatMiss({ voters }: QuorumSystem): QuorumSystem {
  const phase2 = Math.floor(voters.length / 2) + 1
  return byCount(voters, voters.length - phase2, phase2)
}

function byCount(voters: readonly ReplicaId[], phase1: number, phase2: number): QuorumSystem {
  const size = (set: VoterSet): number => voters.filter((_id, position) => ((set >>> position) & 1) === 1).length
  return { voters, isPhase1: (set) => size(set) >= phase1, isPhase2: (set) => size(set) >= phase2 }
}

function withAcceptor(kind: new (recovered: RecoveredState, isVoting: boolean) => Acceptor): CoreParts {
  return { ...HONEST, makeAcceptor: (recovered, isVoting) => new kind(recovered, isVoting) }
}

/** Says that it promised, and goes on accepting what it did before; on disk there is nothing either. */
class Forgetter extends Acceptor {
  #said: Ballot = NO_BALLOT

  override get promised(): Ballot {
    return this.#said > super.promised ? this.#said : super.promised
  }

  override promise(ballot: Ballot): boolean {
    if (ballot < this.promised) return false
    this.#said = ballot
    return true
  }
}

/** Replaces its log with the first part of the recovered suffix, and calls itself the new ballot's from then on. */
class EarlyCutter extends Acceptor {
  override install(message: Install, out: Effects): 'installed' | 'staged' | 'gap' | 'refused' {
    const { ballot, base, after, entries } = message
    if (ballot < this.promised || ballot === this.logBallot) return super.install(message, out)
    if (after !== base || base > this.log.end) return 'gap'
    this.switchTo(ballot, base, entries, out)
    return 'installed'
  }
}

/** Takes the recovered suffix and keeps what its old log had beyond it. */
class TailKeeper extends Acceptor {
  override switchTo(ballot: Ballot, base: Slot, suffix: readonly Entry[], out: Effects): void {
    const end = slotOf(base + suffix.length)
    const tail = end >= this.log.start && end < this.log.end ? this.log.slice(end, Infinity) : []
    super.switchTo(ballot, base, [...suffix, ...tail], out)
  }
}

/** Takes "chosen through n" of any ballot for its own log's. */
class CredulousLearner extends Learner {
  override tell(_ballot: Ballot, slot: Slot, logBallot: Ballot): void {
    super.tell(logBallot, slot, logBallot)
  }
}

/** Remembers in which ballot it accepted each slot, as an acceptor of independent slots would. */
class SlotwiseAcceptor extends Acceptor {
  readonly ballots = new Map<number, Ballot>()

  ballotAt(slot: number): Ballot {
    return this.ballots.get(slot) ?? this.logBallot
  }

  override accept(ballot: Ballot, after: Slot, entries: readonly Entry[], out: Effects) {
    const end = this.log.end
    const result = super.accept(ballot, after, entries, out)
    this.#note(end, ballot)
    return result
  }

  override propose(ballot: Ballot, entry: Entry, out: Effects): Slot {
    const end = this.log.end
    const slot = super.propose(ballot, entry, out)
    this.#note(end, ballot)
    return slot
  }

  override switchTo(ballot: Ballot, base: Slot, suffix: readonly Entry[], out: Effects): void {
    super.switchTo(ballot, base, suffix, out)
    this.#note(base, ballot)
  }

  #note(after: number, ballot: Ballot): void {
    for (let slot = after + 1; slot <= this.log.end; slot++) this.ballots.set(slot, ballot)
  }
}

interface Mixture {
  readonly base: Slot
  readonly entries: readonly Entry[]
}

/**
 * A candidate that recovers slot by slot: of each slot the value of the highest ballot in which any member of its quorum
 * accepted it. It agrees on single slots, as the textbook's independent instances do, and tears sequences apart.
 */
class PromiseMixer implements CoreParts {
  readonly waitsForSync = true
  readonly #acceptors = new Map<EntryLog, SlotwiseAcceptor>()
  readonly #promises = new Map<string, Map<ReplicaId, PromiseMade>>()
  readonly #mixtures = new Map<Ballot, Mixture>()

  makeAcceptor(recovered: RecoveredState, isVoting: boolean): Acceptor {
    const acceptor = new SlotwiseAcceptor(recovered, isVoting)
    this.#acceptors.set(acceptor.log, acceptor)
    return acceptor
  }

  makeLearner(chosenSlot: Slot): Learner {
    return new Learner(chosenSlot)
  }

  quorum(honest: QuorumSystem): QuorumSystem {
    return honest
  }

  keeps(): boolean {
    return true
  }

  onDelivery(world: CoreWire, to: CoreNode, from: ReplicaId, message: Message): Message | null {
    if (message.kind === 'promise') return this.#onPromise(world, to, from, message)
    if (message.kind === 'fetch') return this.#onFetch(world, to, from, message)
    return message
  }

  #onPromise(world: CoreWire, to: CoreNode, from: ReplicaId, promise: PromiseMade): Message | null {
    const { ballot } = promise
    if (proposerOf(ballot) !== to.id || !promise.isVoting || to.replica?.state !== 'preparing') return promise
    const key = `${ballot} ${to.process.incarnation}`
    const promises = this.#promises.get(key) ?? new Map<ReplicaId, PromiseMade>()
    this.#promises.set(key, promises)
    // The others' promises wait for its own, so that the last one can stand for the mixture.
    if (from !== to.id && !promises.has(to.id)) return null
    const wasQuorum = this.#isQuorum(world, promises)
    promises.set(from, promise)
    if (wasQuorum || !this.#isQuorum(world, promises)) return promise
    const mixture = this.#mix(world, to, [...promises.keys()])
    if (mixture === null) return promise
    this.#mixtures.set(ballot, mixture)
    const highest = Math.max(...[...promises.values()].map(({ logBallot }) => logBallot))
    const lastSlot = slotOf(mixture.base + mixture.entries.length)
    // Above all others by a hair, so that the candidate takes this one.
    return { ...promise, logBallot: (highest + 0.5) as Ballot, startSlot: mixture.base, lastSlot }
  }

  #onFetch(world: CoreWire, to: CoreNode, from: ReplicaId, fetch: Fetch): Message | null {
    const mixture = this.#mixtures.get(fetch.ballot)
    if (mixture === undefined) return fetch
    const { base, entries } = mixture
    const lastSlot = slotOf(base + entries.length)
    const message: Message = { kind: 'fetched', ballot: fetch.ballot, after: base, entries, lastSlot }
    world.send(to.id, from, { kind: 'message', message })
    return null
  }

  #isQuorum(world: CoreWire, promises: ReadonlyMap<ReplicaId, PromiseMade>): boolean {
    let set = 0
    for (const id of promises.keys()) set |= bitOf(world.quorum, id)
    return world.quorum.isPhase1(set)
  }

  /** @returns null when there is nothing to recover, or not from logs alone */
  #mix(world: CoreWire, candidate: CoreNode, members: readonly ReplicaId[]): Mixture | null {
    const acceptors: SlotwiseAcceptor[] = []
    for (const node of world.nodes) {
      const acceptor = node.replica === null ? undefined : this.#acceptors.get(node.replica.log)
      if (members.includes(node.id) && acceptor !== undefined) acceptors.push(acceptor)
    }
    const base = candidate.replica?.chosenSlot ?? slotOf(0)
    const entries: Entry[] = []
    for (let slot = base + 1; ; slot++) {
      let best: SlotwiseAcceptor | null = null
      for (const acceptor of acceptors) {
        if (slot <= acceptor.log.start) return null
        if (slot > acceptor.log.end) continue
        if (best === null || acceptor.ballotAt(slot) > best.ballotAt(slot)) best = acceptor
      }
      if (best === null) break
      entries.push(best.log.get(slot))
    }
    return entries.length === 0 ? null : { base, entries }
  }
}
