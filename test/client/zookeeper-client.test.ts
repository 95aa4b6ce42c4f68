import { describe, expect, test, vi } from 'vitest'
import type { ClientRequest } from '../../src/client/client-request.ts'
import type { ZnodeEvent } from '../../src/client/watch-registry.ts'
import type { ZooKeeperClient } from '../../src/client/zookeeper-client.ts'
import { TransactionError, ZooKeeperError } from '../../src/client/zookeeper-error.ts'
import { ZktuneError } from '../../src/kernel/errors.ts'
import { readAuthRequest } from '../../src/protocol/auth.ts'
import { readCreateRequest, readCreateTtlRequest, writeCreate2Response } from '../../src/protocol/create.ts'
import { writeCreateResponse } from '../../src/protocol/create.ts'
import { readExistsRequest } from '../../src/protocol/exists.ts'
import { writeGetChildrenResponse } from '../../src/protocol/get-children.ts'
import { readGetDataRequest, writeGetDataRequest, writeGetDataResponse } from '../../src/protocol/get-data.ts'
import { readMultiOperation, writeMultiEnd } from '../../src/protocol/multi.ts'
import { writeMultiResult } from '../../src/protocol/multi-result.ts'
import { OpCode } from '../../src/protocol/op-code.ts'
import { readSetDataRequest } from '../../src/protocol/set-data.ts'
import { readSetWatches2Request, readSetWatchesRequest } from '../../src/protocol/set-watches.ts'
import { writeStat, type Stat } from '../../src/protocol/stat.ts'
import { WatchEventType } from '../../src/protocol/watch-event.ts'
import { WireError } from '../../src/protocol/wire-error.ts'
import { FakeWorld, type ScriptedServer } from './fake-world.ts'

const STAT: Stat = {
  czxid: 1,
  mzxid: 2,
  pzxid: 3,
  ctime: 4,
  mtime: 5,
  version: 6,
  cversion: 7,
  aversion: 8,
  ephemeralOwnerHigh: -1,
  ephemeralOwnerLow: -2,
  dataLength: 9,
  numChildren: 10,
}

function connectedWorld(connectString = 'a:1'): { world: FakeWorld; client: ZooKeeperClient; server: ScriptedServer } {
  const world = new FakeWorld()
  const client = world.client(connectString)
  const server = world.accept().establish()
  return { world, client, server }
}

async function errorOf(promise: Promise<unknown>): Promise<ZooKeeperError> {
  const error: unknown = await promise.then(
    () => 'no error',
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ZooKeeperError)
  return error as ZooKeeperError
}

