import { describe, expect, test } from 'vitest'
import { ByteWriter } from '../../src/kernel/bytes.ts'
import { Prng } from '../../src/kernel/prng.ts'
import { ClosedLoop } from '../../src/measure/closed-loop.ts'
import { keyPickerOf } from '../../src/measure/key-picker.ts'
import { KeySet } from '../../src/measure/key-set.ts'
import type { Lane } from '../../src/measure/load-request.ts'
import type { VisitingSession } from '../../src/measure/load-source.ts'
import { PhaseRecorder } from '../../src/measure/phase-recorder.ts'
import type { Workload, WorkloadShape } from '../../src/profile/plan.ts'
import { plainShape } from '../../src/profile/workload-shape.ts'
import { WireError } from '../../src/protocol/wire-error.ts'
import { lanesTo, workloadOf } from './fake-load.ts'
import { ScriptedDoor } from './scripted-door.ts'

interface Setup {
  readonly doors?: number
  readonly shape?: Partial<WorkloadShape>
  readonly openVisit?: () => VisitingSession
}

/** One request in flight, on the first of the doors, in a closed loop whose clock the test moves. */
class One {
  nowMs = 0
  readonly doors: readonly ScriptedDoor[]
  readonly lanes: readonly Lane[]
  readonly loop: ClosedLoop
  readonly timers: (() => void)[] = []
  readonly #recorder = new PhaseRecorder({ startMs: 0, intervalMs: 1e9, intervalCount: 1, isOpen: false })

  constructor(mix: Workload['mix'], { doors = 1, shape = {}, ...options }: Setup = {}) {
    const workload = workloadOf({ mix, shape: { ...plainShape(8), ...shape } })
    this.doors = Array.from({ length: doors }, () => new ScriptedDoor())
    this.lanes = lanesTo(this.doors, workload, {
      nowMs: () => this.nowMs,
      setTimer: (_, onFire) => {
        this.timers.push(onFire)
        return { cancel: () => undefined }
      },
      ...options,
    })
    this.loop = new ClosedLoop({
      lanes: this.lanes.slice(0, 1),
      inFlight: 1,
      recorder: this.#recorder,
      nowMs: () => this.nowMs,
      later: () => undefined,
    })
    this.loop.start(0)
  }

  get door(): ScriptedDoor {
    return this.doors[0] as ScriptedDoor
  }

  /** By kind: how many succeeded, their smallest and largest latency in milliseconds, and the errors. */
  recorded(): Record<string, unknown> {
    return Object.fromEntries(
      this.#recorder.close().flatMap(({ operations }) =>
        operations.map(({ kind, response: { pairs, minUs, maxUs }, errors }) => {
          const count = pairs.filter((_, index) => index % 2 === 1).reduce((sum, each) => sum + each, 0)
          return [kind, [count, (minUs ?? 0) / 1_000, (maxUs ?? 0) / 1_000, errors]] as const
        }),
      ),
    )
  }
}

function pathRecord(path: string): Buffer {
  return new ByteWriter().string(path).take()
}

describe('a request', () => {
  test('that makes a sequential znode deletes the one that the server has named', () => {
    const one = new One({ sequential: 1 })
    one.door.answer(0, pathRecord('/run/own/s0-0-0000000007'))
    one.door.answer()
    one.door.answer(WireError.connectionLoss)
    expect(one.door.log).toEqual([
      'create /run/own/s0-0-',
      'delete /run/own/s0-0-0000000007',
      'create /run/own/s0-0-',
      'create /run/own/s0-0-',
    ])
    expect(one.recorded()).toEqual({
      sequential: [1, 0, 0, { CONNECTIONLOSS: 1 }],
      delete: [1, 0, 0, {}],
    })
  })

  test('keeps the znodes apart that it makes for itself, and removes each of its own', () => {
    const one = new One({ create: 1, ephemeral: 1 })
    for (let count = 0; count < 40; count++) one.door.answer()
    const there = new Set<string>()
    for (const line of one.door.log) {
      const [operation = '', path = ''] = line.split(' ')
      expect(there.has(path)).toBe(operation === 'delete')
      if (operation === 'create') there.add(path)
      else there.delete(path)
    }
    expect(new Set(one.door.log.map((line) => line.split(' ')[1]))).toEqual(new Set(['/run/own/c0-0', '/run/own/e0-0']))
  })

  test('sets several znodes at once in a multi, and finds an error in its first result', () => {
    const one = new One({ multi: 1 }, { shape: { multiSize: 3, keyOrder: 'sequential' } })
    expect(one.door.log).toEqual(['multi /run/f0/k0 /run/f0/k1 /run/f0/k2'])
    const header = (type: number, error: number): Buffer =>
      new ByteWriter().int32(type).boolean(false).int32(error).take()
    one.door.answer(0, header(5, 0))
    one.door.answer(0, header(-1, WireError.noNode))
    expect(one.recorded()).toEqual({ multi: [1, 0, 0, { NONODE: 1 }] })
  })

  test('that syncs before it reads takes as long as both', () => {
    const one = new One({ sync: 1 })
    expect(one.door.log).toEqual(['sync /', expect.stringMatching(/^getData /)])
    one.nowMs = 3
    one.door.answer()
    one.nowMs = 5
    one.door.answer()
    expect(one.recorded()).toEqual({ sync: [1, 5, 5, {}] })
  })

  test('that is a visit opens a session, closes it, and opens the next', async () => {
    const log: string[] = []
    const openVisit = (): VisitingSession => ({
      connected: () => {
        log.push('open')
        if (log.length > 3) return new Promise(() => undefined)
        return log.length === 1 ? Promise.resolve() : Promise.reject(new Error('refused'))
      },
      close: () => {
        log.push('close')
        return Promise.resolve()
      },
    })
    const one = new One({ connect: 1 }, { openVisit })
    for (let turn = 0; turn < 20; turn++) await Promise.resolve()
    expect(log.slice(0, 4)).toEqual(['open', 'close', 'open', 'close'])
    expect(one.recorded()).toMatchObject({ connect: [1, 0, 0, { CONNECTIONLOSS: 1 }], close: [1, 0, 0, {}] })
  })
})

