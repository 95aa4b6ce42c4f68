import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keepBytes } from '../../src/kernel/byte-string.ts'
import { ByteReader, ByteWriter, DecodeError } from '../../src/kernel/bytes.ts'
import { readAclVector, writeAclVector } from '../../src/protocol/acl.ts'
import { readAddWatchRequest, readAddWatchResponse } from '../../src/protocol/add-watch.ts'
import { readAuthRequest } from '../../src/protocol/auth.ts'
import { readCheckRequest } from '../../src/protocol/check.ts'
import { readConnectRequest, readConnectResponse, writeConnectRequest } from '../../src/protocol/connect.ts'
import * as create from '../../src/protocol/create.ts'
import { CreateMode, isCreateMode, isEphemeralMode, isSequentialMode } from '../../src/protocol/create-mode.ts'
import { isTtlMode } from '../../src/protocol/create-mode.ts'
import { readDeleteRequest } from '../../src/protocol/delete.ts'
import { readExistsRequest, readExistsResponse } from '../../src/protocol/exists.ts'
import { readGetAclRequest, readGetAclResponse } from '../../src/protocol/get-acl.ts'
import { readGetAllChildrenNumberRequest } from '../../src/protocol/get-all-children-number.ts'
import { readGetChildren2Response, readGetChildrenRequest } from '../../src/protocol/get-children.ts'
import { readGetDataRequest, readGetDataResponse } from '../../src/protocol/get-data.ts'
import { readGetEphemeralsRequest, readGetEphemeralsResponse } from '../../src/protocol/get-ephemerals.ts'
import { readMultiOperation, readMultiReadOperation, writeMultiRequest } from '../../src/protocol/multi.ts'
import type { MultiOperation } from '../../src/protocol/multi.ts'
import { readMultiResult } from '../../src/protocol/multi-result.ts'
import { opName, OpCode } from '../../src/protocol/op-code.ts'
import { readRemoveWatchesRequest } from '../../src/protocol/remove-watches.ts'
import { readReplyHeader } from '../../src/protocol/reply-header.ts'
import { readRequestHeader } from '../../src/protocol/request-header.ts'
import { readSetAclRequest } from '../../src/protocol/set-acl.ts'
import { readSetDataRequest } from '../../src/protocol/set-data.ts'
import { readSetWatches2Request, readSetWatchesRequest } from '../../src/protocol/set-watches.ts'
import { readStat, STAT_SIZE_BYTES, writeStat, type Stat } from '../../src/protocol/stat.ts'
import { readSyncRequest } from '../../src/protocol/sync.ts'
import { readWatchEvent } from '../../src/protocol/watch-event.ts'
import { readWhoAmIResponse } from '../../src/protocol/who-am-i.ts'
import { wireErrorName } from '../../src/protocol/wire-error.ts'
import { payloadOf, vectors } from './vectors.ts'

const everyReader: readonly ((from: ByteReader) => unknown)[] = [
  (from) => readAclVector(from, 'acl'),
  readAddWatchRequest,
  readAddWatchResponse,
  readAuthRequest,
  readCheckRequest,
  readConnectRequest,
  readConnectResponse,
  create.readCreateRequest,
  create.readCreateTtlRequest,
  create.readCreateResponse,
  create.readCreate2Response,
  readDeleteRequest,
  readExistsRequest,
  readExistsResponse,
  readGetAclRequest,
  readGetAclResponse,
  readGetAllChildrenNumberRequest,
  readGetChildrenRequest,
  readGetChildren2Response,
  readGetDataRequest,
  readGetDataResponse,
  readGetEphemeralsRequest,
  readGetEphemeralsResponse,
  readMultiOperation,
  readMultiReadOperation,
  readMultiResult,
  readRemoveWatchesRequest,
  readReplyHeader,
  readRequestHeader,
  readSetAclRequest,
  readSetDataRequest,
  readSetWatchesRequest,
  readSetWatches2Request,
  readSyncRequest,
  readWatchEvent,
  readWhoAmIResponse,
]

function readsOrDecodeError(read: (from: ByteReader) => unknown, payload: Buffer): void {
  try {
    read(new ByteReader(payload))
  } catch (error) {
    expect(error).toBeInstanceOf(DecodeError)
  }
}

