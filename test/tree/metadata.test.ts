import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { CreateMode } from '../../src/protocol/create-mode.ts'
import { OpCode } from '../../src/protocol/op-code.ts'
import { WireError } from '../../src/protocol/wire-error.ts'
import { sequenceText } from '../../src/tree/create.ts'
import { DataTree } from '../../src/tree/data-tree.ts'
import { nextVersion } from '../../src/tree/version.ts'
import { TestClient } from './test-client.ts'

const EPOCH = 2 ** 32

function freshClient(): TestClient {
  return new TestClient(new DataTree())
}

test('a standalone tree counts zxids from 1 in epoch 0, and an opening starts the next epoch at 0', () => {
  const client = freshClient() // its session took zxid 1
  expect(client.create('/a').zxid).toBe(2)
  client.tree.openEpoch()
  expect(client.tree.lastZxid).toBe(EPOCH)
  expect(client.create('/b').zxid).toBe(EPOCH + 1)
  client.tree.openEpoch()
  expect(client.create('/c').zxid).toBe(2 * EPOCH + 1)
})

test('a failed write takes a zxid too', () => {
  const client = freshClient()
  expect(client.delete('/missing')).toMatchObject({ zxid: 2, error: WireError.noNode })
  expect(client.create('/a').zxid).toBe(3)
})

test('a write that its server could not decode takes a zxid and answers with its code', () => {
  const client = freshClient()
  const code = Buffer.alloc(4)
  code.writeInt32BE(WireError.marshallingError)
  expect(client.command(OpCode.error, code)).toMatchObject({ zxid: 2, error: WireError.marshallingError })
})

test('a record that is cut short answers MARSHALLINGERROR, takes a zxid and changes nothing', () => {
  const client = freshClient()
  expect(client.command(OpCode.create, Buffer.from('0000', 'hex'))).toMatchObject({
    zxid: 2,
    error: WireError.marshallingError,
  })
  expect(client.tree.nodeCount).toBe(5)
})

test('an empty multi succeeds and takes a zxid', () => {
  const client = freshClient()
  expect(client.multi([])).toMatchObject({ zxid: 2, error: 0, results: [] })
})

test('bytes that are no command of this version stop the replica', () => {
  const command = freshClient().encode(OpCode.multi, Buffer.alloc(0))
  command[0] = 2
  expect(() => new DataTree().apply(command)).toThrow('broken invariant')
})

test('a new znode has the zxid and time of its creation everywhere and all versions 0', () => {
  const client = freshClient()
  client.timeMs = 1_700_000_000_123
  const { zxid } = client.create('/a', { data: Buffer.from('xyz') })
  expect(client.stat('/a')).toEqual({
    czxid: zxid,
    mzxid: zxid,
    pzxid: zxid,
    ctime: 1_700_000_000_123,
    mtime: 1_700_000_000_123,
    version: 0,
    cversion: 0,
    aversion: 0,
    ephemeralOwnerHigh: 0,
    ephemeralOwnerLow: 0,
    dataLength: 3,
    numChildren: 0,
  })
})

test('a create touches cversion, pzxid and numChildren of the parent, and nothing else of it', () => {
  const client = freshClient()
  client.create('/a')
  const before = client.stat('/a')
  client.timeMs += 50
  const { zxid } = client.create('/a/b')
  expect(client.stat('/a')).toEqual({ ...before, cversion: 1, pzxid: zxid, numChildren: 1 })
})

test('a delete counts in the cversion on the wire: four creates and one delete make 5', () => {
  const client = freshClient()
  client.create('/a')
  for (const name of ['b', 'c', 'd', 'e']) client.create(`/a/${name}`)
  const { zxid } = client.delete('/a/c')
  expect(client.stat('/a')).toMatchObject({ cversion: 5, pzxid: zxid, numChildren: 3, version: 0 })
})

test('setData moves version, mzxid and mtime, and leaves the parent alone', () => {
  const client = freshClient()
  client.create('/a')
  client.create('/a/b', { data: Buffer.from('old') })
  const [parent, before] = [client.stat('/a'), client.stat('/a/b')]
  client.timeMs += 77
  const set = client.setData('/a/b', Buffer.from('newer'))
  expect(set.stat).toEqual({ ...before, version: 1, mzxid: set.zxid, mtime: client.timeMs, dataLength: 5 })
  expect(client.stat('/a/b')).toEqual(set.stat)
  expect(client.stat('/a')).toEqual(parent)
})

test('setACL moves aversion alone', () => {
  const client = freshClient()
  client.create('/a')
  const before = client.stat('/a')
  client.timeMs += 5
  const set = client.setAcl('/a', [{ perms: 31, scheme: 'world', id: 'anyone' }])
  expect(set.stat).toEqual({ ...before, aversion: 1 })
})

test('a znode that is created again starts anew under a new czxid, and its parent counts on', () => {
  const client = freshClient()
  client.create('/a')
  client.create('/a/b')
  client.setData('/a/b', null)
  client.delete('/a/b')
  const { zxid, stat } = client.create('/a/b')
  expect(stat).toMatchObject({ czxid: zxid, version: 0, cversion: 0 })
  expect(client.stat('/a')).toMatchObject({ cversion: 3, numChildren: 1 })
})

