import { expect, test } from 'vitest'
import { OPEN_ACL } from '../../src/protocol/acl.ts'
import { AddWatchMode, writeAddWatchRequest } from '../../src/protocol/add-watch.ts'
import { CreateMode } from '../../src/protocol/create-mode.ts'
import { writeGetChildrenRequest } from '../../src/protocol/get-children.ts'
import { writeGetDataRequest } from '../../src/protocol/get-data.ts'
import { OpCode } from '../../src/protocol/op-code.ts'
import { WatcherType, writeRemoveWatchesRequest } from '../../src/protocol/remove-watches.ts'
import {
  writeSetWatches2Request,
  writeSetWatchesRequest,
  type SetWatches2Request,
} from '../../src/protocol/set-watches.ts'
import { WireError } from '../../src/protocol/wire-error.ts'
import { DataTree } from '../../src/tree/data-tree.ts'
import { TestClient } from './test-client.ts'

const CREATED = 1
const DELETED = 2
const DATA_CHANGED = 3
const CHILDREN_CHANGED = 4

class WatchClient extends TestClient {
  getData(path: string): number {
    return this.#error(OpCode.getData, (out) => writeGetDataRequest(out, { path, watch: true }))
  }

  getChildren(path: string): number {
    return this.#error(OpCode.getChildren2, (out) => writeGetChildrenRequest(out, { path, watch: true }))
  }

  addWatch(path: string, mode: number): number {
    return this.#error(OpCode.addWatch, (out) => writeAddWatchRequest(out, { path, mode }))
  }

  removeWatches(path: string, type: number): number {
    return this.#error(OpCode.removeWatches, (out) => writeRemoveWatchesRequest(out, { path, type }))
  }

  checkWatches(path: string, type: number): number {
    return this.#error(OpCode.checkWatches, (out) => writeRemoveWatchesRequest(out, { path, type }))
  }

  setWatches(relativeZxid: number, lists: Partial<SetWatches2Request>): number {
    const none = { dataWatches: [], existWatches: [], childWatches: [] }
    return this.#error(OpCode.setWatches2, (out) =>
      writeSetWatches2Request(out, {
        ...none,
        persistentWatches: [],
        persistentRecursiveWatches: [],
        ...lists,
        relativeZxid,
      }),
    )
  }

  #error(type: number, write: Parameters<TestClient['read']>[1]): number {
    const answer = this.read(type, write)
    return typeof answer === 'number' ? answer : 0
  }
}

function freshClient(): WatchClient {
  return new WatchClient(new DataTree())
}

test('a data watch of getData or exists hears of a change of data, once', () => {
  const client = freshClient()
  client.create('/a')
  client.getData('/a')
  client.exists('/a', true)
  client.setData('/a', null)
  client.setData('/a', null)
  expect(client.watcher.take()).toEqual([`${DATA_CHANGED} /a`])
  expect(client.tree.watches.count).toBe(0)
})

test('exists waits for a znode that is not there; getData and getChildren that fail set nothing', () => {
  const client = freshClient()
  expect(client.getData('/a')).toBe(WireError.noNode)
  expect(client.getChildren('/a')).toBe(WireError.noNode)
  expect(client.tree.watches.count).toBe(0)
  expect(client.exists('/a', true)).toBe(WireError.noNode)
  client.create('/a')
  expect(client.watcher.take()).toEqual([`${CREATED} /a`])
})

test('a Stat is anybody’s: exists asks for no right, and its watch is set', () => {
  const client = freshClient()
  client.create('/a', { acl: [{ perms: 2, scheme: 'world', id: 'anyone' }] })
  expect(client.exists('/a', true)).toMatchObject({ version: 0 })
  expect(client.tree.watches.count).toBe(1)
  expect(client.getData('/a')).toBe(WireError.noAuth)
})

test('a child watch hears of children that come and go, not of data', () => {
  const client = freshClient()
  client.create('/a')
  client.getChildren('/a')
  client.setData('/a', null)
  client.create('/a/b')
  client.delete('/a/b')
  expect(client.watcher.take()).toEqual([`${CHILDREN_CHANGED} /a`])
})

test('setACL and failed writes tell nobody', () => {
  const client = freshClient()
  client.create('/a')
  client.getData('/a')
  client.getChildren('/a')
  client.addWatch('/', AddWatchMode.persistentRecursive)
  client.setAcl('/a', OPEN_ACL)
  client.setData('/a', null, 9)
  client.create('/a')
  expect(client.watcher.take()).toEqual([])
})

