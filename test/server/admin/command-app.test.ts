import { expect, test } from 'vitest'
import { sessionIdOf } from '../../../src/kernel/session-id.ts'
import { HttpSide } from '../../../src/server/admin/http-side.ts'
import { FakeHttp, FakeHttpServer } from '../fake-http.ts'
import { create, getData } from '../fake-world.ts'

const MEMBERS = [
  { id: 3, host: 'one', peerPort: 2888, isObserver: false },
  { id: 4, host: 'two', peerPort: 2889, isObserver: true },
]

function adminServer(lines: Readonly<Record<string, string>> = {}, members: typeof MEMBERS = []): FakeHttpServer {
  return new FakeHttpServer({ 'admin.enableServer': 'true', ...lines }, members)
}

async function json(server: FakeHttpServer, path: string): Promise<unknown> {
  const response = await server.http.ask(path)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('application/json')
  return await response.json()
}

test('an answer is indented as Jackson does it, and ends with the command and its error', async () => {
  const response = await adminServer().http.ask('/commands/dirs')
  expect(await response.text()).toBe(
    '{\n  "datadir_size" : 1234,\n  "logdir_size" : 67108864,\n  "command" : "dirs",\n  "error" : null\n}',
  )
})

test('lists and objects within are laid out as Jackson does it', async () => {
  const server = adminServer()
  const client = server.connect()
  client.send(create(1, '/mine', 1))
  server.apply()
  client.send(getData(2, '/mine', true))
  const id = sessionIdOf(client.sessionHigh, client.sessionLow)
  const dump = await (await server.http.ask('/commands/dump')).text()
  expect(dump).toBe(
    `{\n  "expiry_time_to_session_ids" : { },\n  "session_id_to_ephemeral_paths" : {\n    "${id}" : [ "/mine" ]\n  },\n` +
      '  "command" : "dump",\n  "error" : null\n}',
  )
  const hash = await (await server.http.ask('/commands/hash')).text()
  expect(hash).toContain(
    '"digests" : [ {\n    "zxid" : 128,\n    "digest" : 4294967295,\n    "digest_version" : 1\n  }, {\n',
  )
})

test('the list names every command once, sorted', async () => {
  for (const path of ['/commands', '/commands/']) {
    const text = await (await adminServer().http.ask(path)).text()
    const names = [...text.matchAll(/<a href="\/commands\/([a-z_]+)">\1<\/a>\n<br\/>\n/g)].map(([, name]) => name)
    expect(names.length).toBe(26)
    expect(names).toEqual([...new Set(names)].sort())
  }
})