describe('connecting', () => {
  test('a new session asks with id 0 and keeps what the server gives', async () => {
    const world = new FakeWorld()
    const client = world.client('a:1')
    const connected = client.connected()
    const server = world.accept()
    expect(server.handshake).toEqual({
      protocolVersion: 0,
      lastZxidSeen: 0,
      timeoutMs: 9_000,
      sessionHigh: 0,
      sessionLow: 0,
      password: Buffer.alloc(16),
      readOnly: false,
    })
    expect(client.state).toBe('connecting')
    server.establish({ timeoutMs: 6_000 })
    await connected
    expect(client.state).toBe('connected')
    expect(client.sessionTimeoutMs).toBe(6_000)
    expect(client.sessionId).toBe(0x0100_0000_0000_004dn)
    expect(client.server).toBe('a:1')
  })

  test('each server is tried once before any of them again, and then there is a pause', () => {
    const world = new FakeWorld()
    world.client('a:1,b:2,c:3')
    const tried = [world.refuse()]
    for (let left = 2; left > 0; left--) {
      world.clock.advance(0)
      tried.push(world.refuse())
    }
    expect([...tried].sort()).toEqual(['a:1', 'b:2', 'c:3'])
    world.clock.advance(0)
    expect(world.attempts).toEqual([])
    world.clock.advance(60)
    expect(world.refuse()).toBe(tried[0])
  })

  test('a connection that is not had in time says so, with the last failure', async () => {
    const world = new FakeWorld()
    const client = world.client('a:1')
    const connected = client.connected({ timeoutMs: 100 })
    world.refuse()
    world.clock.advance(100)
    const error: unknown = await connected.catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ZktuneError)
    expect((error as ZktuneError).message).toBe(
      'a:1: no server took the session within 100 ms (last: a:1 refused). Start the servers, or check host and port.',
    )
  })

  test('waiting for a connection can be given up by a signal', async () => {
    const world = new FakeWorld()
    const client = world.client('a:1')
    const abort = new AbortController()
    const connected = client.connected({ signal: abort.signal })
    abort.abort(new Error('enough'))
    await expect(connected).rejects.toThrow('enough')
    await expect(client.connected({ signal: abort.signal })).rejects.toThrow('enough')
  })

  test('a server that accepts and is silent is left for the next one', () => {
    const world = new FakeWorld()
    world.client('a:1,b:2')
    const silent = world.accept()
    world.clock.advance(4_500)
    expect(silent.isDropped).toBe(true)
    world.clock.advance(0)
    expect(world.accept().where).not.toBe(silent.where)
  })

  test('a session of a read-only server is not asked for elsewhere', () => {
    const world = new FakeWorld()
    const states: string[] = []
    world.client('a:1', { readOnly: true, onState: (state) => states.push(state) })
    const server = world.accept()
    expect(server.handshake.readOnly).toBe(true)
    server.establish({ readOnly: true })
    server.drop()
    world.clock.advance(100)
    const second = world.accept()
    expect(second.handshake).toMatchObject({ sessionHigh: 0, sessionLow: 0 })
    second.establish({ sessionLow: 99 })
    second.drop()
    world.clock.advance(100)
    expect(world.accept().handshake).toMatchObject({ sessionLow: 99 })
    expect(states).toEqual(['connectedReadOnly', 'connecting', 'connected', 'connecting'])
  })

  test('a client can go on with the session of another', () => {
    const world = new FakeWorld()
    world.client('a:1', { session: { id: 0x0100_0000_0000_004dn, password: Buffer.alloc(16, 5) } })
    expect(world.accept().handshake).toMatchObject({
      sessionHigh: 0x01000000,
      sessionLow: 77,
      password: Buffer.alloc(16, 5),
    })
  })
})

