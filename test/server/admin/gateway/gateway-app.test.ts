import { expect, test } from 'vitest'
import { GatewayServer, withBody } from './asking.ts'

const BYTES = { headers: { Accept: 'application/octet-stream' } }

test('a znode is created under its parent, and its address is told', async () => {
  const server = new GatewayServer()
  const made = await server.post('/', 'hello', 'name=app')
  expect(made.status).toBe(201)
  expect(made.headers.get('location')).toBe('http://localhost/znodes/v1/app')
  expect(await made.text()).toBe('{"path":"/app","uri":"http://localhost/znodes/v1/"}')
  const numbered = await server.post('/app', '', 'name=n-&sequence=true')
  expect(await numbered.json()).toEqual({ path: '/app/n-0000000000', uri: 'http://localhost/znodes/v1/app' })
  const bytes = await server.ask('/znodes/v1/app?name=raw', {
    ...withBody('POST', ''),
    headers: { 'Content-Type': 'application/octet-stream', Accept: 'application/octet-stream' },
  })
  expect([bytes.status, await bytes.text()]).toEqual([201, '/app/raw'])
})

test('a znode is read with its stat, as base64 or as text, or as bare bytes', async () => {
  const server = new GatewayServer()
  await server.post('/', 'hello', 'name=app')
  const time = 1_700_000_000_001
  expect(await server.json('/znodes/v1/app')).toEqual({
    path: '/app',
    uri: 'http://localhost/znodes/v1/app',
    data64: 'aGVsbG8=',
    czxid: 2,
    mzxid: 2,
    ctime: time,
    mtime: time,
    version: 0,
    cversion: 0,
    aversion: 0,
    ephemeralOwner: 0,
    dataLength: 5,
    numChildren: 0,
    pzxid: 2,
  })
  expect(await server.json('/znodes/v1/app?dataformat=utf8')).toMatchObject({ dataUtf8: 'hello' })
  const bytes = await server.ask('/znodes/v1/app', BYTES)
  expect([bytes.status, bytes.headers.get('content-type'), await bytes.text()]).toEqual([
    200,
    'application/octet-stream',
    'hello',
  ])
})

test('null data is not empty data', async () => {
  const server = new GatewayServer()
  await server.post('/', 'x', 'name=none&null=true')
  expect(await server.json('/znodes/v1/none')).not.toHaveProperty('data64')
  expect((await server.ask('/znodes/v1/none', BYTES)).status).toBe(204)
  await server.post('/', '', 'name=empty')
  expect(await server.json('/znodes/v1/empty')).toMatchObject({ data64: '' })
})

test('children are listed by name', async () => {
  const server = new GatewayServer()
  await server.post('/', '', 'name=app')
  await server.post('/app', '', 'name=one')
  expect(await server.json('/znodes/v1/app?view=children')).toEqual({
    path: '/app',
    uri: 'http://localhost/znodes/v1/app',
    child_uri_template: 'http://localhost/znodes/v1/app/{child}',
    children: ['one'],
  })
})

test('data is replaced, if the version is right', async () => {
  const server = new GatewayServer()
  await server.post('/', '', 'name=app')
  expect(await (await server.put('/app', 'new')).json()).toMatchObject({ path: '/app', version: 1, dataLength: 3 })
  const refused = await server.put('/app', 'newer', '?version=0')
  expect([refused.status, await refused.json()]).toEqual([
    412,
    { request: 'http://localhost/znodes/v1/app?version=0', message: '/app bad version' },
  ])
  expect((await server.put('/app', 'x', '?version=one')).status).toBe(400)
})

test('a znode is there, is deleted, and is gone', async () => {
  const server = new GatewayServer()
  await server.post('/', '', 'name=app')
  expect((await server.ask('/znodes/v1/app', { method: 'HEAD' })).status).toBe(200)
  expect((await server.ask('/znodes/v1/app', { method: 'DELETE' })).status).toBe(204)
  expect((await server.ask('/znodes/v1/app', { method: 'HEAD' })).status).toBe(404)
  const gone = await server.ask('/znodes/v1/app')
  expect([gone.status, await gone.json()]).toEqual([
    404,
    { request: 'http://localhost/znodes/v1/app', message: '/app not found' },
  ])
})

test('refusals have the statuses of Apache’s gateway', async () => {
  const server = new GatewayServer()
  await server.post('/', '', 'name=app')
  await server.post('/app', '', 'name=one')
  expect((await server.post('/', '', 'name=app')).status).toBe(409)
  expect((await server.ask('/znodes/v1/app', { method: 'DELETE' })).status).toBe(409)
  expect((await server.post('/none', '', 'name=x')).status).toBe(404)
  expect((await server.ask('/znodes/v1/app', { method: 'POST', body: 'x' })).status).toBe(415)
  expect((await server.ask('/znodes/v1/?op=burn&name=x', withBody('POST', ''))).status).toBe(400)
  expect((await server.ask('/znodes/v1/app?session=none')).status).toBe(401)
  expect((await server.ask('/znodes/v1/app', { headers: { Accept: 'application/xml' } })).status).toBe(406)
  expect((await server.ask('/znodes/v1/%E0%A4%A')).status).toBe(400)
  const fresh = new GatewayServer()
  fresh.service.isServing = false
  const lost = await fresh.ask('/znodes/v1/app')
  expect([lost.status, await lost.json()]).toEqual([
    502,
    {
      request: 'http://localhost/znodes/v1/app',
      message: 'Error processing request for /app : KeeperErrorCode = ConnectionLoss for /app',
    },
  ])
})

