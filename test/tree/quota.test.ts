import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OPEN_ACL } from '../../src/protocol/acl.ts'
import { CreateMode } from '../../src/protocol/create-mode.ts'
import { WireError } from '../../src/protocol/wire-error.ts'
import { COMMAND_FLAG } from '../../src/tree/command.ts'
import { DataTree } from '../../src/tree/data-tree.ts'
import { loadTree } from '../../src/tree/load-tree.ts'
import type { QuotaExcess } from '../../src/tree/quota-excess.ts'
import { readQuotaText, writeUsageText } from '../../src/tree/quota-text.ts'
import { serialiseTree } from '../../src/tree/serialise-tree.ts'
import { TestClient, type Written } from './test-client.ts'

const QUOTA = '/zookeeper/quota'

function freshClient(flags = 0): TestClient {
  const client = new TestClient(new DataTree())
  client.flags = flags
  return client
}

function data(size: number): Buffer {
  return Buffer.alloc(size, 'x')
}

/** As the setquota of zkCli.sh does it: limits first, then a usage of nothing. */
function setQuota(client: TestClient, path: string, limits: string): void {
  let parent = QUOTA
  for (const name of path.split('/').slice(1)) client.create((parent = `${parent}/${name}`))
  expect(client.create(`${parent}/zookeeper_limits`, { data: Buffer.from(limits) }).error).toBe(0)
  expect(client.create(`${parent}/zookeeper_stats`, { data: Buffer.from('count=0,bytes=0') }).error).toBe(0)
}

function usage(client: TestClient, path: string): string {
  return Buffer.from(client.tree.getNode(`${QUOTA}${path}/zookeeper_stats`)?.dataBytes ?? 'none').toString()
}

/** What the last write was said to exceed. */
function excess(client: TestClient, write: () => Written): { error: number; excess: QuotaExcess | null } {
  let seen: QuotaExcess | null = null
  const apply = client.tree.apply.bind(client.tree)
  client.tree.apply = (command) => {
    const outcome = apply(command)
    seen = outcome.quotaExcess
    return outcome
  }
  const { error } = write()
  client.tree.apply = apply
  return { error, excess: seen }
}

test('the usage of a quota counts its path and all below it from the moment that its znode is made', () => {
  const client = freshClient()
  client.create('/a', { data: data(3) })
  client.create('/a/b', { data: data(4) })
  client.create('/elsewhere', { data: data(100) })
  setQuota(client, '/a', 'count=5,bytes=-1')
  expect(usage(client, '/a')).toBe('count=2,bytes=7')
})

test('a quota for a path that is not there yet counts nothing until it is', () => {
  const client = freshClient()
  setQuota(client, '/later', 'count=5,bytes=-1')
  expect(usage(client, '/later')).toBe('count=0,bytes=0')
  client.create('/later', { data: data(2) })
  expect(usage(client, '/later')).toBe('count=1,bytes=2')
})

test('the usage follows creations, new data, deletions and the end of a session, without a version or a zxid of its own', () => {
  const client = freshClient()
  client.create('/a')
  setQuota(client, '/a', 'count=-1,bytes=-1')
  const before = client.stat(`${QUOTA}/a/zookeeper_stats`)
  client.exists(`${QUOTA}/a/zookeeper_stats`, true)
  client.create('/a/b', { data: data(10) })
  client.create('/a/b/c')
  expect(usage(client, '/a')).toBe('count=3,bytes=10')
  client.setData('/a/b', data(4))
  expect(usage(client, '/a')).toBe('count=3,bytes=4')
  client.setData('/a/b', null)
  client.delete('/a/b/c')
  expect(usage(client, '/a')).toBe('count=2,bytes=0')
  const other = new TestClient(client.tree, 2)
  other.create('/a/e', { flags: CreateMode.ephemeral, data: data(9) })
  expect(usage(client, '/a')).toBe('count=3,bytes=9')
  other.closeSession()
  expect(usage(client, '/a')).toBe('count=2,bytes=0')
  expect(client.stat(`${QUOTA}/a/zookeeper_stats`)).toEqual({ ...before, dataLength: 'count=2,bytes=0'.length })
  expect(client.watcher.take()).toEqual([])
})

test('only the quota nearest above a znode is charged', () => {
  const client = freshClient()
  for (const path of ['/a', '/a/b', '/ab']) client.create(path)
  setQuota(client, '/a', 'count=10,bytes=-1')
  setQuota(client, '/a/b', 'count=10,bytes=-1')
  expect([usage(client, '/a'), usage(client, '/a/b')]).toEqual(['count=2,bytes=0', 'count=1,bytes=0'])
  client.create('/a/b/c', { data: data(1) })
  client.create('/a/x', { data: data(2) })
  client.create('/ab/y', { data: data(4) })
  expect([usage(client, '/a'), usage(client, '/a/b')]).toEqual(['count=3,bytes=2', 'count=2,bytes=1'])
})

