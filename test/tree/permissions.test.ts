import { expect, test } from 'vitest'
import type { Acl } from '../../src/protocol/acl.ts'
import { readGetAclResponse, writeGetAclRequest } from '../../src/protocol/get-acl.ts'
import { readGetChildrenResponse, writeGetChildrenRequest } from '../../src/protocol/get-children.ts'
import { readGetDataResponse, writeGetDataRequest } from '../../src/protocol/get-data.ts'
import { OpCode } from '../../src/protocol/op-code.ts'
import { WireError } from '../../src/protocol/wire-error.ts'
import { AclList, AclTable, OPEN_ACL_LIST } from '../../src/tree/acl-list.ts'
import { COMMAND_FLAG } from '../../src/tree/command.ts'
import { DataTree } from '../../src/tree/data-tree.ts'
import { ipPrefixMatches, isIpPrefix } from '../../src/tree/ip-prefix.ts'
import { permits } from '../../src/tree/permissions.ts'
import { TestClient } from './test-client.ts'

const READ = 1
const WRITE = 2
const CREATE = 4
const DELETE = 8
const ADMIN = 16
const ALL = 31

const BOB = 'bob:ikIaKsbtGweaHnb/jKn7OHqbunM=' // bob:pw
const EVE = 'eve:AAAAAAAAAAAAAAAAAAAAAAAAAAA='

function world(perms: number): Acl[] {
  return [{ perms, scheme: 'world', id: 'anyone' }]
}

function digest(perms: number, id = BOB): Acl[] {
  return [{ perms, scheme: 'digest', id }]
}

function freshClient(): TestClient {
  return new TestClient(new DataTree())
}

function storedAcl(client: TestClient, path: string): readonly Acl[] {
  return client.tree.getNode(path)?.acl.entries ?? []
}

/** The error of each operation on `/n`, whose ACL grants all but `withheld`, and on `/n/c`. */
function errorsWithout(withheld: number): Record<string, number> {
  const client = freshClient()
  client.create('/n')
  client.create('/n/c')
  client.setAcl('/n', world(ALL & ~withheld))
  const errorOf = (answer: unknown): number => (typeof answer === 'number' ? answer : 0)
  const errors = {
    exists: errorOf(client.exists('/n')),
    getData: errorOf(client.read(OpCode.getData, (out) => writeGetDataRequest(out, { path: '/n', watch: true }))),
    getChildren: errorOf(
      client.read(OpCode.getChildren, (out) => writeGetChildrenRequest(out, { path: '/n', watch: true })),
    ),
    setData: client.setData('/n', null).error,
    create: client.create('/n/x').error,
    delete: client.delete('/n/c').error,
    setAcl: client.setAcl('/n', world(ALL)).error,
  }
  return Object.fromEntries(Object.entries(errors).filter(([, error]) => error !== 0))
}

test.each([
  [READ, ['getData', 'getChildren']],
  [WRITE, ['setData']],
  [CREATE, ['create']],
  [DELETE, ['delete']],
  [ADMIN, ['setAcl']],
])('without the permission %d these operations are NOAUTH: %j', (withheld, operations) => {
  expect(errorsWithout(withheld)).toEqual(Object.fromEntries(operations.map((name) => [name, WireError.noAuth])))
})

test('a delete asks the parent: the znode’s own ACL does not matter', () => {
  const client = freshClient()
  client.create('/a', { acl: world(0) })
  expect(client.delete('/a').error).toBe(0)
})

test('ACLs are not inherited', () => {
  const client = freshClient()
  client.create('/a')
  client.create('/a/b')
  client.setAcl('/a', world(0))
  expect(client.setData('/a/b', null).error).toBe(0)
})

test('a digest entry is for who holds that id, as of the time of the request', () => {
  const client = freshClient()
  client.create('/a', { acl: digest(ALL) })
  expect(client.setData('/a', null).error).toBe(WireError.noAuth)
  client.ids = [...client.ids, { scheme: 'digest', id: EVE }]
  expect(client.setData('/a', null).error).toBe(WireError.noAuth)
  client.ids = [...client.ids, { scheme: 'digest', id: BOB }]
  expect(client.setData('/a', null).error).toBe(0)
})

