import { expect, test } from 'vitest'
import { ByteReader, type ByteWriter } from '../../../src/kernel/bytes.ts'
import { writeAuthRequest } from '../../../src/protocol/auth.ts'
import { OpCode } from '../../../src/protocol/op-code.ts'
import { writeSetWatchesRequest } from '../../../src/protocol/set-watches.ts'
import { readWatchEvent } from '../../../src/protocol/watch-event.ts'
import { readWhoAmIResponse } from '../../../src/protocol/who-am-i.ts'
import {
  closeSession,
  create,
  FakeServer,
  framed,
  getData,
  ping,
  request,
  setData,
  sync,
  type FakeReply,
} from '../fake-world.ts'

function dataOf(reply: FakeReply | undefined): string {
  return new ByteReader(reply?.record ?? Buffer.alloc(0)).buffer('data')?.toString() ?? 'null'
}

function eventOf(reply: FakeReply | undefined): { type: number; path: string } {
  const { type, path } = readWatchEvent(new ByteReader(reply?.record ?? Buffer.alloc(0)))
  return { type, path }
}

// Order.

test('a read is answered at once when nothing of its connection waits', () => {
  const client = new FakeServer().connect()
  client.send(getData(1, '/'))
  expect(client.takeOrder()).toEqual(['1:0'])
})

test('a read waits for the writes before it and sees them; another session does not wait', () => {
  const server = new FakeServer()
  const [client, other] = [server.connect(), server.connect()]
  client.send(create(1, '/a', 0, 'x'), getData(2, '/a'))
  other.send(getData(1, '/a'))
  expect(client.takeReplies()).toEqual([])
  expect(other.takeOrder()).toEqual(['1:-101'])
  server.apply()
  const [created, read] = client.takeReplies()
  expect([created?.xid, read?.xid]).toEqual([1, 2])
  expect(dataOf(read)).toBe('x')
})

test('writes behind a waiting read are submitted at once, yet the read does not see them', () => {
  const server = new FakeServer()
  const client = server.connect()
  client.send(create(1, '/a', 0, 'old'), getData(2, '/a'), setData(3, '/a', 'new'), getData(4, '/a'))
  expect(server.service.submitted).toHaveLength(2)
  server.apply()
  const replies = client.takeReplies()
  expect(replies.map(({ xid }) => xid)).toEqual([1, 2, 3, 4])
  expect([dataOf(replies[1]), dataOf(replies[3])]).toEqual(['old', 'new'])
})

test('replies come in the order of the requests, pings among them', () => {
  const server = new FakeServer()
  const client = server.connect()
  client.send(create(1, '/a'), ping(), create(2, '/a'), getData(3, '/nothing'), ping())
  server.apply(1)
  expect(client.takeOrder()).toEqual(['1:0', '-2:0'])
  server.apply()
  expect(client.takeOrder()).toEqual(['2:-110', '3:-101', '-2:0'])
})

test('nothing is submitted behind a sync until it is answered', () => {
  const server = new FakeServer()
  const client = server.connect()
  client.send(create(1, '/a', 0, 'x'), sync(2), setData(3, '/a', 'y'), sync(4), getData(5, '/a'))
  expect(server.service.submitted).toHaveLength(1)
  expect(server.service.syncs).toHaveLength(1)
  server.apply()
  expect(client.takeOrder()).toEqual(['1:0'])
  server.sessions.onSynced(server.service.syncs[0] ?? 0)
  server.sessions.onBatchEnd()
  expect(client.takeOrder()).toEqual(['2:0'])
  expect(server.service.submitted).toHaveLength(1)
  expect(server.service.syncs).toHaveLength(2)
  server.sessions.onSynced(server.service.syncs[1] ?? 0)
  server.apply()
  const replies = client.takeReplies()
  expect(replies.map(({ xid }) => xid)).toEqual([3, 4, 5])
  expect(dataOf(replies[2])).toBe('y')
})