test('a deletion seen by the data and the child watch of one connection is one NodeDeleted', () => {
  const client = freshClient()
  client.create('/a')
  client.getData('/a')
  client.getChildren('/a')
  client.addWatch('/a', AddWatchMode.persistent)
  client.addWatch('/', AddWatchMode.persistentRecursive)
  client.delete('/a')
  expect(client.watcher.take()).toEqual([`${DELETED} /a`])
})

test('the events of a create and of a delete: the znode first, then the parent', () => {
  const client = freshClient()
  client.getChildren('/')
  client.exists('/a', true)
  const created = client.create('/a')
  expect(client.watcher.events.map((event) => event.zxid)).toEqual([created.zxid, created.zxid])
  expect(client.watcher.take()).toEqual([`${CREATED} /a`, `${CHILDREN_CHANGED} /`])
  client.getData('/a')
  client.getChildren('/')
  client.delete('/a')
  expect(client.watcher.take()).toEqual([`${DELETED} /a`, `${CHILDREN_CHANGED} /`])
})

test('a multi fires for each operation in order, one-shot watches once, after the whole has succeeded', () => {
  const client = freshClient()
  client.exists('/a', true)
  const request = { path: '/a', data: null, acl: OPEN_ACL, flags: CreateMode.persistent }
  const operations = [
    { kind: 'create', request } as const,
    { kind: 'setData', request: { path: '/a', data: null, version: -1 } } as const,
    { kind: 'delete', request: { path: '/a', version: -1 } } as const,
  ]
  client.multi([...operations, { kind: 'check', request: { path: '/none', version: -1 } }])
  expect(client.watcher.take()).toEqual([])
  client.multi(operations)
  expect(client.watcher.take()).toEqual([`${CREATED} /a`])
  client.addWatch('/a', AddWatchMode.persistent)
  client.multi(operations)
  expect(client.watcher.take()).toEqual([`${CREATED} /a`, `${DATA_CHANGED} /a`, `${DELETED} /a`])
})

test('a persistent watch stays, through deletion too, and hears of direct children only', () => {
  const client = freshClient()
  client.addWatch('/a', AddWatchMode.persistent)
  client.create('/a')
  client.create('/a/b')
  client.setData('/a/b', null)
  client.create('/a/b/c')
  client.delete('/a/b/c')
  client.delete('/a/b')
  client.setData('/a', null)
  client.delete('/a')
  client.create('/a')
  expect(client.watcher.take()).toEqual([
    `${CREATED} /a`,
    `${CHILDREN_CHANGED} /a`,
    `${CHILDREN_CHANGED} /a`,
    `${DATA_CHANGED} /a`,
    `${DELETED} /a`,
    `${CREATED} /a`,
  ])
})

test('a recursive watch hears of its path and all below it, and never of changed children', () => {
  const client = freshClient()
  client.addWatch('/a', AddWatchMode.persistentRecursive)
  client.create('/ab')
  client.create('/a')
  client.create('/a/b')
  client.create('/a/b/c')
  client.setData('/a/b', null)
  client.delete('/a/b/c')
  expect(client.watcher.take()).toEqual([
    `${CREATED} /a`,
    `${CREATED} /a/b`,
    `${CREATED} /a/b/c`,
    `${DATA_CHANGED} /a/b`,
    `${DELETED} /a/b/c`,
  ])
})

test('a recursive watch on the root hears of everything, the root too', () => {
  const client = freshClient()
  client.addWatch('/', AddWatchMode.persistentRecursive)
  client.create('/a')
  client.setData('/', null)
  expect(client.watcher.take()).toEqual([`${CREATED} /a`, `${DATA_CHANGED} /`])
})

test('a one-shot watch beside a persistent one changes nothing of it', () => {
  const client = freshClient()
  client.create('/a')
  client.addWatch('/a', AddWatchMode.persistent)
  client.getData('/a')
  client.setData('/a', null)
  client.setData('/a', null)
  expect(client.watcher.take()).toEqual([`${DATA_CHANGED} /a`, `${DATA_CHANGED} /a`])
})

test('addWatch takes the modes 0 and 1, and asks neither for the znode nor for its ACL', () => {
  const client = freshClient()
  client.create('/closed', { acl: [{ perms: 0, scheme: 'world', id: 'anyone' }] })
  expect(client.addWatch('/closed', 0)).toBe(0)
  expect(client.addWatch('not a path', 1)).toBe(0)
  expect(client.addWatch('/a', 2)).toBe(WireError.marshallingError)
})

