import { describe, expect, test } from 'vitest'
import { OpCode } from '../../../src/protocol/op-code.ts'
import { CommandHeader } from '../../../src/tree/command.ts'
import { closeSession, create, FakeServer, getData, request, setData, type FakeClient } from '../fake-world.ts'

const LOCAL = { localSessionsEnabled: 'true' }
const UPGRADING = { ...LOCAL, localSessionsUpgradingEnabled: 'true' }
const EPHEMERAL = 1

/** A server of an ensemble: a standalone one replicates all its sessions. */
function memberOf(lines: Readonly<Record<string, string>>): FakeServer {
  const server = new FakeServer(lines)
  server.service.mode = 'follower'
  return server
}

function typesOf(server: FakeServer): number[] {
  return server.service.submitted.map((command) => new CommandHeader().reset(command).type)
}

function comeBack(server: FakeServer, client: FakeClient, password = client.password): FakeClient {
  const again = server.accept()
  again.sendConnect({ high: client.sessionHigh, low: client.sessionLow, password, timeoutMs: 8_000 })
  return again
}

test('a local session is answered at once: nothing is replicated, and no other server hears of it', () => {
  const server = memberOf(LOCAL)
  const client = server.accept()
  client.sendConnect({})
  const { sessionHigh, timeoutMs } = client.takeConnected()
  expect(sessionHigh >>> 24).toBe(3)
  expect(timeoutMs).toBe(10_000)
  expect(server.service.submitted).toEqual([])
  expect(server.service.tree.sessions.size).toBe(0)
  expect(server.sessions.localSessions.size).toBe(1)
  expect(server.sessions.attachedSessions()).toEqual([])
})

test('without localSessionsEnabled, and on a standalone server, sessions are replicated', () => {
  for (const server of [memberOf({}), new FakeServer(LOCAL)]) {
    server.connect()
    expect(server.service.tree.sessions.size).toBe(1)
    expect(server.sessions.localSessions.size).toBe(0)
  }
})

test('it reads and writes as any other', () => {
  const server = memberOf(LOCAL)
  const client = server.connect()
  client.send(create(1, '/a'), setData(2, '/a', 'x'), getData(3, '/a'))
  server.apply()
  expect(client.takeOrder()).toEqual(['1:0', '2:0', '3:0'])
})

test('closing it costs no zxid; the connection ends behind what came before', () => {
  const server = memberOf(LOCAL)
  const client = server.connect()
  client.send(create(1, '/a'), closeSession(2))
  expect(typesOf(server)).toEqual([OpCode.create])
  server.apply()
  expect(client.takeReplies()).toMatchObject([
    { xid: 1, error: 0, zxid: 1 },
    { xid: 2, error: 0, zxid: 1 },
  ])
  expect(client.connection.closed).toBe('ended')
  expect(server.sessions.localSessions.size).toBe(0)
})

describe('coming back', () => {
  test('to its own server, with the password: the same id, the new timeout, and the old connection closes', () => {
    const server = memberOf(LOCAL)
    const client = server.connect()
    const again = comeBack(server, client)
    expect(again.takeConnected()).toMatchObject({ sessionLow: client.sessionLow, timeoutMs: 8_000 })
    expect(client.connection.closed).not.toBeNull()
    expect(server.service.attaches).toEqual([])
    again.send(getData(1, '/'))
    expect(again.takeOrder()).toEqual(['1:0'])
  })

  test('with another password: refused, and the connection that has the session stays', () => {
    const server = memberOf(LOCAL)
    const client = server.connect()
    const thief = comeBack(server, client, Buffer.alloc(16, 9))
    expect(thief.takeConnected()).toMatchObject({ timeoutMs: 0, sessionLow: 0 })
    expect(client.connection.closed).toBeNull()
  })

  test('to another server: that one asks the leader, who knows no such session', () => {
    const client = memberOf(LOCAL).connect()
    const other = memberOf(LOCAL)
    const again = comeBack(other, client)
    const [asked] = other.service.attaches
    expect(asked?.sessionLow).toBe(client.sessionLow)
    other.sessions.onAttached(asked?.requestNumber ?? 0, null)
    expect(again.takeConnected().timeoutMs).toBe(0)
  })
})

describe('expiry', () => {
  test('comes between the timeout and a tick more, on the server’s own clock, and closes the connection', () => {
    const server = memberOf(LOCAL)
    const client = server.connect({ timeoutMs: 4_000 })
    server.clock.advance(4_000)
    expect(client.connection.closed).toBeNull()
    server.clock.advance(2_000)
    expect(client.connection.closed).not.toBeNull()
    expect(server.sessions.localSessions.size).toBe(0)
  })

  test('does not come while the client is heard of; the service hears nothing of it', () => {
    const server = memberOf(LOCAL)
    const client = server.connect({ timeoutMs: 4_000 })
    for (let second = 0; second < 20; second++) {
      server.clock.advance(1_000)
      client.send(getData(second, '/'))
    }
    expect(client.connection.closed).toBeNull()
    expect(server.service.touched).toEqual([])
  })

  test('comes, too, when the connection is gone', () => {
    const server = memberOf(LOCAL)
    const client = server.connect({ timeoutMs: 4_000 })
    client.connection.destroy()
    expect(server.sessions.localSessions.size).toBe(1)
    server.clock.advance(6_000)
    expect(server.sessions.localSessions.size).toBe(0)
  })
})

