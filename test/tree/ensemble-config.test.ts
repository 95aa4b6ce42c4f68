import { expect, test } from 'vitest'
import { ByteReader, ByteWriter } from '../../src/kernel/bytes.ts'
import { readGetDataResponse } from '../../src/protocol/get-data.ts'
import { OpCode } from '../../src/protocol/op-code.ts'
import { writeReconfigRequest, type ReconfigRequest } from '../../src/protocol/reconfig.ts'
import { WireError } from '../../src/protocol/wire-error.ts'
import { COMMAND_FLAG } from '../../src/tree/command.ts'
import { DataTree } from '../../src/tree/data-tree.ts'
import { writeOutcome } from '../../src/tree/outcome.ts'
import { TestClient } from './test-client.ts'

const CONFIG = '/zookeeper/config'
const MEMBERS = 'server.1=a:2888:3888:participant\nserver.2=b:2888:3888:participant;0.0.0.0:2181'
const NO_CHANGE: ReconfigRequest = { joiningServers: null, leavingServers: null, newMembers: null, curConfigId: -1 }

/** A tree of epoch 1 that an ensemble's first leader has configured, and a client with all rights. */
function configured(): TestClient {
  const tree = new DataTree()
  tree.openEpoch()
  const leader = new TestClient(tree, 0, true)
  leader.timeMs = 77
  leader.command(OpCode.configure, new ByteWriter().string(MEMBERS).take())
  const client = new TestClient(tree)
  client.flags = COMMAND_FLAG.reconfig | COMMAND_FLAG.super
  return client
}

function config(client: TestClient): string {
  return Buffer.from(client.tree.getNode(CONFIG)?.dataBytes ?? []).toString()
}

function reconfig(client: TestClient, request: Partial<ReconfigRequest> = {}) {
  const record = new ByteWriter()
  writeReconfigRequest(record, { ...NO_CHANGE, ...request })
  const outcome = client.tree.apply(client.encode(OpCode.reconfig, record.take()))
  const out = new ByteWriter()
  writeOutcome(out, outcome)
  return { zxid: outcome.zxid, error: outcome.error, reply: out.take() }
}

test('the config names the members and, as its version, the zxid that opened the epoch', () => {
  const client = configured()
  expect(config(client)).toBe(`${MEMBERS}\nversion=100000000`)
  expect(client.stat(CONFIG)).toMatchObject({
    czxid: 0,
    mzxid: 0x100000000,
    mtime: 77,
    version: -1,
    aversion: -1,
    dataLength: config(client).length,
  })
})

test('it takes no zxid: the first transaction of the epoch is still the first', () => {
  expect(configured().tree.lastZxid).toBe(0x100000001) // the client's session
})

test('who watches the config hears of a change of members', () => {
  const client = configured()
  client.exists(CONFIG, true)
  client.command(OpCode.configure, new ByteWriter().string('server.1=a:2888:3888:participant').take())
  expect(client.watcher.events).toEqual([{ type: 3, path: CONFIG, zxid: client.tree.lastZxid }])
})

test('anybody may read the config; only super may write it', () => {
  const client = configured()
  client.flags = 0
  expect(client.exists(CONFIG)).toMatchObject({ czxid: 0 })
  expect(client.setData(CONFIG, Buffer.from('x')).error).toBe(WireError.noAuth)
})

test('a reconfig that names nobody moves the version and answers as getData of the config', () => {
  const client = configured()
  client.exists(CONFIG, true)
  const { zxid, error, reply } = reconfig(client, { curConfigId: 0x100000000 })
  expect(error).toBe(WireError.ok)
  const text = `${MEMBERS}\nversion=${zxid.toString(16)}`
  expect(config(client)).toBe(text)
  const { data, stat } = readGetDataResponse(new ByteReader(reply))
  expect(data?.toString()).toBe(text)
  expect(stat).toMatchObject({ mzxid: zxid, version: -1 })
  expect(client.watcher.events).toEqual([{ type: 3, path: CONFIG, zxid }])
})

