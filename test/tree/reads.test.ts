import { expect, test } from 'vitest'
import type { ByteReader } from '../../src/kernel/bytes.ts'
import { CreateMode } from '../../src/protocol/create-mode.ts'
import {
  readGetAllChildrenNumberResponse,
  writeGetAllChildrenNumberRequest,
} from '../../src/protocol/get-all-children-number.ts'
import {
  readGetChildren2Response,
  readGetChildrenResponse,
  writeGetChildrenRequest,
} from '../../src/protocol/get-children.ts'
import { readGetDataResponse, writeGetDataRequest } from '../../src/protocol/get-data.ts'
import { readGetEphemeralsResponse, writeGetEphemeralsRequest } from '../../src/protocol/get-ephemerals.ts'
import { readMultiResult, type MultiResult } from '../../src/protocol/multi-result.ts'
import { writeMultiEnd, writeMultiHeader, writeMultiReadRequest } from '../../src/protocol/multi.ts'
import { OpCode } from '../../src/protocol/op-code.ts'
import { readWhoAmIResponse } from '../../src/protocol/who-am-i.ts'
import { WireError } from '../../src/protocol/wire-error.ts'
import { DataTree } from '../../src/tree/data-tree.ts'
import { TestClient } from './test-client.ts'

function freshClient(): TestClient {
  return new TestClient(new DataTree())
}

/** Fails the test for an error. */
function answerOf(answer: ByteReader | number): ByteReader {
  if (typeof answer === 'number') throw new Error(`answered with the error ${answer}`)
  return answer
}

test('getData gives data and Stat; the empty path is the root', () => {
  const client = freshClient()
  client.setData('/', Buffer.from('root'))
  for (const path of ['/', '']) {
    const answer = client.read(OpCode.getData, (out) => writeGetDataRequest(out, { path, watch: false }))
    const { data, stat } = readGetDataResponse(answerOf(answer))
    expect(data?.toString()).toBe('root')
    expect(stat).toEqual(client.stat('/'))
  }
})

test('reads do not validate paths: an odd one is just not there, and NUL troubles exists alone', () => {
  const client = freshClient()
  for (const path of ['a', '/a/', '//', '/.', '/a\0']) {
    expect(client.read(OpCode.getData, (out) => writeGetDataRequest(out, { path, watch: false }))).toBe(
      WireError.noNode,
    )
  }
  expect(client.exists('a')).toBe(WireError.noNode)
  expect(client.exists('/a\0')).toBe(WireError.badArguments)
})

test('getChildren gives names, getChildren2 the Stat too', () => {
  const client = freshClient()
  client.create('/a')
  for (const name of ['x', 'y', 'z']) client.create(`/a/${name}`)
  client.delete('/a/y')
  const request = { path: '/a', watch: false }
  const one = client.read(OpCode.getChildren, (out) => writeGetChildrenRequest(out, request))
  expect(readGetChildrenResponse(answerOf(one)).sort()).toEqual(['x', 'z'])
  const two = client.read(OpCode.getChildren2, (out) => writeGetChildrenRequest(out, request))
  const { children, stat } = readGetChildren2Response(answerOf(two))
  expect([[...children].sort(), stat]).toEqual([['x', 'z'], client.stat('/a')])
})

test('getAllChildrenNumber counts all below a znode, and for the root all but itself', () => {
  const client = freshClient()
  const count = (path: string): number =>
    readGetAllChildrenNumberResponse(
      answerOf(client.read(OpCode.getAllChildrenNumber, (out) => writeGetAllChildrenNumberRequest(out, { path }))),
    )
  for (const path of ['/a', '/a/b', '/a/b/c', '/a/d', '/ab']) client.create(path)
  expect([count('/a'), count('/a/b'), count('/ab'), count('/')]).toEqual([3, 1, 0, 8])
})

