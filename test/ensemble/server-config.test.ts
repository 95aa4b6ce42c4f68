import { expect, test } from 'vitest'
import { ensembleForm, formInConfig } from '../../src/ensemble/ensemble-form.ts'
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
  { client: 2181, peer: 2888, election: 3888, admin: 8080, gateway: null },
  { client: 2182, peer: 2889, election: 3889, admin: 8081, gateway: null },
]

test("a server's zoo.cfg holds the shared settings, its own folders and port, and all members", () => {
  expect(serverConfig(place, { ports, voters: ports.length }, [{ key: 'tickTime', value: '2000' }])).toBe(
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
  const alone = serverConfig(
    { ...place, id: 1, dataLogDir: '/log/server-1/log' },
    { ports: ports.slice(0, 1), voters: 1 },
    [{ key: 'admin.enableServer', value: 'false' }],
  )
  expect(alone).toBe(
    'dataDir=/run/server-2/data\ndataLogDir=/log/server-1/log\nclientPort=2181\nclientPortAddress=127.0.0.1\n' +
      'admin.enableServer=false\n',
  )
})

test('a folder with a backslash reads back as it is', () => {
  expect(serverConfig({ ...place, dataDir: '/a\\b' }, { ports, voters: ports.length }, [])).toContain(
    'dataDir=/a\\\\b\n',
  )
})

test('the last servers are observers when fewer vote', () => {
  const text = serverConfig({ ...place, id: 1 }, { ports, voters: ports.length - 1 }, [])
  expect(text.match(/^server\.\d+=.*:observer$/gm)).toEqual([expect.stringMatching(`^server.${ports.length}=`)])
})

test('how an ensemble votes is read back from the files it left', () => {
  const settings = [
    { key: 'zktune.quorum', value: 'unanimous' },
    { key: 'tickTime', value: '2000' },
  ]
  const text = serverConfig({ ...place, id: 1 }, { ports, voters: 2 }, settings)
  expect(formInConfig(text)).toBe('2 voters, zktune.quorum=unanimous')
  expect(ensembleForm(2, settings)).toBe(formInConfig(text))
  expect(formInConfig(serverConfig({ ...place, id: 1 }, { ports: ports.slice(0, 1), voters: 1 }, []))).toBe('1 voters')
})

test('a port that servers of one machine cannot share counts on from the first server', () => {
  const config = serverConfig(place, { ports, voters: ports.length }, [{ key: 'zktune.gatewayPort', value: '9998' }])
  expect(config).toContain('zktune.gatewayPort=9999\n')
})
