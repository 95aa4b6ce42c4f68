import { describe, expect, test } from 'vitest'
import { ClosedLoop } from '../../src/measure/closed-loop.ts'
import { PhaseRecorder, type RecordedOperation } from '../../src/measure/phase-recorder.ts'
import type { Workload } from '../../src/profile/plan.ts'
import { WireError } from '../../src/protocol/wire-error.ts'
import { LatencyHistogram } from '../../src/stats/latency-histogram.ts'
import { lanesTo, workloadOf } from './fake-load.ts'
import { ScriptedDoor } from './scripted-door.ts'

class Bench {
  nowMs = 1_000
  readonly doors: readonly ScriptedDoor[]
  readonly loop: ClosedLoop
  readonly recorder = new PhaseRecorder({ startMs: 1_000, intervalMs: 1e9, intervalCount: 1, isOpen: false })
  readonly paused: (() => void)[] = []

  constructor(mix: Workload['mix'], { sessions = 1, inFlight = 1 } = {}) {
    this.doors = Array.from({ length: sessions }, () => new ScriptedDoor())
    this.loop = new ClosedLoop({
      lanes: lanesTo(this.doors, workloadOf({ mix, sessions, inFlight }), { nowMs: () => this.nowMs }),
      inFlight,
      recorder: this.recorder,
      nowMs: () => this.nowMs,
      later: (_, callback) => this.paused.push(callback),
    })
    this.loop.start(this.nowMs)
  }

  get door(): ScriptedDoor {
    return this.doors[0] as ScriptedDoor
  }

  recorded(): readonly RecordedOperation[] {
    return this.recorder.close().flatMap(({ operations }) => operations)
  }
}

describe('closed load', () => {
  test('keeps as many requests in flight on each session as it is told, and no more', () => {
    const { recorder, doors } = new Bench({ get: 1 }, { sessions: 3, inFlight: 4 })
    for (let round = 0; round < 50; round++) {
      expect(doors.map((door) => door.asked.length)).toEqual([4, 4, 4])
      doors[round % 3]?.answer()
    }
    expect(recorder.operations).toBe(50)
  })

  test('asks for every kind that the workload mixes, and each in its share', () => {
    const bench = new Bench({ get: 4, set: 2, exists: 2, children: 1, create: 1 })
    for (let count = 0; count < 5_000; count++) bench.door.answer()
    const counts = new Map(bench.recorded().map(({ kind, response }) => [kind, countOf(response)]))
    expect([...counts.keys()]).toEqual(['get', 'set', 'exists', 'children', 'create', 'delete'])
    expect(counts.get('get')).toBeGreaterThan(1_800)
    expect(counts.get('get')).toBeLessThan(2_200)
    expect(Math.abs((counts.get('create') ?? 0) - (counts.get('delete') ?? 0))).toBeLessThanOrEqual(1)
  })

  test('counts latency from the sending of a request to its reply', () => {
    const bench = new Bench({ get: 1 })
    for (const tookMs of [2, 0.25, 70]) {
      bench.nowMs += tookMs
      bench.door.answer()
    }
    const [get] = bench.recorded()
    expect(get).toMatchObject({ kind: 'get', service: null })
    expect(get?.response).toMatchObject({ minUs: 250, maxUs: 70_000, sumUs: 72_250 })
  })

  test('creates and deletes a znode of its own by turns, so that the tree keeps its size', () => {
    const { door } = new Bench({ create: 5, delete: 1 }, { inFlight: 2 })
    for (let count = 0; count < 6; count++) door.answer()
    expect(door.log).toEqual([
      'create /run/own/c0-0',
      'create /run/own/c0-1',
      'delete /run/own/c0-0',
      'delete /run/own/c0-1',
      'create /run/own/c0-0',
      'create /run/own/c0-1',
      'delete /run/own/c0-0',
      'delete /run/own/c0-1',
    ])
  })

  test('finds its way back when a lost connection hides what became of a create or a delete', () => {
    const bench = new Bench({ create: 1 })
    const { door } = bench
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
    expect(bench.recorded().map(({ kind, errors }) => [kind, errors])).toEqual([
      ['create', { CONNECTIONLOSS: 1, NODEEXISTS: 1 }],
      ['delete', { CONNECTIONLOSS: 1, NONODE: 1 }],
    ])
  })

  test('counts errors by name, keeps them out of the latencies, and goes on', () => {
    const bench = new Bench({ get: 1 })
    const { recorder, door } = bench
    door.answer(WireError.connectionLoss)
    door.answer()
    door.answer(WireError.noAuth)
    expect([recorder.operations, recorder.errors]).toEqual([1, 2])
    expect(bench.recorded()).toMatchObject([{ errors: { CONNECTIONLOSS: 1, NOAUTH: 1 } }])
    expect(door.asked).toHaveLength(1)
  })

  test('waits before it asks a session again that refuses without asking anybody', () => {
    const { door, paused } = new Bench({ get: 1 })
    door.answer(WireError.sessionExpired)
    expect(door.asked).toHaveLength(0)
    expect(paused).toHaveLength(1)
    paused[0]?.()
    expect(door.asked).toHaveLength(1)
  })

  test('counts no reply that comes after its phase was given up', () => {
    const { loop, door, recorder } = new Bench({ get: 1 }, { inFlight: 2 })
    door.answer()
    loop.stop(0, () => undefined)
    expect(loop.unansweredCount).toBe(2)
    loop.abandon()
    door.answer()
    expect(recorder.operations).toBe(1)
  })

  test('stops when the last reply is there, however late, and sends nothing more', () => {
    const { loop, door, paused } = new Bench({ get: 1 }, { inFlight: 3 })
    let idleCount = 0
    door.answer(WireError.throttledOp)
    loop.stop(0, () => idleCount++)
    door.answer()
    door.answer()
    expect(idleCount).toBe(0)
    paused[0]?.()
    expect(idleCount).toBe(1)
    expect(door.asked).toHaveLength(0)
  })

  test('writes values of the size asked for, of this seed, and not always the same', () => {
    const { door } = new Bench({ set: 1 })
    const values = new Set(Array.from({ length: 20 }, () => door.answer().data?.toString('hex')))
    expect(values.size).toBeGreaterThan(10)
    for (const value of values) expect(value).toHaveLength(16)
  })
})

function countOf(response: RecordedOperation['response']): number {
  return LatencyHistogram.ofSparse(response).count
}