test('a soft limit lets the write pass and tells; at the limit there is nothing to tell', () => {
  const client = freshClient(COMMAND_FLAG.enforceQuota)
  client.create('/a', { data: data(2) })
  setQuota(client, '/a', 'count=2,bytes=10')
  expect(excess(client, () => client.create('/a/1'))).toEqual({ error: 0, excess: null })
  expect(excess(client, () => client.create('/a/2'))).toEqual({
    error: 0,
    excess: { path: '/a', what: 'count', isHard: false, isRefused: false, usage: 3, limit: 2 },
  })
  expect(excess(client, () => client.setData('/a', data(10)))).toEqual({ error: 0, excess: null })
  expect(excess(client, () => client.setData('/a', data(11)))).toEqual({
    error: 0,
    excess: { path: '/a', what: 'bytes', isHard: false, isRefused: false, usage: 11, limit: 10 },
  })
})

test('a hard limit refuses with QUOTAEXCEEDED where quotas are enforced, and changes nothing', () => {
  const client = freshClient(COMMAND_FLAG.enforceQuota)
  client.create('/a')
  setQuota(client, '/a', 'count=-1,bytes=-1=;byteHardLimit=10;countHardLimit=3')
  expect(client.create('/a/1', { data: data(10) }).error).toBe(0)
  expect(excess(client, () => client.create('/a/2', { data: data(1) }))).toEqual({
    error: WireError.quotaExceeded,
    excess: { path: '/a', what: 'bytes', isHard: true, isRefused: true, usage: 11, limit: 10 },
  })
  expect(client.setData('/a', data(1)).error).toBe(WireError.quotaExceeded)
  expect(client.create('/a/2').error).toBe(0)
  expect(client.create('/a/3').error).toBe(WireError.quotaExceeded)
  expect(usage(client, '/a')).toBe('count=3,bytes=10')
  expect(client.tree.getNode('/a')).toMatchObject({ childCreations: 2, version: 0 })
})

test('where quotas are not enforced a hard limit is told only', () => {
  const client = freshClient()
  client.create('/a')
  setQuota(client, '/a', 'count=-1,bytes=-1=;countHardLimit=1')
  expect(excess(client, () => client.create('/a/1'))).toEqual({
    error: 0,
    excess: { path: '/a', what: 'count', isHard: true, isRefused: false, usage: 2, limit: 1 },
  })
})

test('the quota is looked at behind the permissions and before the version', () => {
  const client = freshClient(COMMAND_FLAG.enforceQuota)
  client.create('/a')
  client.create('/a/closed', { acl: [{ perms: 1, scheme: 'world', id: 'anyone' }] })
  setQuota(client, '/a', 'count=-1,bytes=-1=;byteHardLimit=0;countHardLimit=2')
  expect(client.setData('/a/closed', data(1), 9).error).toBe(WireError.noAuth)
  expect(client.setData('/a', data(1), 9).error).toBe(WireError.quotaExceeded)
  expect(client.create('/a/closed').error).toBe(WireError.nodeExists)
  expect(client.create('/a/none/x').error).toBe(WireError.noNode)
})

test('a multi is charged as it goes, and a multi that is taken back is not charged', () => {
  const client = freshClient(COMMAND_FLAG.enforceQuota)
  client.create('/a')
  setQuota(client, '/a', 'count=-1,bytes=-1=;countHardLimit=2')
  const create = (path: string) => ({ kind: 'create', request: { path, data: null, acl: OPEN_ACL, flags: 0 } }) as const
  const { results } = client.multi([create('/a/1'), create('/a/2')])
  expect(results).toEqual([
    { kind: 'error', error: WireError.ok },
    { kind: 'error', error: WireError.quotaExceeded },
  ])
  expect(usage(client, '/a')).toBe('count=1,bytes=0')
  const failed = [
    create('/a/1'),
    { kind: 'delete', request: { path: `${QUOTA}/a/zookeeper_limits`, version: -1 } },
    { kind: 'check', request: { path: '/none', version: 0 } },
  ] as const
  expect(excess(client, () => client.multi(failed)).excess).toBeNull()
  expect(usage(client, '/a')).toBe('count=1,bytes=0')
  expect(client.create('/a/1').error).toBe(0)
  expect(client.create('/a/2').error).toBe(WireError.quotaExceeded) // the limits are there again, in every sense
})