test('a sync that is answered before the write ahead of it still comes after it', () => {
  const server = new FakeServer()
  const client = server.connect()
  client.send(create(1, '/a'), sync(2, '/some/path'))
  server.sessions.onSynced(server.service.syncs[0] ?? 0)
  server.sessions.onBatchEnd()
  expect(client.takeReplies()).toEqual([])
  server.apply()
  const replies = client.takeReplies()
  expect(replies.map(({ xid }) => xid)).toEqual([1, 2])
  expect(new ByteReader(replies[1]?.record ?? Buffer.alloc(0)).string('path')).toBe('/some/path')
})

test('a sync of null is echoed as null, one without a path is a marshalling error', () => {
  const server = new FakeServer()
  const client = server.connect()
  client.send(sync(1, null), request(2, OpCode.sync))
  for (let index = 0; index < 2; index++) {
    server.sessions.onSynced(server.service.syncs[index] ?? 0)
    server.sessions.onBatchEnd()
  }
  const replies = client.takeReplies()
  expect(replies.map(({ xid, error }) => [xid, error])).toEqual([
    [1, 0],
    [2, -5],
  ])
  expect(replies[0]?.record.toString('hex')).toBe('ffffffff')
})

test('what one turn answers leaves in one write', () => {
  const server = new FakeServer()
  const client = server.connect()
  client.send(ping(), getData(1, '/'), ping())
  expect(client.connection.written).toHaveLength(1)
  client.takeReplies()
  client.send(create(2, '/a'), create(3, '/b'))
  server.apply()
  expect(client.connection.written).toHaveLength(1)
})

// zxids.

test('a write answers with its own zxid, also when it fails; a read with the last one applied here', () => {
  const server = new FakeServer()
  const client = server.connect()
  client.send(create(1, '/a'), create(2, '/a'), getData(3, '/a'))
  server.apply()
  expect(client.takeReplies().map(({ zxid }) => zxid)).toEqual([2, 3, 3])
})

test('a write whose body cannot be read is a marshalling error, takes a zxid, and the connection stays', () => {
  const server = new FakeServer()
  const client = server.connect()
  client.send(request(1, OpCode.create), ping())
  server.apply()
  expect(client.takeReplies().map(({ error, zxid }) => [error, zxid])).toEqual([
    [-5, 2],
    [0, 2],
  ])
  expect(client.connection.closed).toBeNull()
})

test('a read whose body cannot be read is a marshalling error and the connection stays', () => {
  const client = new FakeServer().connect()
  client.send(request(1, OpCode.getData), ping())
  expect(client.takeOrder()).toEqual(['1:-5', '-2:0'])
})

// Watches.

test('the event of a write comes before its reply', () => {
  const server = new FakeServer()
  const client = server.connect()
  client.send(create(1, '/a'), getData(2, '/a', true), setData(3, '/a'))
  server.apply()
  const replies = client.takeReplies()
  expect(replies.map(({ xid }) => xid)).toEqual([1, 2, -1, 3])
  expect(eventOf(replies[2])).toEqual({ type: 3, path: '/a' })
  expect(replies[2]?.zxid).toBe(replies[3]?.zxid)
})

test('the events of setWatches come before its reply', () => {
  const server = new FakeServer()
  const client = server.connect()
  const watches = { relativeZxid: 0, dataWatches: ['/gone'], existWatches: [], childWatches: ['/'] }
  client.send(request(-8, OpCode.setWatches, (out) => writeSetWatchesRequest(out, watches)))
  expect(client.takeOrder()).toEqual(['event', '-8:0'])
})

test('the watches of a closed connection are gone', () => {
  const server = new FakeServer()
  const client = server.connect()
  client.send(getData(1, '/', true))
  expect(server.service.tree.watches.count).toBe(1)
  client.connection.destroy()
  expect(server.service.tree.watches.count).toBe(0)
})