test('a script gets its answer as a call of its function, and no other text into it', async () => {
  const server = new GatewayServer()
  const script = { headers: { Accept: 'application/javascript' } }
  const response = await server.ask('/znodes/v1/none?callback=app.onZnode', script)
  expect(await response.text()).toMatch(/^app\.onZnode\(\{"request":.*\}\)$/)
  expect((await server.ask('/znodes/v1/?callback=alert(1)//', script)).status).toBe(400)
})

test('a session of its own owns its ephemerals, and takes them with it when it is closed', async () => {
  const server = new GatewayServer()
  const made = await server.ask('/sessions/v1/?op=create&expire=10', { method: 'POST' })
  const { id, uri } = (await made.json()) as { id: string; uri: string }
  expect([made.status, made.headers.get('location')]).toEqual([201, uri])
  expect(uri).toBe(`http://localhost/sessions/v1/${id}`)
  await server.post('/', '', `name=mine&ephemeral=true&session=${id}`)
  expect((await server.ask('/znodes/v1/mine', { method: 'HEAD' })).status).toBe(200)
  expect((await server.ask(`/sessions/v1/${id}`, { method: 'DELETE' })).status).toBe(204)
  expect((await server.ask('/znodes/v1/mine', { method: 'HEAD' })).status).toBe(404)
  expect((await server.ask(`/znodes/v1/?session=${id}`)).status).toBe(401)
  expect((await server.ask(`/sessions/v1/${id}`, withBody('PUT', ''))).status).toBe(404)
})

test('a session that is not heard of for the time it named is closed; a PUT restarts that time', async () => {
  const server = new GatewayServer()
  const made = await server.json('/sessions/v1/?op=create&expire=5', { method: 'POST' })
  const { id } = made as { id: string }
  await server.post('/', '', `name=mine&ephemeral=true&session=${id}`)
  server.clock.advance(4_000)
  expect((await server.ask(`/sessions/v1/${id}`, withBody('PUT', ''))).status).toBe(200)
  server.clock.advance(4_000)
  await server.settle()
  expect(server.service.tree.getNode('/mine')).not.toBeNull()
  server.clock.advance(2_000)
  await server.settle()
  expect(server.service.tree.getNode('/mine')).toBeNull()
})

test('a session needs a sensible time', async () => {
  const server = new GatewayServer()
  for (const query of ['expire=0', 'expire=soon', 'op=burn']) {
    expect((await server.ask(`/sessions/v1/?${query}`, { method: 'POST' })).status).toBe(400)
  }
})

test('an earlier state is read by the zxid that an answer named', async () => {
  const server = new GatewayServer()
  await server.post('/', 'old', 'name=app')
  await server.post('/app', '', 'name=one')
  const zxid = (await server.ask('/znodes/v1/app')).headers.get('zktune-zxid')
  expect(zxid).toBe('0x3')
  await server.put('/app', 'new')
  await server.ask('/znodes/v1/app/one', { method: 'DELETE' })
  await server.ask('/znodes/v1/app', { method: 'DELETE' })
  expect(await server.json(`/znodes/v1/app?zxid=${zxid}&dataformat=utf8`)).toMatchObject({
    dataUtf8: 'old',
    version: 0,
    numChildren: 1,
  })
  expect(await server.json('/znodes/v1/app?zxid=3&view=children')).toMatchObject({ children: ['one'] })
  expect((await server.ask('/znodes/v1/app?zxid=0x6')).status).toBe(404)
})

test('a state of the future or of before the window is gone, and the answer says why', async () => {
  const server = new GatewayServer({ 'zktune.historyWindowMs': '1000' })
  await server.post('/', '', 'name=app')
  const future = await server.ask('/znodes/v1/app?zxid=0x99')
  expect([future.status, await future.json()]).toEqual([
    410,
    {
      request: 'http://localhost/znodes/v1/app?zxid=0x99',
      message: 'the state at 0x99 has not come about here yet',
    },
  ])
  expect((await server.ask('/znodes/v1/app?zxid=0x2')).status).toBe(200)
  await server.put('/app', 'x')
  server.clock.advance(2_000)
  const past = await server.ask('/znodes/v1/app?zxid=0x2')
  expect([past.status, await past.json()]).toMatchObject([
    410,
    { message: 'the state at 0x2 is not kept any more; the oldest is 0x3' },
  ])
  expect((await server.ask('/znodes/v1/app?zxid=0x3')).status).toBe(200)
  expect((await server.ask('/znodes/v1/app?zxid=banana')).status).toBe(400)
})

test('with a window of nothing no state is kept', async () => {
  const server = new GatewayServer({ 'zktune.historyWindowMs': '0' })
  await server.post('/', '', 'name=app')
  await server.put('/app', 'x')
  expect(server.service.tree.keptVersionCount).toBe(0)
  expect((await server.ask('/znodes/v1/app?zxid=0x1')).status).toBe(410)
})

test('without the gateway no state is kept and no port is open', async () => {
  const server = new GatewayServer({ 'zktune.gatewayPort': '0' })
  await server.settle()
  expect(server.http.served).toEqual([])
})

test('what the gateway asks its own server by is nobody’s connection', async () => {
  const server = new GatewayServer()
  await server.post('/', '', 'name=app')
  const client = server.connect()
  expect(server.admin.connections().map(({ sessionLow }) => sessionLow)).toEqual([client.sessionLow])
  expect(server.sessions.count).toBe(1)
  expect(server.service.tree.sessions.size).toBe(2)
  const { connectionRequests, connectionsDropped } = server.sessions.statistics.counters
  expect([connectionRequests, connectionsDropped]).toEqual([1, 0])
  server.httpSide.stop(() => undefined)
  await server.settle()
  expect(server.sessions.count).toBe(1)
  expect(server.sessions.statistics.counters.connectionsDropped).toBe(0)
})
