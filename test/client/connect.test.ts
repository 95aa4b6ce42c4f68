import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, ZktuneError } from '../../src/index.ts'
import { RealNetwork } from '../../src/io/real-network.ts'
import { ByteReader, ByteWriter } from '../../src/kernel/bytes.ts'
import type { Connection, Listener } from '../../src/kernel/ports.ts'
import { readConnectRequest, writeConnectResponse } from '../../src/protocol/connect.ts'
import { readCreateRequest, writeCreateResponse } from '../../src/protocol/create.ts'
import { beginFrame, endFrame } from '../../src/protocol/frame.ts'
import { FrameReader } from '../../src/protocol/frame-reader.ts'
import { OpCode } from '../../src/protocol/op-code.ts'
import { writeReplyHeader } from '../../src/protocol/reply-header.ts'
import { readRequestHeader } from '../../src/protocol/request-header.ts'

/** What reached the server, in words. */
const heard: string[] = []
let listener: Listener

/** A server that knows the handshake, create and closeSession; over real TCP. */
function serve(connection: Connection): void {
  let isEstablished = false
  const out = new ByteWriter()
  const answer = (write: () => void): void => {
    const frame = beginFrame(out)
    write()
    endFrame(out, frame)
    connection.write(out.take())
  }
  const frames = new FrameReader(1_000, {
    onFrame(bytes, start, end) {
      const from = new ByteReader(bytes, start, end)
      if (!isEstablished) {
        isEstablished = true
        const { timeoutMs } = readConnectRequest(from)
        const password = Buffer.alloc(16, 1)
        answer(() => {
          writeConnectResponse(out, {
            protocolVersion: 0,
            timeoutMs,
            sessionHigh: 1,
            sessionLow: 2,
            password,
            readOnly: false,
          })
        })
        return true
      }
      const { xid, type } = readRequestHeader(from)
      const isCreate = type === OpCode.create
      const request = isCreate ? readCreateRequest(from) : null
      heard.push(request === null ? `op ${type}` : `create ${request.path} ${request.flags} ${String(request.data)}`)
      answer(() => {
        writeReplyHeader(out, { xid, zxid: 1, error: 0 })
        if (request !== null) writeCreateResponse(out, request.path)
      })
      return true
    },
  })
  connection.handler = {
    onData: (bytes) => void frames.push(bytes),
    onDrain: () => undefined,
    onClose: () => undefined,
  }
}

beforeAll(async () => {
  listener = await new Promise<Listener>((resolve, reject) => {
    new RealNetwork().listen({ host: '127.0.0.1', port: 0, backlog: null }, serve, (result) => {
      if (result instanceof Error) reject(result)
      else resolve(result)
    })
  })
})

afterAll(() => new Promise<void>((resolve) => listener.close(resolve)))

test('the textbook example: connect, create a znode with data, and one that ends with the session', async () => {
  const client = await connect(`127.0.0.1:${listener.port}`)
  expect(client.sessionId).toBe(0x1_0000_0002n)
  expect(await client.create('/test', 'data')).toBe('/test')
  expect(await client.create('/test/me', null, { mode: 'ephemeral' })).toBe('/test/me')
  await client.close()
  expect(heard).toEqual(['create /test 0 data', 'create /test/me 1 null', `op ${OpCode.closeSession}`])
})

test('where nobody listens, connecting says so in time', async () => {
  const port = await new Promise<number>((resolve, reject) => {
    new RealNetwork().listen({ host: '127.0.0.1', port: 0, backlog: null }, serve, (result) => {
      if (result instanceof Error) reject(result)
      else result.close(() => resolve(result.port))
    })
  })
  const error: unknown = await connect(`127.0.0.1:${port}`, { connectTimeoutMs: 100 }).catch(
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ZktuneError)
  expect((error as ZktuneError).code).toBe('CannotConnect')
  expect((error as ZktuneError).what).toContain('ECONNREFUSED')
})

test('a signal that is aborted already is heeded before anything is opened', async () => {
  await expect(connect('127.0.0.1:1', { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no')
})
