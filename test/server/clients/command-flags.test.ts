import { expect, test } from 'vitest'
import { OPEN_ACL } from '../../../src/protocol/acl.ts'
import { CreateMode } from '../../../src/protocol/create-mode.ts'
import { writeCreateTtlRequest } from '../../../src/protocol/create.ts'
import { OpCode } from '../../../src/protocol/op-code.ts'
import { writeReconfigRequest } from '../../../src/protocol/reconfig.ts'
import { WireError } from '../../../src/protocol/wire-error.ts'
import { create, FakeServer, request } from '../fake-world.ts'

function createTtl(xid: number, path: string): Buffer {
  const record = { path, data: null, acl: OPEN_ACL, flags: CreateMode.persistentWithTtl, ttlMs: 60_000 }
  return request(xid, OpCode.createTTL, (out) => writeCreateTtlRequest(out, record))
}

test.each([
  ['true', WireError.ok],
  ['TRUE', WireError.ok],
  ['false', WireError.unimplemented],
  ['yes', WireError.unimplemented],
])('with extendedTypesEnabled=%s a TTL znode is answered with %d', (value, error) => {
  const server = new FakeServer({ extendedTypesEnabled: value })
  const client = server.connect()
  client.send(createTtl(1, '/t'))
  server.apply()
  expect(client.takeReplies()).toMatchObject([{ xid: 1, error }])
})

test.each([
  ['true', WireError.quotaExceeded],
  ['no', WireError.ok],
])('with enforceQuota=%s a write beyond a hard quota is answered with %d', (value, error) => {
  const server = new FakeServer({ enforceQuota: value })
  const client = server.connect()
  client.send(
    create(1, '/a'),
    create(2, '/zookeeper/quota/a'),
    create(3, '/zookeeper/quota/a/zookeeper_limits', 0, 'count=-1,bytes=-1=;countHardLimit=1'),
    create(4, '/zookeeper/quota/a/zookeeper_stats'),
    create(5, '/a/b'),
  )
  server.apply()
  expect(client.takeReplies().at(-1)).toMatchObject({ xid: 5, error })
})

test.each([
  ['false', WireError.reconfigDisabled],
  ['true', WireError.unimplemented], // for the tree is that of a standalone server
])('with reconfigEnabled=%s a reconfig is answered with %d, and takes a zxid', (value, error) => {
  const server = new FakeServer({ reconfigEnabled: value })
  const client = server.connect()
  const record = { joiningServers: null, leavingServers: null, newMembers: null, curConfigId: -1 }
  client.send(request(1, OpCode.reconfig, (out) => writeReconfigRequest(out, record)))
  server.apply()
  expect(client.takeReplies()).toMatchObject([{ xid: 1, error, zxid: 2 }])
})
