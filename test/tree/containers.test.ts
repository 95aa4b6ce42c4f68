import { expect, test } from 'vitest'
import { CreateMode } from '../../src/protocol/create-mode.ts'
import { WireError } from '../../src/protocol/wire-error.ts'
import { COMMAND_FLAG } from '../../src/tree/command.ts'
import { DataTree } from '../../src/tree/data-tree.ts'
import { ReapingSearch } from '../../src/tree/reaping.ts'
import { TestClient } from './test-client.ts'

const TTL = { flags: CreateMode.persistentWithTtl }

function freshClient(): TestClient {
  const client = new TestClient(new DataTree())
  client.flags = COMMAND_FLAG.extendedTypes
  return client
}

function reapable(client: TestClient, nowMs: number, neverUsedMsMax = 0): string[] {
  return new ReapingSearch(client.tree, { neverUsedMsMax }).next({ nowMs, findMax: 100, lookMax: 100 })
}

test('containers work without extended types, TTL znodes do not', () => {
  const client = freshClient()
  client.flags = 0
  expect(client.create('/c', { flags: CreateMode.container }).error).toBe(0)
  expect(client.create('/t', { ...TTL, ttlMs: 10 }).error).toBe(WireError.unimplemented)
})

test.each([
  [0, WireError.badArguments],
  [-1, WireError.badArguments],
  [1, WireError.ok],
  [2 ** 40 - 1, WireError.ok],
  [2 ** 40, WireError.badArguments],
])('a ttl of %d ms gives %d', (ttlMs, error) => {
  const client = freshClient()
  expect(client.create('/t', { ...TTL, ttlMs }).error).toBe(error)
  if (error === WireError.ok) expect(client.tree.getNode('/t')).toMatchObject({ kind: 'ttl', ttlMs })
})

test('the Stat of containers and TTL znodes shows no owner, and both take children', () => {
  const client = freshClient()
  const noOwner = { ephemeralOwnerHigh: 0, ephemeralOwnerLow: 0 }
  expect(client.create('/c', { flags: CreateMode.container }).stat).toMatchObject(noOwner)
  expect(client.create('/t', { ...TTL, ttlMs: 10 }).stat).toMatchObject(noOwner)
  expect(client.create('/c/x').error).toBe(0)
  expect(client.create('/t/x').error).toBe(0)
  expect(client.create('/t/s', { flags: CreateMode.persistentSequentialWithTtl, ttlMs: 5 }).path).toBe('/t/s0000000001')
})

test('a container may go when it is empty and was used, one never used only after its time', () => {
  const client = freshClient()
  client.create('/used', { flags: CreateMode.container })
  client.create('/used/x')
  client.create('/new', { flags: CreateMode.container })
  expect(reapable(client, 1_000)).toEqual([])
  client.delete('/used/x')
  expect(reapable(client, 1_000)).toEqual(['/used'])
  expect(reapable(client, 1_000 + 300_000, 300_000)).toEqual(['/used'])
  expect(reapable(client, 1_001 + 300_000, 300_000)).toEqual(['/used', '/new'])
})

test('a TTL znode may go when nobody wrote to it for its time; children do not keep it, setData does', () => {
  const client = freshClient()
  client.create('/t', { ...TTL, ttlMs: 100 })
  client.timeMs = 1_090
  client.create('/t/x')
  expect(reapable(client, 1_101)).toEqual([])
  client.delete('/t/x')
  expect(reapable(client, 1_100)).toEqual([])
  expect(reapable(client, 1_101)).toEqual(['/t'])
  client.setData('/t', null)
  expect(reapable(client, 1_190)).toEqual([])
  expect(reapable(client, 1_191)).toEqual(['/t'])
})

test('a search goes in steps, between which the tree may change', () => {
  const client = freshClient()
  for (const name of ['a', 'b', 'c', 'd']) client.create(`/${name}`, { ...TTL, ttlMs: 1 })
  const search = new ReapingSearch(client.tree, { neverUsedMsMax: 0 })
  expect(search.next({ nowMs: 9_999, findMax: 2, lookMax: 100 })).toEqual(['/a', '/b'])
  client.delete('/c')
  client.create('/e', { ...TTL, ttlMs: 1 })
  expect(search.next({ nowMs: 9_999, findMax: 9, lookMax: 1 })).toEqual(['/d'])
  expect(search.isDone).toBe(false)
  expect(search.next({ nowMs: 9_999, findMax: 9, lookMax: 9 })).toEqual(['/e'])
  expect(search.isDone).toBe(true)
})

test('reaping looks again: what was refilled, rewritten or replaced meanwhile stays', () => {
  const client = freshClient()
  client.create('/c', { flags: CreateMode.container })
  client.create('/c/x')
  client.create('/t', { ...TTL, ttlMs: 100 })
  client.create('/plain')
  client.create('/e', { flags: CreateMode.ephemeral })
  expect(client.reap('/c').error).toBe(WireError.notEmpty)
  expect(client.reap('/t').error).toBe(WireError.badVersion)
  expect(client.reap('/plain').error).toBe(WireError.badVersion)
  expect(client.reap('/e').error).toBe(WireError.badVersion)
  expect(client.reap('/none').error).toBe(WireError.noNode)
  expect(client.reap('/zookeeper').error).toBe(WireError.badArguments)
})

test('reaping is an ordinary deletion: a zxid, the parent’s pzxid, the usual events, and no ACL asked', () => {
  const client = freshClient()
  client.create('/p')
  client.create('/p/c', { flags: CreateMode.container })
  client.create('/p/c/x')
  client.delete('/p/c/x')
  client.setAcl('/p', [{ perms: 1, scheme: 'world', id: 'anyone' }])
  client.exists('/p/c', true)
  const reaper = new TestClient(client.tree, 0, true) // the leader's own command: no session
  const { zxid, error } = reaper.reap('/p/c')
  expect(error).toBe(0)
  expect(client.watcher.events).toEqual([{ type: 2, path: '/p/c', zxid }])
  expect(client.stat('/p')).toMatchObject({ pzxid: zxid, numChildren: 0 })
  expect(reapable(client, 1e9, 1)).toEqual([])
})