test.each([
  ['super', COMMAND_FLAG.super],
  ['skipACL', COMMAND_FLAG.skipAcl],
])('%s passes every check', (_name, flag) => {
  const client = freshClient()
  client.create('/a', { acl: world(0) })
  client.flags = flag
  expect(client.setData('/a', null).error).toBe(0)
  expect(client.setAcl('/a', world(ALL)).error).toBe(0)
})

test('an empty stored ACL allows everything', () => {
  const nobody = { ids: [], isSuper: false, skipAcl: false }
  expect(permits(new AclList([]), ADMIN, nobody)).toBe(true)
  expect(permits(new AclList(world(0)), READ, nobody)).toBe(false)
})

test('auth becomes one entry for each id that was proved, with the same permissions', () => {
  const client = freshClient()
  client.ids = [
    ...client.ids,
    { scheme: 'digest', id: BOB },
    { scheme: 'digest', id: EVE },
    { scheme: 'super', id: '' },
  ]
  client.create('/a', { acl: [{ perms: 5, scheme: 'auth', id: 'ignored' }] })
  expect(storedAcl(client, '/a')).toEqual([...digest(5, BOB), ...digest(5, EVE)])
})

test('auth without a proved id is INVALIDACL: an address proves nothing', () => {
  expect(freshClient().create('/a', { acl: [{ perms: ALL, scheme: 'auth', id: '' }] }).error).toBe(WireError.invalidACL)
})

test('exact repeats are dropped, the order stays, unknown bits are kept', () => {
  const client = freshClient()
  const acl = [...world(READ), ...digest(ALL), ...world(READ), ...world(0x40), ...digest(ALL)]
  client.create('/a', { acl })
  expect(storedAcl(client, '/a')).toEqual([...world(READ), ...digest(ALL), ...world(0x40)])
})

test.each<[string, readonly Acl[] | null]>([
  ['null', null],
  ['an empty vector', []],
  ['a world other than anyone', [{ perms: ALL, scheme: 'world', id: 'somebody' }]],
  ['an unknown scheme', [{ perms: ALL, scheme: 'nosuch', id: 'x' }]],
  ['no scheme', [{ perms: ALL, scheme: '', id: '' }]],
  ['super', [{ perms: ALL, scheme: 'super', id: '' }]],
  ['a digest without a colon', digest(ALL, 'bob')],
  ['a digest of nothing', digest(ALL, ':')],
  ['a digest without a hash', digest(ALL, 'bob:')],
  ['a digest with two colons', digest(ALL, 'bob:x:y')],
  ['an ip that is none', [{ perms: ALL, scheme: 'ip', id: '10.0.0.256' }]],
  ['one bad entry among good ones', [...world(READ), ...digest(ALL, 'bad')]],
])('%s is INVALIDACL for create and setACL', (_what, acl) => {
  const client = freshClient()
  expect(client.create('/a', { acl }).error).toBe(WireError.invalidACL)
  expect(client.setAcl('/', acl).error).toBe(WireError.invalidACL)
})

test.each([':hash', 'bob:x:', 'bob:x::'])('the digest id %s may be set, as Apache has it', (id) => {
  const client = freshClient()
  expect(client.create('/a', { acl: digest(ALL, id) }).error).toBe(WireError.ok)
  expect(storedAcl(client, '/a')).toEqual(digest(ALL, id))
})

