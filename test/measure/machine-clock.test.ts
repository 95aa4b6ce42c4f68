import { Worker } from 'node:worker_threads'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { MachineClock, machineMs, offsetBetween } from '../../src/measure/machine-clock.ts'

/** The clock that all processes of a machine share. */
function hrtimeMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** What reading one clock for the other may be off by: far less than the 0.1 ms to which the waker wakes. */
const APART_MS = 0.02

test('the time of the machine is that of its monotonic clock, however slow the first reading of it was', () => {
  for (let reading = 0; reading < 20; reading++) {
    const beforeMs = hrtimeMs()
    const ownMs = machineMs()
    const afterMs = hrtimeMs()
    expect(ownMs).toBeGreaterThanOrEqual(beforeMs - APART_MS)
    expect(ownMs).toBeLessThanOrEqual(afterMs + APART_MS)
  }
})

test('a clock that is slow to tell at first does not set the two apart for good', () => {
  let nowMs = 100
  const slow = [1, 0.8, 0, 0.3]
  let reading = 0
  const offsetMs = offsetBetween(
    () => nowMs,
    () => {
      const toldMs = 5_000 + nowMs
      nowMs += slow[reading++] ?? 0.001
      return toldMs
    },
  )
  expect(Math.abs(offsetMs - 5_000)).toBeLessThan(0.001)
})

test('wakes never before the moment that was asked for, so that no waking is for nothing', async () => {
  using clock = new MachineClock()
  const early: number[] = []
  for (let wake = 0; wake < 30; wake++) {
    const atMs = clock.nowMs() + 1
    await new Promise<void>((resolve) => clock.wakeAt(atMs, resolve))
    if (clock.nowMs() < atMs - APART_MS) early.push(atMs - clock.nowMs())
  }
  expect(early).toEqual([])
})

test('a thread that has just begun has the same time', async () => {
  const told = new Worker(
    `const { parentPort } = require('node:worker_threads')
     parentPort.postMessage(Number(process.hrtime.bigint()) / 1e6)`,
    { eval: true, execArgv: [] },
  )
  const beforeMs = machineMs()
  const [thereMs] = (await once(told, 'message')) as [number]
  expect(thereMs).toBeGreaterThanOrEqual(beforeMs)
  expect(thereMs).toBeLessThanOrEqual(machineMs() + APART_MS)
})