describe('hostile bytes', () => {
  test('any bytes read as any record give a value or a decode error, nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        for (const read of everyReader) readsOrDecodeError(read, Buffer.from(bytes))
      }),
    )
  })

  test('every captured frame, cut anywhere or with one byte changed, gives a value or a decode error', () => {
    fc.assert(
      fc.property(fc.constantFrom(...vectors), fc.nat(2_000), fc.nat(255), (vector, position, byte) => {
        const payload = payloadOf(vector)
        const at = position % (payload.length + 1)
        const changed = Buffer.from(payload)
        if (at < payload.length) changed[at] = byte
        for (const skipped of [0, 8, 16]) {
          for (const read of everyReader) {
            readsOrDecodeError(read, payload.subarray(Math.min(skipped, at), at))
            readsOrDecodeError(read, changed.subarray(Math.min(skipped, changed.length)))
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  test('a vector that claims two thousand million elements is refused before anything is made of it', () => {
    const out = new ByteWriter()
    out.int32(0x7fffffff).raw(new Uint8Array(64))
    const payload = out.take()
    expect(() => readAclVector(new ByteReader(payload), 'acl')).toThrow(/acl claims 2147483647 elements/)
    expect(() => readWhoAmIResponse(new ByteReader(payload))).toThrow(DecodeError)
  })
})

describe('records at their edges', () => {
  const int32s = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
  const longs = fc.maxSafeInteger()
  const stats: fc.Arbitrary<Stat> = fc.record({
    czxid: longs,
    mzxid: longs,
    pzxid: longs,
    ctime: longs,
    mtime: longs,
    version: int32s,
    cversion: int32s,
    aversion: int32s,
    ephemeralOwnerHigh: int32s,
    ephemeralOwnerLow: int32s,
    dataLength: int32s,
    numChildren: int32s,
  })

  test('a Stat of any numbers comes back, in 68 bytes', () => {
    fc.assert(
      fc.property(stats, (stat) => {
        const out = new ByteWriter()
        writeStat(out, stat)
        expect(out.size).toBe(STAT_SIZE_BYTES)
        expect(readStat(new ByteReader(out.take()))).toEqual(stat)
      }),
    )
  })

  const acls = fc.array(fc.record({ perms: int32s, scheme: fc.string(), id: fc.string({ unit: 'grapheme' }) }))
  const datas = fc.option(fc.uint8Array({ maxLength: 50 }).map((bytes) => keepBytes(bytes)))
  const creates = fc.record({ path: fc.string(), data: datas, acl: fc.option(acls), flags: int32s })
  const operations: fc.Arbitrary<MultiOperation> = fc.oneof(
    fc.record({ kind: fc.constantFrom('create', 'create2', 'createContainer'), request: creates }),
    fc.record({
      kind: fc.constant('createTTL'),
      request: fc.tuple(creates, longs).map(([request, ttlMs]) => ({ ...request, ttlMs })),
    }),
    fc.record({
      kind: fc.constantFrom('delete', 'check'),
      request: fc.record({ path: fc.string(), version: int32s }),
    }),
    fc.record({
      kind: fc.constant('setData'),
      request: fc.record({ path: fc.string(), data: datas, version: int32s }),
    }),
  )

  test('any multi comes back operation by operation', () => {
    fc.assert(
      fc.property(fc.array(operations, { maxLength: 8 }), (sent) => {
        const out = new ByteWriter()
        writeMultiRequest(out, sent)
        const from = new ByteReader(out.take())
        const got: MultiOperation[] = []
        for (let next = readMultiOperation(from); next !== null; next = readMultiOperation(from)) got.push(next)
        expect(got).toEqual(sent)
      }),
    )
  })

  test('null, empty and one entry are three different ACLs', () => {
    const out = new ByteWriter()
    writeAclVector(out, null)
    expect(out.take().toString('hex')).toBe('ffffffff')
    writeAclVector(out, [])
    expect(out.take().toString('hex')).toBe('00000000')
    writeAclVector(out, [{ perms: 31, scheme: 'ip', id: '::1' }])
    expect(out.take().toString('hex')).toBe('00000001' + '0000001f' + '00000002' + '6970' + '00000003' + '3a3a31')
  })

  test('a null scheme or id of an ACL reads as the empty text, which no server takes', () => {
    const bytes = Buffer.from('00000001' + '0000001f' + 'ffffffff' + 'ffffffff', 'hex')
    expect(readAclVector(new ByteReader(bytes), 'acl')).toEqual([{ perms: 31, scheme: '', id: '' }])
  })

  test('a sync may have a null path, a getData may not', () => {
    const bytes = Buffer.from('ffffffff' + '00', 'hex')
    expect(readSyncRequest(new ByteReader(bytes))).toEqual({ path: null })
    expect(() => readGetDataRequest(new ByteReader(bytes))).toThrow(/getData.path is null/)
  })

  test('setWatches with a null vector is a decode error', () => {
    const bytes = Buffer.from('0000000000000000' + '00000000' + 'ffffffff' + '00000000', 'hex')
    expect(() => readSetWatchesRequest(new ByteReader(bytes))).toThrow(/setWatches.existWatches is null/)
  })

  test('a lastZxidSeen beyond 53 bits is clamped, not thrown', () => {
    const out = new ByteWriter()
    const fresh = { protocolVersion: 0, timeoutMs: 1, sessionHigh: 0, sessionLow: 0, password: null, readOnly: null }
    writeConnectRequest(out, { ...fresh, lastZxidSeen: 0 })
    const payload = out.take()
    payload.writeBigInt64BE(0x7fffffffffffffffn, 4)
    expect(readConnectRequest(new ByteReader(payload)).lastZxidSeen).toBe(Number.MAX_SAFE_INTEGER)
  })

  test('a zxid in a reply that does not fit is a decode error that names it', () => {
    const bytes = Buffer.from('00000001' + '7fffffffffffffff' + '00000000', 'hex')
    expect(() => readReplyHeader(new ByteReader(bytes))).toThrow(
      'byte 4 of the frame: header.zxid does not fit 53 bits',
    )
  })
})

describe('names and flags', () => {
  test('codes have the names of the documentation', () => {
    expect([-101, -110, -8, 0, -4, -127].map(wireErrorName)).toEqual([
      'NONODE',
      'NODEEXISTS',
      'BADARGUMENTS',
      'OK',
      'CONNECTIONLOSS',
      'THROTTLEDOP',
    ])
    expect(wireErrorName(-999)).toBe('ERROR -999')
    expect(opName(OpCode.closeSession)).toBe('closeSession')
    expect(opName(10)).toBeNull()
  })

  test('create flags are what the table says', () => {
    const flags = [-1, 0, 1, 2, 3, 4, 5, 6, 7]
    expect(flags.filter(isCreateMode)).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(flags.filter(isEphemeralMode)).toEqual([CreateMode.ephemeral, CreateMode.ephemeralSequential])
    expect(flags.filter(isSequentialMode)).toEqual([2, 3, 6])
    expect(flags.filter(isTtlMode)).toEqual([5, 6])
  })
})