test('getAllChildrenNumber asks for READ of the top znode alone', () => {
  const client = freshClient()
  const count = (path: string) =>
    client.read(OpCode.getAllChildrenNumber, (out) => writeGetAllChildrenNumberRequest(out, { path }))
  const closed = [{ perms: 4, scheme: 'world', id: 'anyone' }]
  client.create('/a')
  client.create('/a/closed', { acl: closed })
  client.create('/a/closed/x')
  expect(count('/a/closed')).toBe(WireError.noAuth)
  expect(count('/none')).toBe(WireError.noNode)
  expect(readGetAllChildrenNumberResponse(answerOf(count('/a')))).toBe(2)
})

test('getEphemerals gives those of the asking session, by a prefix of the text', () => {
  const client = freshClient()
  const other = new TestClient(client.tree, 2)
  for (const path of ['/a1', '/a2', '/b']) client.create(path, { flags: CreateMode.ephemeral })
  other.create('/a3', { flags: CreateMode.ephemeral })
  const find = (prefixPath: string | null): string[] =>
    readGetEphemeralsResponse(
      answerOf(client.read(OpCode.getEphemerals, (out) => writeGetEphemeralsRequest(out, { prefixPath }))),
    ).sort()
  expect(find('/a')).toEqual(['/a1', '/a2'])
  for (const all of [null, '', ' ', '/']) expect(find(all)).toEqual(['/a1', '/a2', '/b'])
})

test('each result of a multiRead stands for itself', () => {
  const client = freshClient()
  client.create('/a', { data: Buffer.from('x') })
  client.create('/closed', { acl: [{ perms: 2, scheme: 'world', id: 'anyone' }] })
  const answer = answerOf(
    client.read(OpCode.multiRead, (out) =>
      writeMultiReadRequest(out, [
        { kind: 'getData', request: { path: '/none', watch: true } },
        { kind: 'getData', request: { path: '/closed', watch: true } },
        { kind: 'getData', request: { path: '/a', watch: true } },
        { kind: 'getChildren', request: { path: '/a', watch: true } },
      ]),
    ),
  )
  const results: MultiResult[] = []
  for (let result = readMultiResult(answer); result !== null; result = readMultiResult(answer)) results.push(result)
  expect(results).toMatchObject([
    { kind: 'error', error: WireError.noNode },
    { kind: 'error', error: WireError.noAuth },
    { kind: 'getData', data: Buffer.from('x') },
    { kind: 'getChildren', children: [] },
  ])
  expect(client.tree.watches.count).toBe(0)
})

test('a multiRead with anything else in it is MARSHALLINGERROR and leaves no half answer', () => {
  const client = freshClient()
  const answer = client.read(OpCode.multiRead, (out) => {
    writeMultiHeader(out, OpCode.getData, -1)
    writeGetDataRequest(out, { path: '/', watch: false })
    writeMultiHeader(out, OpCode.exists, -1)
    writeGetDataRequest(out, { path: '/', watch: false })
    writeMultiEnd(out)
  })
  expect(answer).toBe(WireError.marshallingError)
})

test('whoAmI shows the ids, of a digest the user alone', () => {
  const client = freshClient()
  client.ids = [...client.ids, { scheme: 'digest', id: 'bob:hash' }]
  const answer = client.read(OpCode.whoAmI, () => undefined)
  expect(readWhoAmIResponse(answerOf(answer))).toEqual([
    { scheme: 'ip', user: '127.0.0.1' },
    { scheme: 'digest', user: 'bob' },
  ])
})

test('a read takes no zxid, and a cut or foreign one is answered with an error', () => {
  const client = freshClient()
  const { lastZxid, digest } = client.tree
  expect(client.read(OpCode.getData, (out) => void out.int32(50))).toBe(WireError.marshallingError)
  expect(client.read(OpCode.getData, (out) => void out.int32(-1))).toBe(WireError.marshallingError)
  expect(client.read(OpCode.setData, () => undefined)).toBe(WireError.unimplemented)
  expect(client.tree).toMatchObject({ lastZxid, digest })
})
