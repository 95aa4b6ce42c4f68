import { expect, test } from 'vitest'
import type { Connection, Listener } from '../../src/kernel/ports.ts'
import { Prng } from '../../src/kernel/prng.ts'
import { Scheduler } from '../../src/sim/scheduler.ts'
import { SimNetwork } from '../../src/sim/sim-network.ts'
import { SimProcess } from '../../src/sim/sim-process.ts'

class Recorder {
  readonly chunks: Buffer[] = []
  drainCount = 0
  closed: string | null = null

  onData(bytes: Buffer): void {
    this.chunks.push(Buffer.from(bytes))
  }

  onDrain(): void {
    this.drainCount++
  }

  onClose(error: Error | null): void {
    expect(this.closed).toBeNull()
    this.closed = error === null ? 'ended' : error.message
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString()
  }
}

/** A client `c` and a server `s` that listens on port 1. */
function world(seed = 1) {
  const scheduler = new Scheduler()
  const network = new SimNetwork(scheduler, new Prng(seed))
  const accepted: { connection: Connection; seen: Recorder }[] = []
  const server = new SimProcess(scheduler, 's', () => {
    serverNetwork.listen(
      { host: '0.0.0.0', port: 1, backlog: null },
      (connection) => {
        const seen = new Recorder()
        connection.handler = seen
        accepted.push({ connection, seen })
      },
      () => {},
    )
  })
  const serverNetwork = network.host(server)
  const client = new SimProcess(scheduler, 'c', () => {})
  const clientNetwork = network.host(client)
  server.restart()
  client.restart()
  const settle = (forMs = 100): void => scheduler.runUntil(scheduler.nowMs + forMs)
  const connect = () => {
    const seen = new Recorder()
    let near: Connection | null = null
    clientNetwork.connect({ host: 's', port: 1, timeoutMs: 1_000 }, (result) => {
      if (result instanceof Error) throw result
      near = result
      near.handler = seen
    })
    settle()
    if (near === null) throw new Error('not connected')
    const far = accepted.at(-1)
    if (far === undefined) throw new Error('not accepted')
    return { near: near as Connection, nearSeen: seen, far: far.connection, farSeen: far.seen }
  }
  return { scheduler, network, server, client, serverNetwork, clientNetwork, accepted, settle, connect }
}

const SEEDS = Array.from({ length: 40 }, (_, seed) => seed)

test('all bytes arrive in order, in chunks with borders of their own', () => {
  let joinedCount = 0
  let splitCount = 0
  for (const seed of SEEDS) {
    const { connect, settle } = world(seed)
    const { near, farSeen } = connect()
    const words = Array.from({ length: 50 }, (_, index) => `word ${index} of many;`)
    for (const word of words) near.write(Buffer.from(word))
    settle(500)
    expect(farSeen.text).toBe(words.join(''))
    for (const chunk of farSeen.chunks) {
      if (chunk.toString().split(';').length > 2) joinedCount++
      if (!chunk.toString().endsWith(';')) splitCount++
    }
  }
  expect(joinedCount).toBeGreaterThan(0)
  expect(splitCount).toBeGreaterThan(0)
})

test('a reader that pauses fills the sender up, and the sender hears when it may go on', () => {
  const { connect, settle } = world()
  const { near, nearSeen, far, farSeen } = connect()
  far.pause()
  let writtenBytes = 0
  while (near.write(Buffer.alloc(10_000, 'x'))) writtenBytes += 10_000
  expect(writtenBytes).toBeGreaterThan(100_000)
  expect(near.bufferedBytes).toBeGreaterThan(0)
  settle()
  expect(farSeen.chunks).toEqual([])
  expect(nearSeen.drainCount).toBe(0)
  far.resume()
  settle()
  expect(farSeen.text.length).toBe(writtenBytes + 10_000)
  expect(nearSeen.drainCount).toBe(1)
  expect(near.bufferedBytes).toBe(0)
})

test('a partition holds bytes back and loses none', () => {
  const { connect, settle, network } = world()
  const { near, far, nearSeen, farSeen } = connect()
  network.setLink('c', 's', { isBlocked: true })
  near.write(Buffer.from('held'))
  far.write(Buffer.from('the other way is open'))
  settle(5_000)
  expect(farSeen.text).toBe('')
  expect(nearSeen.text).toBe('the other way is open')
  network.heal()
  settle()
  expect(farSeen.text).toBe('held')
})

test('a sender whose bytes get nowhere for long gives up', () => {
  const { connect, settle, network } = world()
  const { near, nearSeen, farSeen } = connect()
  network.setLink('c', 's', { isBlocked: true })
  near.write(Buffer.from('never'))
  settle(60_000)
  expect(nearSeen.closed).toBe('connection timed out')
  network.heal()
  settle()
  expect(farSeen.text).toBe('')
})

