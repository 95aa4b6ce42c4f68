import { expect, test } from 'vitest'
import { serverSettingsOf } from '../../src/ensemble/server-settings.ts'
import { checkedConfig, readServerConfig } from '../../src/zoocfg/server-config.ts'
import type { ServerConfig } from '../../src/zoocfg/server-config.ts'

function config(text: string, myid: string | null): ServerConfig {
  return checkedConfig(readServerConfig({ file: 'zoo.cfg', text, myid, dynamic: null }))
}

const fourServers = `
dataDir=/data
dataLogDir=/log
clientPort=2182
tickTime=2000
initLimit=10
syncLimit=5
preAllocSize=1024
server.1=zk1:2888:3888
server.2=zk2:2889:3888
server.3=zk3:2890:3888
server.4=zk4:2891:3888:observer
`

test('a member is told who the others are and where they listen for it', () => {
  expect(serverSettingsOf(config(fourServers, '2'), { isInitial: true })).toMatchObject({
    id: 2,
    members: [
      { id: 1, host: 'zk1', peerPort: 2888, isObserver: false },
      { id: 2, host: 'zk2', peerPort: 2889, isObserver: false },
      { id: 3, host: 'zk3', peerPort: 2890, isObserver: false },
      { id: 4, host: 'zk4', peerPort: 2891, isObserver: true },
    ],
    clientHost: '0.0.0.0',
    clientPort: 2182,
    dataDir: '/data',
    dataLogDir: '/log',
    cluster: { tickTimeMs: 2_000, initLimitTicks: 10, syncLimitTicks: 5, standaloneEnabled: true },
    sessions: { minSessionTimeoutMs: 4_000, maxSessionTimeoutMs: 40_000 },
    limits: {
      maxClientCnxns: 60,
      globalOutstandingLimit: 500,
      juteMaxBufferBytes: 1_048_575,
      clientPortListenBacklog: null,
    },
    storage: {
      snapCount: 100_000,
      snapSizeLimitBytes: 4_294_967_296,
      snapshotCompression: 'none',
      preAllocSizeBytes: 1_048_576,
      txnLogSizeLimitBytes: null,
      forceSync: true,
      logSync: 'async',
      flushDelayMs: 0,
      writeQueuePollMs: 0,
      batchSizeMax: 1_000,
      fsyncWarningThresholdMs: 1_000,
      snapRetainCount: 3,
      purgeIntervalMs: null,
      commitLogCount: 0,
      snapshotSizeFactor: null,
      createsFolders: true,
    },
    admin: { fourLetterWords: ['srvr'] },
    isInitial: true,
  })
})

test('a standalone server is server 1 without peers, also when the file has one server line', () => {
  const alone = 'dataDir=/data\nclientPort=2181\n'
  expect(serverSettingsOf(config(alone, null), { isInitial: false })).toMatchObject({ id: 1, members: [] })
  const one = `${alone}server.7=zk7:2888:3888\n`
  expect(serverSettingsOf(config(one, '7'), { isInitial: false })).toMatchObject({ id: 7, members: [] })
})

test('an id that leaves no room in a session id is refused', () => {
  const text = fourServers.replace('server.3', 'server.255')
  expect(() => serverSettingsOf(config(text, '1'), { isInitial: false })).toThrow(
    'zoo.cfg: server 255 has an id that the built-in engine cannot use. Number the servers from 1 to 254.',
  )
})

test('a server that no client could reach is refused', () => {
  expect(() => serverSettingsOf(config('dataDir=/data\n', null), { isInitial: false })).toThrow('no client port')
})

test('groups and weights reach the server as its rule of quorums', () => {
  const text = `${fourServers}group.1=1:2\ngroup.2=3\nweight.2=2\nweight.3=0\n`
  const { cluster } = serverSettingsOf(config(text, '2'), { isInitial: true })
  expect(cluster.quorum).toEqual({
    kind: 'groups',
    groups: [
      [
        { id: 1, weight: 1 },
        { id: 2, weight: 2 },
      ],
      [{ id: 3, weight: 0 }],
    ],
  })
})
