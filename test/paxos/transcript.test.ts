/** Whole conversations, to be read in review: a change of the protocol shows here as a change of text. */
import { expect, test } from 'vitest'
import { Cluster } from './cluster.ts'

function leaderOf(cluster: Cluster): number {
  return [...cluster.replicas.keys()].find((id) => cluster.at(id).state === 'leading') ?? 0
}

async function matches(cluster: Cluster, name: string): Promise<void> {
  await expect(`${cluster.trace.join('\n')}\n`).toMatchFileSnapshot(`transcripts/${name}.txt`)
}

test('three empty replicas elect a leader, and one command is chosen', async () => {
  const cluster = new Cluster([1, 2, 3])
  cluster.tick(4)
  cluster.propose('a')
  await matches(cluster, 'first-election-and-one-command')
})

test('the leader crashes with a command that only one follower has accepted; the next one recovers it', async () => {
  const cluster = new Cluster([1, 2, 3])
  cluster.tick(4)
  const leader = leaderOf(cluster)
  const [keeper, other] = [1, 2, 3].filter((id) => id !== leader)
  cluster.cut(leader, other ?? 0)
  cluster.trace.length = 0
  cluster.propose('a')
  cluster.crash(leader)
  cluster.heal()
  cluster.tick(12)
  expect(cluster.chosen(keeper ?? 0)).toContain('a')
  expect(cluster.chosen(other ?? 0)).toContain('a')
  await matches(cluster, 'takeover-recovers-an-accepted-command')
})

test('a leader that was cut off comes back with a stale tail, which is replaced whole', async () => {
  const cluster = new Cluster([1, 2, 3])
  cluster.tick(4)
  const old = leaderOf(cluster)
  for (const other of [1, 2, 3].filter((id) => id !== old)) cluster.cut(old, other)
  cluster.propose('stale')
  for (const other of [1, 2, 3].filter((id) => id !== old)) {
    cluster.step(other, { kind: 'disconnected', peer: old })
  }
  cluster.tick(24)
  cluster.propose('kept')
  cluster.heal()
  cluster.trace.length = 0
  const leader = leaderOf(cluster)
  cluster.step(leader, { kind: 'connected', peer: old })
  cluster.settle()
  expect(cluster.chosen(old)).toEqual(cluster.chosen(leader))
  await matches(cluster, 'stale-tail-is-replaced')
})
