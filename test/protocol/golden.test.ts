import { describe, expect, test } from 'vitest'
import { keepBytes } from '../../src/kernel/byte-string.ts'
import type { KeptBytes } from '../../src/kernel/byte-string.ts'
import { ByteReader, ByteWriter, DecodeError } from '../../src/kernel/bytes.ts'
import { readAddWatchRequest, readAddWatchResponse } from '../../src/protocol/add-watch.ts'
import { writeAddWatchRequest, writeAddWatchResponse } from '../../src/protocol/add-watch.ts'
import { readAuthRequest, writeAuthRequest } from '../../src/protocol/auth.ts'
import { readCheckRequest, writeCheckRequest } from '../../src/protocol/check.ts'
import * as connect from '../../src/protocol/connect.ts'
import * as create from '../../src/protocol/create.ts'
import { readDeleteRequest, writeDeleteRequest } from '../../src/protocol/delete.ts'
import * as exists from '../../src/protocol/exists.ts'
import { beginFrame, endFrame } from '../../src/protocol/frame.ts'
import * as getAcl from '../../src/protocol/get-acl.ts'
import * as getAllChildrenNumber from '../../src/protocol/get-all-children-number.ts'
import * as getChildren from '../../src/protocol/get-children.ts'
import * as getData from '../../src/protocol/get-data.ts'
import * as getEphemerals from '../../src/protocol/get-ephemerals.ts'
import * as multi from '../../src/protocol/multi.ts'
import { readMultiResult, writeMultiResult, type MultiResult } from '../../src/protocol/multi-result.ts'
import { OpCode, opName } from '../../src/protocol/op-code.ts'
import { readReconfigRequest, writeReconfigRequest } from '../../src/protocol/reconfig.ts'
import { readRemoveWatchesRequest, writeRemoveWatchesRequest } from '../../src/protocol/remove-watches.ts'
import { readReplyHeader, writeReplyHeader } from '../../src/protocol/reply-header.ts'
import { readRequestHeader, writeRequestHeader } from '../../src/protocol/request-header.ts'
import * as setAcl from '../../src/protocol/set-acl.ts'
import * as setData from '../../src/protocol/set-data.ts'
import * as setWatches from '../../src/protocol/set-watches.ts'
import * as sync from '../../src/protocol/sync.ts'
import { readWatchEvent, writeWatchEvent } from '../../src/protocol/watch-event.ts'
import { readWhoAmIResponse, writeWhoAmIResponse } from '../../src/protocol/who-am-i.ts'
import { aclOf, bytes, fieldsOf, integer, listOf, payloadOf, sessionHalves, statOf, text } from './vectors.ts'
import { vectorNamed, vectors, type Fields } from './vectors.ts'

/** How the test knows one record: its value from a vector's fields, and the two functions under test. */
interface Codec<T> {
  readonly value: (fields: Fields) => T
  readonly write: (out: ByteWriter, value: T) => void
  readonly read: (from: ByteReader) => T
}

/** Checks both directions of one record: our bytes are Apache's, and Apache's bytes are our value. */
type Check = (fields: Fields, out: ByteWriter, from: ByteReader) => void

function record<T>(codec: Codec<T>): Check {
  return (fields, out, from) => {
    const value = codec.value(fields)
    codec.write(out, value)
    expect(codec.read(from)).toEqual(value)
  }
}

const path = (fields: Fields): string => text(fields['path'])
const nullableText = (value: unknown): string | null => (value === null ? null : text(value))
const strings = (value: unknown): string[] => listOf(value).map(text)

/** As who keeps them reads them. */
const kept = (value: unknown): KeptBytes | null => {
  const data = bytes(value)
  return data === null ? null : keepBytes(data)
}
const pathAndWatch = (fields: Fields) => ({ path: path(fields), watch: fields['watch'] === true })
const pathAndVersion = (fields: Fields) => ({ path: path(fields), version: integer(fields['version']) })
const pathAndType = (fields: Fields) => ({ path: path(fields), type: integer(fields['type']) })
const createFields = (fields: Fields) => ({
  path: path(fields),
  data: kept(fields['data']),
  acl: aclOf(fields['acl']),
  flags: integer(fields['flags']),
})
const watchFields = (fields: Fields) => ({
  relativeZxid: integer(fields['relativeZxid']),
  dataWatches: strings(fields['dataWatches']),
  existWatches: strings(fields['existWatches']),
  childWatches: strings(fields['childWatches']),
})