test('getACL needs READ or ADMIN and hides the hashes from who is not admin', () => {
  const client = freshClient()
  const getAcl = (path: string): readonly Acl[] | number => {
    const answer = client.read(OpCode.getACL, (out) => writeGetAclRequest(out, { path }))
    return typeof answer === 'number' ? answer : readGetAclResponse(answer).acl
  }
  client.create('/read', { acl: [...digest(ALL), ...world(READ)] })
  client.create('/admin', { acl: [...digest(ALL), ...world(ADMIN)] })
  client.create('/write', { acl: [...digest(ALL), ...world(WRITE)] })
  expect(getAcl('/read')).toEqual([...digest(ALL, 'bob:x'), ...world(READ)])
  expect(getAcl('/admin')).toEqual([...digest(ALL), ...world(ADMIN)])
  expect(getAcl('/write')).toBe(WireError.noAuth)
  expect(getAcl('/')).toEqual(world(ALL))
  client.ids = [{ scheme: 'digest', id: BOB }]
  expect(getAcl('/read')).toEqual([...digest(ALL), ...world(READ)])
})

test('a client that was refused a read sees nothing of the znode', () => {
  const client = freshClient()
  client.create('/a', { acl: digest(ALL), data: Buffer.from('secret') })
  const read = () => client.read(OpCode.getData, (out) => writeGetDataRequest(out, { path: '/a', watch: false }))
  expect(read()).toBe(WireError.noAuth)
  client.ids = [{ scheme: 'digest', id: BOB }]
  const answer = read()
  expect(typeof answer === 'number' ? answer : readGetDataResponse(answer).data?.toString()).toBe('secret')
  const children = client.read(OpCode.getChildren, (out) => writeGetChildrenRequest(out, { path: '/a', watch: false }))
  expect(typeof children === 'number' ? children : readGetChildrenResponse(children)).toEqual([])
})

test('an ip entry lets in the addresses of its prefix', () => {
  const client = freshClient()
  client.create('/a', { acl: [{ perms: ALL, scheme: 'ip', id: '10.1.0.0/16' }] })
  expect(client.setData('/a', null).error).toBe(WireError.noAuth)
  client.ids = [{ scheme: 'ip', id: '10.1.255.3' }]
  expect(client.setData('/a', null).error).toBe(0)
})

test.each<[string, string, boolean]>([
  ['10.0.0.1', '10.0.0.1', true],
  ['10.0.0.1', '10.0.0.2', false],
  ['10.0.0.0/8', '10.200.3.4', true],
  ['10.0.0.0/8', '11.0.0.0', false],
  ['10.0.0.128/25', '10.0.0.129', true],
  ['10.0.0.128/25', '10.0.0.127', false],
  ['10.0.0.0/0', '200.1.2.3', true],
  ['10.0.0.0/0', '::1', false],
  ['::1', '::1', true],
  ['::1', '0:0:0:0:0:0:0:1', true],
  ['2001:db8::/32', '2001:db8:ffff::5', true],
  ['2001:db8::/32', '2001:db9::5', false],
  ['2001:db8::/33', '2001:db8:8000::', false],
  ['fe80::1:2/128', 'FE80:0:0:0:0:0:1:2', true],
  ['127.0.0.1', '::ffff:127.0.0.1', true],
  ['127.0.0.1', '::ffff:7f00:1', true],
])('the ip %s lets in %s: %s', (prefix, address, isIn) => {
  expect(isIpPrefix(prefix)).toBe(true)
  expect(ipPrefixMatches(prefix, address)).toBe(isIn)
})

test.each([
  '',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.256',
  '1.2.3.4/33',
  '1.2.3.4/',
  '1.2.3.4/-1',
  'a.b.c.d',
  '::/129',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '12345::',
  'fe80::1%eth0',
  '1:2:3:4:5:6:7::8',
])('the ip %j is none', (text) => {
  expect(isIpPrefix(text)).toBe(false)
})

test('equal lists are one object, and the open one is always the same', () => {
  const table = new AclTable()
  expect(table.intern(world(ALL))).toBe(OPEN_ACL_LIST)
  expect(table.intern(digest(ALL))).toBe(table.intern(digest(ALL)))
  expect(table.intern(digest(ALL))).not.toBe(table.intern(digest(READ)))
  expect(table.intern([{ perms: 1, scheme: 'a', id: 'b1:c' }])).not.toBe(
    table.intern([{ perms: 1, scheme: 'ab', id: '1:c' }]),
  )
})
