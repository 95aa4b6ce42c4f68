import { expect, test } from 'vitest'
import { NOTHING_RECOVERED } from '../../src/paxos/acceptor.ts'
import { majority, unanimous } from '../../src/paxos/quorum.ts'
import { Cluster } from './cluster.ts'

const VOTERS = [1, 2, 3]

function withObserver(): Cluster {
  const cluster = new Cluster([...VOTERS, 4], majority(VOTERS))
  cluster.tick(40)
  return cluster
}

test('an observer learns all that is chosen, and never leads', () => {
  const cluster = withObserver()
  cluster.propose('a')
  cluster.tick(4)
  expect(cluster.chosen(4)).toEqual(cluster.chosen(1))
  expect(cluster.chosen(4)).toContain('a')
  for (const id of VOTERS) cluster.crash(id)
  cluster.tick(400)
  expect(cluster.at(4).state).toBe('looking')
})

test('an observer counts in no quorum: with it and one voter nobody leads', () => {
  const cluster = withObserver()
  cluster.crash(1)
  cluster.crash(2)
  cluster.tick(400)
  expect(cluster.leader).toBeNull()
})

test('an observer is sent nothing that is not chosen', () => {
  const cluster = withObserver()
  const leader = [...cluster.replicas].find(([, replica]) => replica.state === 'leading')?.[0] ?? 0
  for (const id of VOTERS) if (id !== leader) cluster.cut(leader, id)
  cluster.propose('unheard')
  cluster.tick(2)
  expect(cluster.at(leader).log.end).toBe(cluster.at(4).log.end + 1)
})

test('an observer that comes late takes over the log, and its empty disk disturbs no leader', () => {
  const cluster = withObserver()
  const before = cluster.leader?.ballot
  cluster.propose('a')
  cluster.crash(4)
  cluster.propose('b')
  cluster.start(4, NOTHING_RECOVERED)
  for (const id of VOTERS) {
    cluster.step(id, { kind: 'connected', peer: 4 })
    cluster.step(4, { kind: 'connected', peer: id })
  }
  cluster.settle()
  cluster.tick(10)
  expect(cluster.chosen(4)).toEqual(cluster.chosen(1))
  expect(cluster.at(4).state).toBe('following')
  expect(cluster.leader?.ballot).toBe(before)
})

test('a leader knows who has taken over its log: not who has only just connected', () => {
  const cluster = withObserver()
  const [leaderId = 0] = [...cluster.replicas].find(([, replica]) => replica.state === 'leading') ?? []
  const others = [1, 2, 3, 4].filter((id) => id !== leaderId)
  expect(cluster.at(leaderId).syncedPeers).toEqual(others)
  expect(cluster.at(4).syncedPeers).toEqual([])
  cluster.step(leaderId, { kind: 'connected', peer: 4 })
  expect(cluster.at(leaderId).syncedPeers).toEqual(others.filter((id) => id !== 4))
  cluster.settle()
  expect(cluster.at(leaderId).syncedPeers).toEqual(others)
})

test('unanimous: without one voter nothing more is chosen, and with it again everything goes on', () => {
  const cluster = new Cluster(VOTERS, unanimous(VOTERS))
  cluster.tick(40)
  cluster.propose('a')
  cluster.tick(4)
  const leader = [...cluster.replicas].find(([, replica]) => replica.state === 'leading')?.[0] ?? 0
  const gone = VOTERS.find((id) => id !== leader) ?? 0
  cluster.crash(gone)
  cluster.propose('b')
  cluster.tick(2)
  expect(cluster.chosen(leader)).not.toContain('b')
  cluster.tick(400)
  expect(cluster.leader).toBeNull()
  // It comes back without its disk: every other voter is there, so it may accept again.
  cluster.start(gone, NOTHING_RECOVERED, false)
  cluster.tick(200)
  cluster.propose('c')
  cluster.tick(10)
  for (const id of VOTERS) expect(cluster.chosen(id)).toEqual(expect.arrayContaining(['a', 'c']))
})