test('who may not read a znode does not hear of it', () => {
  const server = new FakeServer()
  const [client, other] = [server.connect(), server.connect()]
  client.send(request(1, OpCode.addWatch, (out) => out.string('/').int32(1)))
  other.send(request(1, OpCode.auth, digest('u:p')))
  other.send(
    request(2, OpCode.create, (out) =>
      out.string('/secret').buffer(Buffer.alloc(0)).int32(1).int32(31).string('auth').string('').int32(0),
    ),
    create(3, '/open'),
  )
  server.apply()
  const events = client.takeReplies().filter(({ xid }) => xid === -1)
  expect(events.map(eventOf)).toEqual([{ type: 1, path: '/open' }])
})

// Ends.

test('closeSession is answered, then the server closes; the ephemerals are gone', () => {
  const server = new FakeServer()
  const client = server.connect()
  client.send(create(1, '/mine', 1), closeSession(2))
  server.apply()
  expect(client.takeOrder()).toEqual(['1:0', '2:0'])
  expect(client.connection.closed).toBe('ended')
  expect(server.service.tree.getNode('/mine')).toBeNull()
  expect(server.sessions.attachedSessions()).toEqual([])
})

test('a session that the leader expires closes its connection', () => {
  const server = new FakeServer()
  const [client, witness] = [server.connect(), server.connect()]
  client.send(closeSession(1))
  const [command] = server.service.submitted.splice(0)
  command?.fill(0, 8, 20) // nobody's request, nobody's connection
  if (command !== undefined) server.sessions.onApplied(server.service.tree.apply(command))
  server.sessions.onBatchEnd()
  expect(client.connection.closed).not.toBeNull()
  expect(client.takeReplies()).toEqual([])
  expect(witness.connection.closed).toBeNull()
})

test('what comes behind a closeSession is not looked at', () => {
  const server = new FakeServer()
  const client = server.connect()
  client.send(closeSession(1), create(2, '/late'))
  expect(server.service.submitted).toHaveLength(1)
  server.apply()
  expect(client.takeOrder()).toEqual(['1:0'])
})

test('a write of a session that moved closes its connection without a reply', () => {
  const server = new FakeServer()
  const client = server.connect()
  client.send(create(1, '/a'))
  server.sessions.onRefused(requestNumberOf(server.service.submitted.splice(0)[0]), 'moved')
  server.sessions.onBatchEnd()
  expect(client.takeReplies()).toEqual([])
  expect(client.connection.closed).not.toBeNull()
})

test('a write of a session that is being closed is SESSIONEXPIRED, behind the writes before it', () => {
  const server = new FakeServer()
  const client = server.connect()
  client.send(create(1, '/a'), create(2, '/b'))
  server.sessions.onRefused(requestNumberOf(server.service.submitted.splice(1)[0]), 'closing')
  server.sessions.onBatchEnd()
  expect(client.takeReplies()).toEqual([])
  server.apply()
  expect(client.takeOrder()).toEqual(['1:0', '2:-112'])
})

test('without a leader, connections with a write, a sync or a handshake under way close, the others stay', () => {
  const server = new FakeServer()
  const [writer, syncer, reader] = [server.connect(), server.connect(), server.connect()]
  const newcomer = server.accept()
  writer.send(create(1, '/a'), getData(2, '/a'))
  syncer.send(sync(1))
  reader.send(getData(1, '/'))
  newcomer.sendConnect({})
  server.sessions.onLeaderLost()
  server.sessions.onBatchEnd()
  expect([writer, syncer, newcomer].map(({ connection }) => connection.closed !== null)).toEqual([true, true, true])
  expect(writer.takeReplies()).toEqual([])
  expect(reader.connection.closed).toBeNull()
  expect(server.sessions.attachedSessions()).toHaveLength(1)
})

test('the outcome of a write whose connection has gone is nobody’s', () => {
  const server = new FakeServer()
  const client = server.connect()
  client.send(create(1, '/a'))
  server.sessions.onLeaderLost()
  server.apply()
  expect(client.takeReplies()).toEqual([])
  expect(server.service.tree.getNode('/a')).not.toBeNull()
})

