import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Prng } from '../../src/kernel/prng.ts'
import { scheduleOf } from '../../src/measure/arrivals.ts'
import { ClosedLoop } from '../../src/measure/closed-loop.ts'
import type { LoadDoor } from '../../src/measure/load-source.ts'
import { OpenLoop } from '../../src/measure/open-loop.ts'
import { PhaseFigures } from '../../src/measure/phase-figures.ts'
import { PhaseRecorder } from '../../src/measure/phase-recorder.ts'
import type { RecordedPhase } from '../../src/measure/generator-message.ts'
import type { Arrivals } from '../../src/profile/plan.ts'
import { FakeClock, FakeServer, lanesTo, workloadOf } from './fake-load.ts'
import { ScriptedDoor } from './scripted-door.ts'

const SECONDS = 10
const INTERVAL_MS = 500
const COSTS = { pid: 1, cpuSeconds: 1, eventLoopDelayMs: { p50: 0, p99: 0, max: 0 } }

interface OpenRun {
  readonly ratePerSecond: number
  readonly arrivals?: Arrivals
  readonly seconds?: number
  readonly unansweredMax?: number
}

function openLoop(
  clock: FakeClock,
  doors: readonly LoadDoor[],
  run: OpenRun,
): { readonly loop: OpenLoop; readonly end: () => RecordedPhase } {
  const { ratePerSecond, arrivals = 'constant', seconds = SECONDS, unansweredMax = 1e6 } = run
  const startMs = clock.nowMs()
  const intervalCount = (seconds * 1_000) / INTERVAL_MS
  const recorder = new PhaseRecorder({ startMs, intervalMs: INTERVAL_MS, intervalCount, isOpen: true })
  const schedule = scheduleOf({ arrivals, ratePerSecond, startMs, offset: 0, prng: new Prng(7) })
  const lanes = lanesTo(doors, workloadOf(), { nowMs: () => clock.nowMs() })
  const endMs = startMs + seconds * 1_000
  const loop = new OpenLoop({ lanes, schedule, endMs, recorder, clock, unansweredMax })
  loop.start(startMs)
  const end = (): RecordedPhase => {
    clock.runUntil(endMs)
    recorder.end()
    loop.stop(endMs, () => undefined)
    clock.runUntil(endMs + 5_000)
    loop.abandon()
    const { sentCount, heldBackCount, unansweredCount } = loop
    return {
      name: 'test',
      load: { kind: 'open', ratePerSecond, arrivals, offset: 0 },
      startMs,
      seconds,
      intervalMs: INTERVAL_MS,
      intervalCount,
      intervals: recorder.close(),
      unansweredCount,
      sending: { sentCount, heldBackCount, unsentCount: loop.countUnsent(), lateness: loop.lateness.sparse() },
      costs: COSTS,
    }
  }
  return { loop, end }
}

/** Within the three digits of an HDR histogram, and a microsecond for the rounding. */
function expectUs(found: number | null | undefined, exactMs: number): void {
  expect(found).not.toBeNull()
  expect(Math.abs((found ?? 0) - exactMs * 1_000)).toBeLessThanOrEqual(exactMs + 1)
}