describe('requests', () => {
  test('what is asked in one turn leaves in one write, and what comes in one chunk is all read', async () => {
    const { client, server } = connectedWorld()
    const before = server.writeCount
    const answers = [client.getData('/a'), client.getData('/b'), client.getData('/c')]
    const asked = [server.next('getData'), server.next('getData'), server.next('getData')]
    expect(server.writeCount).toBe(before + 1)
    expect(asked.map((request) => request.xid)).toEqual([1, 2, 3])
    for (const request of asked) {
      const { path } = readGetDataRequest(request.from)
      server.queueReply(request, { zxid: 9 }, (out) => writeGetDataResponse(out, Buffer.from(path), STAT))
    }
    server.deliver()
    expect((await Promise.all(answers)).map(({ data }) => data?.toString())).toEqual(['/a', '/b', '/c'])
    expect(client.lastZxid).toBe(9)
  })

  test('replies may come cut into single bytes', async () => {
    const { client, server } = connectedWorld()
    const got = client.getData('/a')
    server.queueReply(server.next('getData'), {}, (out) => writeGetDataResponse(out, null, STAT))
    server.deliver(1)
    expect(await got).toEqual({
      data: null,
      stat: {
        czxid: 1,
        mzxid: 2,
        pzxid: 3,
        ctime: 4,
        mtime: 5,
        version: 6,
        cversion: 7,
        aversion: 8,
        ephemeralOwner: -2n,
        dataLength: 9,
        numChildren: 10,
      },
    })
  })

  test('the data of an answer is not a view of the chunk it came in', async () => {
    const { client, server } = connectedWorld()
    const got = client.getData('/a')
    server.queueReply(server.next('getData'), {}, (out) => writeGetDataResponse(out, Buffer.from('abc'), STAT))
    server.deliver()
    expect((await got).data).toEqual(Buffer.from('abc'))
  })

  test('every mode of create sends the operation that goes with it', async () => {
    const { client, server } = connectedWorld()
    const plain = client.create('/test', 'data')
    const ephemeral = client.create('/e', null, { mode: 'ephemeral' })
    const sequential = client.create('/s-', '', { mode: 'persistentSequential' })
    const container = client.create('/c', '', { mode: 'container' })
    const ttl = client.create('/t', '', { mode: 'persistentWithTtl', ttlMs: 5_000 })
    const acl = [{ perms: 31, scheme: 'world', id: 'anyone' }]

    let request = server.next('create')
    expect(readCreateRequest(request.from)).toEqual({ path: '/test', data: 'data', acl, flags: 0 })
    server.reply(request, {}, (out) => writeCreateResponse(out, '/test'))
    request = server.next('create')
    expect(readCreateRequest(request.from)).toEqual({ path: '/e', data: null, acl, flags: 1 })
    server.reply(request, {}, (out) => writeCreateResponse(out, '/e'))
    request = server.next('create')
    expect(readCreateRequest(request.from).flags).toBe(2)
    server.reply(request, {}, (out) => writeCreateResponse(out, '/s-0000000004'))
    request = server.next('createContainer')
    expect(readCreateRequest(request.from).flags).toBe(4)
    server.reply(request, {}, (out) => writeCreate2Response(out, '/c', STAT))
    request = server.next('createTTL')
    expect(readCreateTtlRequest(request.from)).toMatchObject({ flags: 5, ttlMs: 5_000 })
    server.reply(request, {}, (out) => writeCreate2Response(out, '/t', STAT))

    expect(await Promise.all([plain, ephemeral, sequential, container, ttl])).toEqual([
      '/test',
      '/e',
      '/s-0000000004',
      '/c',
      '/t',
    ])
  })

  test('an error is typed, and names code, operation and path', async () => {
    const { client, server } = connectedWorld()
    const got = client.setData('/a', 'x', 3)
    const request = server.next('setData')
    expect(readSetDataRequest(request.from)).toEqual({ path: '/a', data: 'x', version: 3 })
    server.reply(request, { error: WireError.badVersion })
    expect(await errorOf(got)).toMatchObject({
      message: 'setData /a: BADVERSION',
      code: -103,
      codeName: 'BADVERSION',
      operation: 'setData',
      path: '/a',
    })
  })

  test('exists answers null for a znode that is not there', async () => {
    const { client, server } = connectedWorld()
    const missing = client.exists('/none')
    const refused = client.exists('/secret')
    server.reply(server.next('exists'), { error: WireError.noNode })
    server.reply(server.next('exists'), { error: WireError.noAuth })
    expect(await missing).toBeNull()
    expect((await errorOf(refused)).code).toBe(WireError.noAuth)
  })

  test('what is no path never leaves', async () => {
    const { client, server } = connectedWorld()
    expect(await errorOf(client.getData('a'))).toMatchObject({
      code: WireError.badArguments,
      message: 'getData a: BADARGUMENTS, the path does not start with "/"',
    })
    expect((await errorOf(client.create('/a/', ''))).code).toBe(WireError.badArguments)
    expect(server.askedCount).toBe(0)
    const sequential = client.create('/a/', '', { mode: 'persistentSequential' })
    server.reply(server.next('create'), {}, (out) => writeCreateResponse(out, '/a/0000000000'))
    expect(await sequential).toBe('/a/0000000000')
  })

  test('a reply to another request than the oldest breaks the connection', async () => {
    const { world, client, server } = connectedWorld('a:1,b:2')
    const first = client.getData('/a')
    const second = client.getData('/b')
    server.next('getData')
    server.reply(server.next('getData'), {}, (out) => writeGetDataResponse(out, null, STAT))
    expect(server.isDropped).toBe(true)
    expect((await errorOf(first)).code).toBe(WireError.connectionLoss)
    expect((await errorOf(second)).code).toBe(WireError.connectionLoss)
    world.clock.advance(0)
    const next = world.accept()
    expect(next.where).not.toBe(server.where)
    next.establish()
    expect(client.state).toBe('connected')
  })

  test('a reply that nobody asked for breaks the connection', () => {
    const { client, server } = connectedWorld()
    server.reply({ xid: 1 }, {})
    expect(server.isDropped).toBe(true)
    expect(client.state).toBe('connecting')
  })

  test('a record that cannot be read fails its request and the connection', async () => {
    const { client, server } = connectedWorld()
    const broken = client.getData('/a')
    const behind = client.getData('/b')
    server.reply(server.next('getData'), {}, (out) => out.int32(1_000_000))
    expect((await errorOf(broken)).code).toBe(WireError.marshallingError)
    expect((await errorOf(behind)).code).toBe(WireError.connectionLoss)
    expect(server.isDropped).toBe(true)
  })

  test('a frame of a length that cannot be breaks the connection', () => {
    const { client, server } = connectedWorld()
    server.sendRaw(Buffer.from('HTTP/1.1 400'))
    expect(server.isDropped).toBe(true)
    expect(client.state).toBe('connecting')
  })

  test('a socket that is full gets nothing more until it has drained', async () => {
    const { world, client, server } = connectedWorld()
    server.isClogged = true
    const first = client.getData('/a')
    world.clock.endTurn()
    const count = server.writeCount
    const second = client.getData('/b')
    const third = client.getData('/c')
    world.clock.endTurn()
    expect(server.writeCount).toBe(count)
    server.drain()
    expect(server.writeCount).toBe(count + 1)
    for (let left = 3; left > 0; left--) {
      server.reply(server.next('getData'), {}, (out) => writeGetDataResponse(out, null, STAT))
    }
    await Promise.all([first, second, third])
  })

  test('one pooled object serves request after request, asked again from its own reply', () => {
    const { client, server } = connectedWorld()
    let answered = 0
    const request: ClientRequest = {
      type: OpCode.getData,
      writeTo: (out) => writeGetDataRequest(out, { path: '/a', watch: false }),
      onReply: (error) => {
        expect(error).toBe(0)
        answered++
        if (answered < 1_000) client.submit(request)
      },
    }
    client.submit(request)
    for (let count = 0; count < 1_000; count++) {
      server.reply(server.next('getData'), {}, (out) => writeGetDataResponse(out, null, STAT))
    }
    expect(answered).toBe(1_000)
    expect(client.pendingCount).toBe(0)
  })

  test('a request whose record cannot be written leaves no half frame behind', async () => {
    const { client, server } = connectedWorld()
    const writeTo = (): never => {
      throw new Error('no record')
    }
    expect(() => client.submit({ type: 1, writeTo, onReply: () => undefined })).toThrow('no record')
    const got = client.getData('/a')
    const request = server.next('getData')
    expect(request.xid).toBe(1)
    server.reply(request, {}, (out) => writeGetDataResponse(out, null, STAT))
    await got
  })

  test('one request too many is answered THROTTLEDOP, not kept', async () => {
    const world = new FakeWorld()
    const client = world.client('a:1', { pendingMax: 2 })
    const server = world.accept().establish()
    const kept = [client.getData('/a'), client.getData('/b')]
    const refused = client.getData('/c')
    world.clock.endTurn()
    expect((await errorOf(refused)).code).toBe(WireError.throttledOp)
    for (let left = 2; left > 0; left--) {
      server.reply(server.next('getData'), {}, (out) => writeGetDataResponse(out, null, STAT))
    }
    await Promise.all(kept)
  })
})