test('end sends what is buffered and both sides close cleanly', () => {
  const { connect, settle, network } = world()
  const { near, nearSeen, far, farSeen } = connect()
  far.write(Buffer.alloc(300_000, 'y'))
  near.write(Buffer.alloc(300_000, 'x'))
  near.end()
  settle(1_000)
  expect(farSeen.text.length).toBe(300_000)
  expect(farSeen.closed).toBe('ended')
  expect(nearSeen.closed).toBe('ended')
  expect(network.pipeCount).toBe(0)
})

test('destroy closes both sides, and what travelled may be lost', () => {
  const lengths = new Set<number>()
  for (const seed of SEEDS) {
    const { connect, settle, network } = world(seed)
    const { near, nearSeen, farSeen } = connect()
    for (let index = 0; index < 10; index++) near.write(Buffer.from('x'))
    near.destroy()
    settle(1_000)
    expect(nearSeen.closed).toBe('ended')
    expect(farSeen.closed).not.toBeNull()
    expect(network.pipeCount).toBe(0)
    lengths.add(farSeen.text.length)
  }
  expect(lengths.size).toBeGreaterThan(1)
})

test('a broken connection closes both sides with an error', () => {
  const { connect, settle, network } = world()
  const { nearSeen, farSeen } = connect()
  network.reset('c', 's')
  settle()
  expect(nearSeen.closed).toBe('connection reset')
  expect(farSeen.closed).toBe('connection reset')
  expect(network.pipeCount).toBe(0)
})

test('the peer of a killed process hears of it at once', () => {
  const { connect, settle, server } = world()
  const { nearSeen, farSeen } = connect()
  server.crash('kill')
  settle()
  expect(nearSeen.closed).not.toBeNull()
  expect(farSeen.closed).toBeNull()
})

test('the peer of a machine without power hears nothing, until the machine is back and it sends', () => {
  const { connect, settle, server } = world()
  const { near, nearSeen } = connect()
  server.crash('power')
  near.write(Buffer.from('are you there'))
  settle(5_000)
  expect(nearSeen.closed).toBeNull()
  server.restart()
  settle()
  expect(nearSeen.closed).toBe('connection reset by peer')
})

test('a paused process reads nothing; its peer notices nothing', () => {
  const { connect, settle, server } = world()
  const { near, nearSeen, farSeen } = connect()
  server.pause(1_000)
  near.write(Buffer.from('later'))
  settle(500)
  expect(farSeen.text).toBe('')
  settle(600)
  expect(farSeen.text).toBe('later')
  expect(nearSeen.closed).toBeNull()
})

test('connecting fails by refusal where nobody listens, and by timeout where nothing gets through', () => {
  const { clientNetwork, network, settle } = world()
  const outcomes: string[] = []
  const record = (result: Connection | Error): number =>
    outcomes.push(result instanceof Error ? result.message : 'connected')
  clientNetwork.connect({ host: 's', port: 2, timeoutMs: 500 }, record)
  settle()
  expect(outcomes[0]).toContain('s:2: connection refused')
  network.setLink('s', 'c', { isBlocked: true })
  clientNetwork.connect({ host: 's', port: 1, timeoutMs: 500 }, record)
  settle(1_000)
  expect(outcomes[1]).toContain('s:1: no answer within 500 ms')
  expect(outcomes.length).toBe(2)
})

test('a cancelled attempt says nothing more, and the server loses the connection', () => {
  const { clientNetwork, accepted, settle } = world()
  const attempt = clientNetwork.connect({ host: 's', port: 1, timeoutMs: 500 }, () => expect.unreachable())
  settle(0.0625)
  attempt.cancel()
  settle(1_000)
  for (const { seen } of accepted) expect(seen.closed).not.toBeNull()
})

test('a port can be taken once, and again after it was closed', () => {
  const { serverNetwork, settle } = world()
  const results: (Listener | Error)[] = []
  const listen = (port: number): void =>
    serverNetwork.listen(
      { host: 's', port, backlog: null },
      () => {},
      (result) => results.push(result),
    )
  listen(1)
  listen(0)
  settle()
  expect(results.map((result) => (result instanceof Error ? result.message : 'listening'))).toEqual([
    's:1: it is in use. Listen on another port.',
    'listening',
  ])
  const [, second] = results
  if (second === undefined || second instanceof Error) throw new Error('not listening')
  second.close(() => {})
  listen(second.port)
  settle()
  expect(results[2]).toMatchObject({ port: second.port })
})
