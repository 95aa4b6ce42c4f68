import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { LinkRelays } from '../../src/ensemble/link-relay.ts'
import type { PlannedLink } from '../../src/profile/plan.ts'

const closing: (() => void)[] = []

afterEach(() => {
  for (const close of closing.splice(0)) close()
})

async function listening(onConnection: (socket: Socket) => void): Promise<number> {
  const server: Server = createServer({ allowHalfOpen: true }, onConnection)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close())
  return (server.address() as AddressInfo).port
}

/** The ports by which server 1 reaches server 2, which listens on `port` for both. */
async function reaching(port: number, link: Omit<PlannedLink, 'a' | 'b'>): Promise<{ peer: number; election: number }> {
  const ports = [
    { client: 1, peer: 2, election: 3, admin: 4, gateway: null },
    { client: 5, peer: port, election: port, admin: 6, gateway: null },
  ]
  const relays = await LinkRelays.start(ports, [{ a: 1, b: 2, ...link }], { seed: 7, takenWithinMs: 500 })
  closing.push(() => relays.close())
  const reached = relays.reachedBy(1).get(2)
  if (reached === undefined) throw new Error('server 1 has a link to server 2')
  expect(reached.peer).not.toBe(port)
  expect(relays.reachedBy(2).has(1)).toBe(true)
  return reached
}

async function echoOver(link: Omit<PlannedLink, 'a' | 'b'>): Promise<number> {
  return (await reaching(await listening((socket) => socket.pipe(socket)), link)).peer
}

function received(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    socket.on('data', (chunk) => (text += chunk.toString('latin1')))
    socket.once('end', () => resolve(text))
  })
}

function dial(port: number): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true }, () => resolve(socket))
    socket.on('error', () => undefined)
    closing.push(() => socket.destroy())
  })
}

test('nothing comes back sooner than the delay there and the delay back', async () => {
  const socket = await dial(await echoOver({ delayMs: 15, jitterMs: 0, lossPercent: 0 }))
  for (let count = 0; count < 5; count++) {
    const startMs = performance.now()
    socket.write('x')
    await new Promise((resolve) => socket.once('data', resolve))
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(30)
  }
})

test('opening a connection takes a round trip more', async () => {
  const port = await echoOver({ delayMs: 15, jitterMs: 0, lossPercent: 0 })
  const startMs = performance.now()
  const socket = await dial(port)
  socket.write('x')
  await new Promise((resolve) => socket.once('data', resolve))
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(60)
})

test('everything arrives once and in order, whatever is late or lost, and then the end', async () => {
  const socket = await dial(await echoOver({ delayMs: 2, jitterMs: 6, lossPercent: 1 }))
  const all = received(socket)
  let sent = ''
  for (let count = 0; count < 60; count++) {
    sent += `${count},`
    socket.write(`${count},`)
    await new Promise((resolve) => setImmediate(resolve))
  }
  socket.end()
  expect(await all).toBe(sent)
})

test('what was said before a close arrives before it', async () => {
  const port = await listening((socket) => socket.end('farewell'))
  const socket = await dial((await reaching(port, { delayMs: 5, jitterMs: 0, lossPercent: 0 })).peer)
  const all = received(socket)
  socket.end()
  expect(await all).toBe('farewell')
})

test('a connection waits for a server that listens a little later, and is closed if there is none', async () => {
  const port = await listening(() => undefined)
  closing.splice(0).forEach((close) => close())
  const { peer } = await reaching(port, { delayMs: 1, jitterMs: 0, lossPercent: 0 })
  const early = await dial(peer)
  early.write('x')
  const server = createServer((socket) => socket.pipe(socket))
  const echoed = new Promise((resolve) => early.once('data', (bytes) => resolve(bytes.toString())))
  await new Promise((resolve) => setTimeout(resolve, 50))
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  expect(await echoed).toBe('x')
  early.destroy()
  await new Promise((resolve) => server.close(resolve))
  const late = await dial(peer)
  late.resume()
  await new Promise((resolve) => late.once('close', resolve))
})

test('a connection that breaks is broken for the other end, too', async () => {
  const port = await listening((socket) => socket.once('data', () => socket.resetAndDestroy()))
  const socket = await dial((await reaching(port, { delayMs: 1, jitterMs: 0, lossPercent: 0 })).peer)
  socket.write('x')
  socket.resume()
  await new Promise((resolve) => socket.once('close', resolve))
})

test('a server of Apache that dials back for an election is led through the link again', async () => {
  let said = ''
  const port = await listening((socket) => {
    void received(socket).then((text) => {
      said = text
      socket.end()
    })
  })
  const { election } = await reaching(port, { delayMs: 1, jitterMs: 0, lossPercent: 0 })
  const socket = await dial(election)
  const head = Buffer.alloc(20)
  head.writeBigInt64BE(-65_536n, 0)
  head.writeBigInt64BE(1n, 8)
  head.writeInt32BE('127.0.0.1:3'.length, 16)
  socket.end(Buffer.concat([head, Buffer.from('127.0.0.1:3and more')]))
  await received(socket)
  expect(said.slice(20)).toMatch(/^127\.0\.0\.1:\d{4,5}and more$/)
  expect(Buffer.from(said, 'latin1').readInt32BE(16)).toBe(said.length - 20 - 'and more'.length)
})
