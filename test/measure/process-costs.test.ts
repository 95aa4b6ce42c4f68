import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  cpuSecondsIn,
  cpuSecondsOf,
  memoryBytesOf,
  ProcessCosts,
  processTotals,
} from '../../src/measure/process-costs.ts'

test('CPU time stands in the fields 14 and 15, behind a name that may hold anything', () => {
  // proc(5): pid (comm) state ppid pgrp session tty tpgid flags minflt cminflt majflt cmajflt utime stime …
  const stat = '4711 (node) (x) 3) S 1 4711 4711 0 -1 4194304 100 200 0 0 1234 66 0 0 20 0 11 0 5000 1 2 3'
  expect(cpuSecondsIn(stat)).toBe(13)
  expect(cpuSecondsIn('4711 (node) S 1')).toBeNull()
})

test('a process that is not there has no CPU time to tell', () => {
  expect(cpuSecondsOf(2 ** 30)).toBeNull()
})

test.runIf(process.platform === 'linux')('the CPU time of this process is what Node says of it', () => {
  const { user, system } = process.cpuUsage()
  expect(Math.abs((cpuSecondsOf(process.pid) ?? 0) - (user + system) / 1e6)).toBeLessThan(1)
})

test.runIf(process.platform === 'linux')('the memory of this process is what Node says of it', () => {
  expect((memoryBytesOf(process.pid) ?? 0) / process.memoryUsage.rss()).toBeCloseTo(1, 0)
  expect(memoryBytesOf(2 ** 30)).toBeNull()
})

test.runIf(process.platform === 'linux')('what this process has written to a disk is counted', () => {
  const folder = mkdtempSync(join(process.cwd(), 'node_modules', '.written-'))
  const before = processTotals(process.pid).bytesWritten
  const file = openSync(join(folder, 'file'), 'w')
  writeSync(file, Buffer.alloc(1_000_000, 1))
  fsyncSync(file)
  closeSync(file)
  const written = (processTotals(process.pid).bytesWritten ?? 0) - (before ?? 0)
  rmSync(folder, { recursive: true })
  expect(written).toBeGreaterThanOrEqual(before === null ? 0 : 1_000_000)
  expect(processTotals(2 ** 30)).toEqual({ cpuSeconds: null, bytesWritten: null })
})

test('work shows as CPU time and as delay of the event loop', async () => {
  const costs = new ProcessCosts()
  costs.start()
  await new Promise((resolve) => setTimeout(resolve, 30))
  const untilMs = performance.now() + 120
  while (performance.now() < untilMs); // busy on purpose: this is what is measured
  await new Promise((resolve) => setTimeout(resolve, 30))
  const { cpuSeconds, eventLoopDelayMs } = costs.stop()
  expect(cpuSeconds).toBeGreaterThan(0.02)
  expect(eventLoopDelayMs.max).toBeGreaterThan(60)
  expect(eventLoopDelayMs.p50).toBeLessThan(eventLoopDelayMs.max)
})
