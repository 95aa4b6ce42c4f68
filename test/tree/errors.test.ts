import { expect, test } from 'vitest'
import { CreateMode } from '../../src/protocol/create-mode.ts'
import { OpCode } from '../../src/protocol/op-code.ts'
import { WireError } from '../../src/protocol/wire-error.ts'
import { COMMAND_FLAG } from '../../src/tree/command.ts'
import { DataTree } from '../../src/tree/data-tree.ts'
import { TestClient } from './test-client.ts'

function freshClient(): TestClient {
  return new TestClient(new DataTree())
}

const READ_ONLY = [{ perms: 1, scheme: 'world', id: 'anyone' }]

test('what is not there is NONODE, what is there already NODEEXISTS', () => {
  const client = freshClient()
  expect(client.create('/a/b').error).toBe(WireError.noNode)
  expect(client.setData('/a', null).error).toBe(WireError.noNode)
  expect(client.setAcl('/a', READ_ONLY).error).toBe(WireError.noNode)
  expect(client.delete('/a').error).toBe(WireError.noNode)
  client.create('/a')
  expect(client.create('/a').error).toBe(WireError.nodeExists)
  expect(client.create('/').error).toBe(WireError.nodeExists)
})

test('-1 matches any version, other negative numbers are compared like the rest', () => {
  const client = freshClient()
  client.create('/a')
  expect(client.setData('/a', null, -2).error).toBe(WireError.badVersion)
  expect(client.setData('/a', null, 0).error).toBe(0)
  expect(client.setData('/a', null, 0).error).toBe(WireError.badVersion)
  expect(client.setData('/a', null, -1).error).toBe(0)
  expect(client.setAcl('/a', READ_ONLY, 1).error).toBe(WireError.badVersion)
  expect(client.delete('/a', 1).error).toBe(WireError.badVersion)
  expect(client.delete('/a', 2).error).toBe(0)
})

test('a znode with children is not deleted, nor does an ephemeral get any', () => {
  const client = freshClient()
  client.create('/a')
  client.create('/a/e', { flags: CreateMode.ephemeral })
  expect(client.delete('/a').error).toBe(WireError.notEmpty)
  expect(client.create('/a/e/x').error).toBe(WireError.noChildrenForEphemerals)
})

test.each([
  ['create with the container flag', OpCode.create, CreateMode.container],
  ['create2 with the container flag', OpCode.create2, CreateMode.container],
  ['create with a ttl flag', OpCode.create, CreateMode.persistentWithTtl],
  ['createContainer with a plain flag', OpCode.createContainer, CreateMode.persistent],
  ['createContainer with the ephemeral flag', OpCode.createContainer, CreateMode.ephemeral],
  ['createTTL with a plain flag', OpCode.createTTL, CreateMode.persistent],
  ['createTTL with the container flag', OpCode.createTTL, CreateMode.container],
  ['create with a flag that is none', OpCode.create, 7],
  ['create with a negative flag', OpCode.create, -1],
])('%s is refused with BADARGUMENTS', (_what, type, flags) => {
  const client = freshClient()
  client.flags = COMMAND_FLAG.extendedTypes
  expect(client.create('/x', { type, flags, ttlMs: 5 }).error).toBe(WireError.badArguments)
  expect(client.tree.getNode('/x')).toBeNull()
})

test('a createTTL with flag 0 and ttl -1, which kills Apache 3.8.0, is BADARGUMENTS', () => {
  expect(freshClient().create('/x', { type: OpCode.createTTL, flags: 0, ttlMs: -1 }).error).toBe(WireError.badArguments)
})

test.each(['a', '', 'a/b', '/a/', '//', '/a//b', '/.', '/a/..', '/a\0b', '/\u0001', '/\u007f', '/\ud800', '/\uffff'])(
  'no write takes the path %j',
  (path) => {
    const client = freshClient()
    client.create('/a')
    const created = client.create(path).error
    // The parent is looked for before the whole path is validated.
    expect([WireError.badArguments, WireError.noNode]).toContain(created)
    expect(client.setData(path, null).error).toBe(WireError.badArguments)
    expect(client.setAcl(path, READ_ONLY).error).toBe(WireError.badArguments)
  },
)

