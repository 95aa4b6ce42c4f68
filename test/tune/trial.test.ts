import { expect, test } from 'vitest'
import { ZktuneError, type ErrorCode } from '../../src/kernel/errors.ts'
import { parseThreshold } from '../../src/measure/threshold.ts'
import { runTrial, type Bench } from '../../src/tune/trial.ts'
import { CAPACITY, OPEN, RESULT, resultWith } from '../report/bench-example.ts'

const PLAN = RESULT.plan

function failing(code: ErrorCode, isBooted: boolean): Bench {
  return (_plan, options = {}) => {
    if (isBooted) options.onBooted?.({ folder: null, hosts: '', chroot: '' })
    return Promise.reject(new ZktuneError(code, { where: 'server 1', what: 'it did so', mend: 'Look.' }))
  }
}

/** Goes on until it is told to end, as the real one does. */
const endless: Bench = (_plan, options = {}) =>
  new Promise((resolve) => {
    const { signal } = options
    const timer = setInterval(() => {
      options.onProgress?.({ phase: 'capacity', totalMs: 3_000, operations: 10, errors: 0, opsPerSecond: 100 })
    }, 5)
    signal?.addEventListener('abort', () => {
      clearInterval(timer)
      resolve(resultWith([CAPACITY], { partial: true }))
    })
  })

test('a trial has the figures of its run by their names, throughput at capacity and latency at a rate', async () => {
  const trial = await runTrial(PLAN, {}, () => Promise.resolve(resultWith([CAPACITY, OPEN])))
  expect(trial).toMatchObject({ kind: 'measured', durability: 'synced', health: { steady: true, clientLimited: null } })
  if (trial.kind !== 'measured') return
  expect(trial.metrics['all.opsPerSecond']).toBe(CAPACITY.opsPerSecond)
  expect(trial.metrics['set.p99']).toBe(OPEN.latencyUs.p99)
  expect(trial.metrics['all.errors']).toBe(0)
  expect(trial.metrics).not.toHaveProperty('multi.p99')
  expect(trial.health.events.map(({ kind }) => kind)).toEqual(['snapshot'])
})

test('it is one boot, of a share of its plan where that is asked for', async () => {
  const asked: unknown[] = []
  const bench: Bench = (plan) => {
    asked.push([plan.repeats, plan.durationMs, plan.warmupMs])
    return Promise.resolve(RESULT)
  }
  await runTrial({ ...PLAN, repeats: 5 }, { lengthShare: 0.5 }, bench)
  expect(asked).toEqual([[1, 10_000, 2_000]])
  await expect(runTrial(PLAN, { lengthShare: 2 }, bench)).rejects.toThrow(RangeError)
})

test('says what was unsteady, and that a generator was the limit', async () => {
  const shaky = {
    ...CAPACITY,
    steady: false,
    unsteadyBecause: 'it fell by 12 %',
    clientLimited: 'a generator took 95 %',
  }
  const trial = await runTrial(PLAN, {}, () => Promise.resolve(resultWith([shaky])))
  expect(trial).toMatchObject({
    health: { steady: false, unsteadyBecause: 'capacity: it fell by 12 %', clientLimited: 'a generator took 95 %' },
  })
})

test('a broken constraint is a failure, and no slow trial', async () => {
  const constraints = [parseThreshold('all.p99<1ms'), parseThreshold('errors==0')]
  const trial = await runTrial(PLAN, { constraints }, () => Promise.resolve(RESULT))
  expect(trial).toMatchObject({ kind: 'failed', why: 'broke-constraint', what: 'it broke all.p99<1ms' })
  if (trial.kind === 'failed') expect(trial.breaches.map(({ value }) => value)).toEqual([12_400.2])
})

test.each([
  ['ServerFailed', false, 'did-not-boot'],
  ['Timeout', false, 'did-not-boot'],
  ['CannotConnect', true, 'crashed'],
  ['UsageConflict', false, 'refused'],
] as const)('%s (booted: %s) is a configuration that %s', async (code, isBooted, why) => {
  expect(await runTrial(PLAN, {}, failing(code, isBooted))).toMatchObject({
    kind: 'failed',
    why,
    what: 'server 1: it did so',
  })
})

test('a failure of this machine is nobody’s figure', async () => {
  await expect(runTrial(PLAN, {}, failing('DiskFailed', true))).rejects.toMatchObject({ code: 'DiskFailed' })
})

test('a server that ends under load ends the trial, as crashed', async () => {
  const bench: Bench = (plan, options = {}) => {
    setTimeout(() => options.onServerExit?.(2, 134, null), 10)
    return endless(plan, options)
  }
  const trial = await runTrial(PLAN, {}, bench)
  expect(trial).toMatchObject({ kind: 'failed', why: 'crashed', what: 'server 2 ended under load (exit code 134)' })
})

test('not one success is a crash', async () => {
  const trial = await runTrial(PLAN, {}, () => Promise.resolve(resultWith([{ ...CAPACITY, operations: 0 }])))
  expect(trial).toMatchObject({ kind: 'failed', why: 'crashed', what: 'not one request succeeded' })
})

test('a hopeless one is stopped, with what it had', async () => {
  const seen: (number | null)[] = []
  const giveUp = ({ opsPerSecond }: { readonly opsPerSecond: number | null }): string | null => {
    seen.push(opsPerSecond)
    return seen.length === 3 ? 'half of the best' : null
  }
  const trial = await runTrial(PLAN, { giveUp }, endless)
  expect(trial).toMatchObject({ kind: 'stopped', what: 'half of the best' })
  if (trial.kind === 'stopped') expect(trial.metrics['all.opsPerSecond']).toBe(CAPACITY.opsPerSecond)
  expect(seen).toHaveLength(3)
})

test('an interruption rejects, whatever the run made of it', async () => {
  const interrupt = new AbortController()
  const reason = new ZktuneError('Interrupted', { where: 'zktune', what: 'interrupted', mend: 'Again.' })
  const trial = runTrial(PLAN, { signal: interrupt.signal }, endless)
  interrupt.abort(reason)
  await expect(trial).rejects.toBe(reason)
})
