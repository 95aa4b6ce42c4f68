import { expect, test } from 'vitest'
import { Scheduler } from '../../src/sim/scheduler.ts'

test('events run in the order of their time, and of equal times the older first', () => {
  const scheduler = new Scheduler()
  const seen: string[] = []
  scheduler.after(2, 'later', () => seen.push('later'))
  scheduler.after(1, 'first', () => seen.push('first'))
  scheduler.after(1, 'second', () => seen.push('second'))
  scheduler.runUntil(10)
  expect(seen).toEqual(['first', 'second', 'later'])
  expect(scheduler.nowMs).toBe(10)
})

test('afterTurn runs at the same instant, after what the instant still brings', () => {
  const scheduler = new Scheduler()
  const seen: string[] = []
  scheduler.after(1, 'input', () => {
    scheduler.afterTurn('turn', () => seen.push(`turn at ${scheduler.nowMs}`))
    scheduler.after(0, 'more input', () => seen.push('more input'))
  })
  scheduler.after(1, 'other input', () => seen.push('other input'))
  scheduler.after(1.0625, 'next instant', () => seen.push('next instant'))
  scheduler.runUntil(2)
  expect(seen).toEqual(['other input', 'more input', 'turn at 1', 'next instant'])
})

test('a cancelled event does not run', () => {
  const scheduler = new Scheduler()
  const event = scheduler.after(1, 'cancelled', () => expect.unreachable())
  event.cancel()
  scheduler.runUntil(2)
  expect(scheduler.step()).toBe(false)
  expect(scheduler.eventCount).toBe(0)
})

test('runUntilDone stops at its limit and says so', () => {
  const scheduler = new Scheduler()
  let count = 0
  const tick = (): void => {
    count++
    scheduler.after(1, 'tick', tick)
  }
  tick()
  expect(scheduler.runUntilDone(() => count === 5, 100)).toBe(true)
  expect(scheduler.nowMs).toBe(4)
  expect(scheduler.runUntilDone(() => count === 500, 100)).toBe(false)
})
