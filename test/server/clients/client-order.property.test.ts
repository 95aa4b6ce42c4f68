import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteReader } from '../../../src/kernel/bytes.ts'
import { create, FakeServer, getData, ping, request, setData, sync, type FakeClient } from '../fake-world.ts'

/** What a client sends: its own znode is set to 1, 2, 3…, so that a read tells which writes it saw. */
type Step =
  | { readonly kind: 'set' | 'get' | 'sync' | 'ping'; readonly client: number }
  | { readonly kind: 'apply'; readonly count: number }
  | { readonly kind: 'answerSync' }
  | { readonly kind: 'fill' | 'drain'; readonly client: number }

const CLIENTS = 2
const client = fc.nat(CLIENTS - 1)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('set' as const), client }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('get' as const), client }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('sync' as const, 'ping' as const), client }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('apply' as const), count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('answerSync' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('fill' as const, 'drain' as const), client }) },
)

/** One client, and the answers that it must get, in their order: `xid:data` of a get, else `xid`. */
class Expecting {
  readonly far: FakeClient
  readonly expected: string[] = []
  readonly received: string[] = []
  readonly #path: string
  #xid = 100
  #value = 0

  constructor(far: FakeClient, path: string) {
    this.far = far
    this.#path = path
  }

  send(kind: 'set' | 'get' | 'sync' | 'ping'): void {
    const xid = ++this.#xid
    switch (kind) {
      case 'set':
        this.#value++
        this.expected.push(`${xid}`)
        return this.far.send(setData(xid, this.#path, String(this.#value)))
      case 'get':
        this.expected.push(`${xid}:${this.#value}`)
        return this.far.send(getData(xid, this.#path))
      case 'sync':
        this.expected.push(`${xid}`)
        return this.far.send(sync(xid))
      case 'ping':
        this.expected.push('-2')
        return this.far.send(ping())
    }
  }

  receive(): void {
    const sent = this.expected
    for (const { xid, record } of this.far.takeReplies()) {
      const isRead = sent[this.received.length]?.includes(':') === true
      this.received.push(isRead ? `${xid}:${new ByteReader(record).buffer('data')?.toString()}` : `${xid}`)
    }
  }
}

test('whatever happens when, each client gets its answers in order, and reads show its own earlier writes, no later ones', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 8 }), (steps, limit) => {
      const server = new FakeServer({ globalOutstandingLimit: String(limit) })
      const clients = Array.from({ length: CLIENTS }, (_, index) => {
        const far = server.connect()
        far.send(create(1, `/${index}`, 0, '0'))
        server.apply()
        far.takeReplies()
        return new Expecting(far, `/${index}`)
      })
      const at = (index: number): Expecting => clients[index] as Expecting
      const answerSync = (): void => {
        const number = server.service.syncs.shift()
        if (number === undefined) return
        // The service answers a sync when all that was submitted before it is applied here.
        server.apply()
        server.sessions.onSynced(number)
        server.sessions.onBatchEnd()
        server.clock.endTurn()
      }
      for (const each of steps) {
        if (each.kind === 'apply') server.apply(each.count)
        else if (each.kind === 'answerSync') answerSync()
        else if (each.kind === 'fill') at(each.client).far.connection.isFull = true
        else if (each.kind === 'drain') at(each.client).far.connection.drain()
        else at(each.client).send(each.kind)
        server.clock.endTurn()
      }
      for (let idle = 0; idle < 3;) {
        for (const { far } of clients) far.connection.drain()
        const isIdle = server.service.submitted.length === 0 && server.service.syncs.length === 0
        idle = isIdle ? idle + 1 : 0
        server.apply()
        answerSync()
      }
      for (const each of clients) {
        each.receive()
        expect(each.received).toEqual(each.expected)
      }
      expect(server.sessions.pool.inUse).toBe(0)
    }),
    { numRuns: 300 },
  )
})

test('no bytes make the server throw, and what it cannot read harms nobody else', () => {
  const types = fc.oneof(fc.integer({ min: -12, max: 110 }), fc.integer())
  const payloads = fc.array(fc.tuple(types, fc.uint8Array({ maxLength: 60 })), { maxLength: 12 })
  fc.assert(
    fc.property(payloads, fc.array(fc.integer({ min: 1, max: 40 })), (requests, cuts) => {
      const server = new FakeServer()
      const [hostile, witness] = [server.connect(), server.connect()]
      let bytes = Buffer.concat(
        requests.map(([type, record], index) => request(index + 1, type, (out) => out.raw(record))),
      )
      for (const cut of cuts) {
        hostile.sendRaw(bytes.subarray(0, cut))
        bytes = bytes.subarray(cut)
      }
      hostile.sendRaw(bytes)
      server.apply()
      witness.send(create(1, '/still-here'), getData(2, '/still-here'))
      server.apply()
      expect(witness.takeOrder()).toEqual(['1:0', '2:0'])
    }),
    { numRuns: 500 },
  )
})

test('no bytes make the handshake throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const server = new FakeServer()
      const client = server.accept()
      client.sendRaw(bytes)
      server.apply()
      expect(server.sessions.count).toBeLessThanOrEqual(1)
    }),
    { numRuns: 500 },
  )
})