test('a server that stops serving closes every client', () => {
  const server = new FakeServer()
  const clients = [server.connect(), server.connect()]
  server.sessions.onStopServing()
  expect(clients.map(({ connection }) => connection.closed !== null)).toEqual([true, true])
  expect(server.sessions.count).toBe(0)
  expect(server.sessions.pool.inUse).toBe(0)
})

// What no client may ask.

test.each([
  ['an unknown operation', 999],
  ['a check outside of a multi', OpCode.check],
  ['createSession', OpCode.createSession],
  ['a notification', 0],
  ['the log’s error entry', OpCode.error],
])('%s is UNIMPLEMENTED with zxid -1 behind what came before, then the connection closes', (_title, type) => {
  const server = new FakeServer()
  const client = server.connect()
  client.send(create(1, '/a'), request(2, type), ping())
  expect(server.service.submitted).toHaveLength(1)
  server.apply()
  const replies = client.takeReplies()
  expect(replies.map(({ xid, error, zxid }) => [xid, error, zxid])).toEqual([
    [1, 0, 2],
    [2, -6, -1],
  ])
  expect(client.connection.closed).toBe('ended')
})

test('deleteContainer is for the leader alone', () => {
  const server = new FakeServer()
  const client = server.connect()
  client.send(request(1, OpCode.deleteContainer, (out) => out.string('/a')))
  expect(client.takeOrder()).toEqual(['1:-8'])
  expect(server.service.submitted).toEqual([])
})

test.each([
  ['longer than jute.maxbuffer', 0x100000],
  ['negative', -1],
  ['a four letter word in the middle of a session', 0x72756f6b],
])('a frame whose length is %s closes without a reply', (_title, length) => {
  const client = new FakeServer().connect()
  const bytes = Buffer.alloc(8)
  bytes.writeInt32BE(length)
  client.sendRaw(bytes)
  expect(client.connection.closed).not.toBeNull()
  expect(client.takeText()).toBe('')
})

test.each([0, 4, 7])('a request of %i bytes, too short for its header, closes without a reply', (size) => {
  const client = new FakeServer().connect()
  client.sendRaw(framed(Buffer.alloc(size)))
  expect(client.connection.closed).not.toBeNull()
  expect(client.takeText()).toBe('')
})

// Identities.

function digest(pair: string): (out: ByteWriter) => void {
  return (out) => writeAuthRequest(out, { scheme: 'digest', auth: Buffer.from(pair) })
}

test('a digest proves an identity, which whoAmI names without its hash; its reply has zxid 0', () => {
  const server = new FakeServer()
  const client = server.connect()
  client.send(request(-4, OpCode.auth, digest('user:secret')))
  const [reply] = client.takeReplies()
  expect([reply?.xid, reply?.zxid, reply?.error]).toEqual([-4, 0, 0])
  client.send(request(1, OpCode.whoAmI))
  expect(readWhoAmIResponse(new ByteReader(client.takeReplies()[0]?.record ?? Buffer.alloc(0)))).toEqual([
    { scheme: 'ip', user: '127.0.0.1' },
    { scheme: 'digest', user: 'user' },
  ])
})

test('a znode made with the ACL scheme auth is open to the one who proved the same digest', () => {
  const server = new FakeServer()
  const [owner, other] = [server.connect(), server.connect()]
  owner.send(request(-4, OpCode.auth, digest('user:secret')))
  owner.send(
    request(1, OpCode.create, (out) =>
      out.string('/own').buffer(Buffer.from('x')).int32(1).int32(31).string('auth').string('').int32(0),
    ),
  )
  server.apply()
  other.send(getData(1, '/own'))
  expect(other.takeOrder()).toEqual(['1:-102'])
  other.send(request(-4, OpCode.auth, digest('user:secret')), getData(2, '/own'))
  expect(other.takeOrder()).toEqual(['-4:0', '2:0'])
  other.send(setData(3, '/own', 'y'))
  server.apply()
  expect(other.takeOrder()).toEqual(['3:0'])
})