describe('an open loop', () => {
  test('tells a stall of 1.4 s in 10 s at a fixed rate as what it cost: every request that was due within it', () => {
    const clock = new FakeClock()
    const startMs = clock.nowMs()
    const stall = { fromMs: startMs + 4_000, toMs: startMs + 5_400 }
    const server = new FakeServer(clock, () => 1, stall)
    const { figures } = PhaseFigures.ofBoot([openLoop(clock, [server], { ratePerSecond: 1_000 }).end()])
    const { latencyUs, operations, errors, cutSeconds } = figures.result()
    expect([operations, errors, cutSeconds]).toEqual([10_000, {}, 0])
    // Those due in the 1,400 ms of the stall wait 1,400, 1,399 … 1 ms, all others 1 ms.
    const exact = Array.from({ length: 10_000 }, (_, index) => {
      const isStalled = index >= 4_000 && index < 5_400
      return isStalled ? Math.max(1, 5_400 - index) : 1
    }).sort((a, b) => a - b)
    for (const [found, share] of [
      [latencyUs.p50, 0.5],
      [latencyUs.p90, 0.9],
      [latencyUs.p95, 0.95],
      [latencyUs.p99, 0.99],
      [latencyUs.p999, 0.999],
    ] as const) {
      expectUs(found, exact[Math.ceil(share * 10_000) - 1] as number)
    }
    expectUs(latencyUs.p99, 1_300)
    expectUs(latencyUs.max, 1_400)
  })

  test('where a closed loop hides the same stall behind one slow request', () => {
    const clock = new FakeClock()
    const startMs = clock.nowMs()
    const server = new FakeServer(clock, () => 1, { fromMs: startMs + 4_000, toMs: startMs + 5_400 })
    const recorder = new PhaseRecorder({ startMs, intervalMs: INTERVAL_MS, intervalCount: 20, isOpen: false })
    const lanes = lanesTo([server], workloadOf(), { nowMs: () => clock.nowMs() })
    const later = (delayMs: number, callback: () => void): void => void clock.at(clock.nowMs() + delayMs, callback)
    const loop = new ClosedLoop({ lanes, inFlight: 1, recorder, nowMs: () => clock.nowMs(), later })
    loop.start(startMs)
    clock.runUntil(startMs + 10_000)
    recorder.end()
    const { figures } = PhaseFigures.ofBoot([
      {
        name: 'capacity',
        load: { kind: 'closed' },
        startMs,
        seconds: SECONDS,
        intervalMs: INTERVAL_MS,
        intervalCount: 20,
        intervals: recorder.close(),
        unansweredCount: 0,
        sending: null,
        costs: COSTS,
      },
    ])
    const { latencyUs } = figures.result()
    expectUs(latencyUs.p99, 1)
    expectUs(latencyUs.max, 1_401)
  })

  test('tells two kinds of delay apart: 95 of 100 at 2 ms, 5 at 80 ms', () => {
    const clock = new FakeClock()
    const server = new FakeServer(clock, (request) => (request % 20 === 7 ? 80 : 2))
    const run = openLoop(clock, [server], { ratePerSecond: 2_000, arrivals: 'poisson' }).end()
    const { latencyUs, serviceUs, opsPerSecond } = PhaseFigures.ofBoot([run]).figures.result()
    expectUs(latencyUs.p50, 2)
    expectUs(latencyUs.p90, 2)
    expectUs(latencyUs.p99, 80)
    expect(latencyUs.mean).toBeCloseTo(0.95 * 2_000 + 0.05 * 80_000, -2)
    expect(serviceUs).toEqual(latencyUs)
    expect(Math.abs(opsPerSecond - 2_000)).toBeLessThan(100)
  })

  test('counts a request that leaves late from when it was due, its service from when it left, and says how late', () => {
    const clock = new FakeClock()
    const server = new FakeServer(clock, () => 1)
    const startMs = clock.nowMs()
    const { end } = openLoop(clock, [server], { ratePerSecond: 100, seconds: 1 })
    // At 505 ms this process is busy for 95 ms: what was due at 510, 520 … 590 leaves at 600.
    clock.at(startMs + 505, () => clock.spend(95))
    const { latencyUs, serviceUs, sending } = PhaseFigures.ofBoot([end()]).figures.result()
    expectUs(latencyUs.max, 91)
    expect(serviceUs).toMatchObject({ min: 1_000, max: 1_000, count: 100 })
    expect(sending).toMatchObject({ sent: 100, unsent: 0, heldBack: 0, late: 9 })
    expectUs(sending?.latenessUs.max, 90)
  })

  test('never skips what it could not send: beyond the limit it waits for an answer, and says so', () => {
    const clock = new FakeClock()
    const door = new ScriptedDoor()
    const startMs = clock.nowMs()
    const { loop, end } = openLoop(clock, [door], { ratePerSecond: 1_000, seconds: 0.5, unansweredMax: 3 })
    clock.runUntil(startMs + 100)
    expect(door.asked).toHaveLength(3)
    clock.at(startMs + 200, () => door.answer())
    clock.runUntil(startMs + 200)
    expect([door.asked.length, loop.sentCount]).toEqual([3, 4])
    const { errors, sending, latencyUs } = PhaseFigures.ofBoot([end()]).figures.result()
    expect(latencyUs.count).toBe(1)
    expect(errors).toEqual({ UNANSWERED: 3, UNSENT: 496 })
    expect(sending).toMatchObject({ sent: 4, heldBack: 1, unsent: 496, late: 0 })
  })

  test('an answer after the end counts, for its request was due before it; its time makes no rate', () => {
    const clock = new FakeClock()
    const { end } = openLoop(clock, [new FakeServer(clock, () => 400)], { ratePerSecond: 100, seconds: 1 })
    const result = PhaseFigures.ofBoot([end()]).figures.result()
    expect(result).toMatchObject({ operations: 100, errors: {}, opsPerSecond: 60 })
  })

  test('takes the sessions in turn', () => {
    const clock = new FakeClock()
    const servers = [0, 1, 2].map(() => new FakeServer(clock, () => 1))
    openLoop(clock, servers, { ratePerSecond: 300, seconds: 1 }).end()
    expect(servers.map(({ askedCount }) => askedCount)).toEqual([100, 100, 100])
  })
})

describe('arrivals', () => {
  const timesOf = (arrivals: Arrivals, ratePerSecond: number, count: number, offset = 0): number[] => {
    const schedule = scheduleOf({ arrivals, ratePerSecond, startMs: 500, offset, prng: new Prng(3) })
    return Array.from({ length: count }, () => {
      const { dueMs } = schedule
      schedule.advance()
      return dueMs
    })
  }

  test('at a constant rate are evenly spaced and never drift, whatever the rate', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), (rate) => {
        const times = timesOf('constant', rate, 1_000)
        expect(times[0]).toBe(500)
        expect(times.at(-1)).toBeCloseTo(500 + (999 * 1_000) / rate, 6)
      }),
    )
    expect(timesOf('constant', 100, 3, 0.5)).toEqual([505, 515, 525])
  })

  test('as a Poisson process have the rate, and gaps whose spread is their mean', () => {
    const times = timesOf('poisson', 1_000, 20_000)
    const gaps = times.slice(1).map((time, index) => time - (times[index] as number))
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
    const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length)
    expect(Math.abs(mean - 1)).toBeLessThan(0.03)
    expect(Math.abs(deviation / mean - 1)).toBeLessThan(0.03)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0)
  })
})
