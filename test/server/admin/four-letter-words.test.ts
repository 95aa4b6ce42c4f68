import { expect, test } from 'vitest'
import { create, FakeServer, ping } from '../fake-world.ts'

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

test('a word of Apache’s that this server cannot answer is named as such', () => {
  expect(ask(new FakeServer(), 'wchs')).toBe('wchs is not implemented by 3.8.0-zktune.\n')
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
    /^ \/127.0.0.1:40000\[1\]\(queued=0,recved=1,sent=1,sid=0x3[0-9a-f]{14,},est=0,to=10000\)\n/,
  )
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
})

test('conf gives the settings in force', () => {
  const text = ask(new FakeServer({ maxClientCnxns: '7' }), 'conf')
  expect(text).toContain('tickTime=2000\nmaxClientCnxns=7\nminSessionTimeout=4000\n')
  expect(text).toContain('serverId=3\n')
  expect(text).not.toContain('membership')
})

test('conf of an ensemble lists its members', () => {
  const members = [
    { id: 3, host: 'one', peerPort: 2888, isObserver: false },
    { id: 4, host: 'two', peerPort: 2888, isObserver: true },
  ]
  expect(ask(new FakeServer({}, members), 'conf')).toMatch(
    /membership: \nserver.3=one:2888:participant\nserver.4=two:2888:observer$/,
  )
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