test('the sequence number is the parent’s count of creations: plain ones count, deletions do not', () => {
  const client = freshClient()
  const sequential = { flags: CreateMode.persistentSequential }
  client.create('/q')
  client.create('/q/b')
  expect(client.create('/q/s-', sequential).path).toBe('/q/s-0000000001')
  expect(client.create('/q/s-', sequential).path).toBe('/q/s-0000000002')
  expect(client.create('/q/s-', sequential).path).toBe('/q/s-0000000003')
  client.delete('/q/s-0000000002')
  expect(client.create('/q/s-', sequential).path).toBe('/q/s-0000000004')
  client.create('/q/plain')
  expect(client.create('/q/s-', { flags: CreateMode.ephemeralSequential }).path).toBe('/q/s-0000000006')
})

test('a path that ends in "/" is for sequential creates only', () => {
  const client = freshClient()
  client.create('/a')
  expect(client.create('/a/', { flags: CreateMode.persistentSequential }).path).toBe('/a/0000000000')
  expect(client.create('/a/').error).toBe(WireError.badArguments)
  expect(client.create('/', { flags: CreateMode.persistentSequential }).path).toBe('/0000000001')
})

test('the sequence number turns negative behind 2147483647 and keeps its ten places', () => {
  expect(sequenceText(7)).toBe('0000000007')
  expect(sequenceText(2147483647)).toBe('2147483647')
  expect(sequenceText(-2147483648)).toBe('-2147483648')
  expect(sequenceText(-1)).toBe('-000000001')

  const client = freshClient()
  const parent = client.tree.getNode('/')
  if (parent === null) throw new Error('no root')
  parent.childCreations = 2147483647
  expect(client.create('/s', { flags: CreateMode.persistentSequential }).path).toBe('/s2147483647')
  expect(client.create('/s', { flags: CreateMode.persistentSequential }).path).toBe('/s-2147483648')
})

test('a version wraps past -1, which would match everything', () => {
  expect(nextVersion(0)).toBe(1)
  expect(nextVersion(2147483647)).toBe(-2147483648)
  expect(nextVersion(-2)).toBe(0)
})

test('null data and empty data are kept apart, both of length 0', () => {
  const client = freshClient()
  client.create('/null', { data: null })
  client.create('/empty', { data: Buffer.alloc(0) })
  expect(client.tree.getNode('/null')?.data).toBeNull()
  expect(client.tree.getNode('/empty')?.data).toHaveLength(0)
  expect([client.stat('/null').dataLength, client.stat('/empty').dataLength]).toEqual([0, 0])
  client.setData('/empty', null)
  expect(client.tree.getNode('/empty')?.data).toBeNull()
})

test('a fresh tree holds /zookeeper, its quota and its config, and counts the root twice', () => {
  const client = freshClient()
  expect(client.tree.nodeCount).toBe(5)
  expect(client.stat('/')).toMatchObject({ czxid: 0, cversion: -1, numChildren: 1 })
  expect(client.stat('/zookeeper')).toMatchObject({ czxid: 0, cversion: -2, numChildren: 2 })
  expect(client.stat('/zookeeper/config')).toMatchObject({ czxid: 0, aversion: -1, dataLength: 0 })
})

test('the fresh tree is Apache’s to the byte: the sum of its znode digests is 0x51c6d660', () => {
  // storage.md 4: CRC-32 of path, data and 60 bytes of Stat; "" for the root; nothing counts below /zookeeper/.
  const tree = new DataTree()
  let sum = 0
  for (const path of ['/', '/zookeeper']) {
    const node = tree.getNode(path)
    if (node === null) throw new Error(`no ${path}`)
    const stat = Buffer.alloc(60)
    for (const [index, long] of [node.czxid, node.mzxid, node.pzxid, node.ctime, node.mtime].entries()) {
      stat.writeBigInt64BE(BigInt(long), index * 8)
    }
    for (const [index, int] of [node.version, node.childCreations, node.aversion].entries()) {
      stat.writeInt32BE(int, 40 + index * 4)
    }
    sum += crc32(Buffer.concat([Buffer.from(path === '/' ? '' : path), node.dataBytes ?? Buffer.alloc(0), stat]))
  }
  expect((sum >>> 0).toString(16)).toBe('51c6d660')
})

test.each(['/', '/zookeeper', '/zookeeper/quota', '/zookeeper/config'])('%s cannot be deleted', (path) => {
  expect(freshClient().delete(path).error).toBe(WireError.badArguments)
})

test('the root takes data, /zookeeper takes children, and its config only what super writes', () => {
  const client = freshClient()
  expect(client.setData('/', Buffer.from('r')).error).toBe(0)
  expect(client.create('/zookeeper/mine').error).toBe(0)
  expect(client.setData('/zookeeper/config', null).error).toBe(WireError.noAuth)
  client.flags = 1
  expect(client.setData('/zookeeper/config', null).error).toBe(0)
})

test('the figures follow the tree', () => {
  const client = freshClient()
  const { nodeCount, approximateDataSizeBytes } = client.tree
  client.create('/a', { data: Buffer.alloc(10) })
  client.create('/a/e', { flags: CreateMode.ephemeral })
  client.setData('/a', Buffer.alloc(4))
  expect(client.tree.nodeCount).toBe(nodeCount + 2)
  expect(client.tree.ephemeralCount).toBe(1)
  expect(client.tree.approximateDataSizeBytes).toBe(approximateDataSizeBytes + 2 + 4 + 4)
  client.delete('/a/e')
  client.delete('/a')
  expect(client.tree).toMatchObject({ nodeCount, approximateDataSizeBytes, ephemeralCount: 0 })
})
