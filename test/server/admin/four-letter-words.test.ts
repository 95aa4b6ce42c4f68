import assert from 'node:assert/strict'
import { expect, test } from 'vitest'
import { sessionText } from '../../../src/kernel/session-id.ts'
import { OpCode } from '../../../src/protocol/op-code.ts'
import { create, type FakeClient, FakeServer, getData, ping, request, setData } from '../fake-world.ts'

function sidOf({ sessionHigh, sessionLow }: FakeClient): string {
  return sessionText(sessionHigh, sessionLow).slice(2)
}

function getChildren(xid: number, path: string, watch: boolean): Buffer {
  return request(xid, OpCode.getChildren, (out) => out.string(path).boolean(watch))
}

function ask(server: FakeServer, word: string): string {
  const client = server.accept()
  client.sendRaw(Buffer.from(word, 'latin1'))
  expect(client.connection.closed).not.toBeNull()
  return client.takeText()
}

test('ruok is answered imok without a newline, also by a server that does not serve', () => {
  const server = new FakeServer()
  expect(ask(server, 'ruok')).toBe('imok')
  server.service.isServing = false
  expect(ask(server, 'ruok')).toBe('imok')
})

test('a word may come in pieces, and with a newline behind it', () => {
  const server = new FakeServer()
  const client = server.accept()
  for (const letter of 'ruo') client.sendRaw(Buffer.from(letter))
  expect(client.connection.closed).toBeNull()
  client.sendRaw(Buffer.from('k\r\n'))
  expect(client.takeText()).toBe('imok')
})

test('four letters that are no word are a frame length, and far too large a one', () => {
  const server = new FakeServer()
  expect(ask(server, 'quux')).toBe('')
})

test('a word that is not in the whitelist says so; srvr is always answered', () => {
  const server = new FakeServer({ '4lw.commands.whitelist': 'ruok' })
  expect(ask(server, 'stat')).toBe('stat is not executed because it is not in the whitelist.\n')
  expect(ask(server, 'ruok')).toBe('imok')
  expect(ask(server, 'srvr')).toMatch(/^Zookeeper version: /)
})

test('a server that does not serve says so to all but ruok, envi and isro', () => {
  const server = new FakeServer()
  server.service.isServing = false
  for (const word of ['srvr', 'stat', 'mntr', 'conf', 'cons', 'dump']) {
    expect(ask(server, word)).toBe('This ZooKeeper instance is not currently serving requests\n')
  }
  expect(ask(server, 'isro')).toBe('null')
  expect(ask(server, 'envi')).toContain('zookeeper.version=3.8.0')
})

test('srvr has the lines that monitoring tools look for', () => {
  const server = new FakeServer()
  const client = server.connect()
  client.send(create(1, '/a'), ping())
  server.apply()
  expect(ask(server, 'srvr').split('\n')).toEqual([
    'Zookeeper version: 3.8.0-zktune',
    'Latency min/avg/max: 0/0.0/0',
    'Received: 3',
    'Sent: 3',
    'Connections: 2',
    'Outstanding: 0',
    'Zxid: 0x2',
    'Mode: standalone',
    'Node count: 6',
    '',
  ])
})

test('latencies are counted from the request to its reply', () => {
  const server = new FakeServer()
  const client = server.connect()
  client.send(create(1, '/a'))
  server.clock.advance(30)
  server.apply()
  client.send(ping())
  expect(ask(server, 'srvr')).toContain('Latency min/avg/max: 0/15.0/30\n')
})

test('stat lists the connections, the asking one without interest', () => {
  const server = new FakeServer()
  server.connect()
  expect(ask(server, 'stat')).toContain(
    'Clients:\n /127.0.0.1:40000[1](queued=0,recved=1,sent=1)\n /127.0.0.1:40000[0](queued=0,recved=0,sent=0)\n\nLatency',
  )
})

