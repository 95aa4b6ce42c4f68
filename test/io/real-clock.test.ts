import { expect, test, vi } from 'vitest'
import { RealClock } from '../../src/io/real-clock.ts'
import { RealEntropy } from '../../src/io/real-entropy.ts'

test('a timer fires once, not before its delay has passed', async () => {
  const clock = new RealClock()
  const start = clock.nowMs()
  await new Promise<void>((resolve) => clock.setTimer(4.2, resolve))
  expect(clock.nowMs() - start).toBeGreaterThanOrEqual(4)
})

test('a cancelled timer never fires', async () => {
  const clock = new RealClock()
  const onFire = vi.fn()
  clock.setTimer(1, onFire).cancel()
  await new Promise<void>((resolve) => clock.setTimer(10, resolve))
  expect(onFire).not.toHaveBeenCalled()
})

test('a timer of 30 days neither fires at once nor early', () => {
  vi.useFakeTimers()
  try {
    const onFire = vi.fn()
    const thirtyDaysMs = 30 * 24 * 3600 * 1000
    new RealClock().setTimer(thirtyDaysMs, onFire)
    vi.advanceTimersByTime(thirtyDaysMs - 1)
    expect(onFire).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(onFire).toHaveBeenCalledTimes(1)
  } finally {
    vi.useRealTimers()
  }
})

test('afterTurn runs after the call and after what was resolved in this turn', async () => {
  const order: string[] = []
  await new Promise<void>((resolve) => {
    new RealClock().afterTurn(() => {
      order.push('after turn')
      resolve()
    })
    queueMicrotask(() => order.push('microtask'))
    order.push('call returned')
  })
  expect(order).toEqual(['call returned', 'microtask', 'after turn'])
})

test('entropy fills every byte, differently each time', () => {
  const one = new Uint8Array(64)
  const two = new Uint8Array(64)
  new RealEntropy().fill(one)
  new RealEntropy().fill(two)
  expect(one).not.toEqual(two)
  expect(one).not.toEqual(new Uint8Array(64))
})
