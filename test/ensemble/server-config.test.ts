import { expect, test } from 'vitest'
import { serverConfig } from '../../src/ensemble/server-config.ts'

const place = {
  id: 2,
  config: '/run/server-2/zoo.cfg',
  printed: '/run/server-2/server.out',
  dataDir: '/run/server-2/data',
  dataLogDir: null,
  ownFolders: [],
}
const ports = [
  { client: 2181, peer: 2888, election: 3888, admin: 8080 },
  { client: 2182, peer: 2889, election: 3889, admin: 8081 },
]

test("a server's zoo.cfg holds the shared settings, its own folders and port, and all members", () => {
  expect(serverConfig(place, ports, [{ key: 'tickTime', value: '2000' }])).toBe(
    [
      'tickTime=2000',
      'dataDir=/run/server-2/data',
      'clientPort=2182',
      'clientPortAddress=127.0.0.1',
      'admin.enableServer=true',
      'admin.serverAddress=127.0.0.1',
      'admin.serverPort=8081',
      'server.1=127.0.0.1:2888:3888',
      'server.2=127.0.0.1:2889:3889',
      '',
    ].join('\n'),
  )
})

test('a server alone is standalone: it names no members', () => {
  const alone = serverConfig({ ...place, id: 1, dataLogDir: '/log/server-1/log' }, ports.slice(0, 1), [
    { key: 'admin.enableServer', value: 'false' },
  ])
  expect(alone).toBe(
    'dataDir=/run/server-2/data\ndataLogDir=/log/server-1/log\nclientPort=2181\nclientPortAddress=127.0.0.1\n' +
      'admin.enableServer=false\n',
  )
})

test('a folder with a backslash reads back as it is', () => {
  expect(serverConfig({ ...place, dataDir: '/a\\b' }, ports, [])).toContain('dataDir=/a\\\\b\n')
})

test('a port that servers of one machine cannot share counts on from the first server', () => {
  const config = serverConfig(place, ports, [{ key: 'zktune.gatewayPort', value: '9998' }])
  expect(config).toContain('zktune.gatewayPort=9999\n')
})
