import { expect, test } from 'vitest'
import { closeSession, create, FakeServer, getData, setData, sync } from '../fake-world.ts'

const LOCAL = { localSessionsEnabled: 'true' }
const NOT_READ_ONLY = -119

function readOnlyServer(lines: Readonly<Record<string, string>> = LOCAL): FakeServer {
  const server = new FakeServer(lines)
  server.service.mode = 'follower'
  server.connect({ readOnly: true }).send(create(1, '/a'))
  server.apply()
  server.service.isReadOnly = true
  server.service.isServing = false
  return server
}

test('a client that takes a read-only server gets a session that says so', () => {
  const client = readOnlyServer().accept()
  client.sendConnect({ readOnly: true })
  expect(client.takeConnected().readOnly).toBe(true)
})

test('a client that does not is closed without an answer', () => {
  const client = readOnlyServer().accept()
  client.sendConnect({})
  expect(client.connection.written).toEqual([])
  expect(client.connection.closed).toBe('destroyed')
})

test('without local sessions there are no new ones: a reply header says why, in the place of the session', () => {
  const client = readOnlyServer({}).accept()
  client.sendConnect({ readOnly: true })
  expect(client.takeReplies()).toMatchObject([{ xid: 0, error: NOT_READ_ONLY }])
  expect(client.connection.closed).not.toBeNull()
})

test('reads are answered, changes and syncs are refused, and the connection stays', () => {
  const server = readOnlyServer()
  const client = server.accept()
  client.sendConnect({ readOnly: true })
  client.takeConnected()
  client.send(getData(1, '/a'), setData(2, '/a', 'x'), create(3, '/b'), sync(4), getData(5, '/'))
  expect(client.takeOrder()).toEqual(['1:0', `2:${NOT_READ_ONLY}`, `3:${NOT_READ_ONLY}`, `4:${NOT_READ_ONLY}`, '5:0'])
  expect(server.service.submitted).toEqual([])
  expect(client.connection.closed).toBeNull()
})

test('its own session may be closed by the client', () => {
  const client = readOnlyServer().accept()
  client.sendConnect({ readOnly: true })
  client.takeConnected()
  client.send(closeSession(1))
  expect(client.takeOrder()).toEqual(['1:0'])
  expect(client.connection.closed).toBe('ended')
})

test('a session that all servers know cannot be taken over', () => {
  const server = new FakeServer(LOCAL)
  server.service.isReadOnly = true
  const client = server.accept()
  client.sendConnect({ readOnly: true, high: 0x0100_0000, low: 7 })
  expect(client.connection.closed).toBe('destroyed')
  expect(server.service.attaches).toEqual([])
})