describe('transactions', () => {
  test('a transaction is one request, and its results are typed', async () => {
    const { client, server } = connectedWorld('a:1/root')
    const committed = client
      .transaction()
      .create('/a', 'x', { mode: 'ephemeralSequential' })
      .check('/b', 3)
      .setData('/b', 'y')
      .delete('/c')
      .commit()
    const request = server.next('multi')
    const kinds: string[] = []
    for (let op = readMultiOperation(request.from); op !== null; op = readMultiOperation(request.from)) {
      kinds.push(`${op.kind} ${op.request.path}`)
    }
    expect(kinds).toEqual(['create /root/a', 'check /root/b', 'setData /root/b', 'delete /root/c'])
    server.reply(request, {}, (out) => {
      writeMultiResult(out, { kind: 'create', path: '/root/a0000000001' })
      writeMultiResult(out, { kind: 'check' })
      writeMultiResult(out, { kind: 'setData', stat: STAT })
      writeMultiResult(out, { kind: 'delete' })
      writeMultiEnd(out)
    })
    const results = await committed
    expect(results.map((result) => result.kind)).toEqual(['create', 'check', 'setData', 'delete'])
    expect(results[0]).toEqual({ kind: 'create', path: '/a0000000001' })
  })

  test('a transaction that fails says which operation and why', async () => {
    const { client, server } = connectedWorld('a:1/root')
    const committed = client.transaction().delete('/a').check('/b', 3).delete('/c').commit()
    server.reply(server.next('multi'), {}, (out) => {
      for (const error of [0, WireError.badVersion, WireError.runtimeInconsistency]) {
        writeMultiResult(out, { kind: 'error', error })
      }
      writeMultiEnd(out)
    })
    const error = await errorOf(committed)
    expect(error).toBeInstanceOf(TransactionError)
    expect(error).toMatchObject({ code: WireError.badVersion, operation: 'check', path: '/b', index: 1 })
    expect(error.message).toBe('check /b: BADVERSION, operation 1 of a multi of which nothing was applied')
  })
})