const checkCreate = record({
  value: createFields,
  write: create.writeCreateRequest,
  read: create.readCreateRequest,
})
const checkCreate2Response = record({
  value: (fields) => ({ path: path(fields), stat: statOf(fields['stat']) }),
  write: (out, value) => create.writeCreate2Response(out, value.path, value.stat),
  read: create.readCreate2Response,
})
const checkRemoveWatches = record({
  value: pathAndType,
  write: writeRemoveWatchesRequest,
  read: readRemoveWatchesRequest,
})

const requestRecords: { readonly [op: string]: Check } = {
  create: checkCreate,
  create2: checkCreate,
  createContainer: checkCreate,
  createTTL: record({
    value: (fields) => ({ ...createFields(fields), ttlMs: integer(fields['ttl']) }),
    write: create.writeCreateTtlRequest,
    read: create.readCreateTtlRequest,
  }),
  delete: record({ value: pathAndVersion, write: writeDeleteRequest, read: readDeleteRequest }),
  check: record({ value: pathAndVersion, write: writeCheckRequest, read: readCheckRequest }),
  exists: record({ value: pathAndWatch, write: exists.writeExistsRequest, read: exists.readExistsRequest }),
  getData: record({ value: pathAndWatch, write: getData.writeGetDataRequest, read: getData.readGetDataRequest }),
  getChildren: record({
    value: pathAndWatch,
    write: getChildren.writeGetChildrenRequest,
    read: getChildren.readGetChildrenRequest,
  }),
  getChildren2: record({
    value: pathAndWatch,
    write: getChildren.writeGetChildrenRequest,
    read: getChildren.readGetChildrenRequest,
  }),
  setData: record({
    value: (fields) => ({ ...pathAndVersion(fields), data: kept(fields['data']) }),
    write: setData.writeSetDataRequest,
    read: setData.readSetDataRequest,
  }),
  getACL: record({
    value: (fields) => ({ path: path(fields) }),
    write: getAcl.writeGetAclRequest,
    read: getAcl.readGetAclRequest,
  }),
  setACL: record({
    value: (fields) => ({ ...pathAndVersion(fields), acl: aclOf(fields['acl']) }),
    write: setAcl.writeSetAclRequest,
    read: setAcl.readSetAclRequest,
  }),
  sync: record({
    value: (fields) => ({ path: path(fields) }),
    write: sync.writeSyncRequest,
    read: sync.readSyncRequest,
  }),
  auth: record({
    value: (fields) => ({ scheme: text(fields['scheme']), auth: bytes(fields['auth']) }),
    write: writeAuthRequest,
    read: readAuthRequest,
  }),
  reconfig: record({
    value: (fields) => ({
      joiningServers: nullableText(fields['joiningServers']),
      leavingServers: nullableText(fields['leavingServers']),
      newMembers: nullableText(fields['newMembers']),
      curConfigId: integer(fields['curConfigId']),
    }),
    write: writeReconfigRequest,
    read: readReconfigRequest,
  }),
  getEphemerals: record({
    value: (fields) => ({ prefixPath: text(fields['prefixPath']) }),
    write: getEphemerals.writeGetEphemeralsRequest,
    read: getEphemerals.readGetEphemeralsRequest,
  }),
  getAllChildrenNumber: record({
    value: (fields) => ({ path: path(fields) }),
    write: getAllChildrenNumber.writeGetAllChildrenNumberRequest,
    read: getAllChildrenNumber.readGetAllChildrenNumberRequest,
  }),
  addWatch: record({
    value: (fields) => ({ path: path(fields), mode: integer(fields['mode']) }),
    write: writeAddWatchRequest,
    read: readAddWatchRequest,
  }),
  checkWatches: checkRemoveWatches,
  removeWatches: checkRemoveWatches,
  setWatches: record({
    value: watchFields,
    write: setWatches.writeSetWatchesRequest,
    read: setWatches.readSetWatchesRequest,
  }),
  setWatches2: record({
    value: (fields) => ({
      ...watchFields(fields),
      persistentWatches: strings(fields['persistentWatches']),
      persistentRecursiveWatches: strings(fields['persistentRecursiveWatches']),
    }),
    write: setWatches.writeSetWatches2Request,
    read: setWatches.readSetWatches2Request,
  }),
  multi: record({
    value: (fields) => operationsOf(fields) as multi.MultiOperation[],
    write: multi.writeMultiRequest,
    read: (from) => readAll(() => multi.readMultiOperation(from)),
  }),
  multiRead: record({
    value: (fields) => operationsOf(fields) as multi.MultiReadOperation[],
    write: multi.writeMultiReadRequest,
    read: (from) => readAll(() => multi.readMultiReadOperation(from)),
  }),
}