test('removeWatches takes away the kind it names, silently, and knows when there was none', () => {
  const client = freshClient()
  client.create('/a')
  client.getData('/a')
  client.getChildren('/a')
  client.addWatch('/a', AddWatchMode.persistent)
  client.addWatch('/a', AddWatchMode.persistentRecursive)
  for (const type of Object.values(WatcherType)) expect(client.checkWatches('/a', type)).toBe(0)
  expect(client.removeWatches('/a', WatcherType.children)).toBe(0)
  expect(client.removeWatches('/a', WatcherType.children)).toBe(WireError.noWatcher)
  expect(client.removeWatches('/a', WatcherType.persistent)).toBe(0)
  expect(client.removeWatches('/a', WatcherType.any)).toBe(0)
  expect(client.removeWatches('/a', WatcherType.any)).toBe(WireError.noWatcher)
  expect(client.checkWatches('/a', WatcherType.data)).toBe(WireError.noWatcher)
  expect(client.removeWatches('/a', 0)).toBe(WireError.marshallingError)
  expect(client.removeWatches('/a', 6)).toBe(WireError.marshallingError)
  client.delete('/a')
  expect(client.watcher.take()).toEqual([])
})

test('the watches of a connection go with it, those of others stay', () => {
  const client = freshClient()
  const other = new WatchClient(client.tree, 2)
  client.create('/a')
  for (const each of [client, other]) {
    each.getData('/a')
    each.getChildren('/a')
    each.addWatch('/a', AddWatchMode.persistent)
    each.addWatch('/', AddWatchMode.persistentRecursive)
  }
  client.tree.watches.removeWatcher(client.watcher)
  expect(client.tree.watches.count).toBe(4)
  client.delete('/a')
  expect(client.watcher.take()).toEqual([])
  expect(other.watcher.take()).toEqual([`${DELETED} /a`])
})

test('setWatches tells what was missed and sets the rest, list by list', () => {
  const client = freshClient()
  client.create('/same')
  client.create('/changed')
  client.create('/children')
  const seen = client.tree.lastZxid
  client.setData('/changed', null)
  client.create('/children/x')
  client.create('/there')
  const paths = ['/gone', '/changed', '/same', '/children']
  expect(
    client.setWatches(seen, { dataWatches: paths, existWatches: ['/there', '/absent'], childWatches: paths }),
  ).toBe(0)
  expect(client.watcher.events.every((event) => event.zxid === -1)).toBe(true)
  expect(client.watcher.take()).toEqual([
    `${DELETED} /gone`,
    `${DATA_CHANGED} /changed`,
    `${CREATED} /there`,
    `${DELETED} /gone`,
    `${CHILDREN_CHANGED} /children`,
  ])
  client.create('/absent')
  client.delete('/same')
  client.setData('/children', null)
  client.create('/changed/x')
  expect(client.watcher.take()).toEqual([
    `${CREATED} /absent`,
    `${DELETED} /same`,
    `${DATA_CHANGED} /children`,
    `${CHILDREN_CHANGED} /changed`,
  ])
})

test('setWatches2 sets persistent watches without looking back', () => {
  const client = freshClient()
  client.create('/a')
  client.setWatches(0, { persistentWatches: ['/a'], persistentRecursiveWatches: ['/b'] })
  expect(client.watcher.take()).toEqual([])
  client.setData('/a', null)
  client.create('/b')
  expect(client.watcher.take()).toEqual([`${DATA_CHANGED} /a`, `${CREATED} /b`])
})

test('setWatches with a null vector is MARSHALLINGERROR and sets nothing', () => {
  const client = freshClient()
  const request = { relativeZxid: 0, dataWatches: ['/a'], existWatches: ['/a'], childWatches: [] }
  const answer = client.read(OpCode.setWatches, (out) => {
    writeSetWatchesRequest(out, request)
    out.truncate(out.size - 4)
    out.int32(-1)
  })
  expect(answer).toBe(WireError.marshallingError)
  expect(client.tree.watches.count).toBe(0)
  expect(client.read(OpCode.setWatches, (out) => writeSetWatchesRequest(out, request))).not.toBe(
    WireError.marshallingError,
  )
})

test('an event carries the ACL of the znode it tells of, so that a server can withhold it', () => {
  const client = freshClient()
  const acl = [{ perms: 2, scheme: 'world', id: 'anyone' }]
  const perms: number[] = []
  const watcher = {
    onWatchEvent: (...event: [number, string, number, { worldPerms: number }]) => perms.push(event[3].worldPerms),
  }
  client.tree.watches.recursive.add('/', watcher)
  client.tree.watches.child.add('/', watcher)
  client.create('/a', { acl })
  client.setData('/a', null)
  expect(perms).toEqual([2, 31, 2])
})
