import { expect, test } from 'vitest'
import { create, FakeServer, framed, getData, ping } from '../fake-world.ts'

test('a new session is replicated first, then its id, password and timeout are told', () => {
  const server = new FakeServer()
  const client = server.accept()
  client.sendConnect({ timeoutMs: 10_000 })
  expect(client.connection.written).toEqual([])
  server.apply()
  const connected = client.takeConnected()
  expect(connected.timeoutMs).toBe(10_000)
  expect(connected.readOnly).toBe(false)
  const session = server.service.tree.sessions.get(connected.sessionHigh, connected.sessionLow)
  expect(session?.timeoutMs).toBe(10_000)
  expect(Buffer.from(connected.password ?? [])).toEqual(Buffer.from(session?.password ?? []))
})

test('the high byte of a session id is the id of the server that made it', () => {
  const client = new FakeServer().connect()
  expect(client.sessionHigh >>> 24).toBe(3)
})

test('two sessions get different ids and passwords', () => {
  const server = new FakeServer()
  const [one, other] = [server.connect(), server.connect()]
  expect([one.sessionHigh, one.sessionLow]).not.toEqual([other.sessionHigh, other.sessionLow])
  expect(one.password).not.toEqual(other.password)
})

test('a client without the read-only flag gets none back', () => {
  const server = new FakeServer()
  const client = server.accept()
  client.sendConnect({ old: true })
  server.apply()
  expect(client.connection.written[0]).toHaveLength(4 + 36)
  expect(client.takeConnected().readOnly).toBeNull()
})

test.each([
  [1, 4_000],
  [-5, 4_000],
  [1_000_000, 40_000],
])('a timeout of %i ms is clamped to %i ms', (askedMs, givenMs) => {
  const server = new FakeServer()
  const client = server.accept()
  client.sendConnect({ timeoutMs: askedMs })
  server.apply()
  expect(client.takeConnected().timeoutMs).toBe(givenMs)
})

test('a client that has seen a later state than this server is closed without a reply', () => {
  const server = new FakeServer()
  const client = server.accept()
  client.sendConnect({ lastZxidSeen: 1 })
  expect(client.connection.closed).not.toBeNull()
  expect(client.takeText()).toBe('')
  expect(server.service.submitted).toEqual([])
})

test('a server that does not serve closes at the first frame', () => {
  const server = new FakeServer()
  server.service.isServing = false
  const client = server.accept()
  expect(client.connection.closed).toBeNull()
  client.sendConnect({})
  expect(client.connection.closed).not.toBeNull()
})

test('a first frame that is too short for a handshake closes', () => {
  const client = new FakeServer().accept()
  client.sendRaw(framed(Buffer.alloc(10)))
  expect(client.connection.closed).not.toBeNull()
})

test('requests that come behind the handshake wait for the session and are then answered', () => {
  const server = new FakeServer()
  const client = server.accept()
  client.sendConnect({})
  client.send(getData(1, '/'), ping())
  expect(client.connection.isPaused).toBe(true)
  server.apply()
  client.takeConnected()
  expect(client.takeOrder()).toEqual(['1:0', '-2:0'])
  expect(client.connection.isPaused).toBe(false)
})

test('a session can be taken over with its password; the timeout asked for replaces the old one', () => {
  const server = new FakeServer()
  const old = server.connect()
  const client = server.accept()
  const { sessionHigh: high, sessionLow: low, password } = old
  client.sendConnect({ high, low, password, timeoutMs: 20_000 })
  const [attach] = server.service.attaches
  expect(attach).toMatchObject({ sessionHigh: high, sessionLow: low, timeoutMs: 20_000 })
  expect(Buffer.from(attach?.password ?? [])).toEqual(password)
  server.sessions.onAttached(attach?.requestNumber ?? 0, 77)
  server.sessions.onBatchEnd()
  expect(client.takeConnected()).toMatchObject({ sessionHigh: high, sessionLow: low, timeoutMs: 20_000 })
  expect(old.connection.closed).not.toBeNull()
  expect(server.sessions.attachedSessions()).toEqual([
    { high, low, timeoutMs: 20_000, connection: attach?.connection, grant: 77 },
  ])
})