test('each command answers by its primary name, and by its aliases', async () => {
  const server = adminServer()
  const text = await (await server.http.ask('/commands')).text()
  for (const [, name] of text.matchAll(/commands\/([a-z_]+)"/g)) {
    expect(await json(server, `/commands/${name}`)).toMatchObject({ command: name })
  }
  expect(await json(server, '/commands/mntr')).toMatchObject({ command: 'monitor', server_state: 'standalone' })
  expect(await json(server, '/commands/conf')).toMatchObject({ command: 'configuration', server_id: 3 })
})

test('an unknown command is an answer, too', async () => {
  expect(await json(adminServer(), '/commands/nope')).toEqual({ command: 'nope', error: 'Unknown command: nope' })
})

test('a server that does not serve says so to all but a few', async () => {
  const server = adminServer()
  server.service.isServing = false
  const error = 'This ZooKeeper instance is not currently serving requests'
  expect(await json(server, '/commands/stat')).toEqual({ command: 'stats', error })
  expect(await json(server, '/commands/ruok')).toEqual({ command: 'ruok', error: null })
})

test('only GET is taken', async () => {
  const response = await adminServer().http.ask('/commands/ruok', { method: 'POST' })
  expect(response.status).toBe(405)
})

test('connections are described with their sessions', async () => {
  const server = adminServer()
  const client = server.connect()
  const text = await (await server.http.ask('/commands/cons')).text()
  expect(text).toContain('"remote_socket_address" : "127.0.0.1:40000",\n    "interest_ops" : 1,\n')
  expect(text).toContain(`"session_id" : ${sessionIdOf(client.sessionHigh, client.sessionLow)},\n`)
  expect(text).toContain('"last_operation" : "SESS",')
  expect(await json(server, '/commands/stat')).toMatchObject({ connections: [{ packets_received: 1 }] })
})

test('the trace mask needs a number', async () => {
  const server = adminServer()
  const error = 'setTraceMask requires long traceMask argument'
  expect(await json(server, '/commands/stmk')).toEqual({ error, command: 'set_trace_mask' })
  expect(await json(server, '/commands/stmk?traceMask=258')).toMatchObject({ tracemask: 258 })
  expect(await json(server, '/commands/gtmk')).toMatchObject({ tracemask: 258 })
})

test('a leader and its voters are named in an ensemble, a standalone server has none', async () => {
  expect(await json(adminServer(), '/commands/leader')).toEqual({
    error: 'server is not initialized',
    command: 'leader',
  })
  expect(await json(adminServer(), '/commands/voting_view')).toMatchObject({ current_config: {} })
  const server = adminServer({}, MEMBERS)
  expect(await json(server, '/commands/leader')).toMatchObject({ is_leader: true, leader_id: 3, leader_ip: 'one' })
  expect(await json(server, '/commands/voting_view')).toMatchObject({
    current_config: { 3: { server_addresses: ['one:2888'], learner_type: 'participant' } },
  })
  expect(await json(server, '/commands/zabstate')).toMatchObject({ myid: 3, voting: true, zabstate: 'broadcast' })
})

test('resets reset', async () => {
  const server = adminServer()
  server.connect()
  await json(server, '/commands/srst')
  expect(await json(server, '/commands/srvr')).toMatchObject({ server_stats: { packets_received: 0 } })
})

test('the port is the one that is set, or 8080 of this machine alone', () => {
  expect(adminServer().http.options).toEqual(
    expect.objectContaining({ host: '127.0.0.1', port: 8080, idleTimeoutMs: 30_000 }),
  )
  expect(new FakeHttpServer({}).http.served).toEqual([])
})

test('a port that cannot be had is told to the log, and nothing else happens', async () => {
  const http = new FakeHttp()
  http.refusal = new Error('127.0.0.1:8080: another program listens there already')
  const notes: string[] = []
  const side = new HttpSide({ facts: adminServer().admin, http, onNote: (note) => notes.push(note) })
  side.start()
  await expect
    .poll(() => notes)
    .toEqual([
      'the AdminServer cannot listen, and the server goes on without: 127.0.0.1:8080: another program listens there already',
    ])
  await new Promise<void>((resolve) => side.stop(resolve))
})

test('the observers of a leader are listed with their links, and counted from a reset on', async () => {
  const server = adminServer({}, MEMBERS)
  expect(await json(server, '/commands/observers')).toMatchObject({ synced_observers: 0, observers: [] })
  const link = { remoteHost: '192.0.2.4', remotePort: 40_004, sinceWallMs: 1_700_000_000_000, queuedBytes: 10 }
  const traffic = { packetsReceived: 5, packetsSent: 6 }
  server.figures.following = [
    { id: 4, isObserver: true, isSynced: true, ...link, ...traffic },
    { id: 5, isObserver: true, isSynced: false, ...link, ...traffic },
    { id: 6, isObserver: false, isSynced: true, ...link, ...traffic },
  ]
  const shown = {
    remote_socket_address: '/192.0.2.4:40004',
    established: 1_700_000_000_000,
    queued_packets_size: 10,
    packets_received: 5,
    packets_sent: 6,
  }
  const observers = [4, 5].map((sid) => ({ ...shown, sid }))
  expect(await json(server, '/commands/obsr')).toMatchObject({ synced_observers: 1, observers })
  await json(server, '/commands/orst')
  expect(await json(server, '/commands/obsr')).toMatchObject({
    observers: [{ packets_received: 0, packets_sent: 0 }, {}],
  })
})

test('slow syncs are those that mntr counts', async () => {
  const server = adminServer()
  server.figures.slowSyncs = 3
  expect(await json(server, '/commands/srvr')).toMatchObject({ server_stats: { fsync_threshold_exceed_count: 3 } })
})

test('the last snapshot is named as Java prints a long, without 0x', async () => {
  const server = adminServer()
  expect(await json(server, '/commands/lsnp')).toMatchObject({ zxid: '70', timestamp: 1_700_000_000 })
  server.figures.snapshot = null
  expect(await json(server, '/commands/lsnp')).toMatchObject({ zxid: 'ffffffffffffffff', timestamp: -1 })
})

test('sessions that a server keeps by itself are dumped with the others', async () => {
  const server = adminServer({ localSessionsEnabled: 'true' }, MEMBERS)
  server.service.mode = 'leader'
  const client = server.connect()
  const dump = await (await server.http.ask('/commands/dump')).text()
  expect(dump).toContain(` : [ ${sessionIdOf(client.sessionHigh, client.sessionLow)} ]\n  },`)
})

test('a server that serves readers alone says that it is read-only', async () => {
  const server = adminServer({}, MEMBERS)
  expect(await json(server, '/commands/isro')).toMatchObject({ read_only: false })
  server.service.isServing = false
  server.service.isReadOnly = true
  server.service.mode = 'read-only'
  expect(await json(server, '/commands/isro')).toMatchObject({ read_only: true })
  const stats = { read_only: true, server_stats: { server_state: 'read-only' } }
  expect(await json(server, '/commands/srvr')).toMatchObject(stats)
})