describe('losing the connection', () => {
  test('what is in flight fails with CONNECTIONLOSS, what is asked meanwhile waits for the next connection', async () => {
    const { world, client, server } = connectedWorld()
    const inFlight = client.getData('/a')
    server.reply(server.next('getData'), { zxid: 41 }, (out) => writeGetDataResponse(out, null, STAT))
    await inFlight
    const lost = client.setData('/a', 'x')
    server.next('setData')
    server.drop()
    expect(client.state).toBe('connecting')
    expect((await errorOf(lost)).code).toBe(WireError.connectionLoss)

    const waiting = client.getData('/b')
    world.clock.advance(100)
    const next = world.accept()
    expect(next.handshake).toMatchObject({
      lastZxidSeen: 41,
      sessionHigh: 0x01000000,
      sessionLow: 77,
      password: Buffer.alloc(16, 5),
    })
    expect(next.askedCount).toBe(0)
    next.establish()
    next.reply(next.next('getData'), {}, (out) => writeGetDataResponse(out, Buffer.from('b'), STAT))
    expect((await waiting).data?.toString()).toBe('b')
  })

  test('a session can be moved: the connection is dropped, and the next server has it after the pause, watches and all', async () => {
    const { world, client, server } = connectedWorld('a:1,b:2')
    const read = client.getData('/data', { watch: true })
    server.reply(server.next('getData'), { zxid: 50 }, (out) => writeGetDataResponse(out, null, STAT))
    await read
    const lost = client.setData('/a', 'x')
    server.next('setData')
    client.reconnect({ afterMs: 300 })
    expect(server.isDropped).toBe(true)
    expect(client.state).toBe('connecting')
    expect((await errorOf(lost)).code).toBe(WireError.connectionLoss)
    client.reconnect() // there is no connection to drop
    world.clock.advance(299)
    expect(world.attempts).toEqual([])
    world.clock.advance(1)
    const next = world.accept()
    expect(next.where).not.toBe(server.where)
    expect(next.handshake).toMatchObject({ lastZxidSeen: 50, sessionLow: 77 })
    next.establish()
    next.next('setWatches')
    expect(client.state).toBe('connected')

    client.reconnect()
    expect(world.attempts).toHaveLength(1) // without a pause at once
    await client.close()
    expect(world.attempts[0]?.isCancelled).toBe(true)
  })

  test('watches are set again after a reconnect, with the last zxid that was seen', async () => {
    const { world, client, server } = connectedWorld('a:1/app')
    const reads = [
      client.getData('/data', { watch: true }),
      client.getData('/failed', { watch: true }),
      client.exists('/absent', { watch: true }),
      client.exists('/there', { watch: true }),
      client.getChildren('/', { watch: true }),
    ]
    const data = server.next('getData')
    expect(readGetDataRequest(data.from)).toEqual({ path: '/app/data', watch: true })
    server.reply(data, { zxid: 50 }, (out) => writeGetDataResponse(out, null, STAT))
    server.reply(server.next('getData'), { zxid: 50, error: WireError.noNode })
    const absent = server.next('exists')
    expect(readExistsRequest(absent.from)).toEqual({ path: '/app/absent', watch: true })
    server.reply(absent, { zxid: 51, error: WireError.noNode })
    server.reply(server.next('exists'), { zxid: 52 }, (out) => writeStat(out, STAT))
    server.reply(server.next('getChildren'), { zxid: 53 }, (out) => writeGetChildrenResponse(out, []))
    await Promise.allSettled(reads)

    server.drop()
    world.clock.advance(100)
    const next = world.accept().establish()
    const setWatches = next.next('setWatches')
    expect(setWatches.xid).toBe(-8)
    expect(readSetWatchesRequest(setWatches.from)).toEqual({
      relativeZxid: 53,
      dataWatches: ['/app/data', '/app/there'],
      existWatches: ['/app/absent'],
      childWatches: ['/app'],
    })
    expect(next.askedCount).toBe(0)
  })

  test('persistent watches are set again by setWatches2', async () => {
    const { world, client, server } = connectedWorld()
    const events: ZnodeEvent[] = []
    const added = [
      client.addWatch('/p', (event) => events.push(event)),
      client.addWatch('/r', (event) => events.push(event), { recursive: true }),
    ]
    server.reply(server.next('addWatch'), {}, (out) => out.int32(0))
    server.reply(server.next('addWatch'), {}, (out) => out.int32(0))
    await Promise.all(added)
    server.drop()
    world.clock.advance(100)
    const next = world.accept().establish()
    expect(readSetWatches2Request(next.next('setWatches2').from)).toMatchObject({
      dataWatches: [],
      persistentWatches: ['/p'],
      persistentRecursiveWatches: ['/r'],
    })
    next.event(WatchEventType.nodeDataChanged, '/p', 60)
    next.event(WatchEventType.nodeDataChanged, '/p', 61)
    next.event(WatchEventType.nodeCreated, '/r/x/y', 62)
    expect(events.map((event) => `${event.kind} ${event.path} ${event.zxid}`)).toEqual([
      'nodeDataChanged /p 60',
      'nodeDataChanged /p 61',
      'nodeCreated /r/x/y 62',
    ])
  })

  test('many watches are set again in several requests', async () => {
    const { world, client, server } = connectedWorld()
    const long = 'x'.repeat(1_000)
    for (let index = 0; index < 200; index++) {
      void client.getData(`/${long}${index}`, { watch: true })
      server.reply(server.next('getData'), {}, (out) => writeGetDataResponse(out, null, STAT))
    }
    await Promise.resolve()
    server.drop()
    world.clock.advance(100)
    const next = world.accept().establish()
    const first = readSetWatchesRequest(next.next('setWatches').from)
    const second = readSetWatchesRequest(next.next('setWatches').from)
    expect(first.dataWatches.join('').length).toBeLessThanOrEqual(128 * 1024)
    expect(first.dataWatches.length + second.dataWatches.length).toBe(200)
  })

  test('an identity is sent again on each connection, before anything else', async () => {
    const { world, client, server } = connectedWorld()
    const added = client.addAuth('digest', 'bob:secret')
    const auth = server.next('auth')
    expect(auth.xid).toBe(-4)
    expect(readAuthRequest(auth.from)).toEqual({ scheme: 'digest', auth: Buffer.from('bob:secret') })
    server.reply(auth, { zxid: 0 })
    await added
    server.drop()
    const waiting = client.sync()
    world.clock.advance(100)
    const next = world.accept().establish()
    next.reply(next.next('auth'), { zxid: 0 })
    next.reply(next.next('sync'), {}, (out) => out.string('/'))
    await waiting
  })

  test('a session that is gone fails everything, and nothing is tried any more', async () => {
    const { world, client, server } = connectedWorld()
    server.drop()
    const waiting = client.getData('/a')
    world.clock.advance(100)
    world.accept().establish({ timeoutMs: 0 })
    expect(client.state).toBe('expired')
    expect((await errorOf(waiting)).code).toBe(WireError.sessionExpired)
    const late = client.getData('/b')
    world.clock.advance(60_000)
    expect((await errorOf(late)).code).toBe(WireError.sessionExpired)
    expect((await errorOf(client.connected())).message).toBe('createSession: SESSIONEXPIRED, the client is expired')
    expect(world.attempts).toEqual([])
    expect(world.clock.timerCount).toBe(0)
    await client.close()
  })

  test('what waits longer than a session lives fails, and the client goes on trying', async () => {
    const { world, client, server } = connectedWorld()
    server.drop()
    const waiting = client.getData('/a')
    let error: ZooKeeperError | null = null
    void waiting.catch((reason: unknown) => (error = reason as ZooKeeperError))
    for (let elapsedMs = 0; elapsedMs < 12_000; elapsedMs += 1_000) {
      world.clock.advance(1_000)
      if (world.attempts.length > 0) world.refuse()
      await Promise.resolve()
      if (elapsedMs < 8_000) expect(error).toBeNull()
    }
    expect(error).toMatchObject({ code: WireError.connectionLoss })
    expect(client.state).toBe('connecting')
  })

  test('an identity that is refused ends the session', async () => {
    const { client, server } = connectedWorld()
    const added = client.addAuth('nope', 'x')
    const pending = client.getData('/a')
    server.reply(server.next('auth'), { zxid: 0, error: WireError.authFailed })
    expect((await errorOf(added)).code).toBe(WireError.authFailed)
    expect((await errorOf(pending)).code).toBe(WireError.authFailed)
    expect(client.state).toBe('authFailed')
    expect((await errorOf(client.connected())).code).toBe(WireError.authFailed)
  })
})

