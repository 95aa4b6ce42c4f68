/** Each claim of the papers and of the rules that the code leans on, with its place. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AssertionFailure } from '../../src/kernel/assert.ts'
import { Acceptor, NOTHING_RECOVERED } from '../../src/paxos/acceptor.ts'
import type { Ballot } from '../../src/paxos/ballot.ts'
import { ballotOf, ballotText, NO_BALLOT, proposerOf, roundOf } from '../../src/paxos/ballot.ts'
import { Candidacy } from '../../src/paxos/candidacy.ts'
import { Effects } from '../../src/paxos/effects.ts'
import type { Entry } from '../../src/paxos/entry.ts'
import { NO_SLOT, slotOf } from '../../src/paxos/entry.ts'
import { Learner } from '../../src/paxos/learner.ts'
import type { Install, PromiseMade } from '../../src/paxos/message.ts'
import { counted, majority, reachedByPhase2 } from '../../src/paxos/quorum.ts'
import { Cluster } from './cluster.ts'

const ballots = fc
  .tuple(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 5 }))
  .map(([r, p]) => ballotOf(r, p))
const command = (text: string): Entry => ({ kind: 'command', payload: Buffer.from(text) })
const texts = (acceptor: Acceptor): string[] =>
  acceptor.log.slice(acceptor.log.start, 1e9).map(({ payload }) => Buffer.from(payload).toString())

function acceptorWith(logBallot: Ballot, ...commands: string[]): Acceptor {
  const entries = commands.map(command)
  return new Acceptor({ ...NOTHING_RECOVERED, promised: logBallot, logBallot, entries }, true)
}

function promiseOf(from: Acceptor, ballot: Ballot, chosen = NO_SLOT): PromiseMade {
  return {
    kind: 'promise',
    ballot,
    isVoting: from.isVoting,
    logBallot: from.logBallot,
    startSlot: from.log.start,
    lastSlot: from.log.end,
    chosenSlot: chosen,
  }
}

function installOf(ballot: Ballot, base: number, commands: string[], parts: Partial<Install> = {}): Install {
  const first = { kind: 'install', ballot, base: slotOf(base), after: slotOf(base), isLast: true } as const
  return { ...first, entries: commands.map(command), chosenSlot: NO_SLOT, openingSlot: slotOf(1), ...parts }
}

// Lamport, Paxos Made Simple (2001)

test('§2.2: ballots are totally ordered, by round and then by proposer, and name both', () => {
  fc.assert(
    fc.property(ballots, ballots, (a, b) => {
      const order = roundOf(a) - roundOf(b) || proposerOf(a) - proposerOf(b)
      expect(Math.sign(a - b)).toBe(Math.sign(order))
    }),
  )
  expect(ballotText(ballotOf(7, 3))).toBe('7.3')
})

test('§2.2 P1b: an acceptor never promises a ballot below one it has promised before', () => {
  fc.assert(
    fc.property(fc.array(ballots, { maxLength: 50 }), (prepares) => {
      const acceptor = new Acceptor(NOTHING_RECOVERED, true)
      const out = new Effects()
      for (const ballot of prepares) acceptor.promise(ballot, out)
      const promised = out.persist.map((record) => (record.kind === 'promise' ? record.ballot : NO_BALLOT))
      expect(promised).toEqual([...new Set(promised)].sort((a, b) => a - b))
    }),
  )
})

test('§2.2 P1a: an acceptor accepts nothing of a ballot below its promise', () => {
  const acceptor = acceptorWith(ballotOf(1, 1), 'a')
  const out = new Effects()
  acceptor.promise(ballotOf(2, 2), out)
  expect(acceptor.accept(ballotOf(1, 1), slotOf(1), [command('b')], out)).toBe('foreign')
  expect(acceptor.install(installOf(ballotOf(1, 3), 0, ['c']), out)).toBe('refused')
  expect(texts(acceptor)).toEqual(['a'])
})

test('§2.2: a promise is handed to the disk before its answer is handed to the network', () => {
  const cluster = new Cluster([1, 2, 3])
  const out = new Effects()
  cluster.at(1).step({ kind: 'message', from: 2, message: { kind: 'prepare', ballot: ballotOf(9, 2) } }, out)
  expect(out.persist).toEqual([{ kind: 'promise', ballot: ballotOf(9, 2) }])
  expect(out.send.map(({ message }) => message.kind)).toEqual(['promise'])
  expect(out.sendNow).toEqual([])
})

// Howard, Malkhi, Spiegelman, Flexible Paxos (2016)

test('§3: quorums of the two phases that could miss each other are refused', () => {
  expect(() => counted([1, 2, 3, 4, 5], 2, 3)).toThrow(AssertionFailure)
  expect(counted([1, 2, 3, 4, 5], 2, 4).isPhase1(0b00011)).toBe(true)
  expect(counted([1, 2, 3], 1, 3).isPhase2(0b011)).toBe(false)
})

test('§3: a slot is chosen when a phase-2 quorum has accepted through it', () => {
  const slowly = (reached: number[], needed: number): number => {
    let best = 0
    for (let slot = 1; slot <= 20; slot++) if (reached.filter((one) => one >= slot).length >= needed) best = slot
    return best
  }
  fc.assert(
    fc.property(fc.array(fc.nat(20), { minLength: 1, maxLength: 7 }), (reached) => {
      const ids = reached.map((_, index) => index + 1)
      expect(reachedByPhase2(majority(ids), reached)).toBe(slowly(reached, Math.floor(ids.length / 2) + 1))
    }),
  )
})

// Haridi, Kroll, Carbone, Lecture Notes on Leader-based Sequence Paxos (2020)

test('one log, one ballot: an entry of another ballot, or behind a gap, is not appended', () => {
  const acceptor = acceptorWith(ballotOf(1, 1), 'a')
  const out = new Effects()
  expect(acceptor.accept(ballotOf(2, 1), slotOf(1), [command('b')], out)).toBe('foreign')
  expect(acceptor.accept(ballotOf(1, 1), slotOf(2), [command('c')], out)).toBe('gap')
  expect(acceptor.accept(ballotOf(1, 1), slotOf(1), [command('b')], out)).toBe('accepted')
  expect(texts(acceptor)).toEqual(['a', 'b'])
})

test('a repeated accept changes nothing and writes nothing', () => {
  const acceptor = acceptorWith(ballotOf(1, 1), 'a', 'b')
  const out = new Effects()
  expect(acceptor.accept(ballotOf(1, 1), NO_SLOT, [command('a'), command('b')], out)).toBe('accepted')
  expect(out.persist).toEqual([])
  expect(texts(acceptor)).toEqual(['a', 'b'])
})

test('the log is replaced only when its whole suffix is here, and then in one step', () => {
  const acceptor = acceptorWith(ballotOf(1, 1), 'a', 'x', 'y')
  const out = new Effects()
  acceptor.promise(ballotOf(2, 2), out)
  out.clear()
  const first = installOf(ballotOf(2, 2), 1, ['b'], { isLast: false })
  expect(acceptor.install(first, out)).toBe('staged')
  expect(texts(acceptor)).toEqual(['a', 'x', 'y'])
  expect(acceptor.logBallot).toBe(ballotOf(1, 1))
  expect(out.persist).toEqual([])
  const last = installOf(ballotOf(2, 2), 1, ['c'], { after: slotOf(2) })
  expect(acceptor.install(last, out)).toBe('installed')
  expect(texts(acceptor)).toEqual(['a', 'b', 'c'])
  expect(out.persist.map(({ kind }) => kind)).toEqual(['stage', 'stage', 'switch'])
})

test('a part that came without the one before it is not taken', () => {
  const acceptor = acceptorWith(ballotOf(1, 1), 'a')
  const out = new Effects()
  expect(acceptor.install(installOf(ballotOf(2, 2), 0, ['c'], { after: slotOf(1) }), out)).toBe('gap')
  expect(texts(acceptor)).toEqual(['a'])
})

test('a candidate takes the whole log of the highest log ballot, of equals the longest, never a mix per slot', () => {
  const self = acceptorWith(ballotOf(1, 1), 'a', 'b', 'c')
  const other = acceptorWith(ballotOf(2, 2), 'd')
  const ballot = ballotOf(5, 1)
  const candidacy = new Candidacy(ballot, 1, majority([1, 2, 3]), self)
  const out = new Effects()
  self.promise(ballot, out)
  expect(candidacy.onPromise(1, promiseOf(self, ballot), NO_SLOT, out)).toBeNull()
  expect(candidacy.onPromise(2, promiseOf(other, ballot), NO_SLOT, out)).toBeNull()
  expect(out.sendNow).toEqual([{ to: 2, message: { kind: 'fetch', ballot, after: NO_SLOT } }])
  const entries = other.log.slice(NO_SLOT, 1e9)
  const fetched = { kind: 'fetched', ballot, after: NO_SLOT, entries, lastSlot: slotOf(1) } as const
  const recovery = candidacy.onFetched(2, fetched, out)
  expect(recovery).toMatchObject({ logBallot: ballotOf(2, 2), lastSlot: 1 })
  expect(texts(self)).toEqual(['d'])
})

test('of two logs of one ballot the longer one is continued, and only what is missing is fetched', () => {
  const self = acceptorWith(ballotOf(1, 3), 'a')
  const other = acceptorWith(ballotOf(1, 3), 'a', 'b')
  const ballot = ballotOf(2, 1)
  const candidacy = new Candidacy(ballot, 1, majority([1, 2, 3]), self)
  const out = new Effects()
  self.promise(ballot, out)
  candidacy.onPromise(1, promiseOf(self, ballot), NO_SLOT, out)
  candidacy.onPromise(2, promiseOf(other, ballot), NO_SLOT, out)
  expect(out.sendNow).toEqual([{ to: 2, message: { kind: 'fetch', ballot, after: slotOf(1) } }])
})

test('a promise of another ballot does not count', () => {
  const self = acceptorWith(NO_BALLOT)
  const candidacy = new Candidacy(ballotOf(3, 1), 1, majority([1, 2, 3]), self)
  const out = new Effects()
  self.promise(ballotOf(3, 1), out)
  candidacy.onPromise(1, promiseOf(self, ballotOf(3, 1)), NO_SLOT, out)
  expect(candidacy.onPromise(2, promiseOf(self, ballotOf(2, 1)), NO_SLOT, out)).toBeNull()
  expect(candidacy.onPromise(3, { ...promiseOf(self, ballotOf(3, 1)), isVoting: false }, NO_SLOT, out)).toBeNull()
  expect(candidacy.onPromise(3, promiseOf(self, ballotOf(3, 1)), NO_SLOT, out)).not.toBeNull()
})

test('what an acceptor answers to fetch is valid only while its promise is that ballot', () => {
  const cluster = new Cluster([1, 2, 3])
  cluster.tick(10)
  cluster.propose('a')
  const replica = cluster.at(1)
  const out = new Effects()
  replica.step({ kind: 'message', from: 2, message: { kind: 'prepare', ballot: ballotOf(50, 2) } }, out)
  replica.step({ kind: 'message', from: 3, message: { kind: 'prepare', ballot: ballotOf(50, 3) } }, out)
  out.clear()
  replica.step({ kind: 'message', from: 2, message: { kind: 'fetch', ballot: ballotOf(50, 2), after: NO_SLOT } }, out)
  expect(out.send).toEqual([])
  replica.step({ kind: 'message', from: 3, message: { kind: 'fetch', ballot: ballotOf(50, 3), after: NO_SLOT } }, out)
  expect(out.send.map(({ message }) => message.kind)).toEqual(['fetched'])
})

test('"chosen" speaks of its own ballot\'s log: an older log is not applied by it, and none beyond its end', () => {
  const acceptor = acceptorWith(ballotOf(1, 1), 'a', 'b')
  const learner = new Learner(NO_SLOT)
  learner.tell(ballotOf(2, 2), slotOf(2), acceptor.logBallot)
  expect(learner.chosenIn(acceptor.log)).toBe(0)
  learner.tell(ballotOf(1, 1), slotOf(1), acceptor.logBallot)
  expect(learner.chosenIn(acceptor.log)).toBe(1)
  learner.tell(ballotOf(1, 1), slotOf(9), acceptor.logBallot)
  expect(learner.chosenIn(acceptor.log)).toBe(2)
})

test('a leader counts only acknowledgements of its own ballot', () => {
  const cluster = new Cluster([1, 2, 3])
  cluster.tick(10)
  const leader = [1, 2, 3].find((id) => cluster.at(id).state === 'leading') ?? 0
  for (const other of [1, 2, 3].filter((id) => id !== leader)) cluster.cut(leader, other)
  cluster.propose('a')
  const before = cluster.at(leader).chosenSlot
  const stale = { kind: 'accepted', ballot: ballotOf(0, 2), slot: slotOf(99) } as const
  for (const from of [1, 2, 3]) cluster.step(leader, { kind: 'message', from, message: stale })
  expect(cluster.at(leader).chosenSlot).toBe(before)
})

test('the own vote counts only when the own disk has it', () => {
  const cluster = new Cluster([1])
  cluster.tick(5)
  const replica = cluster.at(1)
  const before = replica.chosenSlot
  const out = new Effects()
  replica.step({ kind: 'propose', payload: Buffer.from('a') }, out)
  replica.endTurn(out)
  expect(replica.chosenSlot).toBe(before)
  const own = out.send.find(({ to, message }) => to === 1 && message.kind === 'accepted')
  expect(own).toBeDefined()
  if (own !== undefined) cluster.step(1, { kind: 'message', from: 1, message: own.message })
  expect(replica.chosenSlot).toBe(before + 1)
})

test('a replica that restarts leads nothing before it has prepared a new ballot, and applies only what it knows', () => {
  const cluster = new Cluster([1, 2, 3])
  const promised = ballotOf(4, 1)
  const entries = [command('a'), command('b')]
  cluster.replicas.clear()
  const replica = cluster.start(1, { ...NOTHING_RECOVERED, promised, logBallot: promised, entries })
  expect(replica.state).toBe('looking')
  expect(replica.chosenSlot).toBe(0)
})

test('a candidate asks first, and raises no ballot while a quorum hears a leader', () => {
  const cluster = new Cluster([1, 2, 3])
  cluster.tick(10)
  const leader = [1, 2, 3].find((id) => cluster.at(id).state === 'leading') ?? 0
  const lonely = [1, 2, 3].find((id) => id !== leader) ?? 0
  const before = cluster.at(lonely).promised
  cluster.cut(leader, lonely)
  cluster.step(lonely, { kind: 'disconnected', peer: leader })
  cluster.tick(40)
  expect(cluster.at(lonely).state).toBe('looking')
  expect(cluster.at(lonely).promised).toBe(before)
  expect(cluster.at(leader).state).toBe('leading')
})

test('a voter that lost its disk promises nothing until it has a whole log of a ballot begun after it said so', () => {
  const cluster = new Cluster([1, 2, 3])
  cluster.tick(10)
  cluster.propose('a')
  const leader = [1, 2, 3].find((id) => cluster.at(id).state === 'leading') ?? 0
  const lost = [1, 2, 3].find((id) => id !== leader) ?? 0
  const before = cluster.at(leader).ballot
  cluster.crash(lost)
  const replica = cluster.start(lost, NOTHING_RECOVERED, false)
  const out = new Effects()
  replica.step({ kind: 'message', from: leader, message: { kind: 'prepare', ballot: before } }, out)
  expect(out.persist).toEqual([])
  expect(out.send.map(({ message }) => message)).toMatchObject([{ kind: 'promise', isVoting: false }])
  cluster.step(leader, { kind: 'connected', peer: lost })
  cluster.tick(30)
  expect(cluster.leader?.ballot).toBeGreaterThan(before)
  expect(cluster.chosen(lost)).toEqual(cluster.chosen(leader))
  expect(cluster.at(lost).promised).toBe(cluster.leader?.ballot)
})

test('of five, a voter that lost its disk votes again only when every other voter has promised the new ballot', () => {
  const cluster = new Cluster([1, 2, 3, 4, 5])
  cluster.tick(10)
  cluster.propose('a')
  const leader = [1, 2, 3, 4, 5].find((id) => cluster.at(id).state === 'leading') ?? 0
  const [lost, away] = [1, 2, 3, 4, 5].filter((id) => id !== leader)
  cluster.crash(lost ?? 0)
  for (const id of [1, 2, 3, 4, 5]) if (id !== away) cluster.cut(away ?? 0, id)
  cluster.start(lost ?? 0, NOTHING_RECOVERED, false)
  cluster.step(leader, { kind: 'connected', peer: lost ?? 0 })
  cluster.tick(40)
  // The one that is away may be a candidate that counts the promise which was forgotten.
  expect(cluster.at(lost ?? 0).log.end).toBe(0)
  cluster.heal()
  cluster.tick(40)
  expect(cluster.chosen(lost ?? 0)).toContain('a')
  expect(cluster.at(lost ?? 0).promised).toBeGreaterThan(0)
})
