import { expect, test } from 'vitest'
import { Prng } from '../../src/kernel/prng.ts'
import { Scheduler } from '../../src/sim/scheduler.ts'
import { SimClock } from '../../src/sim/sim-clock.ts'
import { SimProcess } from '../../src/sim/sim-process.ts'

function machine() {
  const scheduler = new Scheduler()
  const process = new SimProcess(scheduler, 'r1', () => {})
  const clock = new SimClock(process, new Prng(1))
  process.restart()
  return { scheduler, process, clock }
}

test('nothing of a crashed process runs, not even after it has restarted', () => {
  const { scheduler, process, clock } = machine()
  clock.setTimer(10, () => expect.unreachable())
  clock.afterTurn(() => expect.unreachable())
  process.crash('kill')
  process.restart()
  scheduler.runUntil(100)
})

test('a paused process gets everything when it resumes, in order, and no timer it has cancelled meanwhile', () => {
  const { scheduler, process, clock } = machine()
  const seen: string[] = []
  process.pause(50)
  const cancelled = clock.setTimer(30, () => expect.unreachable())
  clock.setTimer(10, () => {
    seen.push('first')
    cancelled.cancel()
  })
  clock.setTimer(20, () => seen.push('second'))
  scheduler.runUntil(49)
  expect(seen).toEqual([])
  scheduler.runUntil(51)
  expect(seen).toEqual(['first', 'second'])
})

test('an exception kills the process and is reported', () => {
  const { scheduler, process, clock } = machine()
  const failures: unknown[] = []
  process.onFailure = (error) => failures.push(error)
  clock.setTimer(1, () => {
    throw new Error('broken')
  })
  clock.setTimer(5, () => expect.unreachable())
  scheduler.runUntil(10)
  expect(process.isUp).toBe(false)
  expect(failures).toEqual([new Error('broken')])
})

test('timers never fire early and hardly late', () => {
  const { scheduler, clock } = machine()
  const startMs = clock.nowMs()
  for (let delayMs = 0; delayMs < 200; delayMs++) {
    clock.setTimer(delayMs, () => {
      expect(clock.nowMs() - startMs).toBeGreaterThanOrEqual(delayMs)
      expect(clock.nowMs() - startMs).toBeLessThan(delayMs + 1.1)
    })
  }
  scheduler.runUntil(300)
  expect(scheduler.eventCount).toBe(200)
})

test('the wall clock jumps and the monotonic one does not; drift changes the monotonic one only', () => {
  const { scheduler, clock } = machine()
  const startMs = clock.nowMs()
  const wallStartMs = clock.wallMs()
  clock.jumpWall(-5_000)
  clock.setRate(1.5)
  scheduler.runUntil(1_000)
  expect(clock.nowMs() - startMs).toBeCloseTo(1_500, 6)
  expect(clock.wallMs() - wallStartMs).toBe(-4_000)
})

test('on a fast clock the same timer comes sooner in virtual time', () => {
  const { scheduler, clock } = machine()
  clock.setRate(2)
  let firedAtMs = 0
  clock.setTimer(100, () => (firedAtMs = scheduler.nowMs))
  scheduler.runUntil(200)
  expect(firedAtMs).toBeGreaterThanOrEqual(50)
  expect(firedAtMs).toBeLessThan(51.1)
})