test('delete asks only for a slash and no NUL: another malformed path is just not there', () => {
  const client = freshClient()
  client.create('/a')
  expect(client.delete('a').error).toBe(WireError.badArguments)
  expect(client.delete('/a\0').error).toBe(WireError.badArguments)
  expect(client.delete('/a/').error).toBe(WireError.noNode)
  expect(client.delete('/a/./b').error).toBe(WireError.noNode)
})

test('"..." is a name like any other', () => {
  expect(freshClient().create('/...').error).toBe(0)
})

test('the checks of create come in Apache’s order', () => {
  const client = freshClient()
  client.create('/closed', { acl: READ_ONLY })
  client.create('/e', { flags: CreateMode.ephemeral })
  const nobody = new TestClient(client.tree, 99, true)
  // flags, session, slash and NUL, ACL, parent, permission, path, existence, ephemeral parent
  expect(nobody.create('x', { flags: 9 }).error).toBe(WireError.badArguments)
  expect(nobody.create('x').error).toBe(WireError.sessionExpired)
  expect(client.create('x', { acl: [] }).error).toBe(WireError.badArguments)
  expect(client.create('/none/x', { acl: [] }).error).toBe(WireError.invalidACL)
  expect(client.create('/none//x').error).toBe(WireError.noNode)
  expect(client.create('/closed/.').error).toBe(WireError.noAuth)
  expect(client.create('/e/.').error).toBe(WireError.badArguments)
  expect(client.create('/e').error).toBe(WireError.nodeExists)
  expect(client.create('/e/x').error).toBe(WireError.noChildrenForEphemerals)
})

test('the checks of delete come in Apache’s order', () => {
  const client = freshClient()
  client.create('/closed')
  client.create('/closed/x')
  client.create('/closed/x/y')
  client.setAcl('/closed', READ_ONLY)
  const nobody = new TestClient(client.tree, 99, true)
  // session, special path, parent, permission, existence, version, emptiness
  expect(nobody.delete('/').error).toBe(WireError.sessionExpired)
  expect(client.delete('/closed/x/y/none/z').error).toBe(WireError.noNode)
  expect(client.delete('/closed/none').error).toBe(WireError.noAuth)
  client.flags = COMMAND_FLAG.skipAcl
  expect(client.delete('/closed/none', 5).error).toBe(WireError.noNode)
  expect(client.delete('/closed/x', 5).error).toBe(WireError.badVersion)
  expect(client.delete('/closed/x', 0).error).toBe(WireError.notEmpty)
})

test('the checks of setData and setACL come in Apache’s order', () => {
  const client = freshClient()
  client.create('/closed', { acl: READ_ONLY })
  expect(client.setData('/closed/', null, 5).error).toBe(WireError.badArguments)
  expect(client.setData('/closed', null, 5).error).toBe(WireError.noAuth)
  expect(client.setAcl('/closed/', [], 5).error).toBe(WireError.badArguments)
  expect(client.setAcl('/none', [], 5).error).toBe(WireError.invalidACL)
  expect(client.setAcl('/closed', READ_ONLY, 5).error).toBe(WireError.noAuth)
})

test('an op code that is no write is UNIMPLEMENTED', () => {
  const client = freshClient()
  expect(client.command(OpCode.check, Buffer.alloc(8)).error).toBe(WireError.unimplemented)
})

test.each([
  ['create', OpCode.create],
  ['create2', OpCode.create2],
  ['delete', OpCode.delete],
  ['setData', OpCode.setData],
  ['setACL', OpCode.setACL],
])('a %s of a null path is MARSHALLINGERROR', (_name, type) => {
  const client = freshClient()
  const record = Buffer.alloc(64) // whatever comes behind the path is there
  record.writeInt32BE(-1)
  expect(client.command(type, record).error).toBe(WireError.marshallingError)
})

test('a failed write leaves no trace but its zxid', () => {
  const client = freshClient()
  client.create('/a')
  client.create('/a/b')
  const before = [client.stat('/'), client.stat('/a'), client.stat('/a/b')]
  const errors = [
    client.create('/a/b').error,
    client.delete('/a').error,
    client.setData('/a', Buffer.from('x'), 9).error,
    client.setAcl('/a', READ_ONLY, 9).error,
    client.create('/a/c', { acl: [] }).error,
  ]
  expect(errors).toEqual([
    WireError.nodeExists,
    WireError.notEmpty,
    WireError.badVersion,
    WireError.badVersion,
    WireError.invalidACL,
  ])
  expect([client.stat('/'), client.stat('/a'), client.stat('/a/b')]).toEqual(before)
})