test.each([
  ['an unknown scheme', 'kerberos', Buffer.from('x')],
  ['no data', 'digest', null],
  ['no scheme', null, Buffer.from('x')],
])('auth with %s fails and closes', (_title, scheme, auth) => {
  const client = new FakeServer().connect()
  client.send(request(-4, OpCode.auth, (out) => writeAuthRequest(out, { scheme, auth })))
  expect(client.takeOrder()).toEqual(['-4:-115'])
  expect(client.connection.closed).toBe('ended')
})

test('sasl is refused with its record, a null token', () => {
  const client = new FakeServer().connect()
  client.send(request(1, OpCode.sasl, (out) => out.buffer(null)))
  const [reply] = client.takeReplies()
  expect([reply?.error, reply?.zxid, reply?.record.toString('hex')]).toEqual([-115, 0, 'ffffffff'])
  expect(client.connection.closed).toBe('ended')
})

// Backpressure.

test('a client that does not read its replies is not read either, and goes on when it does', () => {
  const server = new FakeServer()
  const client = server.connect()
  client.send(create(1, '/big', 0, 'x'.repeat(100_000)))
  server.apply()
  client.takeReplies()
  client.connection.isFull = true
  const reads = Array.from({ length: 50 }, (_unused, index) => getData(index + 2, '/big'))
  client.send(...reads)
  expect(client.connection.isPaused).toBe(true)
  const answered = client.takeReplies().length
  expect(answered).toBeLessThan(5)
  client.connection.drain()
  server.clock.endTurn()
  expect(client.connection.isPaused).toBe(false)
  expect(client.takeReplies()).toHaveLength(50 - answered)
})

test('while the client takes nothing, waiting reads stay unanswered unless a write behind them is under way', () => {
  const server = new FakeServer()
  const client = server.connect()
  const big = 'x'.repeat(200_000)
  client.send(create(1, '/a', 0, big), getData(2, '/a'), getData(3, '/a'), setData(4, '/a', 'y'))
  client.send(getData(5, '/a'))
  client.connection.isFull = true
  server.apply(1)
  const before = client.takeReplies()
  expect(before.map(({ xid }) => xid)).toEqual([1, 2, 3])
  expect(
    before
      .map(dataOf)
      .map(({ length }) => length)
      .slice(1),
  ).toEqual([big.length, big.length])
  server.apply(1)
  expect(client.takeOrder()).toEqual(['4:0'])
  client.connection.drain()
  server.clock.endTurn()
  expect(client.takeReplies().map(dataOf)).toEqual(['y'])
})

test('a write behind a sync does not overtake a read that waits for the client', () => {
  const server = new FakeServer()
  const [client, other] = [server.connect(), server.connect()]
  client.send(
    create(1, '/a', 0, 'old'),
    request(2, OpCode.addWatch, (out) => out.string('/').int32(0)),
  )
  server.apply()
  client.takeReplies()
  client.send(sync(3), getData(4, '/a'), setData(5, '/a', 'new'))
  // An event fills the socket, so that the read waits for the client when the sync is answered.
  client.connection.isFull = true
  other.send(create(1, '/b'))
  server.apply()
  server.sessions.onSynced(server.service.syncs[0] ?? 0)
  server.apply()
  server.apply()
  const replies = client.takeReplies()
  expect(replies.map(({ xid }) => xid)).toEqual([-1, 3, 4, 5])
  expect(dataOf(replies[2])).toBe('old')
})

test('a client that never reads while its watches fire is closed once too much waits for it', () => {
  const server = new FakeServer()
  const [client, writer] = [server.connect(), server.connect()]
  const path = `/${'p'.repeat(200_000)}`
  client.send(request(1, OpCode.addWatch, (out) => out.string('/').int32(1)))
  client.takeReplies()
  client.connection.isFull = true
  writer.send(create(1, path))
  server.apply()
  for (let count = 0; count < 400 && client.connection.closed === null; count++) {
    writer.send(setData(count + 2, path))
    server.apply()
    writer.takeReplies()
  }
  expect(client.connection.closed).not.toBeNull()
  expect(client.connection.bufferedBytes).toBeLessThan(70 * 1024 * 1024)
})

