import { expect, test } from 'vitest'
import { lintRunning, runningSettings, type ToldSettings } from '../../src/zoocfg/running-settings.ts'

function told(lines: Record<string, string>, more: Partial<ToldSettings> = {}): ToldSettings {
  return { name: 'zk1:2181', conf: new Map(Object.entries(lines)), members: [], properties: null, ...more }
}

const CONF = {
  clientPort: '2181',
  secureClientPort: '-1',
  dataDir: '/data/version-2',
  dataDirSize: '1',
  dataLogDir: '/data/version-2',
  tickTime: '2000',
  maxClientCnxns: '60',
  minSessionTimeout: '4000',
  maxSessionTimeout: '90000',
  peerType: '0',
}

test('each setting comes with where its value is from', () => {
  const found = Object.fromEntries(runningSettings(told(CONF)).map(({ key, value, origin }) => [key, [value, origin]]))
  expect(found).toEqual({
    clientPort: ['2181', 'given'],
    dataDir: ['/data', 'given'],
    dataLogDir: ['/data', 'derived'],
    tickTime: ['2000', 'given'],
    maxClientCnxns: ['60', 'default'],
    minSessionTimeout: ['4000', 'derived'],
    maxSessionTimeout: ['90000', 'given'],
    peerType: ['participant', 'default'],
  })
})

test('the folder that servers of either engine add to that of their zoo.cfg is not taken for a setting', () => {
  const [found] = runningSettings(told({ dataDir: '/data/zktune-1' }))
  expect(found).toMatchObject({ key: 'dataDir', value: '/data' })
})

test('properties of the JVM that are settings are shown, secrets among them hidden', () => {
  const properties = new Map([
    ['zookeeper.snapCount', '5000'],
    ['zookeeper.DigestAuthenticationProvider.superDigest', 'super:abc'],
    ['jute.maxbuffer', '4194304'],
    ['zookeeper.something.unknown', '1'],
  ])
  const found = runningSettings(told({ tickTime: '2000' }, { properties })).filter(
    ({ origin }) => origin === 'property',
  )
  expect(found.map(({ key, value }) => [key, value])).toEqual([
    ['snapCount', '5000'],
    ['DigestAuthenticationProvider.superDigest', '(hidden)'],
    ['jute.maxbuffer', '4194304'],
  ])
})

test('lint looks at what is told, and takes nothing for missing that is not', () => {
  const rules = lintRunning([told(CONF)]).map(({ rule }) => rule)
  expect(rules).toContain('log-dir-shared')
  // autopurge is off by default, but nobody told that it is.
  expect(rules.filter((rule) => rule.includes('purge'))).toEqual([])
})

test('servers that differ where they must not are found', () => {
  const members = ['server.1=a:2888:3888:participant', 'server.2=b:2888:3888:participant', 'server.3=c:1:2:participant']
  const servers = ['1', '2', '3'].map((serverId) =>
    told(
      { ...CONF, serverId, initLimit: '10', syncLimit: '5', tickTime: serverId === '2' ? '3000' : '2000' },
      { name: `zk${serverId}`, members },
    ),
  )
  const finding = lintRunning(servers).find(({ rule }) => rule === 'quorum-settings-differ')
  expect(finding?.message).toMatch(/tickTime/)
})
