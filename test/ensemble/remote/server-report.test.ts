import { createServer, type Server } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { readConf, reportOf } from '../../../src/ensemble/remote/server-report.ts'
import { figuresOf, numberOf, readCounters } from '../../../src/ensemble/server-figures.ts'

const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** A server that answers four letter words as a test says; what it does not know it closes without a word. */
function answering(answers: Readonly<Record<string, string>>): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', (word) => socket.end(answers[word.toString()] ?? ''))
  })
  servers.push(server)
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
  })
}

/** Of Apache 3.8.0, one of three servers. */
const CONF = `clientPort=2181
secureClientPort=-1
dataDir=/data/version-2
dataDirSize=67108880
tickTime=2000
serverId=2
peerType=0
membership: 
server.1=zk1:2888:3888:participant
server.2=zk2:2888:3888:participant;0.0.0.0:2181
group.1=1:2
version=0`

test('conf is settings, and behind them the server list', () => {
  const { settings, members } = readConf(CONF)
  expect(settings.get('tickTime')).toBe('2000')
  expect(settings.get('serverId')).toBe('2')
  expect(members).toEqual([
    'server.1=zk1:2888:3888:participant',
    'server.2=zk2:2888:3888:participant;0.0.0.0:2181',
    'group.1=1:2',
  ])
  expect(readConf('conf is not executed because it is not in the whitelist.')).toEqual({
    settings: new Map(),
    members: [],
  })
})

describe('a server is reported', () => {
  const ask = { tls: null, timeoutMs: 2_000, adminPort: null }

  test('with all that it tells', async () => {
    const port = await answering({
      srvr: 'Zookeeper version: 3.8.0-5a02a05eddb59aee6ac762f7ea82e92a68eb9c0f, built on 2022\nMode: leader\n',
      conf: CONF,
      mntr: 'zk_version\t3.8.0\nzk_znode_count\t7\n',
    })
    expect(await reportOf({ host: '127.0.0.1', port }, ask)).toMatchObject({
      endpoint: `127.0.0.1:${port}`,
      role: 'leader',
      version: '3.8.0',
      id: 2,
      settingsFrom: 'conf',
      counters: new Map([
        ['version', '3.8.0'],
        ['znode_count', '7'],
      ]),
      notes: [],
    })
  })

  test('with what it does not tell, and why', async () => {
    const refused = (word: string): string => `${word} is not executed because it is not in the whitelist.\n`
    const port = await answering({
      srvr: 'Zookeeper version: 3.9.3-c26634f34490bb0ea7a09cc51e05ede3b4e320ee, built on\nMode: standalone\n',
      conf: refused('conf'),
      mntr: refused('mntr'),
    })
    expect(await reportOf({ host: '127.0.0.1', port }, ask)).toMatchObject({
      role: 'standalone',
      version: '3.9.3',
      settings: null,
      counters: null,
      notes: ['conf is not in its 4lw.commands.whitelist.', 'mntr is not in its 4lw.commands.whitelist.'],
    })
  })

  test('as down when nobody answers', async () => {
    const port = await answering({})
    servers.splice(0).forEach((server) => server.close())
    const report = await reportOf({ host: '127.0.0.1', port }, ask)
    expect(report).toMatchObject({ role: 'down', version: null })
    expect(report.notes).toEqual([expect.stringMatching(/^It cannot be asked: .*ECONNREFUSED/)])
  })
})

describe('what servers count', () => {
  const before = readCounters('zk_packets_received\t10\nzk_cnt_updatelatency\t4\nzk_sum_updatelatency\t8\nzk_x\tabc\n')
  const now = readCounters('zk_packets_received\t110\nzk_cnt_updatelatency\t24\nzk_sum_updatelatency\t58\n')

  test('is taken since the start, or between two readings', () => {
    expect(figuresOf(now)).toMatchObject({ packetsReceived: 110, writes: 24, writeMeanMs: 58 / 24, reads: null })
    expect(figuresOf(now, before)).toMatchObject({ packetsReceived: 100, writes: 20, writeMeanMs: 2.5 })
  })

  test('begins anew with a server that was restarted', () => {
    expect(figuresOf(before, now)).toMatchObject({ packetsReceived: 10, writes: 4, writeMeanMs: 2 })
  })

  test('is not known where it is no number', () => {
    expect(numberOf(before, 'x')).toBeNull()
    expect(numberOf(before, 'y')).toBeNull()
  })
})