test('a quota goes with its limits; without a usage nothing is kept or refused', () => {
  const client = freshClient(COMMAND_FLAG.enforceQuota)
  client.create('/a')
  setQuota(client, '/a', 'count=-1,bytes=-1=;countHardLimit=1')
  client.delete(`${QUOTA}/a/zookeeper_limits`)
  expect(client.create('/a/1').error).toBe(0)
  expect(usage(client, '/a')).toBe('count=1,bytes=0')
  client.create(`${QUOTA}/a/zookeeper_limits`, { data: Buffer.from('count=-1,bytes=-1=;countHardLimit=1') })
  expect(usage(client, '/a')).toBe('count=2,bytes=0')
  client.delete(`${QUOTA}/a/zookeeper_stats`)
  expect(client.create('/a/2').error).toBe(0)
  client.delete(`${QUOTA}/a/zookeeper_limits`)
  expect(client.tree.store.hasQuotas).toBe(false)
})

test('a usage that a client overwrites is what is there again', () => {
  const client = freshClient()
  client.create('/a', { data: data(5) })
  setQuota(client, '/a', 'count=9,bytes=9')
  expect(client.setData(`${QUOTA}/a/zookeeper_stats`, Buffer.from('nonsense')).stat.version).toBe(1)
  expect(usage(client, '/a')).toBe('count=1,bytes=5')
})

test('neither the root nor /zookeeper has a quota, and nothing else under the folder is one', () => {
  const client = freshClient(COMMAND_FLAG.enforceQuota)
  const hard = { data: Buffer.from('count=-1,bytes=-1=;countHardLimit=0') }
  for (const path of [
    QUOTA,
    `${QUOTA}/zookeeper`,
    `${QUOTA}/zookeeper/x`,
    '/zookeeper/quotas',
    '/zookeeper/quotas/a',
  ]) {
    client.create(path)
    expect(client.create(`${path}/zookeeper_limits`, hard).error).toBe(0)
    expect(client.create(`${path}/zookeeper_stats`).error).toBe(0)
  }
  expect(client.create('/x').error).toBe(0)
  expect(client.create('/zookeeper/y').error).toBe(0)
  expect(client.tree.store.hasQuotas).toBe(false)
})

test.each([
  ['count=5,bytes=100', [5, 100, -1, -1]],
  ['count=-1,bytes=-1=;byteHardLimit=10;countHardLimit=3', [-1, -1, 3, 10]],
  ['bytes=7', [-1, 7, -1, -1]],
  ['', [-1, -1, -1, -1]],
  ['count=many,bytes=,x', [-1, -1, -1, -1]],
])('the limits "%s" are count, bytes and their hard ones: %j', (text, limits) => {
  const { count, bytes, countHardLimit, byteHardLimit } = readQuotaText(Buffer.from(text))
  expect([count, bytes, countHardLimit, byteHardLimit]).toEqual(limits)
})

test('the text of a usage is that of Apache', () => {
  expect(writeUsageText({ count: 12, bytes: 345 }).toString()).toBe('count=12,bytes=345')
})

const paths = fc.constantFrom('/a', '/a/b', '/a/b/c', '/a/d', '/e', `${QUOTA}/a/zookeeper_stats`)
const actions = fc.array(
  fc.record({ kind: fc.constantFrom('create', 'setData', 'delete', 'reload'), path: paths, size: fc.nat(20) }),
  { maxLength: 60 },
)

test('after any history the usage is what a new count gives, on a restarted replica too', () => {
  fc.assert(
    fc.property(actions, (history) => {
      let client = freshClient()
      client.create('/a')
      setQuota(client, '/a', 'count=3,bytes=30')
      for (const { kind, path, size } of history) {
        if (kind === 'create') client.create(path, { data: data(size) })
        else if (kind === 'setData') client.setData(path, data(size))
        else if (kind === 'delete') client.delete(path)
        else {
          const { digest } = client.tree
          const tree = loadTree([...serialiseTree(client.tree.pin())])
          expect(tree.digest).toBe(digest)
          client = new TestClient(tree, 1, true)
        }
        const counted = ['/a', '/a/b', '/a/b/c', '/a/d'].map((known) => client.tree.getNode(known))
        const there = counted.filter((node) => node !== null)
        const bytes = there.reduce((sum, node) => sum + node.dataLength, 0)
        const isKept = client.tree.getNode(`${QUOTA}/a/zookeeper_stats`) !== null
        expect(usage(client, '/a')).toBe(isKept ? `count=${there.length},bytes=${bytes}` : 'none')
      }
    }),
  )
})
