import { describe, expect, test } from 'vitest'
import { OpCode } from '../../../src/protocol/op-code.ts'
import { create, FakeServer, getData, ping, request, setData } from '../fake-world.ts'

const LARGE = { largeRequestThreshold: '1000', largeRequestMaxBytes: '5000' }

describe('large requests', () => {
  test('may be under way until their bytes are too many; then the connection that sends one more closes', () => {
    const server = new FakeServer(LARGE)
    const [client, other] = [server.connect(), server.connect()]
    client.send(create(1, '/a', 0, 'x'.repeat(2_000)), create(2, '/b', 0, 'x'.repeat(2_000)))
    expect(server.service.submitted).toHaveLength(2)
    other.send(create(1, '/c', 0, 'x'.repeat(2_000)))
    expect(other.connection.closed).toBe('destroyed')
    expect(server.sessions.statistics.counters.largeRequests).toBe(1)
    server.apply()
    expect(client.takeOrder()).toEqual(['1:0', '2:0'])
    expect(server.sessions.pool.largeBytes).toBe(0)
  })

  test('are refused when their length is known, before their bytes have come', () => {
    const server = new FakeServer(LARGE)
    const client = server.connect()
    client.sendRaw(create(1, '/a', 0, 'x'.repeat(6_000)).subarray(0, 10))
    expect(client.connection.closed).toBe('destroyed')
  })

  test('are no larger than jute.maxbuffer, whatever room there is for them', () => {
    const server = new FakeServer({ ...LARGE, largeRequestMaxBytes: '1000000', 'jute.maxbuffer': '3000' })
    const client = server.connect()
    client.sendRaw(create(1, '/a', 0, 'x'.repeat(4_000)).subarray(0, 10))
    expect(client.connection.closed).toBe('destroyed')
  })

  test('leave their room when their connection closes', () => {
    const server = new FakeServer(LARGE)
    const client = server.connect()
    client.send(create(1, '/a', 0, 'x'.repeat(4_000)))
    expect(server.sessions.pool.largeBytes).toBeGreaterThan(4_000)
    client.connection.destroy()
    expect(server.sessions.pool.largeBytes).toBe(0)
  })

  test('small ones are not counted', () => {
    const server = new FakeServer(LARGE)
    const client = server.connect()
    client.send(...Array.from({ length: 20 }, (_, index) => create(index + 1, `/n${index}`, 0, 'x'.repeat(900))))
    expect(server.service.submitted).toHaveLength(20)
    expect(server.sessions.pool.largeBytes).toBe(0)
  })
})

describe('a client that never reads', () => {
  test('is not read any more once its socket is full: what is produced for it ends there', () => {
    const server = new FakeServer()
    const client = server.connect()
    client.send(create(1, '/a', 0, 'x'.repeat(10_000)))
    server.apply()
    client.takeReplies()
    client.connection.isFull = true
    const reads = Array.from({ length: 1_000 }, (_, index) => getData(index + 1, '/a'))
    client.send(...reads)
    const { bufferedBytes } = client.connection
    expect(client.connection.isPaused).toBe(true)
    expect(bufferedBytes).toBeLessThan(200_000) // one slab and the reply that filled it, not ten megabytes
    client.send(...reads)
    expect(client.connection.bufferedBytes).toBe(bufferedBytes)
  })

  test('is closed when the watch events that it asked for have piled up', () => {
    const server = new FakeServer()
    const [watcher, writer] = [server.connect(), server.connect()]
    writer.send(create(1, `/${'p'.repeat(1_000_000)}`))
    server.apply()
    watcher.send(request(1, OpCode.addWatch, (out) => out.string('/').int32(1)))
    watcher.connection.isFull = true
    let events = 0
    while (watcher.connection.closed === null && events < 1_000) {
      writer.send(setData(2, `/${'p'.repeat(1_000_000)}`))
      server.apply()
      writer.takeReplies()
      watcher.connection.written.length = 0
      events++
    }
    expect(watcher.connection.closed).toBe('destroyed')
    expect(watcher.connection.bufferedBytes).toBeLessThan(66 * 1024 * 1024)
    expect(server.service.tree.watches.count).toBe(0)
  })
})

test('what waits in a socket is the socket’s: the connection holds no memory for it, nor for what it may write', () => {
  const server = new FakeServer()
  const client = server.connect()
  client.connection.isFull = true
  client.send(getData(1, '/'))
  expect(client.connection.bufferedBytes).toBeGreaterThan(0)
  const held = [...server.sessions.connections()].map(({ output }) => output.bytes.heldBytes)
  expect(held).toEqual([0])
})

test('ten thousand idle sessions share the memory for what is written: what a client costs is its objects', () => {
  const server = new FakeServer({ maxClientCnxns: '0' })
  const clients = Array.from({ length: 10_000 }, () => server.accept())
  for (const client of clients) client.sendConnect({})
  server.apply()
  for (const client of clients) client.send(ping())
  expect(clients.every(({ connection }) => connection.written.length > 0)).toBe(true)
  const held = [...server.sessions.connections()].map(({ output }) => output.bytes.heldBytes)
  expect(held).toHaveLength(10_000)
  expect(Math.max(...held)).toBe(0)
  expect(server.sessions.pool.inUse).toBe(0)
})