test('cons names the sessions', () => {
  const server = new FakeServer()
  server.connect()
  expect(ask(server, 'cons')).toMatch(
    /^ \/127.0.0.1:40000\[1\]\(queued=0,recved=1,sent=1,sid=0x3[0-9a-f]{14,},lop=SESS,est=1700000000000,to=10000,lzxid=0x1,/,
  )
})

test('cons shows what each connection asked last and how long it waited, until crst', () => {
  const server = new FakeServer()
  const client = server.connect()
  client.send(create(7, '/a'))
  server.clock.advance(30)
  server.apply()
  expect(ask(server, 'cons')).toContain(
    'recved=2,sent=2,sid=0x' +
      sidOf(client) +
      ',lop=CREA,est=1700000000000,to=10000,lcxid=0x7,lzxid=0x2,' +
      'lresp=30,llat=30,minlat=0,avglat=15,maxlat=30)\n',
  )
  expect(ask(server, 'crst')).toBe('Connection stats reset.\n')
  expect(ask(server, 'cons')).toContain('recved=0,sent=0,sid=')
})

test('envi tells of the machine, in Apache’s words', () => {
  expect(ask(new FakeServer(), 'envi')).toBe(
    'Environment:\nzookeeper.version=3.8.0-zktune\nhost.name=beetle\nos.name=Linux\n' +
      'os.memory.free=5MB\nos.memory.max=4096MB\nos.memory.total=17MB\n',
  )
})

test('dirs sums up the snapshots and the log', () => {
  expect(ask(new FakeServer(), 'dirs')).toBe('datadir_size: 1234\nlogdir_size: 67108864\n')
})

test('hash lists zxids with digests', () => {
  expect(ask(new FakeServer(), 'hash')).toBe('80: 4294967295\n100: 7\n')
})

test('stmk takes a long behind the word, also in pieces; gtmk gives it back', () => {
  const server = new FakeServer()
  expect(ask(server, 'gtmk')).toBe('306')
  const client = server.accept()
  client.sendRaw(Buffer.concat([Buffer.from('stmk'), Buffer.alloc(6)]))
  expect(client.connection.closed).toBeNull()
  client.sendRaw(Buffer.from([1, 2]))
  expect(client.takeText()).toBe('258')
  expect(client.connection.closed).toBe('ended')
  expect(ask(server, 'gtmk')).toBe('258')
})

test('wchs, wchc and wchp show data watches from either side, child watches not', () => {
  const server = new FakeServer()
  const one = server.connect()
  const two = server.connect()
  one.send(getData(1, '/zookeeper', true), getData(2, '/zookeeper/quota', true), getChildren(3, '/', true))
  two.send(getData(1, '/zookeeper', true))
  expect(ask(server, 'wchs')).toBe('2 connections watching 2 paths\nTotal watches:3\n')
  expect(ask(server, 'wchc')).toBe(
    `0x${sidOf(one)}\n\t/zookeeper\n\t/zookeeper/quota\n0x${sidOf(two)}\n\t/zookeeper\n\n`,
  )
  expect(ask(server, 'wchp')).toBe(
    `/zookeeper\n\t0x${sidOf(one)}\n\t0x${sidOf(two)}\n/zookeeper/quota\n\t0x${sidOf(one)}\n\n`,
  )
})

test('a leader’s dump says when sessions expire', () => {
  const server = new FakeServer()
  server.figures.expiring = [{ atMs: Date.UTC(2026, 10, 22, 9, 59, 12), sessions: [{ high: 3 << 24, low: 10 }] }]
  expect(ask(server, 'dump')).toBe(
    'SessionTracker dump:\nSession Sets (1)/(1):\n1 expire at Sun Nov 22 09:59:12 UTC 2026:\n\t0x30000000000000a\n' +
      'ephemeral nodes dump:\nSessions with Ephemerals (0):\n',
  )
})

test('a leader’s srvr ends with the sizes of its proposals', () => {
  const server = new FakeServer()
  server.figures.leads = true
  expect(ask(server, 'srvr')).toMatch(/Proposal sizes last\/min\/max: 48\/36\/267\n$/)
})

test('mntr gives tab-separated gauges, those of the replicated side too', () => {
  const server = new FakeServer()
  server.connect()
  const gauges = new Map(
    ask(server, 'mntr')
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t') as [string, string]),
  )
  expect(gauges.get('zk_version')).toBe('3.8.0-zktune')
  expect(gauges.get('zk_server_state')).toBe('standalone')
  expect(gauges.get('zk_znode_count')).toBe('5')
  expect(gauges.get('zk_num_alive_connections')).toBe('2')
  expect(gauges.get('zk_global_sessions')).toBe('1')
  expect(gauges.get('zk_learners')).toBe('2')
  expect(gauges.get('zk_avg_latency')).toBe('0.0')
  expect(gauges.get('zk_open_file_descriptor_count')).toBe('21')
  expect(gauges.get('zk_op_count_create_session')).toBe('1')
  // A ConnectRequest of 45 bytes behind its length, and the word that asks.
  expect(gauges.get('zk_bytes_received_count')).toBe(String(4 + 45 + 4))
})

test('mntr says how many watches each kind of change has fired', () => {
  const server = new FakeServer()
  const [one, two] = [server.connect(), server.connect()]
  one.send(create(1, '/a'))
  server.apply()
  for (const client of [one, two]) client.send(getData(2, '/a', true), getChildren(3, '/a', true))
  one.send(setData(4, '/a'), create(5, '/a/b'), setData(6, '/a'))
  server.apply()
  const text = ask(server, 'mntr')
  const figures = (name: string): string[] =>
    ['avg', 'min', 'max', 'cnt', 'sum'].map((part) => new RegExp(`zk_${part}_${name}\t(.*)`).exec(text)?.[1] ?? '')
  expect(figures('node_changed_watch_count')).toEqual(['2.0', '2', '2', '1', '2'])
  expect(figures('node_children_watch_count')).toEqual(['2.0', '2', '2', '1', '2'])
  expect(figures('node_created_watch_count')).toEqual(['0.0', '0', '0', '0', '0'])
  ask(server, 'srst')
  expect(ask(server, 'mntr')).toContain('zk_cnt_node_changed_watch_count\t0\n')
})

test('conf gives the settings in force, and the folders as they are', () => {
  const text = ask(new FakeServer({ maxClientCnxns: '7' }), 'conf')
  expect(text).toContain('dataDir=/state\n')
  expect(text).toContain('tickTime=2000\nmaxClientCnxns=7\nminSessionTimeout=4000\n')
  expect(text).toContain('serverId=3\n')
  expect(text).not.toContain('membership')
})

const MEMBERS = [
  { id: 3, host: 'one', peerPort: 2888, isObserver: false },
  { id: 4, host: 'two', peerPort: 2888, isObserver: true },
]

test('conf of an ensemble lists its members as they stand in /zookeeper/config', () => {
  const server = new FakeServer({}, MEMBERS)
  const config = server.service.tree.getNode('/zookeeper/config')
  assert(config !== null)
  config.data = Buffer.from('server.3=one:2888:3888:participant\nversion=0')
  expect(ask(server, 'conf')).toMatch(/peerType=0\nmembership: \nserver.3=one:2888:3888:participant\nversion=0$/)
})

test('connections by TLS are not counted among those in the clear', () => {
  const server = new FakeServer()
  server.accept()
  server.accept('192.0.2.1')
  server.accept('192.0.2.1', { protocol: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', peerCertificate: null })
  const text = ask(server, 'mntr') // counts itself
  expect(text).toContain('zk_num_alive_connections\t4\n')
  expect(text).toContain('zk_non_mtls_local_conn_count\t2\n')
  expect(text).toContain('zk_non_mtls_remote_conn_count\t1\n')
  expect(text).toContain('zk_outstanding_tls_handshake\t2\n')
})

test('dump lists the sessions that a server keeps by itself before those that all know', () => {
  const server = new FakeServer({ localSessionsEnabled: 'true' }, MEMBERS)
  server.service.mode = 'follower'
  const client = server.connect()
  expect(ask(server, 'dump')).toMatch(
    new RegExp(
      '^SessionTracker dump:\nLocal Session Sets \\(1\\)/\\(1\\):\n1 expire at .* UTC \\d{4}:\n' +
        `\t0x${sidOf(client)}\nGlobal Sessions\\(0\\):\nephemeral nodes dump:\n`,
    ),
  )
  server.service.mode = 'leader'
  server.figures.expiring = []
  expect(ask(server, 'dump')).toContain(`\t0x${sidOf(client)}\nGlobal Session Sets (0)/(0):\n`)
})

test('dump lists the sessions and their ephemerals', () => {
  const server = new FakeServer()
  const client = server.connect()
  client.send(create(1, '/mine', 1))
  server.apply()
  const text = ask(server, 'dump')
  expect(text).toContain('Global Sessions(1):\n0x3')
  expect(text).toContain('Sessions with Ephemerals (1):\n0x3')
  expect(text).toContain(':\n\t/mine\n')
})

test('srst starts the counts again', () => {
  const server = new FakeServer()
  server.connect().send(ping())
  expect(ask(server, 'srst')).toBe('Server stats reset.\n')
  expect(ask(server, 'srvr')).toContain('Received: 0\nSent: 0\n')
})
