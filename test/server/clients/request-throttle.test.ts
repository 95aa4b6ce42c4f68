import { expect, test } from 'vitest'
import { closeSession, create, FakeServer, getData, ping, setData, sync } from '../fake-world.ts'

const ONE = { request_throttle_max_requests: '1' }

test('no more requests than allowed are under way; the rest wait in one line, first come first served', () => {
  const server = new FakeServer({ request_throttle_max_requests: '2' })
  const [a, b] = [server.connect(), server.connect()]
  a.send(create(1, '/a1'), create(2, '/a2'))
  b.send(create(1, '/b1'))
  a.send(create(3, '/a3'))
  expect(server.service.submitted).toHaveLength(2)
  server.apply(1)
  expect(server.service.submitted).toHaveLength(2) // a2 and b1
  server.apply()
  expect(b.takeOrder()).toEqual(['1:0'])
  expect(server.service.submitted).toHaveLength(1)
  server.apply()
  expect(a.takeOrder()).toEqual(['1:0', '2:0', '3:0'])
  expect(server.sessions.statistics.counters.throttleWaits).toBe(2)
})

test('reads wait in the line as well, and answers keep the order of each connection', () => {
  const server = new FakeServer(ONE)
  const [writer, reader] = [server.connect(), server.connect()]
  writer.send(create(1, '/a'), getData(2, '/a'), setData(3, '/a', 'x'), getData(4, '/a'))
  reader.send(getData(1, '/a'))
  expect(reader.takeOrder()).toEqual([])
  server.apply()
  expect(writer.takeOrder()).toEqual(['1:0', '2:0'])
  server.apply()
  expect(writer.takeOrder()).toEqual(['3:0', '4:0'])
  expect(reader.takeOrder()).toEqual(['1:0'])
})

test('without request_throttle_max_requests nothing waits', () => {
  const server = new FakeServer()
  const client = server.connect()
  client.send(...Array.from({ length: 100 }, (_, index) => create(index + 1, `/n${index}`)))
  expect(server.service.submitted).toHaveLength(100)
  expect(server.sessions.statistics.counters.throttleWaits).toBe(0)
})

test('throttled_op_wait_time: who waited longer is answered with -127 and not executed; pings are', () => {
  const server = new FakeServer({ ...ONE, throttled_op_wait_time: '500' })
  const client = server.connect()
  client.send(create(1, '/a'), create(2, '/b'), getData(3, '/a'), ping())
  server.clock.advance(600)
  server.apply()
  expect(client.takeOrder()).toEqual(['1:0', '2:-127', '3:-127', '-2:0'])
  expect(server.service.tree.getNode('/b')).toBeNull()
  expect(server.sessions.statistics.counters.throttledOps).toBe(2)
})

test('who waited less is executed', () => {
  const server = new FakeServer({ ...ONE, throttled_op_wait_time: '500' })
  const client = server.connect()
  client.send(create(1, '/a'), create(2, '/b'))
  server.clock.advance(400)
  server.apply()
  server.apply()
  expect(client.takeOrder()).toEqual(['1:0', '2:0'])
})

test('a closed connection’s requests are dropped from the line; its closeSession is executed', () => {
  const server = new FakeServer(ONE)
  const [holder, gone] = [server.connect(), server.connect()]
  holder.send(create(1, '/a'))
  gone.send(create(1, '/late'), getData(2, '/late'), closeSession(3))
  gone.connection.destroy()
  server.apply()
  server.apply()
  expect(server.service.tree.getNode('/late')).toBeNull()
  expect(server.sessions.statistics.counters.staleRequestsDropped).toBe(3)
  expect(server.service.tree.sessions.get(gone.sessionHigh, gone.sessionLow)).toBeNull()
})

test.each(['request_throttle_drop_stale', 'request_stale_connection_check'])(
  'with %s=false a closed connection’s writes are executed when their turn comes',
  (key) => {
    const server = new FakeServer({ ...ONE, [key]: 'false' })
    const [holder, gone] = [server.connect(), server.connect()]
    holder.send(create(1, '/a'))
    gone.send(getData(1, '/'), create(2, '/late'))
    gone.connection.destroy()
    server.apply()
    server.apply()
    expect(server.service.tree.getNode('/late')).not.toBeNull()
    expect(server.sessions.statistics.counters.staleRequestsDropped).toBe(0)
  },
)