test('without upgrading an ephemeral is EPHEMERALONLOCALSESSION and takes a zxid; a multi fails at that operation', () => {
  const server = memberOf(LOCAL)
  const client = server.connect()
  client.send(create(1, '/e', EPHEMERAL), create(2, '/p'))
  server.apply()
  expect(client.takeReplies()).toMatchObject([
    { xid: 1, error: -120, zxid: 1 },
    { xid: 2, error: 0, zxid: 2 },
  ])
  expect(server.service.tree.getNode('/e')).toBeNull()
})

describe('upgrading', () => {
  test('an ephemeral first makes the session known to all, with the same id and password', () => {
    const server = memberOf(UPGRADING)
    const client = server.connect()
    client.send(create(1, '/e', EPHEMERAL), getData(2, '/e'))
    expect(typesOf(server)).toEqual([OpCode.createSession])
    server.apply()
    expect(typesOf(server)).toEqual([OpCode.create])
    server.apply()
    expect(client.takeOrder()).toEqual(['1:0', '2:0'])
    const session = server.service.tree.sessions.get(client.sessionHigh, client.sessionLow)
    expect(session?.password).toEqual(client.password)
    expect(session?.timeoutMs).toBe(10_000)
    expect([...(session?.ephemerals ?? [])]).toEqual(['/e'])
    expect(server.sessions.localSessions.size).toBe(0)
    expect(server.sessions.attachedSessions()).toMatchObject([{ low: client.sessionLow, grant: 1 }])
  })

  test('what is sent meanwhile waits, in order; what was sent before does not', () => {
    const server = memberOf(UPGRADING)
    const client = server.connect()
    client.send(create(1, '/a'), create(2, '/e', EPHEMERAL), create(3, '/b'), closeSession(4))
    expect(typesOf(server)).toEqual([OpCode.create, OpCode.createSession])
    server.apply()
    expect(client.takeOrder()).toEqual(['1:0'])
    expect(typesOf(server)).toEqual([OpCode.create, OpCode.create, OpCode.closeSession])
    server.apply()
    expect(client.takeOrder()).toEqual(['2:0', '3:0', '4:0'])
    expect(server.service.tree.getNode('/e')).toBeNull()
  })

  test('it happens once', () => {
    const server = memberOf(UPGRADING)
    const client = server.connect()
    client.send(create(1, '/e', EPHEMERAL))
    server.apply()
    server.apply()
    client.send(create(2, '/f', EPHEMERAL))
    expect(typesOf(server)).toEqual([OpCode.create])
  })

  test('an ephemeral within a multi asks for it as well', () => {
    const server = memberOf(UPGRADING)
    const client = server.connect()
    client.send(
      request(1, OpCode.multi, (out) => {
        out.int32(OpCode.create).boolean(false).int32(-1)
        out.string('/m').buffer(null).int32(1).int32(31).string('world').string('anyone').int32(EPHEMERAL)
        out.int32(-1).boolean(true).int32(-1)
      }),
    )
    expect(typesOf(server)).toEqual([OpCode.createSession])
    server.apply()
    server.apply()
    expect(server.service.tree.getNode('/m')).not.toBeNull()
  })

  test('a persistent znode does not', () => {
    const server = memberOf(UPGRADING)
    server.connect().send(create(1, '/p'))
    expect(typesOf(server)).toEqual([OpCode.create])
  })

  test('when the leader is lost on the way, the connection closes: whether it happened is not known', () => {
    const server = memberOf(UPGRADING)
    const client = server.connect()
    client.send(create(1, '/e', EPHEMERAL))
    server.sessions.onLeaderLost()
    expect(client.connection.closed).not.toBeNull()
    expect(server.sessions.localSessions.size).toBe(1)
  })

  test('when it happens after its connection has gone, the one that came back must ask the leader, too', () => {
    const server = memberOf(UPGRADING)
    const client = server.connect()
    client.send(create(1, '/e', EPHEMERAL))
    const again = comeBack(server, client)
    again.takeConnected()
    server.apply()
    expect(again.connection.closed).not.toBeNull()
    expect(server.sessions.localSessions.size).toBe(0)
    comeBack(server, client)
    expect(server.service.attaches).toMatchObject([{ sessionLow: client.sessionLow }])
  })
})
