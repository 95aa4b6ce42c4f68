import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ZktuneError } from '../../src/kernel/errors.ts'
import { CreateMode } from '../../src/protocol/create-mode.ts'
import { DataTree } from '../../src/tree/data-tree.ts'
import { loadTree } from '../../src/tree/load-tree.ts'
import { serialiseTree } from '../../src/tree/serialise-tree.ts'
import { dumpTree, histories, perform } from './actions.ts'
import { TestClient } from './test-client.ts'

function snapshotOf(tree: DataTree): Buffer[] {
  using pin = tree.pin()
  return [...serialiseTree(pin)]
}

function sessionsOf(tree: DataTree): unknown[] {
  return [...tree.sessions]
    .map(({ high, low, timeoutMs, password, ephemerals, grant }) => ({
      id: [high, low],
      timeoutMs,
      password: Buffer.from(password).toString('hex'),
      ephemerals: [...ephemerals].sort(),
      grant,
    }))
    .sort((a, b) => (a.id[1] ?? 0) - (b.id[1] ?? 0))
}

function everythingOf(tree: DataTree): unknown {
  return {
    nodes: dumpTree(tree),
    sessions: sessionsOf(tree),
    lastZxid: tree.lastZxid,
    digest: tree.digest,
    nodeCount: tree.nodeCount,
    ephemeralCount: tree.ephemeralCount,
    approximateDataSizeBytes: tree.approximateDataSizeBytes,
    containers: [...tree.store.containerPaths].sort(),
    ttls: [...tree.store.ttlPaths].sort(),
  }
}

/** Some of everything. */
function richTree(): DataTree {
  const client = new TestClient(new DataTree())
  client.flags = 4
  client.grant = 2 ** 33 + 5
  client.ids = [{ scheme: 'digest', id: 'bob:hash' }]
  client.tree.openEpoch()
  client.setAcl('/', [...[{ perms: 31, scheme: 'auth', id: '' }], { perms: 5, scheme: 'ip', id: '::1/64' }])
  client.create('/null')
  client.create('/data', { data: Buffer.from('data'), acl: [{ perms: 31, scheme: 'auth', id: '' }] })
  client.create('/e', { flags: CreateMode.ephemeral })
  client.create('/c', { flags: CreateMode.container })
  client.create('/t', { flags: CreateMode.persistentWithTtl, ttlMs: 2 ** 39 + 5 })
  client.create('/c/s', { flags: CreateMode.ephemeralSequential })
  client.delete('/null')
  new TestClient(client.tree, -5)
  return client.tree
}

test('a loaded tree equals the one that was written, whatever the pieces', () => {
  const tree = richTree()
  const bytes = Buffer.concat(snapshotOf(tree))
  for (const size of [1, 7, 64, bytes.length]) {
    const chunks: Buffer[] = []
    for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size))
    const loaded = loadTree(chunks)
    expect(everythingOf(loaded)).toEqual(everythingOf(tree))
    for (const path of ['/', '/data']) {
      expect(loaded.getNode(path)?.acl.entries).toEqual(tree.getNode(path)?.acl.entries)
    }
    expect(loaded.getNode('/t')).toMatchObject({ kind: 'ttl', ttlMs: 2 ** 39 + 5 })
  }
})

test('after any history a loaded tree goes on like the original', () => {
  fc.assert(
    fc.property(histories, histories, (past, future) => {
      const tree = new DataTree()
      for (const action of past) perform(tree, action)
      const loaded = loadTree(snapshotOf(tree))
      expect(everythingOf(loaded)).toEqual(everythingOf(tree))
      for (const action of future) {
        expect(perform(loaded, action)).toEqual(perform(tree, action))
        expect(loaded.digest).toBe(tree.digest)
      }
      expect(everythingOf(loaded)).toEqual(everythingOf(tree))
    }),
    { numRuns: 40 },
  )
})

test('writes between the chunks do not show in the snapshot', () => {
  // 30 KiB behind all data: a chunk ends after every second or third znode.
  const pad = 'x'.repeat(30 * 1024)
  fc.assert(
    fc.property(histories, histories, (past, meanwhile) => {
      const tree = new DataTree()
      for (const action of past) perform(tree, action, pad)
      const expected = everythingOf(tree)
      const pin = tree.pin()
      const chunks: Buffer[] = []
      const writes = meanwhile.values()
      for (const chunk of serialiseTree(pin)) {
        chunks.push(Buffer.from(chunk))
        for (let count = 0; count < 8; count++) {
          const next = writes.next()
          if (next.done !== true) perform(tree, next.value, pad)
        }
      }
      pin.release()
      expect(everythingOf(loadTree(chunks))).toEqual(expected)
      expect(tree.keptVersionCount).toBe(0)
    }),
    { numRuns: 60 },
  )
})

test('a large tree comes in chunks of about 64 KiB', () => {
  const client = new TestClient(new DataTree())
  for (let index = 0; index < 3_000; index++) client.create(`/n${index}`, { data: Buffer.alloc(100) })
  const sizes = snapshotOf(client.tree).map((chunk) => chunk.length)
  expect(sizes.length).toBeGreaterThan(5)
  for (const size of sizes.slice(0, -1)) expect(size).toBeGreaterThanOrEqual(64 * 1024)
  expect(Math.max(...sizes)).toBeLessThan(66 * 1024)
})

test('a snapshot that ends early is damaged, wherever it ends', () => {
  const bytes = Buffer.concat(snapshotOf(richTree()))
  for (let size = 0; size < bytes.length; size++) {
    expect(() => loadTree([bytes.subarray(0, size)])).toThrow(ZktuneError)
  }
})

test('a snapshot with anything behind its end is damaged', () => {
  const bytes = Buffer.concat(snapshotOf(richTree()))
  for (const tail of ['00', '00000000', '0000000105']) {
    expect(() => loadTree([bytes, Buffer.from(tail, 'hex')])).toThrow(ZktuneError)
  }
})

test('bytes changed at random give a tree or DamagedFile, never anything else', () => {
  const bytes = Buffer.concat(snapshotOf(richTree()))
  let damaged = 0
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ flip
      try {
        dumpTree(loadTree([changed]))
      } catch (error) {
        damaged++
        expect(error).toBeInstanceOf(ZktuneError)
        expect(error).toMatchObject({ code: 'DamagedFile' })
      }
    }),
    { numRuns: 800 },
  )
  expect(damaged).toBeGreaterThan(200)
})

test('no bytes at all, and bytes of something else, are damaged', () => {
  expect(() => loadTree([])).toThrow(ZktuneError)
  expect(() => loadTree([Buffer.from('ZKSN and so on, from Apache ZooKeeper')])).toThrow(ZktuneError)
})