describe('time', () => {
  test('an idle connection is pinged at a third of the session timeout', () => {
    const { world, server } = connectedWorld()
    world.clock.advance(2_999)
    expect(server.askedCount).toBe(0)
    world.clock.advance(1)
    const ping = server.next('ping')
    expect(ping.xid).toBe(-2)
    server.reply(ping, { zxid: 5 })
    world.clock.advance(3_000)
    server.reply(server.next('ping'), { zxid: 5 })
    expect(server.isDropped).toBe(false)
  })

  test('a server that says nothing for two thirds of the session timeout is left', () => {
    const { world, client, server } = connectedWorld()
    world.clock.advance(5_999)
    expect(server.isDropped).toBe(false)
    world.clock.advance(1)
    expect(server.isDropped).toBe(true)
    expect(client.state).toBe('connecting')
  })

  test('the negotiated timeout counts, not the one asked for', () => {
    const world = new FakeWorld()
    world.client('a:1')
    const server = world.accept().establish({ timeoutMs: 3_000 })
    world.clock.advance(1_000)
    server.next('ping')
    world.clock.advance(1_000)
    expect(server.isDropped).toBe(true)
  })
})

describe('watches', () => {
  async function watching(path: string, callback: (event: ZnodeEvent) => void, world = connectedWorld()) {
    const got = world.client.getData(path, { watch: callback })
    world.server.reply(world.server.next('getData'), {}, (out) => writeGetDataResponse(out, null, STAT))
    await got
    return world
  }

  test('a one-shot watch fires once, with the path as the client knows it', async () => {
    const events: ZnodeEvent[] = []
    const { server } = await watching('/a', (event) => events.push(event), connectedWorld('a:1/app'))
    server.event(WatchEventType.nodeDataChanged, '/app/a', 77)
    server.event(WatchEventType.nodeDataChanged, '/app/a', 78)
    expect(events).toEqual([{ kind: 'nodeDataChanged', path: '/a', zxid: 77 }])
  })

  test('an event that a server gives no zxid has none', async () => {
    const events: ZnodeEvent[] = []
    const { server } = await watching('/a', (event) => events.push(event))
    server.event(WatchEventType.nodeDeleted, '/a', -1)
    expect(events).toEqual([{ kind: 'nodeDeleted', path: '/a', zxid: null }])
  })

  test('one callback for the data and the children hears of a deletion once', async () => {
    const events: ZnodeEvent[] = []
    const callback = (event: ZnodeEvent): void => void events.push(event)
    const { client, server } = await watching('/a', callback)
    const children = client.getChildren('/a', { watch: callback })
    server.reply(server.next('getChildren'), {}, (out) => writeGetChildrenResponse(out, []))
    await children
    server.event(WatchEventType.nodeDeleted, '/a')
    expect(events.length).toBe(1)
  })

  test('an event is heard before the reply that came behind it', async () => {
    const order: string[] = []
    const { client, server } = await watching('/a', () => order.push('event'))
    const set = client.setData('/a', 'x').then(() => order.push('reply'))
    const request = server.next('setData')
    server.queueEvent(WatchEventType.nodeDataChanged, '/a')
    server.queueReply(request, {}, (out) => writeStat(out, STAT))
    server.deliver()
    await set
    expect(order).toEqual(['event', 'reply'])
  })

  test('a recursive watch does not hear of lists of children', async () => {
    const { client, server } = connectedWorld()
    const events: ZnodeEvent[] = []
    const added = client.addWatch('/', (event) => events.push(event), { recursive: true })
    server.reply(server.next('addWatch'), {}, (out) => out.int32(0))
    await added
    server.event(WatchEventType.nodeChildrenChanged, '/a')
    server.event(WatchEventType.nodeDeleted, '/a/b')
    expect(events.map((event) => event.kind)).toEqual(['nodeDeleted'])
  })

  test('a watch that is removed is heard no more, and not set again', async () => {
    const events: ZnodeEvent[] = []
    const { world, client, server } = await watching('/a', (event) => events.push(event))
    const removed = client.removeWatches('/a')
    server.reply(server.next('removeWatches'), {})
    await removed
    server.event(WatchEventType.nodeDataChanged, '/a')
    server.drop()
    world.clock.advance(100)
    expect(world.accept().establish().askedCount).toBe(0)
    expect(events).toEqual([])
  })

  test('a callback that throws does not hurt the client, and the error is not lost', async () => {
    const late: (() => void)[] = []
    vi.stubGlobal('queueMicrotask', (task: () => void) => late.push(task))
    try {
      const { client, server } = await watching('/a', () => {
        throw new Error('in the callback')
      })
      server.event(WatchEventType.nodeDataChanged, '/a')
      expect(client.state).toBe('connected')
      expect(late.length).toBe(1)
      expect(late[0]).toThrow('in the callback')
    } finally {
      vi.unstubAllGlobals()
    }
  })

  test('onWatch hears every event', () => {
    const world = new FakeWorld()
    const events: ZnodeEvent[] = []
    world.client('a:1', { onWatch: (event) => events.push(event) })
    world.accept().establish().event(WatchEventType.nodeCreated, '/x', 5)
    expect(events).toEqual([{ kind: 'nodeCreated', path: '/x', zxid: 5 }])
  })
})

