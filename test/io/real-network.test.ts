import { readFileSync } from 'node:fs'
import net from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { RealNetwork } from '../../src/io/real-network.ts'
import type { Connection, Listener } from '../../src/kernel/ports.ts'
import { Recorder } from './recorder.ts'

const HOST = '127.0.0.1'
const network = new RealNetwork()
const open: { close(): void }[] = []

afterEach(() => {
  for (const each of open.splice(0)) each.close()
})

function record(connection: Connection): Recorder {
  open.push({ close: () => connection.destroy() })
  return new Recorder(connection)
}

function listen(port: number, onConnection: (connection: Connection) => void): Promise<Listener> {
  return new Promise((resolve, reject) => {
    network.listen({ host: HOST, port, backlog: null }, onConnection, (result) => {
      if (result instanceof Error) return reject(result)
      open.push({ close: () => result.close(() => undefined) })
      resolve(result)
    })
  })
}

function connect(port: number): Promise<Recorder> {
  return new Promise((resolve, reject) => {
    network.connect({ host: HOST, port, timeoutMs: 5_000 }, (result) => {
      if (result instanceof Error) reject(result)
      else resolve(record(result))
    })
  })
}

async function pair(): Promise<{ client: Recorder; server: Recorder; listener: Listener }> {
  let accept: (recorder: Recorder) => void = () => undefined
  const accepted = new Promise<Recorder>((resolve) => {
    accept = resolve
  })
  const listener = await listen(0, (connection) => accept(record(connection)))
  const client = await connect(listener.port)
  return { client, server: await accepted, listener }
}

test('bytes travel both ways, and each side knows the address of the other', async () => {
  const { client, server, listener } = await pair()
  expect(client.connection.write(Buffer.from('ping'))).toBe(true)
  await server.until('ping', () => server.text === 'ping')
  server.connection.write(Buffer.from('pong'))
  await client.until('pong', () => client.text === 'pong')
  expect(client.connection.remotePort).toBe(listener.port)
  expect(server.connection.remoteHost).toBe(HOST)
})

test('all connections in the clear read into the same memory, whichever side made them', async () => {
  const [one, other] = [await pair(), await pair()]
  const all = [one.client, one.server, other.client, other.server]
  for (const { client, server } of [one, other]) {
    client.connection.write(Buffer.from('ping'))
    server.connection.write(Buffer.from('pong'))
  }
  for (const recorder of all) await recorder.until('four bytes', () => recorder.text.length === 4)
  expect(all.map(({ text }) => text)).toEqual(['pong', 'ping', 'pong', 'ping'])
  expect(new Set(all.map(({ memory }) => memory)).size).toBe(1)
})

test('end sends what is buffered, and both sides hear of a clean close exactly once', async () => {
  const { client, server } = await pair()
  const big = Buffer.alloc(4 * 1024 * 1024, 'x')
  server.connection.write(big)
  server.connection.end()
  server.connection.end()
  await client.until('the close', () => client.closes.length > 0)
  await server.until('the close', () => server.closes.length > 0)
  expect(client.text.length).toBe(big.length)
  expect(client.closes).toEqual([null])
  expect(server.closes).toEqual([null])
})

test('a reply written just before end arrives although the other side was still sending', async () => {
  const { client, server } = await pair()
  client.connection.write(Buffer.alloc(1024 * 1024))
  server.connection.pause()
  server.connection.write(Buffer.from('bye'))
  server.connection.end()
  await client.until('the close', () => client.closes.length > 0)
  expect(client.text).toBe('bye')
  expect(client.closes).toEqual([null])
  expect(server.connection.write(Buffer.from('late'))).toBe(false)
})

test('destroy closes at once, cleanly for the one who called it', async () => {
  const { client, server } = await pair()
  client.connection.destroy()
  expect(client.closes).toEqual([])
  await client.until('the own close', () => client.closes.length > 0)
  await server.until('the close', () => server.closes.length > 0)
  expect(client.closes).toEqual([null])
  expect(client.connection.write(Buffer.from('x'))).toBe(false)
})

test('a reset is a close with an error that names the endpoint', async () => {
  const listener = await new Promise<net.Server>((resolve) => {
    const server = net.createServer((socket) => socket.once('data', () => socket.resetAndDestroy()))
    server.listen(0, HOST, () => resolve(server))
    open.push({ close: () => server.close() })
  })
  const { port } = listener.address() as net.AddressInfo
  const client = await connect(port)
  client.connection.write(Buffer.from('x'))
  await client.until('the close', () => client.closes.length > 0)
  expect(client.closes).toHaveLength(1)
  expect(client.closes[0]).toMatchObject({ code: 'ConnectionLost', where: `${HOST}:${port}` })
})

