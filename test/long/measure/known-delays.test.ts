import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Run } from '../../integration/command-line.ts'
import { disagreements } from '../../integration/measure/stalling-server/agreement.ts'
import { RunningServer } from '../../integration/measure/stalling-server/running-server.ts'
import type { Delays } from '../../integration/measure/stalling-server/script.ts'
import type { BenchResult, BootPhase } from '../../../src/measure/bench-result.ts'

/** A whole run of the command, as a user starts it, on an ensemble that is one server of known delays. */
const SESSIONS = 20
const LOAD = { ratePerSecond: 1_000, seconds: 10 }
const FAST_MS = 20
const BIMODAL: Delays = { slowOneIn: SESSIONS, fastMs: FAST_MS, slowMs: 200, stall: null }
const STALL = { fromMs: 4_000, toMs: 5_400 }

const WORKLOAD = `[profile]
name=gets
concern=workload
description=gets alone

[workload]
mix.get=1
sessions=${SESSIONS}
inFlight=1
valueSize=100B
keys=10
`

let folder: string
let server: RunningServer

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'known-delays-'))
  writeFileSync(join(folder, 'gets.ini'), WORKLOAD)
  server = await RunningServer.start()
})

afterEach(async () => {
  await server[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

async function benchOf(delays: Delays, ...flags: readonly string[]): Promise<BootPhase> {
  await server.play(delays)
  const run = new Run(
    [
      ...['bench', '--engine', 'remote', '--connect', server.hosts, '--allow-remote-writes'],
      ...['--workload', join(folder, 'gets.ini'), '--warmup', '0', '--duration', `${LOAD.seconds}s`],
      ...['--json', '--no-results', ...flags],
    ],
    folder,
  )
  expect(await run.ended, run.stderr).toBe(0)
  const { boots } = JSON.parse(run.stdout) as BenchResult
  const [phase] = boots[0]?.phases ?? []
  if (phase === undefined) throw new Error(`no phase in ${run.stdout}`)
  expect(phase.errors).toEqual({})
  return phase
}

test.each([
  ['95 gets of 100 at 20 ms and 5 at 200 ms', BIMODAL],
  ['the same with a stall of 1.4 s', { ...BIMODAL, stall: STALL }],
])('at a fixed rate the run reports the percentiles of the arithmetic: %s', async (_, delays) => {
  const { latencyUs, sending, generators } = await benchOf(delays, '--rate', String(LOAD.ratePerSecond))
  const own = Math.max(...generators.map(({ eventLoopDelayMs }) => eventLoopDelayMs.max))
  const lateMs = (await server.lateMsMax()) + own + (sending?.latenessUs.max ?? 0) / 1_000
  expect(disagreements({ load: LOAD, delays, latencyUs, lateMs })).toEqual([])
})

test('a closed loop hides the stall of 1.4 s: its p99 is that of a server which never stalls', async () => {
  const { latencyUs } = await benchOf({ ...BIMODAL, slowMs: FAST_MS, stall: STALL }, '--closed')
  expect(latencyUs.max).toBeGreaterThanOrEqual((STALL.toMs - STALL.fromMs) * 1_000)
  // Who comes at a time of their own, as at a fixed rate above, waits 1.3 s and more in one case of a hundred.
  expect(latencyUs.p99).toBeLessThan(500_000)
})