test('request_stale_latency_check: a request that outwaits its session’s timeout closes its connection', () => {
  const lines = { ...ONE, request_stale_latency_check: 'true', maxSessionTimeout: '4000' }
  const server = new FakeServer(lines)
  const [holder, patient] = [server.connect(), server.connect()]
  holder.send(create(1, '/a'))
  patient.send(create(1, '/b'), create(2, '/c'))
  server.clock.advance(3_900)
  expect(patient.connection.closed).toBeNull()
  server.clock.advance(200) // looked for every request_throttle_stall_time, 100 ms
  expect(patient.connection.closed).toBe('ended')
  expect(server.sessions.statistics.counters.staleRequestsDropped).toBe(2)
  server.apply()
  expect(holder.takeOrder()).toEqual(['1:0'])
  expect(server.service.submitted).toEqual([])
})

test('request_throttle_stall_time is how often that is looked for', () => {
  const lines = { ...ONE, request_stale_latency_check: 'true', maxSessionTimeout: '4000' }
  const server = new FakeServer({ ...lines, request_throttle_stall_time: '3000' })
  const [holder, patient] = [server.connect(), server.connect()]
  holder.send(create(1, '/a'))
  patient.send(create(1, '/b'))
  server.clock.advance(5_900)
  expect(patient.connection.closed).toBeNull()
  server.clock.advance(100)
  expect(patient.connection.closed).toBe('ended')
})

test('without the check, or without dropping, a request waits as long as it takes', () => {
  for (const lines of [{}, { request_stale_latency_check: 'true', request_throttle_drop_stale: 'false' }]) {
    const server = new FakeServer({ ...ONE, ...lines, maxSessionTimeout: '4000' })
    const [holder, patient] = [server.connect(), server.connect()]
    holder.send(create(1, '/a'))
    patient.send(create(1, '/b'))
    server.clock.advance(60_000)
    server.apply()
    server.apply()
    expect(patient.takeOrder()).toEqual(['1:0'])
  }
})

test('what a connection that has gone left in the line takes no room of others', () => {
  const server = new FakeServer({ ...ONE, request_throttle_drop_stale: 'false' })
  const [holder, gone, other] = [server.connect(), server.connect(), server.connect()]
  holder.send(create(1, '/a'))
  gone.send(create(1, '/b'), create(2, '/c'))
  gone.connection.destroy()
  server.apply()
  server.apply()
  server.apply()
  // The line is empty again: of two that come now, one has to wait, as before.
  other.send(create(1, '/d'), create(2, '/e'))
  expect(server.service.submitted).toHaveLength(1)
})

test('when all connections are gone nothing is left in the line', () => {
  const server = new FakeServer(ONE)
  const clients = Array.from({ length: 5 }, () => server.connect())
  for (const client of clients) client.send(create(1, '/a'), create(2, '/b'))
  for (const client of clients) client.connection.destroy()
  server.apply()
  server.apply()
  expect(server.sessions.pool.inUse).toBe(0)
  expect(server.sessions.requestThrottle?.waitingCount).toBe(0)
  const next = server.connect()
  next.send(getData(1, '/'))
  expect(next.takeOrder()).toEqual(['1:0'])
})

test('what a closed connection left in the line goes with the leader that had what went before it', () => {
  const server = new FakeServer({ ...ONE, request_throttle_drop_stale: 'false' })
  const gone = server.connect()
  gone.send(create(1, '/first'), create(2, '/second'))
  server.sessions.onLeaderLost()
  expect(gone.connection.closed).toBe('ended')
  server.service.submitted.length = 0
  server.sessions.onBatchEnd()
  expect(server.service.submitted).toEqual([])
})

test('nothing that waited is executed behind a write that a sync held back when the connection closed', () => {
  const server = new FakeServer({ request_throttle_max_requests: '2', request_throttle_drop_stale: 'false' })
  const gone = server.connect()
  gone.send(sync(1, '/'), create(2, '/held'), create(3, '/waiting'))
  gone.connection.destroy()
  server.sessions.onBatchEnd()
  expect(server.service.submitted).toEqual([])
})