test('a refused session gets zeros, and its rightful connection notices nothing', () => {
  const server = new FakeServer()
  const victim = server.connect()
  const thief = server.accept()
  thief.sendConnect({ high: victim.sessionHigh, low: victim.sessionLow, password: Buffer.alloc(16) })
  server.sessions.onAttached(server.service.attaches[0]?.requestNumber ?? 0, null)
  server.sessions.onBatchEnd()
  const refused = thief.takeConnected()
  expect(refused).toMatchObject({ timeoutMs: 0, sessionHigh: 0, sessionLow: 0 })
  expect(Buffer.from(refused.password ?? [])).toEqual(Buffer.alloc(16))
  expect(thief.connection.closed).toBe('ended')
  expect(victim.connection.closed).toBeNull()
  victim.send(ping())
  expect(victim.takeOrder()).toEqual(['-2:0'])
})

test('a null password is handed on as an empty one', () => {
  const server = new FakeServer()
  const client = server.accept()
  const frame = Buffer.alloc(29)
  frame.writeInt32BE(1, 16) // session id, high half
  frame.writeInt32BE(-1, 24) // password
  client.sendRaw(framed(frame))
  expect(server.service.attaches[0]?.password).toHaveLength(0)
})

test('an id that is already in use is drawn again', () => {
  const server = new FakeServer()
  const client = server.accept()
  client.sendConnect({})
  const [command] = server.service.submitted
  // Somebody else's session with the same id comes first.
  if (command !== undefined) server.service.tree.apply(Buffer.from(command))
  server.apply()
  expect(client.connection.written).toEqual([])
  expect(server.service.submitted).toHaveLength(1)
  server.apply()
  expect(client.takeConnected().timeoutMs).toBe(10_000)
})

test('a client that leaves during the handshake leaves nothing behind', () => {
  const server = new FakeServer()
  const client = server.accept()
  client.sendConnect({})
  client.connection.destroy()
  server.apply()
  expect(server.sessions.count).toBe(0)
  expect(server.sessions.attachedSessions()).toEqual([])
})

test('a connection that never asks for a session is closed after ten to twenty seconds', () => {
  const server = new FakeServer()
  const silent = server.accept()
  const client = server.connect()
  server.clock.advance(9_500)
  expect(silent.connection.closed).toBeNull()
  server.clock.advance(10_500)
  expect(silent.connection.closed).not.toBeNull()
  expect(client.connection.closed).toBeNull()
})

test('an address that has maxClientCnxns connections gets no more, others do', () => {
  const server = new FakeServer({ maxClientCnxns: '2' })
  const [first] = [server.accept(), server.accept()]
  const third = server.accept()
  expect(third.connection.closed).toBe('destroyed')
  expect(third.takeText()).toBe('')
  expect(server.accept('10.0.0.1').connection.closed).toBeNull()
  first?.connection.destroy()
  expect(server.accept().connection.closed).toBeNull()
})

test('beyond maxCnxns nobody gets a connection, from whatever address, until one goes', () => {
  const server = new FakeServer({ maxCnxns: '2' })
  const [first] = [server.accept('10.0.0.1'), server.accept('10.0.0.2')]
  expect(server.accept('10.0.0.3').connection.closed).toBe('destroyed')
  expect(server.sessions.statistics.counters.connectionsRejected).toBe(1)
  first.connection.destroy()
  expect(server.accept('10.0.0.3').connection.closed).toBeNull()
})

test('no limit of connections when maxClientCnxns is 0', () => {
  const server = new FakeServer({ maxClientCnxns: '0' })
  for (let count = 0; count < 100; count++) expect(server.accept().connection.closed).toBeNull()
})

test('a write during the wait for the session is not lost', () => {
  const server = new FakeServer()
  const client = server.accept()
  client.sendConnect({})
  client.send(create(1, '/a'))
  server.apply()
  client.takeConnected()
  server.apply()
  expect(client.takeOrder()).toEqual(['1:0'])
})