const statResponse = (fields: Fields) => statOf(fields['stat'])

const replyRecords: { readonly [record: string]: Check } = {
  CreateResponse: record({ value: path, write: create.writeCreateResponse, read: create.readCreateResponse }),
  Create2Response: checkCreate2Response,
  ExistsResponse: record({
    value: statResponse,
    write: exists.writeExistsResponse,
    read: exists.readExistsResponse,
  }),
  GetDataResponse: record({
    value: (fields) => ({ data: bytes(fields['data']), stat: statOf(fields['stat']) }),
    write: (out, value) => getData.writeGetDataResponse(out, value.data, value.stat),
    read: getData.readGetDataResponse,
  }),
  SetDataResponse: record({
    value: statResponse,
    write: setData.writeSetDataResponse,
    read: setData.readSetDataResponse,
  }),
  GetChildrenResponse: record({
    value: (fields) => strings(fields['children']),
    write: getChildren.writeGetChildrenResponse,
    read: getChildren.readGetChildrenResponse,
  }),
  GetChildren2Response: record<getChildren.GetChildren2Response>({
    value: (fields) => ({ children: strings(fields['children']), stat: statOf(fields['stat']) }),
    write: (out, value) => getChildren.writeGetChildren2Response(out, value.children, value.stat),
    read: getChildren.readGetChildren2Response,
  }),
  GetACLResponse: record<getAcl.GetAclResponse>({
    value: (fields) => ({ acl: aclOf(fields['acl']) ?? [], stat: statOf(fields['stat']) }),
    write: (out, value) => getAcl.writeGetAclResponse(out, value.acl, value.stat),
    read: getAcl.readGetAclResponse,
  }),
  SetACLResponse: record({
    value: statResponse,
    write: setAcl.writeSetAclResponse,
    read: setAcl.readSetAclResponse,
  }),
  SyncResponse: record<string | null>({ value: path, write: sync.writeSyncResponse, read: sync.readSyncResponse }),
  WatcherEvent: record({
    value: (fields) => ({ ...pathAndType(fields), state: integer(fields['state']) }),
    write: writeWatchEvent,
    read: readWatchEvent,
  }),
  WhoAmIResponse: record({
    value: (fields) =>
      listOf(fields['clientInfo'])
        .map(fieldsOf)
        .map((info) => ({ scheme: text(info['authScheme']), user: text(info['user']) })),
    write: writeWhoAmIResponse,
    read: readWhoAmIResponse,
  }),
  GetEphemeralsResponse: record({
    value: (fields) => strings(fields['ephemerals']),
    write: getEphemerals.writeGetEphemeralsResponse,
    read: getEphemerals.readGetEphemeralsResponse,
  }),
  GetAllChildrenNumberResponse: record({
    value: (fields) => integer(fields['totalNumber']),
    write: getAllChildrenNumber.writeGetAllChildrenNumberResponse,
    read: getAllChildrenNumber.readGetAllChildrenNumberResponse,
  }),
  ErrorResponse: record({
    value: (fields) => integer(fields['err']),
    write: writeAddWatchResponse,
    read: readAddWatchResponse,
  }),
  MultiResponse: record({
    value: resultsOf,
    write: (out, results) => {
      for (const result of results) writeMultiResult(out, result)
      multi.writeMultiEnd(out)
    },
    read: (from) => readAll(() => readMultiResult(from)),
  }),
}

/** Multi requests that a server must refuse, and a cut body: the tests below have them. */
const MALFORMED = ['multi.malformed.request', 'marshallingError.request']

describe('the bytes of Apache ZooKeeper 3.8.0 are ours, in both directions', () => {
  for (const vector of vectors) {
    if (MALFORMED.includes(vector.name)) continue
    test(`${vector.name}: ${vector.description}`, () => {
      const from = new ByteReader(payloadOf(vector))
      const out = new ByteWriter()
      const frame = beginFrame(out)
      if (vector.record === 'ConnectRequest') checkConnectRequest(vector.fields, out, from)
      else if (vector.record === 'ConnectResponse') checkConnectResponse(vector.fields, out, from)
      else if (vector.record.startsWith('RequestHeader')) checkRequest(vector.fields, out, from)
      else checkReply(vector.record, vector.fields, out, from)
      endFrame(out, frame)
      expect(from.remaining).toBe(0)
      expect(out.take().toString('hex')).toBe(vector.frame)
    })
  }
})