describe('a watched znode', () => {
  test('is watched by as many sessions as asked, then set; each notification counts from the answer to the write', () => {
    const one = new One({ watch: 1 }, { doors: 4, shape: { watchers: 3 } })
    const [first, second, third, fourth] = one.doors
    const path = '/run/own/w0-0'
    one.door.answer()
    // The first time each syncs: its server may not know the new znode yet.
    expect([first, second, third, fourth].map((door) => door?.asked.map(({ operation }) => operation))).toEqual([
      ['sync', 'getData'],
      ['sync', 'getData'],
      ['sync', 'getData'],
      [],
    ])
    for (const door of [third, first, second]) {
      door?.answer()
      door?.answer()
    }
    expect(first?.log).toEqual([`create ${path}`, 'sync /', `getData ${path}`, `setData ${path}`])
    one.nowMs = 4
    one.lanes[1]?.onNotified(path) // its server was faster than the writer's: no time at all
    one.nowMs = 10
    first?.answer()
    one.nowMs = 12
    one.lanes[0]?.onNotified(path)
    one.nowMs = 19
    one.lanes[2]?.onNotified(path)
    // Over: the watches are set anew.
    expect(second?.asked.map(({ operation }) => operation)).toEqual(['getData'])
    expect(one.recorded()).toEqual({ set: [1, 10, 10, {}], watch: [3, 0, 9, {}] })
  })

  test('whose watcher is never told counts that as an error, and goes on', () => {
    const one = new One({ watch: 1 }, { doors: 2, shape: { watchers: 2 } })
    one.door.answer()
    for (const door of one.doors) {
      door.answer()
      door.answer()
    }
    one.door.answer()
    one.lanes[0]?.onNotified('/run/own/w0-0')
    one.timers[0]?.()
    expect(one.doors[1]?.asked).toHaveLength(1)
    one.lanes[1]?.onNotified('/run/own/w0-0') // of the watch before
    expect(one.recorded()).toMatchObject({ watch: [1, 0, 0, { REQUESTTIMEOUT: 1 }] })
  })

  test('that cannot be watched is not written', () => {
    const one = new One({ watch: 1 }, { doors: 2, shape: { watchers: 2 } })
    one.door.answer()
    for (const door of one.doors) door.answer()
    one.doors[1]?.answer(WireError.connectionLoss)
    one.door.answer()
    expect(one.door.log.filter((line) => line.startsWith('setData'))).toEqual([])
    expect(one.recorded()).toEqual({ watch: [0, 0, 0, { CONNECTIONLOSS: 1 }] })
  })
})

describe('keys', () => {
  const countsOf = (order: WorkloadShape['keyOrder'], keyCount: number, draws: number): number[] => {
    const picker = keyPickerOf(order, keyCount, new Prng(5))
    const prng = new Prng(6)
    const counts = Array.from({ length: keyCount }, () => 0)
    for (let draw = 0; draw < draws; draw++) {
      const key = picker.pick(prng)
      counts[key] = (counts[key] ?? NaN) + 1
    }
    return counts
  }

  test('in order come one after the other, uniform ones about as often as each other', () => {
    expect(countsOf('sequential', 7, 15)).toEqual([3, 2, 2, 2, 2, 2, 2])
    for (const count of countsOf('uniform', 10, 10_000)) expect(Math.abs(count - 1_000)).toBeLessThan(130)
  })

  test('by Zipf come as often as their rank says, and the popular ones are not neighbours', () => {
    const counts = countsOf('zipf', 1_000, 200_000)
    const byRank = counts.toSorted((a, b) => b - a)
    const zeta = Array.from({ length: 1_000 }, (_, index) => 1 / (index + 1) ** 0.99).reduce((sum, each) => sum + each)
    // The method is exact for the first two ranks, and close from there on.
    for (const [rank, tolerance] of [
      [1, 0.03],
      [2, 0.03],
      [10, 0.2],
      [100, 0.2],
    ] as const) {
      const expected = 200_000 / zeta / rank ** 0.99
      expect(Math.abs((byRank[rank - 1] ?? 0) / expected - 1)).toBeLessThan(tolerance)
    }
    expect(counts.indexOf(byRank[0] as number)).not.toBe(0)
  })

  test('values have the sizes of the workload', () => {
    const valueSizes = [
      { weight: 9, minBytes: 10, maxBytes: 10 },
      { weight: 1, minBytes: 100, maxBytes: 200 },
    ]
    const keys = new KeySet('/run', workloadOf({ shape: { ...plainShape(8), valueSizes } }), new Prng(3))
    const sizes = Array.from({ length: 64 }, (_, value) => {
      const out = new ByteWriter()
      keys.writeSet(out, 0, value)
      const empty = new ByteWriter().string('/run/f0/k0').take().length + 4 + 4
      return out.take().length - empty
    })
    expect(sizes.every((size) => size === 10 || (size >= 100 && size <= 200))).toBe(true)
    expect(sizes.filter((size) => size > 10).length).toBeGreaterThan(0)
    expect(sizes.filter((size) => size === 10).length).toBeGreaterThan(40)
  })
})
