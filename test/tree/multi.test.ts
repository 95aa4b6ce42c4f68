import { expect, test } from 'vitest'
import { ByteWriter } from '../../src/kernel/bytes.ts'
import { OPEN_ACL } from '../../src/protocol/acl.ts'
import { CreateMode } from '../../src/protocol/create-mode.ts'
import { writeGetDataRequest } from '../../src/protocol/get-data.ts'
import { writeMultiEnd, writeMultiHeader, type MultiOperation } from '../../src/protocol/multi.ts'
import { OpCode } from '../../src/protocol/op-code.ts'
import { WireError } from '../../src/protocol/wire-error.ts'
import { DataTree } from '../../src/tree/data-tree.ts'
import { TestClient } from './test-client.ts'

function freshClient(): TestClient {
  return new TestClient(new DataTree())
}

function create(path: string, flags: number = CreateMode.persistent): MultiOperation {
  return { kind: 'create2', request: { path, data: null, acl: OPEN_ACL, flags } }
}

function set(path: string, version = -1): MultiOperation {
  return { kind: 'setData', request: { path, data: Buffer.from('set'), version } }
}

function remove(path: string, version = -1): MultiOperation {
  return { kind: 'delete', request: { path, version } }
}

function check(path: string, version = -1): MultiOperation {
  return { kind: 'check', request: { path, version } }
}

test('operations of a multi see what those before them did, and share one zxid', () => {
  const client = freshClient()
  const done = client.multi([create('/a'), set('/a', 0), check('/a', 1), create('/a/b'), remove('/a/b')])
  expect(done.error).toBe(0)
  expect(done.results.map((result) => result.kind)).toEqual(['create2', 'setData', 'check', 'create2', 'delete'])
  expect(client.stat('/a')).toMatchObject({
    czxid: done.zxid,
    mzxid: done.zxid,
    pzxid: done.zxid,
    version: 1,
    cversion: 2,
  })
})

test('a result holds the Stat of its moment, not that of the end', () => {
  const { results } = freshClient().multi([create('/a'), set('/a'), set('/a')])
  expect(results.map((result) => ('stat' in result ? result.stat.version : null))).toEqual([0, 1, 2])
})

test('create answers as create, the other creates as create2', () => {
  const client = freshClient()
  client.flags = 4
  const request = { data: null, acl: OPEN_ACL }
  const { results } = client.multi([
    { kind: 'create', request: { ...request, path: '/1', flags: CreateMode.persistent } },
    { kind: 'createContainer', request: { ...request, path: '/2', flags: CreateMode.container } },
    { kind: 'createTTL', request: { ...request, path: '/3', flags: CreateMode.persistentWithTtl, ttlMs: 9 } },
  ])
  expect(results.map((result) => result.kind)).toEqual(['create', 'create2', 'create2'])
})

test('a multi that fails changes nothing, says ok in the header and tells in the results where it failed', () => {
  const client = freshClient()
  client.create('/a', { data: Buffer.from('old') })
  client.create('/a/b')
  const [root, a, b] = [client.stat('/'), client.stat('/a'), client.stat('/a/b')]
  const { approximateDataSizeBytes } = client.tree
  const failed = client.multi([
    set('/a'),
    remove('/a/b'),
    create('/a/b'),
    create('/e', CreateMode.ephemeral),
    check('/a', 7),
    create('/f'),
    set('/a'),
  ])
  expect(failed.error).toBe(0)
  expect(failed.results.map((result) => (result.kind === 'error' ? result.error : null))).toEqual([
    0,
    0,
    0,
    0,
    WireError.badVersion,
    WireError.runtimeInconsistency,
    WireError.runtimeInconsistency,
  ])
  expect([client.stat('/'), client.stat('/a'), client.stat('/a/b')]).toEqual([root, a, b])
  expect(client.tree.getNode('/a')?.dataBytes?.toString()).toBe('old')
  expect(client.tree).toMatchObject({ ephemeralCount: 0, approximateDataSizeBytes })
  expect(client.exists('/e')).toBe(WireError.noNode)
})

test('a failed multi gives its sequence numbers back', () => {
  const client = freshClient()
  client.multi([create('/s', CreateMode.persistentSequential), check('/none')])
  expect(client.create('/s', { flags: CreateMode.persistentSequential }).path).toBe('/s0000000000')
})

test('a read inside a multi, or a missing end, makes the whole MARSHALLINGERROR', () => {
  const client = freshClient()
  const read = new ByteWriter()
  writeMultiHeader(read, OpCode.getData, -1)
  writeGetDataRequest(read, { path: '/', watch: false })
  writeMultiEnd(read)
  expect(client.command(OpCode.multi, read.take())).toMatchObject({ error: WireError.marshallingError, results: [] })

  const endless = new ByteWriter()
  writeMultiHeader(endless, OpCode.delete, -1)
  endless.string('/x').int32(-1)
  expect(client.command(OpCode.multi, endless.take()).error).toBe(WireError.marshallingError)
})

test('a multi of a closed session is SESSIONEXPIRED as a whole', () => {
  const client = freshClient()
  client.closeSession()
  expect(client.multi([create('/a')])).toMatchObject({ error: WireError.sessionExpired, results: [] })
})

test('check asks for a znode, READ and a version', () => {
  const client = freshClient()
  client.create('/closed', { acl: [{ perms: 2, scheme: 'world', id: 'anyone' }] })
  const errorOf = (operation: MultiOperation): number => {
    const result = client.multi([operation]).results[0]
    return result?.kind === 'error' ? result.error : 0
  }
  expect(errorOf(check('/none'))).toBe(WireError.noNode)
  expect(errorOf(check('/closed'))).toBe(WireError.noAuth)
  expect(errorOf(check('bad'))).toBe(WireError.badArguments)
  expect(errorOf(check('/', 3))).toBe(WireError.badVersion)
  expect(errorOf(check('/', 0))).toBe(0)
})

test('a create with flags that are none fails by itself inside a multi too, not the whole request', () => {
  const client = freshClient()
  expect(client.multi([create('/a'), create('/b', 9), create('/c')])).toMatchObject({
    error: WireError.ok,
    results: [
      { kind: 'error', error: WireError.ok },
      { kind: 'error', error: WireError.badArguments },
      { kind: 'error', error: WireError.runtimeInconsistency },
    ],
  })
})

test('an operation of a multi finds the ACL that an earlier one set, and the znode that one deleted gone', () => {
  const client = freshClient()
  client.create('/a')
  const { results } = client.multi([remove('/a'), set('/a')])
  expect(results).toMatchObject([{ error: WireError.ok }, { error: WireError.noNode }])
  expect(client.stat('/a')).toMatchObject({ version: 0 })
  const readOnly = { path: '/r', data: null, acl: [{ perms: 1, scheme: 'world', id: 'anyone' }], flags: 0 }
  expect(client.multi([{ kind: 'create', request: readOnly }, create('/r/x')]).results).toMatchObject([
    { error: WireError.ok },
    { error: WireError.noAuth },
  ])
})
