import { describe, expect, test } from 'vitest'
import { ZkCli } from './zkcli.ts'
import { portOfSession, requirePackages, startApache, startZktune } from '../servers-under-test.ts'

// The run with Apache shows that what is expected here is what Apache does.
describe.each([
  ['Apache ZooKeeper 3.8.0', startApache],
  ['zktune', startZktune],
])('zkCli.sh with %s', (_name, start) => {
  test('does what it does with ZooKeeper, and goes on when its server dies', async () => {
    requirePackages()
    await using servers = await start()
    await using cli = new ZkCli(servers.hosts)
    await cli.begin()
    expect(await cli.events(1)).toEqual(['SyncConnected None null'])

    // Create, get, set, ls.
    expect(await cli.ask('create /app one')).toEqual(['Created /app'])
    expect(await cli.ask('create /app one')).toEqual(['Node already exists: /app'])
    expect(await cli.ask('get /app')).toEqual(['one'])
    expect(await cli.ask('get /nothing')).toEqual(['Node does not exist: /nothing'])
    expect(await cli.ask('set -v 0 /app two')).toEqual([])
    expect(await cli.ask('set -v 0 /app three')).toEqual(['version No is not valid : /app'])
    expect(await cli.ask('get -s /app')).toEqual([
      'two',
      'cZxid = …',
      'ctime = …',
      'mZxid = …',
      'mtime = …',
      'pZxid = …',
      'cversion = 0',
      'dataVersion = 1',
      'aclVersion = 0',
      'ephemeralOwner = 0x0',
      'dataLength = 3',
      'numChildren = 0',
    ])
    expect(await cli.ask('ls /')).toEqual(['[app, zookeeper]'])

    // Sequential, ephemeral.
    expect(await cli.ask('create -s /app/n- 1')).toEqual(['Created /app/n-0000000000'])
    expect(await cli.ask('create -s /app/n- 2')).toEqual(['Created /app/n-0000000001'])
    expect(await cli.ask('create -e /app/mine x')).toEqual(['Created /app/mine'])
    expect(await cli.ask('stat /app/mine')).toContain('ephemeralOwner = mine')
    expect(await cli.ask('create /app/mine/child')).toEqual(['Ephemerals cannot have children: /app/mine/child'])
    expect(await cli.ask('getEphemerals /app')).toEqual(['[/app/mine]'])
    expect(await cli.ask('getAllChildrenNumber /app')).toEqual(['3'])

    // Watches.
    await cli.ask('get -w /app')
    await cli.ask('set /app three')
    expect(await cli.events(1)).toEqual(['SyncConnected NodeDataChanged /app'])
    await cli.ask('ls -w /app')
    await cli.ask('create /app/kid')
    expect(await cli.events(1)).toEqual(['SyncConnected NodeChildrenChanged /app'])
    expect(await cli.ask('stat -w /later')).toEqual(['Node does not exist: /later'])
    await cli.ask('addWatch -m PERSISTENT_RECURSIVE /app')
    await cli.ask('create /later')
    await cli.ask('set /app/kid x')
    await cli.ask('delete /app/kid')
    expect(await cli.events(3)).toEqual([
      'SyncConnected NodeCreated /later',
      'SyncConnected NodeDataChanged /app/kid',
      'SyncConnected NodeDeleted /app/kid',
    ])

    // Deletion, ACLs, sync.
    expect(await cli.ask('delete /app')).toEqual(['Node not empty: /app'])
    expect(await cli.ask('addauth digest user:secret')).toEqual([])
    expect(await cli.ask('create /private hidden auth::cdrwa')).toEqual(['Created /private'])
    expect(await cli.ask('getAcl /private')).toEqual(["'digest,'user:5w9W4eL3797Y4Wq8AcKUPPk8ha4=", ': cdrwa'])
    expect(await cli.ask('whoami')).toEqual(['Auth scheme: User', 'digest: user', 'ip: 127.0.0.1'])
    expect(await cli.ask('sync /app')).toEqual(['Sync is OK'])
    expect(await cli.ask('deleteall /later')).toEqual([])

    // Its server dies: the session, its ephemeral, its watch and its identity go on with another one.
    const before = await cli.answerTo('stat /app/mine')
    const session = /ephemeralOwner = (0x\w+)/.exec(before)?.[1] ?? 'none'
    await servers.kill(await portOfSession(servers, session))
    expect(await cli.events(2)).toEqual(['Disconnected None null', 'SyncConnected None null'])
    expect(await cli.answerTo('stat /app/mine')).toBe(before)
    expect(await cli.ask('get /private')).toEqual(['hidden'])
    expect(await cli.ask('create /app/after x')).toEqual(['Created /app/after'])
    expect(await cli.events(1)).toEqual(['SyncConnected NodeCreated /app/after'])
    await cli.end()
  })
})
