import { expect, test } from 'vitest'
import { ByteReader } from '../../../src/kernel/bytes.ts'
import { writeAuthRequest } from '../../../src/protocol/auth.ts'
import { CreateMode } from '../../../src/protocol/create-mode.ts'
import { OpCode } from '../../../src/protocol/op-code.ts'
import { readWatchEvent } from '../../../src/protocol/watch-event.ts'
import { WireError } from '../../../src/protocol/wire-error.ts'
import { create, FakeServer, getData, ping, request, setData, sync, type FakeClient } from '../fake-world.ts'

/** A new connection of the session that `old` has. */
function reattached(server: FakeServer, old: FakeClient): FakeClient {
  const client = server.accept()
  client.sendConnect({ high: old.sessionHigh, low: old.sessionLow, password: old.password })
  server.sessions.onAttached(server.service.attaches.at(-1)?.requestNumber ?? 0, 99)
  server.sessions.onBatchEnd()
  client.takeConnected()
  return client
}

function auth(xid = -4): Buffer {
  return request(xid, OpCode.auth, (out) => writeAuthRequest(out, { scheme: 'digest', auth: Buffer.from('bob:pw') }))
}

/** A znode whose only entry is what `auth` makes of bob. */
function createOwn(xid: number, path: string): Buffer {
  return request(xid, OpCode.create, (out) =>
    out.string(path).buffer(null).int32(1).int32(31).string('auth').string('').int32(CreateMode.persistent),
  )
}

test('the loss of a connection removes nothing: ephemerals stay with their session', () => {
  const server = new FakeServer()
  const client = server.connect()
  client.send(create(1, '/e', CreateMode.ephemeral))
  server.apply()
  client.connection.destroy()
  server.apply()
  expect(server.service.tree.getNode('/e')).not.toBeNull()
  const again = reattached(server, client)
  again.send(getData(1, '/e'))
  expect(again.takeOrder()).toEqual(['1:0'])
})

test('identities belong to the connection: the session has them no more on its next one', () => {
  const server = new FakeServer()
  const client = server.connect()
  client.send(auth(), createOwn(1, '/own'))
  server.apply()
  client.send(getData(2, '/own'))
  expect(client.takeOrder()).toEqual(['-4:0', '1:0', '2:0'])
  const again = reattached(server, client)
  again.send(getData(1, '/own'), auth(), getData(2, '/own'))
  expect(again.takeOrder()).toEqual(['1:-102', '-4:0', '2:0'])
})

test('watches belong to the connection: the session hears nothing on its next one', () => {
  const server = new FakeServer()
  const [client, other] = [server.connect(), server.connect()]
  other.send(create(1, '/a'))
  server.apply()
  client.send(getData(1, '/a', true))
  const again = reattached(server, client)
  other.send(setData(2, '/a'))
  server.apply()
  expect(again.takeReplies()).toEqual([])
})

test('a write is judged by the ids of the moment when it was sent', () => {
  const server = new FakeServer()
  const [owner, client] = [server.connect(), server.connect()]
  owner.send(auth(), createOwn(1, '/own'))
  server.apply()
  client.send(setData(1, '/own'), auth(), setData(2, '/own'))
  server.apply()
  // The answer to auth overtakes, as in Apache.
  expect(client.takeOrder()).toEqual(['-4:0', '1:-102', '2:0'])
})

test('any xid is echoed, twice the same too, but a ping is always -2', () => {
  const server = new FakeServer()
  const client = server.connect()
  client.send(getData(7, '/'), getData(7, '/'), getData(-9, '/'), getData(0, '/'), request(5, OpCode.ping))
  expect(client.takeOrder()).toEqual(['7:0', '7:0', '-9:0', '0:0', '-2:0'])
})

test('an event carries the zxid of its change, and the state in which the client is', () => {
  const server = new FakeServer()
  const client = server.connect()
  client.send(create(1, '/a'), getData(2, '/a', true), setData(3, '/a'))
  server.apply()
  const [event] = client.takeReplies().filter(({ xid }) => xid === -1)
  expect(event).toMatchObject({ zxid: server.service.tree.lastZxid, error: 0 })
  expect(readWatchEvent(new ByteReader(event?.record ?? Buffer.alloc(0)))).toEqual({ type: 3, state: 3, path: '/a' })
})

test('a ping and a sync answer with the last zxid applied here', () => {
  const server = new FakeServer()
  const client = server.connect()
  client.send(create(1, '/a'))
  server.apply()
  client.send(ping(), sync(2))
  server.sessions.onSynced(server.service.syncs[0] ?? 0)
  server.sessions.onBatchEnd()
  const { lastZxid } = server.service.tree
  expect(client.takeReplies().map(({ xid, zxid }) => [xid, zxid])).toEqual([
    [1, lastZxid],
    [-2, lastZxid],
    [2, lastZxid],
  ])
})

test.each([
  ['the members of the ensemble', OpCode.configure],
  ['a session', OpCode.createSession],
])('no client writes %s with the command of the servers', (_what, type) => {
  const server = new FakeServer()
  const client = server.connect()
  client.send(request(1, type, (out) => out.string('server.1=evil:1:2:participant')))
  expect(client.takeReplies()).toMatchObject([{ xid: 1, error: WireError.unimplemented, zxid: -1 }])
  expect(client.connection.closed).toBe('ended')
  expect(server.service.submitted).toEqual([])
})