test('a paused reader makes the writer wait, and resuming lets it drain', async () => {
  const { client, server } = await pair()
  server.connection.pause()
  let sent = 0
  const chunk = Buffer.alloc(256 * 1024)
  while (sent < 64 * 1024 * 1024) {
    sent += chunk.length
    if (!client.connection.write(chunk)) {
      if (client.connection.bufferedBytes > 8 * 1024 * 1024) break
    }
  }
  expect(client.connection.bufferedBytes).toBeGreaterThan(256 * 1024)
  expect(client.drains).toBe(0)
  const sizeBefore = server.text.length
  expect(sizeBefore).toBeLessThan(sent)
  server.connection.resume()
  await client.until('the drain', () => client.drains > 0)
  expect(client.connection.bufferedBytes).toBe(0)
  expect(client.drains).toBe(1)
  await server.until('all bytes', () => server.chunks.reduce((sum, each) => sum + each.length, 0) === sent)
})

test('a taken port is PortInUse and names host and port', async () => {
  const listener = await listen(0, () => undefined)
  await expect(listen(listener.port, () => undefined)).rejects.toMatchObject({
    code: 'PortInUse',
    where: `${HOST}:${listener.port}`,
  })
})

test('an impossible address or port is CannotListen', async () => {
  await expect(listen(70_000, () => undefined)).rejects.toMatchObject({ code: 'CannotListen' })
  const result = await new Promise<unknown>((resolve) => {
    network.listen({ host: '192.0.2.1', port: 0, backlog: 5 }, () => undefined, resolve)
  })
  expect(result).toMatchObject({ code: 'CannotListen', where: '192.0.2.1:0' })
})

test('a closed listener frees its port at once while its connections live on', async () => {
  const { client, server, listener } = await pair()
  await new Promise<void>((resolve) => listener.close(resolve))
  const second = await listen(listener.port, () => undefined)
  expect(second.port).toBe(listener.port)
  client.connection.write(Buffer.from('still here'))
  await server.until('the bytes', () => server.text === 'still here')
})

test('nobody listening is CannotConnect, told after the call has returned', async () => {
  const listener = await listen(0, () => undefined)
  await new Promise<void>((resolve) => listener.close(resolve))
  await expect(connect(listener.port)).rejects.toMatchObject({
    code: 'CannotConnect',
    where: `${HOST}:${listener.port}`,
  })
  await expect(connect(70_000)).rejects.toMatchObject({ code: 'CannotConnect' })
})

test('connecting gives up after its timeout', async () => {
  const results: unknown[] = []
  const started = performance.now()
  await new Promise<void>((resolve) => {
    // 1 ms is shorter than any answer from the test network 192.0.2.0/24 (RFC 5737), which has no hosts.
    network.connect({ host: '192.0.2.1', port: 9, timeoutMs: 1 }, (result) => {
      results.push(result)
      resolve()
    })
  })
  expect(performance.now() - started).toBeLessThan(5_000)
  expect(results).toHaveLength(1)
  expect(results[0]).toMatchObject({ code: 'CannotConnect', where: '192.0.2.1:9' })
})

test('a cancelled attempt calls nobody back, and cancelling later is harmless', async () => {
  let accepted = 0
  const listener = await listen(0, (connection) => {
    accepted++
    record(connection)
  })
  const results: unknown[] = []
  const attempt = network.connect({ host: HOST, port: listener.port, timeoutMs: 5_000 }, (result) =>
    results.push(result),
  )
  attempt.cancel()
  attempt.cancel()
  const second = await new Promise<Connection | Error>((resolve) => {
    const handle = network.connect({ host: HOST, port: listener.port, timeoutMs: 5_000 }, (result) => {
      handle.cancel()
      if (!(result instanceof Error)) record(result)
      resolve(result)
    })
  })
  expect(second).not.toBeInstanceOf(Error)
  expect(results).toEqual([])
  expect(accepted).toBeLessThanOrEqual(2)
})

test.runIf(process.platform === 'linux').each([true, false])(
  'with keepsAlive %s the system watches silent connections accordingly, on both sides',
  async (keepsAlive) => {
    const listener = await new Promise<Listener>((resolve, reject) => {
      network.listen(
        { host: HOST, port: 0, backlog: null, keepsAlive },
        (connection) => void record(connection),
        (result) => (result instanceof Error ? reject(result) : resolve(result)),
      )
    })
    open.push({ close: () => listener.close(() => undefined) })
    const { port } = listener
    await new Promise<void>((resolve, reject) => {
      network.connect({ host: HOST, port, timeoutMs: 5_000, keepsAlive }, (result) => {
        if (result instanceof Error) return reject(result)
        record(result)
        resolve()
      })
    })
    // Columns of /proc/net/tcp: addresses, state (01: established), queues, and the kind of timer (02: keep-alive).
    const hexPort = port.toString(16).toUpperCase().padStart(4, '0')
    const lines = readFileSync('/proc/self/net/tcp', 'latin1').split('\n')
    const timers = lines.filter(
      (line) => line.includes(`:${hexPort} 01 `) || new RegExp(`:${hexPort} \\S+ 01 `).test(line),
    )
    expect(timers).toHaveLength(2)
    for (const line of timers) expect(/ 01 \S+ 02:/.test(line)).toBe(keepsAlive)
  },
)