test.each<[string, number, Partial<ReconfigRequest>, number]>([
  ['is off unless reconfigEnabled', COMMAND_FLAG.super, { curConfigId: 5 }, WireError.reconfigDisabled],
  ['looks at the version first', COMMAND_FLAG.reconfig, { curConfigId: 5, leavingServers: 'x' }, WireError.badVersion],
  [
    'looks at its form before who asks',
    COMMAND_FLAG.reconfig,
    { joiningServers: 'some thing' },
    WireError.badArguments,
  ],
  ['is for those who may write the config', COMMAND_FLAG.reconfig, { leavingServers: '3' }, WireError.noAuth],
  ['is for them even if it changes nothing', COMMAND_FLAG.reconfig, {}, WireError.noAuth],
  ['removes nobody yet', COMMAND_FLAG.reconfig | COMMAND_FLAG.super, { leavingServers: '3' }, WireError.unimplemented],
  [
    'adds nobody yet',
    COMMAND_FLAG.reconfig | COMMAND_FLAG.super,
    { joiningServers: 'server.3=c:2888:3888;2181' },
    WireError.unimplemented,
  ],
  [
    'replaces nobody yet',
    COMMAND_FLAG.reconfig | COMMAND_FLAG.skipAcl,
    { newMembers: 'server.3=c:2888:3888\nserver.4=d:2888:3888' },
    WireError.unimplemented,
  ],
])('a reconfig %s', (_what, flags, request, error) => {
  const client = configured()
  client.flags = flags
  const before = client.tree.lastZxid
  expect(reconfig(client, request)).toMatchObject({ error, zxid: before + 1, reply: Buffer.alloc(0) })
  expect(config(client)).toBe(`${MEMBERS}\nversion=100000000`)
})

test('a standalone server cannot reconfigure', () => {
  const client = new TestClient(new DataTree())
  client.flags = COMMAND_FLAG.reconfig | COMMAND_FLAG.super
  expect(reconfig(client).error).toBe(WireError.unimplemented)
})

test('what super wrote over the config has no version', () => {
  const client = configured()
  client.setData(CONFIG, Buffer.from('server.1=x:1:2:participant'))
  expect(reconfig(client, { curConfigId: 0x100000000 }).error).toBe(WireError.badVersion)
})

// Each answer is that of Apache 3.8.0 to a client that may change nothing; to the last, where no server 5 is connected, it is -13.
test.each<[Partial<ReconfigRequest>, number]>([
  [{ joiningServers: 'some thing' }, WireError.badArguments],
  [{ joiningServers: 'server.3=c:2888:3888' }, WireError.badArguments],
  [{ joiningServers: 'server.3=c:2888;2181' }, WireError.badArguments],
  [{ joiningServers: 'server.x=c:2888:3888;2181' }, WireError.marshallingError],
  [{ joiningServers: 'server.3=c:2888:3888:observer;0.0.0.0:2181' }, WireError.noAuth],
  [{ joiningServers: 'server.3=[::1]:2888:3888;2181, server.4=d:1:2|e:1:2;[::]:2181' }, WireError.noAuth],
  [{ joiningServers: 'server.2=b:2888:3888:observer;2181' }, WireError.badArguments],
  [{ leavingServers: 'x' }, WireError.marshallingError],
  [{ leavingServers: '1' }, WireError.badArguments],
  [{ leavingServers: '1', joiningServers: 'server.3=c:2888:3888;2181' }, WireError.noAuth],
  [{ newMembers: 'nonsense' }, WireError.badArguments],
  [{ newMembers: '' }, WireError.marshallingError],
  [{ newMembers: 'server.1=a:2888:3888' }, WireError.badArguments],
  [{ newMembers: 'server.1=a:2888:3888,server.5=e:2888:3888,group.1=1:5' }, WireError.noAuth],
])('a reconfig with %o is judged by its form', (request, error) => {
  const client = configured()
  client.flags = COMMAND_FLAG.reconfig
  expect(reconfig(client, request).error).toBe(error)
})
