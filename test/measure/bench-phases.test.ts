import { expect, test } from 'vitest'
import { generatorCost, operationsOf, phaseResult } from '../../src/measure/bench-phases.ts'
import type { RecordedPhase } from '../../src/measure/generator-message.ts'
import { PhaseRecorder } from '../../src/measure/phase-recorder.ts'
import { WireError } from '../../src/protocol/wire-error.ts'

function recordedPhase(fill: (recorder: PhaseRecorder) => void, seconds = 2): RecordedPhase {
  const recorder = new PhaseRecorder()
  fill(recorder)
  const eventLoopDelayMs = { p50: 0.1, p99: 2, max: 30 }
  return { name: 'measuring', seconds, operations: recorder.encode(), cpuSeconds: 1, eventLoopDelayMs }
}

test('a phase has rates, errors and percentiles for each kind, and for all from one merged histogram', () => {
  const result = phaseResult(
    recordedPhase((recorder) => {
      for (let latency = 1; latency <= 100; latency++) recorder.record('get', WireError.ok, latency)
      for (let latency = 901; latency <= 1_000; latency++) recorder.record('set', WireError.ok, latency)
      recorder.record('get', WireError.connectionLoss, 5)
      recorder.record('set', WireError.connectionLoss, 5)
      recorder.record('set', WireError.noNode, 5)
    }),
  )
  expect(result).toMatchObject({
    name: 'measuring',
    kind: 'closed',
    seconds: 2,
    operations: 200,
    opsPerSecond: 100,
    errors: { CONNECTIONLOSS: 2, NONODE: 1 },
    // The median of the whole is no mean of the two medians.
    latencyUs: { count: 200, min: 1, p50: 100, max: 1_000, p99: null },
  })
  expect(Object.keys(result.byOperation)).toEqual(['get', 'set'])
  expect(result.byOperation.set).toMatchObject({
    operations: 100,
    opsPerSecond: 50,
    errors: { CONNECTIONLOSS: 1, NONODE: 1 },
    latencyUs: { p50: 950 },
  })
})

test('a kind that only failed has no latency, and still counts its errors', () => {
  const result = phaseResult(recordedPhase((recorder) => recorder.record('get', WireError.noAuth, 9)))
  expect(result.byOperation.get).toMatchObject({
    operations: 0,
    errors: { NOAUTH: 1 },
    latencyUs: { count: 0, min: null, p50: null, max: null },
  })
})

test("the generator's own cost is told per operation and as a share of a core", () => {
  const phase = recordedPhase((recorder) => {
    for (let count = 0; count < 1_000; count++) recorder.record('get', WireError.ok, 10)
  })
  expect(operationsOf([phase, phase])).toBe(2_000)
  expect(generatorCost(42, [phase, phase])).toEqual({
    pid: 42,
    cpuSeconds: 2,
    cpuUsPerOperation: 1_000,
    cpuShare: 0.5,
    eventLoopDelayMs: { p50: 0.1, p99: 2, max: 30 },
  })
  expect(generatorCost(42, [])).toBeNull()
  expect(generatorCost(42, [recordedPhase(() => undefined)])?.cpuUsPerOperation).toBeNull()
})
