import { expect, test } from 'vitest'
import { NOTHING_RECOVERED } from '../../src/paxos/acceptor.ts'
import { Cluster } from './cluster.ts'

test('three empty replicas elect a leader, and what it proposes is chosen everywhere', () => {
  const cluster = new Cluster([1, 2, 3])
  cluster.tick(10)
  expect(cluster.leader).not.toBeNull()
  cluster.propose('a')
  cluster.propose('b')
  for (const id of [1, 2, 3]) expect(cluster.chosen(id)).toEqual(['*', 'a', 'b'])
})

test('one replica alone is an ensemble', () => {
  const cluster = new Cluster([1])
  cluster.tick(5)
  cluster.propose('a')
  expect(cluster.chosen(1)).toEqual(['*', 'a'])
})

test('when the leader crashes another takes over with everything that was chosen', () => {
  const cluster = new Cluster([1, 2, 3])
  cluster.tick(10)
  cluster.propose('a')
  const first = [1, 2, 3].find((id) => cluster.at(id).state === 'leading')
  cluster.crash(first ?? 0)
  cluster.tick(20)
  cluster.propose('b')
  for (const id of cluster.replicas.keys()) expect(cluster.chosen(id)).toEqual(['*', 'a', '*', 'b'])
})

test('a leader that is cut off steps down, and its unchosen tail is replaced when it is back', () => {
  const cluster = new Cluster([1, 2, 3])
  cluster.tick(10)
  const old = [1, 2, 3].find((id) => cluster.at(id).state === 'leading') ?? 0
  const others = [1, 2, 3].filter((id) => id !== old)
  for (const other of others) cluster.cut(old, other)
  cluster.step(old, { kind: 'propose', payload: Buffer.from('lost') })
  cluster.settle()
  cluster.tick(40)
  expect(cluster.at(old).state).not.toBe('leading')
  cluster.propose('kept')
  cluster.heal()
  cluster.tick(20)
  for (const id of [1, 2, 3]) {
    expect(cluster.chosen(id)).toContain('kept')
    expect(cluster.chosen(id)).not.toContain('lost')
  }
})

test('a sync is answered after a round that started later, with the last proposed slot', () => {
  const cluster = new Cluster([1, 2, 3])
  cluster.tick(10)
  cluster.propose('a')
  const leader = [1, 2, 3].find((id) => cluster.at(id).state === 'leading') ?? 0
  cluster.step(leader, { kind: 'sync', token: 7 })
  expect(cluster.events.some(({ event }) => event.kind === 'syncReady')).toBe(false)
  cluster.settle()
  expect(cluster.events.at(-1)?.event).toEqual({ kind: 'syncReady', token: 7, slot: 2 })
})

test('a follower that stood still for a while follows again as soon as it hears its leader', () => {
  const cluster = new Cluster([1, 2, 3])
  cluster.tick(10)
  const leader = [1, 2, 3].find((id) => cluster.at(id).state === 'leading') ?? 0
  const follower = leader === 1 ? 2 : 1
  for (let nowMs = 1; cluster.at(follower).state === 'following'; nowMs++)
    cluster.step(follower, { kind: 'tick', nowMs })
  expect(cluster.at(follower).state).toBe('looking')
  // A heartbeat comes before it has asked anybody: from then on it waits for the leader.
  for (let tick = 0; tick < 4; tick++) cluster.step(leader, { kind: 'tick', nowMs: 0 })
  cluster.settle()
  cluster.tick(40)
  expect(cluster.at(follower).state).toBe('following')
  expect(cluster.at(leader).state).toBe('leading')
  expect(cluster.events.at(-1)?.event).toMatchObject({ kind: 'following', leader, serveFrom: 1 })
})

test('a peer that does not take over its snapshot within the join limit is sent another, and not before', () => {
  const cluster = new Cluster([1, 2, 3])
  cluster.tick(10)
  const leader = [1, 2, 3].find((id) => cluster.at(id).state === 'leading') ?? 0
  const slow = [1, 2, 3].find((id) => id !== leader) ?? 0
  cluster.crash(slow)
  for (const text of ['a', 'b', 'c']) cluster.propose(text)
  cluster.at(leader).trim(cluster.at(leader).chosenSlot)
  cluster.start(slow, NOTHING_RECOVERED)
  cluster.step(leader, { kind: 'connected', peer: slow })
  cluster.settle()
  const sent = (): number => cluster.events.filter(({ event }) => event.kind === 'sendSnapshot').length
  expect(sent()).toBe(1)
  cluster.tick(35)
  expect(sent()).toBe(1)
  cluster.tick(15)
  expect(sent()).toBe(2)
})
