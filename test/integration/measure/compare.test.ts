import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readArms } from '../../../src/cli/arm-source.ts'
import type { Fault } from '../../../src/kernel/faults.ts'
import { readRun } from '../../../src/measure/read-run.ts'
import { comparedMetric, FAILOVER } from '../../../src/tune/compared-metric.ts'
import { runCompare } from '../../../src/tune/run-compare.ts'
import { faultsOf } from '../../schema/published-schema.ts'
import { childrenRunning } from '../processes.ts'

let scratch: string

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'compare-test-'))
})
afterEach(() => {
  expect([...childrenRunning('generator-main'), ...childrenRunning('server-main')]).toEqual([])
  rmSync(scratch, { recursive: true, force: true })
})

test('real ensembles are measured in turn, lose their leaders, and leave their runs and nothing else', async () => {
  const faults: Fault[] = []
  const flags = { closed: true, duration: '600ms', warmup: '0s', seed: '7', dataDir: join(scratch) }
  const arms = readArms(['durable', 'batched-sync'], flags, faults)
  expect(faults).toEqual([])
  const results = mkdtempSync(join(scratch, 'kept-'))
  const result = await runCompare(
    {
      arms,
      metrics: [comparedMetric('throughput', 'test'), FAILOVER],
      length: { kind: 'pairs', pairs: 1 },
      minEffect: 0.05,
      failover: true,
      acrossDurability: false,
    },
    { results },
  )
  expect(faultsOf(JSON.parse(JSON.stringify(result)), 'CompareResult')).toEqual([])
  expect(result.trials.map(({ kind, what }) => [kind, what])).toEqual([
    ['measured', null],
    ['measured', null],
  ])
  const [comparison] = result.comparisons
  expect(comparison?.differences.map(({ key }) => key)).toContain('flushDelay')
  for (const { baseline, value, pairs, verdict } of comparison?.figures ?? []) {
    expect([pairs, verdict]).toEqual([1, 'inconclusive'])
    expect(baseline).toBeGreaterThan(0)
    expect(value).toBeGreaterThan(0)
  }
  // Each trial is a run like any other.
  expect(readdirSync(results).toSorted()).toEqual(result.trials.map(({ run }) => run ?? '').toSorted())
  const run = readRun(join(results, result.trials[0]?.run ?? ''))
  expect(run.boots[0]?.failover?.withoutWritesMs).toBeGreaterThan(0)
  expect(readFileSync(join(results, result.trials[0]?.run ?? '', 'plan.json'), 'utf8')).toContain('"seed": 7')
  expect(readdirSync(scratch).filter((name) => !name.startsWith('kept-'))).toEqual([])
})