test('beyond globalOutstandingLimit those that have requests outstanding are not read, others are', () => {
  const server = new FakeServer({ globalOutstandingLimit: '10' })
  const [busy, idle] = [server.connect(), server.connect()]
  busy.send(...Array.from({ length: 30 }, (_unused, index) => create(index + 1, `/n${index}`)))
  expect(server.service.submitted).toHaveLength(11)
  expect(busy.connection.isPaused).toBe(true)
  idle.send(getData(1, '/'))
  expect(idle.takeOrder()).toEqual(['1:0'])
  while (server.service.submitted.length > 0) server.apply()
  expect(busy.takeOrder()).toEqual(Array.from({ length: 30 }, (_unused, index) => `${index + 1}:0`))
  expect(busy.connection.isPaused).toBe(false)
  expect(server.sessions.pool.inUse).toBe(0)
})

test('a client with very many requests waiting is not read until they are answered', () => {
  const server = new FakeServer({ globalOutstandingLimit: '1000000' })
  const client = server.connect()
  client.send(create(1, '/a'), ...Array.from({ length: 5_000 }, () => ping()))
  expect(client.connection.isPaused).toBe(true)
  expect(server.sessions.pool.inUse).toBeLessThan(3_000)
  server.apply()
  expect(client.takeReplies()).toHaveLength(5_001)
  expect(client.connection.isPaused).toBe(false)
})

test('a client whose waiting requests are many bytes is not read until they are answered', () => {
  const server = new FakeServer({ globalOutstandingLimit: '1000000' })
  const client = server.connect()
  const data = 'x'.repeat(900_000)
  client.send(...Array.from({ length: 20 }, (_, index) => create(index + 1, `/n${index}`, 0, data)))
  expect(client.connection.isPaused).toBe(true)
  expect(server.sessions.pool.inUse).toBe(10) // the first that fill eight mebibytes
  server.apply()
  server.apply()
  expect(client.takeReplies()).toHaveLength(20)
  expect(client.connection.isPaused).toBe(false)
})

test('a connection that goes lets the ones that it held back go on', () => {
  const server = new FakeServer({ globalOutstandingLimit: '4' })
  const [busy, other] = [server.connect(), server.connect()]
  busy.send(...Array.from({ length: 9 }, (_unused, index) => create(index + 1, `/n${index}`)))
  other.send(create(1, '/x'), create(2, '/y'))
  expect(other.connection.isPaused).toBe(true)
  busy.connection.destroy()
  server.clock.endTurn()
  expect(other.connection.isPaused).toBe(false)
  server.apply()
  expect(other.takeOrder()).toEqual(['1:0', '2:0'])
})

test('frames in single bytes are the same requests', () => {
  const server = new FakeServer()
  const client = server.connect()
  for (const byte of Buffer.concat([create(1, '/a'), ping(), getData(2, '/a')])) client.sendRaw(Buffer.from([byte]))
  server.apply()
  expect(client.takeOrder()).toEqual(['1:0', '-2:0', '2:0'])
})

// Sessions stay alive.

test('each request touches the session, at once or with the next look, and silence does not', () => {
  const server = new FakeServer()
  const client = server.connect()
  const { touched } = server.service
  client.send(ping())
  expect(touched).toEqual([client.sessionLow])
  client.send(ping(), ping(), getData(1, '/'))
  expect(touched).toHaveLength(1)
  server.clock.advance(1_000)
  expect(touched).toHaveLength(2)
  server.clock.advance(5_000)
  expect(touched).toHaveLength(2)
  client.send(ping())
  expect(touched).toHaveLength(3)
})

/** As the command's header has it. */
function requestNumberOf(command: Buffer | undefined): number {
  return command?.readDoubleBE(8) ?? Number.NaN
}