test('a body that ends before its last field is a decode error that names the field', () => {
  const from = new ByteReader(payloadOf(vectorNamed('marshallingError.request')))
  expect(readRequestHeader(from).type).toBe(OpCode.getData)
  expect(() => getData.readGetDataRequest(from)).toThrow(
    new DecodeError('byte 14 of the frame: getData.watch needs 1 bytes but 0 are left'),
  )
})

test('a multi with an operation that it may not have is a decode error', () => {
  const from = new ByteReader(payloadOf(vectorNamed('multi.malformed.request')))
  expect(readRequestHeader(from).type).toBe(OpCode.multi)
  expect(() => multi.readMultiOperation(from)).toThrow(DecodeError)
})

test('a multi takes no reads and a multiRead no writes', () => {
  const read = new ByteReader(payloadOf(vectorNamed('multiRead.request')))
  readRequestHeader(read)
  expect(() => multi.readMultiOperation(read)).toThrow(DecodeError)
  const write = new ByteReader(payloadOf(vectorNamed('multi.ok.request')))
  readRequestHeader(write)
  expect(() => multi.readMultiReadOperation(write)).toThrow(DecodeError)
})

const checkConnectRequest = record({
  value: (fields) => ({
    protocolVersion: integer(fields['protocolVersion']),
    lastZxidSeen: integer(fields['lastZxidSeen']),
    timeoutMs: integer(fields['timeOut']),
    ...sessionHalves(fields['sessionId']),
    password: bytes(fields['passwd']),
    readOnly: (fields['readOnly'] as boolean | undefined) ?? null,
  }),
  write: connect.writeConnectRequest,
  read: connect.readConnectRequest,
})

const checkConnectResponse = record({
  value: (fields) => ({
    protocolVersion: integer(fields['protocolVersion']),
    timeoutMs: integer(fields['timeOut']),
    ...sessionHalves(fields['sessionId']),
    password: bytes(fields['passwd']),
    readOnly: (fields['readOnly'] as boolean | undefined) ?? null,
  }),
  write: connect.writeConnectResponse,
  read: connect.readConnectResponse,
})

function checkRequest(fields: Fields, out: ByteWriter, from: ByteReader): void {
  const header = fieldsOf(fields['header'])
  const type = integer(header['type'])
  const expected = { xid: integer(header['xid']), type }
  writeRequestHeader(out, expected)
  expect(readRequestHeader(from)).toEqual(expected)
  const op = opName(type)
  const check = op === null ? undefined : requestRecords[op]
  const body = fieldsOf(fields['body'] ?? {})
  if (check === undefined) expect(body).toEqual({})
  else check(body, out, from)
}

function checkReply(name: string, fields: Fields, out: ByteWriter, from: ByteReader): void {
  const header = fieldsOf(fields['header'])
  const expected = { xid: integer(header['xid']), zxid: integer(header['zxid']), error: integer(header['err']) }
  writeReplyHeader(out, expected)
  expect(readReplyHeader(from)).toEqual(expected)
  const [, body] = name.split(' + ')
  if (body === undefined) return
  const check = replyRecords[body]
  if (check === undefined) throw new Error(`the test does not know the record ${body}`)
  check(fieldsOf(fields['body']), out, from)
}

function operationsOf(fields: Fields): unknown[] {
  return listOf(fields['ops'])
    .map(fieldsOf)
    .filter((op) => fieldsOf(op['header'])['done'] === false)
    .map((op) => {
      const kind = opName(integer(fieldsOf(op['header'])['type']))
      const body = fieldsOf(op['body'])
      const request = 'acl' in body ? createFields(body) : 'watch' in body ? pathAndWatch(body) : pathAndVersion(body)
      return { kind, request: kind === 'setData' ? { ...request, data: kept(body['data']) } : request }
    })
}

function resultsOf(fields: Fields): MultiResult[] {
  const results = listOf(fields['results']).map(fieldsOf)
  return results
    .filter((result) => fieldsOf(result['header'])['done'] === false)
    .map((result) => {
      const kind = opName(integer(fieldsOf(result['header'])['type']))
      return {
        kind,
        ...('path' in result ? { path: path(result) } : {}),
        ...('stat' in result ? { stat: statOf(result['stat']) } : {}),
        ...('data' in result ? { data: bytes(result['data']) } : {}),
        ...('children' in result ? { children: strings(result['children']) } : {}),
        ...('err' in result ? { error: integer(result['err']) } : {}),
      } as MultiResult
    })
}

function readAll<T>(next: () => T | null): T[] {
  const all: T[] = []
  for (let item = next(); item !== null; item = next()) all.push(item)
  return all
}
