import { expect, test } from 'vitest'
import { CreateMode } from '../../src/protocol/create-mode.ts'
import { WireError } from '../../src/protocol/wire-error.ts'
import { DataTree } from '../../src/tree/data-tree.ts'
import { TestClient, TestWatcher } from './test-client.ts'

test('creating a session is a transaction that remembers timeout and password', () => {
  const tree = new DataTree()
  const client = new TestClient(tree, 5, true)
  expect(client.openSession(7_500, Buffer.from('0123456789abcdef'))).toMatchObject({ zxid: 1, error: 0 })
  expect(tree.sessions.get(client.high, 5)).toMatchObject({ high: client.high, low: 5, timeoutMs: 7_500 })
  expect(Buffer.from(tree.sessions.get(client.high, 5)?.password ?? []).toString()).toBe('0123456789abcdef')
  expect(tree.sessions.size).toBe(1)
  expect([...tree.sessions].map((session) => session.low)).toEqual([5])
})

test('an id that is taken, or 0, is refused so that its server draws another', () => {
  const client = new TestClient(new DataTree())
  expect(client.openSession()).toMatchObject({ zxid: 2, error: WireError.systemError })
  expect(client.tree.sessions.size).toBe(1)
})

test('ids that differ in the upper bits only are not confused', () => {
  const client = new TestClient(new DataTree(), 1)
  // The key of the table is 53 of the 64 bits: 0x01000000 and 0x01200000 share it.
  expect(client.tree.sessions.get(0x01200000, 1)).toBeNull()
  expect(client.tree.sessions.isFree(0x01200000, 1)).toBe(false)
})

test('a session remembers the highest grant by which it was written in, its creation first', () => {
  const client = new TestClient(new DataTree())
  const grant = (): number | undefined => client.tree.sessions.get(client.high, client.low)?.grant
  expect(grant()).toBe(1)
  client.grant = 9
  client.create('/a')
  client.grant = 8
  client.create('/b')
  expect(grant()).toBe(9)
})

test('closing a session deletes all its ephemerals in one transaction', () => {
  const tree = new DataTree()
  const [owner, other] = [new TestClient(tree, 1), new TestClient(tree, 2)]
  owner.create('/p')
  for (const name of ['x', 'y', 'z']) owner.create(`/p/${name}`, { flags: CreateMode.ephemeral })
  other.create('/p/other', { flags: CreateMode.ephemeral })
  const watcher = new TestWatcher()
  tree.watches.child.add('/p', watcher)
  for (const name of ['x', 'y', 'z']) tree.watches.data.add(`/p/${name}`, watcher)

  const { zxid } = owner.closeSession()

  expect(watcher.events.map((event) => event.zxid)).toEqual([zxid, zxid, zxid, zxid])
  // Three NodeDeleted, and one NodeChildrenChanged, for that watch fires once.
  expect(watcher.take().sort()).toEqual(['2 /p/x', '2 /p/y', '2 /p/z', '4 /p'])
  expect(other.stat('/p')).toMatchObject({ pzxid: zxid, numChildren: 1, cversion: 7 })
  expect(tree.ephemeralCount).toBe(1)
  expect(tree.sessions.size).toBe(1)
})

test('a write of a closed or unknown session is SESSIONEXPIRED and takes a zxid', () => {
  const client = new TestClient(new DataTree())
  const { zxid } = client.closeSession()
  expect(client.create('/a')).toMatchObject({ zxid: zxid + 1, error: WireError.sessionExpired })
  expect(client.setData('/', null)).toMatchObject({ zxid: zxid + 2, error: WireError.sessionExpired })
  expect(client.closeSession()).toMatchObject({ zxid: zxid + 3, error: WireError.sessionExpired })
  expect(client.exists('/a')).toBe(WireError.noNode)
})

test('the Stat of an ephemeral names its session; a plain deletion takes it from the session', () => {
  const client = new TestClient(new DataTree(), 0x7fffffff)
  client.create('/e', { flags: CreateMode.ephemeral })
  expect(client.stat('/e')).toMatchObject({ ephemeralOwnerHigh: client.high, ephemeralOwnerLow: 0x7fffffff })
  client.delete('/e')
  expect(client.tree.sessions.get(client.high, client.low)?.ephemerals.size).toBe(0)
  expect(client.closeSession().error).toBe(0)
})

test('anybody may delete or set another session’s ephemeral', () => {
  const tree = new DataTree()
  const [owner, other] = [new TestClient(tree, 1), new TestClient(tree, 2)]
  owner.create('/e', { flags: CreateMode.ephemeral })
  expect(other.setData('/e', Buffer.from('x')).stat).toMatchObject({ ephemeralOwnerLow: 1 })
  expect(other.delete('/e').error).toBe(0)
})