describe('closing', () => {
  test('close sends closeSession, waits for its reply, and answers what was asked before', async () => {
    const { world, client, server } = connectedWorld()
    const before = client.getData('/a')
    let isClosed = false
    const closed = client.close().then(() => (isClosed = true))
    const refused = client.getData('/late')
    server.reply(server.next('getData'), {}, (out) => writeGetDataResponse(out, null, STAT))
    await before
    const request = server.next('closeSession')
    expect(isClosed).toBe(false)
    expect(client.state).toBe('closing')
    server.reply(request, {})
    await closed
    await client.close()
    expect(client.state).toBe('closed')
    expect(server.isDropped).toBe(true)
    expect((await errorOf(refused)).code).toBe(WireError.sessionExpired)
    expect(world.clock.timerCount).toBe(0)
  })

  test('a server that closes the connection instead of answering has understood', async () => {
    const { world, client, server } = connectedWorld()
    const closed = client.close()
    server.next('closeSession')
    server.drop()
    await closed
    expect(client.state).toBe('closed')
    expect(world.attempts).toEqual([])
  })

  test('close does not wait beyond its deadline', async () => {
    const { world, client, server } = connectedWorld()
    const pending = client.getData('/a')
    const closed = client.close({ deadlineMs: 500 })
    world.clock.advance(500)
    await closed
    expect(server.isDropped).toBe(true)
    expect((await errorOf(pending)).code).toBe(WireError.connectionLoss)
  })

  test('a client without a connection closes at once, and tries no more', async () => {
    const world = new FakeWorld()
    const client = world.client('a:1')
    const connected = client.connected()
    const attempt = world.attempts[0]
    await client.close()
    expect(attempt?.isCancelled).toBe(true)
    expect((await errorOf(connected)).message).toContain('the client is closing')
    world.clock.advance(60_000)
    expect(world.attempts.length).toBe(1)
  })

  test('await using closes', async () => {
    const { client, server } = connectedWorld()
    const used = (async () => {
      await using session = client
      expect(session.state).toBe('connected')
    })()
    await Promise.resolve()
    server.reply(server.next('closeSession'), {})
    await used
    expect(client.state).toBe('closed')
  })
})
