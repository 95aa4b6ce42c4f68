import { describe, expect, test } from 'vitest'
import { Prng } from '../../src/kernel/prng.ts'
import { ClosedLoop } from '../../src/measure/closed-loop.ts'
import { KeySet } from '../../src/measure/key-set.ts'
import { OperationMix } from '../../src/measure/operation-mix.ts'
import { OPERATION_KINDS, type Workload } from '../../src/profile/plan.ts'
import { WireError } from '../../src/protocol/wire-error.ts'
import { LatencyHistogram } from '../../src/stats/latency-histogram.ts'
import { ScriptedDoor } from './scripted-door.ts'

class Bench {
  nowMs = 1_000
  readonly doors: readonly ScriptedDoor[]
  readonly loop: ClosedLoop
  readonly paused: (() => void)[] = []

  constructor(mix: Workload['mix'], { sessions = 1, inFlight = 1 } = {}) {
    const workload = { name: 'test', mix, sessions, inFlight, valueSizeBytes: 8, keyCount: 40 }
    this.doors = Array.from({ length: sessions }, () => new ScriptedDoor())
    this.loop = new ClosedLoop({
      doors: this.doors,
      inFlight,
      mix: new OperationMix(mix),
      keys: new KeySet('/run', workload, new Prng(1)),
      prng: new Prng(2),
      nowMs: () => this.nowMs,
      later: (_, callback) => this.paused.push(callback),
    })
  }

  get door(): ScriptedDoor {
    return this.doors[0] as ScriptedDoor
  }
}

describe('closed load', () => {
  test('keeps as many requests in flight on each session as it is told, and no more', () => {
    const { loop, doors } = new Bench({ get: 1 }, { sessions: 3, inFlight: 4 })
    loop.start()
    for (let round = 0; round < 50; round++) {
      expect(doors.map((door) => door.asked.length)).toEqual([4, 4, 4])
      doors[round % 3]?.answer()
    }
    expect(loop.recorder.operations).toBe(50)
  })

  test('asks for every kind that the workload mixes, and each in its share', () => {
    const { loop, door } = new Bench({ get: 4, set: 2, exists: 2, children: 1, create: 1 })
    loop.start()
    for (let count = 0; count < 5_000; count++) door.answer()
    const counts = new Map(loop.recorder.encode().map(({ kind, histogram }) => [kind, countOf(histogram)]))
    expect([...counts.keys()]).toEqual([...OPERATION_KINDS])
    expect(counts.get('get')).toBeGreaterThan(1_800)
    expect(counts.get('get')).toBeLessThan(2_200)
    expect(Math.abs((counts.get('create') ?? 0) - (counts.get('delete') ?? 0))).toBeLessThanOrEqual(1)
  })

  test('counts latency from the sending of a request to its reply', () => {
    const bench = new Bench({ get: 1 })
    bench.loop.start()
    for (const tookMs of [2, 0.25, 70]) {
      bench.nowMs += tookMs
      bench.door.answer()
    }
    const [get] = bench.loop.recorder.encode()
    expect(get?.kind).toBe('get')
    expect(get?.histogram).toMatchObject({ minUs: 250, maxUs: 70_000, sumUs: 72_250 })
  })

  test('creates and deletes a znode of its own by turns, so that the tree keeps its size', () => {
    const { loop, door } = new Bench({ create: 5, delete: 1 }, { inFlight: 2 })
    loop.start()
    for (let count = 0; count < 6; count++) door.answer()
    expect(door.log).toEqual([
      'create /run/own/s0-0',
      'create /run/own/s0-1',
      'delete /run/own/s0-0',
      'delete /run/own/s0-1',
      'create /run/own/s0-0',
      'create /run/own/s0-1',
      'delete /run/own/s0-0',
      'delete /run/own/s0-1',
    ])
  })

  test('finds its way back when a lost connection hides what became of a create or a delete', () => {
    const { loop, door } = new Bench({ create: 1 })
    loop.start()
    door.answer(WireError.connectionLoss) // it was made all the same
    door.answer(WireError.nodeExists)
    door.answer(WireError.connectionLoss) // it was deleted all the same
    door.answer(WireError.noNode)
    door.answer()
    expect(door.log.map((line) => line.split(' ')[0])).toEqual([
      'create',
      'create',
      'delete',
      'delete',
      'create',
      'delete',
    ])
    expect(loop.recorder.encode().map(({ kind, errors }) => [kind, errors])).toEqual([
      ['create', { CONNECTIONLOSS: 1, NODEEXISTS: 1 }],
      ['delete', { CONNECTIONLOSS: 1, NONODE: 1 }],
    ])
  })

  test('counts errors by name, keeps them out of the latencies, and goes on', () => {
    const { loop, door } = new Bench({ get: 1 })
    loop.start()
    door.answer(WireError.connectionLoss)
    door.answer()
    door.answer(WireError.noAuth)
    expect(loop.recorder.operations).toBe(1)
    expect(loop.recorder.errors).toBe(2)
    expect(loop.recorder.encode()).toMatchObject([{ errors: { CONNECTIONLOSS: 1, NOAUTH: 1 } }])
    expect(door.asked).toHaveLength(1)
  })

  test('waits before it asks a session again that refuses without asking anybody', () => {
    const { loop, door, paused } = new Bench({ get: 1 })
    loop.start()
    door.answer(WireError.sessionExpired)
    expect(door.asked).toHaveLength(0)
    expect(paused).toHaveLength(1)
    paused[0]?.()
    expect(door.asked).toHaveLength(1)
  })

  test('counts a reply for the phase in which it comes', () => {
    const { loop, door } = new Bench({ get: 1 })
    loop.start()
    door.answer()
    const warmup = loop.nextPhase()
    door.answer()
    door.answer()
    expect([warmup.operations, loop.recorder.operations]).toEqual([1, 2])
  })

  test('stops when the last reply is there, however late, and sends nothing more', () => {
    const { loop, door, paused } = new Bench({ get: 1 }, { inFlight: 3 })
    let idleCount = 0
    loop.start()
    door.answer(WireError.throttledOp)
    loop.stop(() => idleCount++)
    door.answer()
    door.answer()
    expect(idleCount).toBe(0)
    paused[0]?.()
    expect(idleCount).toBe(1)
    expect(door.asked).toHaveLength(0)
  })

  test('writes values of the size asked for, of this seed, and not always the same', () => {
    const { loop, door } = new Bench({ set: 1 })
    loop.start()
    const values = new Set(Array.from({ length: 20 }, () => door.answer().data?.toString('hex')))
    expect(values.size).toBeGreaterThan(10)
    for (const value of values) expect(value).toHaveLength(16)
  })
})

function countOf(encoded: ReturnType<LatencyHistogram['encode']>): number {
  return LatencyHistogram.decode(encoded).count
}
