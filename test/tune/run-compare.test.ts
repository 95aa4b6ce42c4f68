import { describe, expect, test } from 'vitest'
import { ZktuneError } from '../../src/kernel/errors.ts'
import { comparedMetric, FAILOVER } from '../../src/tune/compared-metric.ts'
import { runCompare, tooFewPairs, type Try } from '../../src/tune/run-compare.ts'
import { arm, failed, measured, request, servers, storage, THROUGHPUT } from './simulated-trial.ts'

const A = arm('A', 'durable', storage('a'))
const B = arm('B', 'other', storage('b'))
const C = arm('C', 'third', storage('c'))

describe('a comparison', () => {
  test('measures every arm once a block, in an order that the seed draws anew for each', async () => {
    const { tryOnce } = servers({})
    const orders = async (seed: number): Promise<readonly string[]> => {
      const arms = [A, B, C].map((each) => ({ ...each, plan: { ...each.plan, seed } }))
      const { trials } = await runCompare(request(arms), {}, tryOnce)
      const blocks = [...new Set(trials.map(({ block }) => block))]
      return blocks.map((block) =>
        trials
          .filter((each) => each.block === block)
          .map(({ arm: label }) => label)
          .join(''),
      )
    }
    const first = await orders(1)
    expect(first).toHaveLength(11)
    for (const order of first) expect([...order].sort()).toEqual(['A', 'B', 'C'])
    expect(new Set(first).size).toBeGreaterThan(2)
    expect(await orders(1)).toEqual(first)
    expect(await orders(2)).not.toEqual(first)
  })

  test('sends all arms one rate, which the weakest in the block before the first gives', async () => {
    const { tryOnce, plans } = servers({ b: 0.5 }, 0)
    const result = await runCompare(request([A, B], { length: { kind: 'pairs', pairs: 2 } }), {}, tryOnce)
    expect(plans.map(({ load }) => load.kind)).toEqual([
      'closed',
      'closed',
      ...Array.from({ length: 4 }, () => 'capacity-and-rate'),
    ])
    for (const { load } of plans.slice(2)) expect(load).toMatchObject({ ratePerSecond: 3_500 })
    expect(result.design).toMatchObject({
      ratePerSecond: 3_500,
      rateFrom: '70 % of the 5,000 of B, the weakest in the block before the first',
    })
  })

  test('has no block before the first where the rate is given, or none is asked for', async () => {
    for (const load of [{ kind: 'open', ratePerSecond: 500, arrivals: 'constant' }, { kind: 'closed' }] as const) {
      const { tryOnce, plans } = servers({})
      const arms = [A, B].map((each) => ({ ...each, plan: { ...each.plan, load } }))
      const { trials } = await runCompare(request(arms, { length: { kind: 'pairs', pairs: 1 } }), {}, tryOnce)
      expect(trials.map(({ block }) => block)).toEqual([1, 1])
      expect(plans[0]?.load).toEqual(load)
    }
  })

  test('tells better from worse by which way a figure is good', async () => {
    const metrics = [THROUGHPUT, comparedMetric('all.p50', 'test')]
    const { tryOnce } = servers({ b: 1.3 })
    const { comparisons } = await runCompare(request([A, B], { metrics }), {}, tryOnce)
    expect(comparisons[0]).toMatchObject({ arm: 'B', verdict: 'better' })
    expect(comparisons[0]?.figures.map(({ verdict }) => verdict)).toEqual(['better', 'better'])
    expect(comparisons[0]?.figures[1]?.ratio).toBeLessThan(1)
    const turned = await runCompare(request([B, A], { metrics }), {}, tryOnce)
    expect(turned.comparisons[0]?.verdict).toBe('worse')
  })

  test('names the same configuration twice, and makes up no difference', async () => {
    const { tryOnce } = servers({})
    const { comparisons, notes } = await runCompare(request([A, { ...A, label: 'B' }]), {}, tryOnce)
    expect(['inconclusive', 'no-difference']).toContain(comparisons[0]?.verdict)
    expect(notes.map(({ kind }) => kind)).toContain('same')
  })

  test('gives the same document from the same trials', async () => {
    const run = async (): Promise<unknown> =>
      (await runCompare(request([A, B]), {}, servers({ b: 0.9 }).tryOnce)).comparisons
    expect(await run()).toEqual(await run())
  })
})

describe('what is not comparable', () => {
  const unsafe = arm('B', 'volatile', { ...storage('b'), isUnsafe: true })

  test('is refused across durability classes, unless that is the question', async () => {
    const { tryOnce, plans } = servers({})
    await expect(runCompare(request([A, unsafe]), {}, tryOnce)).rejects.toMatchObject({ code: 'UsageConflict' })
    expect(plans).toEqual([])
    const { notes } = await runCompare(request([A, unsafe], { acrossDurability: true }), {}, tryOnce)
    expect(notes.find(({ kind }) => kind === 'durability')?.text).toContain('B is unsynced')
  })

  test('with too few pairs for its figures tells nothing, and that is known before it begins', () => {
    const three = request([A, B], {
      metrics: ['throughput', 'all.p50', 'all.p99'].map((name) => comparedMetric(name, '')),
    })
    expect(tooFewPairs(three, 7)).toEqual([
      '7 pairs can tell no difference of 3 figures together, however large: that takes 9 at least.',
    ])
    expect(tooFewPairs(three, 9)).toEqual([])
    expect(tooFewPairs(request([A, B]), 7)).toEqual([])
  })

  test('nor can two servers lose their leader', async () => {
    const two = arm('B', 'two', { voters: 2 })
    const compared = request([A, two], { failover: true, metrics: [FAILOVER] })
    await expect(runCompare(compared, {}, servers({}).tryOnce)).rejects.toMatchObject({ where: '--failover' })
  })
})

describe('an arm that fails', () => {
  test('before the first pair ends the comparison, with why', async () => {
    const tryOnce: Try = (plan) =>
      Promise.resolve(
        plan.profiles.storage === 'b'
          ? failed('did-not-boot', 'server 1: it ended')
          : measured({ 'all.opsPerSecond': 1 }),
      )
    const { comparisons, trials, notes } = await runCompare(request([A, B]), {}, tryOnce)
    expect(trials).toHaveLength(2)
    expect(comparisons[0]).toMatchObject({ verdict: 'failed', because: '1 of 1 trials: server 1: it ended' })
    expect(notes.find(({ kind }) => kind === 'failures')?.text).toContain('B failed in 1 of 1 trials (did-not-boot')
  })

  test('now and then loses its pairs, and is told to have failed whatever its figures are', async () => {
    const good = servers({ b: 2 })
    let count = 0
    const tryOnce: Try = (plan, options) =>
      plan.profiles.storage === 'b' && ++count === 4
        ? Promise.resolve(failed('crashed', 'server 2 ended under load'))
        : good.tryOnce(plan, options)
    const { comparisons, arms } = await runCompare(request([A, B]), {}, tryOnce)
    expect(comparisons[0]).toMatchObject({ verdict: 'failed' })
    expect(comparisons[0]?.figures[0]?.pairs).toBe(9)
    expect(arms[1]).toMatchObject({ measured: 9, failed: 1 })
  })

  test('and one whose requests fail is not better, however fast', async () => {
    const good = servers({ b: 2 })
    const tryOnce: Try = async (plan, options) => {
      const trial = await good.tryOnce(plan, options)
      const isB = plan.profiles.storage === 'b' && trial.kind === 'measured'
      return isB ? { ...trial, metrics: { ...trial.metrics, 'all.errors': 3 } } : trial
    }
    const { comparisons, notes } = await runCompare(request([A, B]), {}, tryOnce)
    expect(comparisons[0]?.verdict).toBe('mixed')
    expect(comparisons[0]?.because).toContain("30 of its requests failed, and none of A's")
    expect(notes.map(({ kind }) => kind)).toContain('errors')
  })
})

describe('until it is conclusive', () => {
  const conclusive = { kind: 'conclusive', maxTimeMs: 60_000 } as const

  test('a comparison looks only when it may, and ends at the first look that tells all', async () => {
    const { tryOnce } = servers({ b: 2 })
    const { design, comparisons } = await runCompare(request([A, B], { length: conclusive }), {}, tryOnce)
    expect(comparisons[0]?.verdict).toBe('better')
    expect(comparisons[0]?.figures[0]?.pairs).toBe(design.looks[0])
    expect(design.looks.length).toBeGreaterThan(1)
    expect(design.confidence).toBeCloseTo(1 - 0.05 / design.looks.length, 10)
  })

  test('ends when the time is over, with what there is', async () => {
    const { tryOnce } = servers({}, 0.3)
    const slow: Try = async (plan, options) => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      return await tryOnce(plan, options)
    }
    const length = { kind: 'conclusive', maxTimeMs: 100 } as const
    const { comparisons, partial, design } = await runCompare(request([A, B], { length }), {}, slow)
    expect(comparisons[0]).toMatchObject({ verdict: 'inconclusive' })
    expect(partial).toBe(false)
    // Two trials of 20 ms a pair: more than a few there is no time for, however quick the machine.
    expect(design.pairs).toBeLessThanOrEqual(4)
  })
})

describe('an interruption', () => {
  const reason = new ZktuneError('Interrupted', { where: 'zktune', what: 'interrupted', mend: 'Again.' })

  function interruptedAt(trial: number): { readonly tryOnce: Try; readonly signal: AbortSignal } {
    const interrupt = new AbortController()
    const { tryOnce } = servers({})
    let count = 0
    return {
      signal: interrupt.signal,
      tryOnce: (plan, options) => {
        if (++count < trial) return tryOnce(plan, options)
        interrupt.abort(reason)
        return Promise.reject(reason)
      },
    }
  }

  test('leaves what the pairs until then say', async () => {
    const { tryOnce, signal } = interruptedAt(10)
    const result = await runCompare(request([A, B]), { signal }, tryOnce)
    expect(result).toMatchObject({ partial: true })
    expect(result.comparisons[0]?.figures[0]?.pairs).toBe(3)
    expect(result.notes.map(({ kind }) => kind)).toContain('too-few-pairs')
  })

  test('before there is anything is one', async () => {
    const { tryOnce, signal } = interruptedAt(2)
    await expect(runCompare(request([A, B]), { signal }, tryOnce)).rejects.toBe(reason)
  })
})

describe('beside the figures', () => {
  test('a machine that drifts, snapshots in one arm alone, and generators at their limit are named', async () => {
    let trial = 0
    const tryOnce: Try = (plan) => {
      const isB = plan.profiles.storage === 'b'
      const event = { atMs: 1, server: 1, kind: 'snapshot', durationMs: 4, detail: '' } as const
      const health = isB ? { events: [event] } : { clientLimited: 'a generator took 95 % of a core' }
      return Promise.resolve(measured({ 'all.opsPerSecond': 10_000 * 0.98 ** trial++ }, health))
    }
    const { notes } = await runCompare(request([A, B]), {}, tryOnce)
    const textOf = (wanted: string): string | undefined => notes.find(({ kind }) => kind === wanted)?.text
    expect(textOf('drift')).toMatch(/^all.opsPerSecond of all arms fell by 3\d % from the first block to the last/)
    expect(textOf('snapshots')).toContain('Snapshots fell into 10 trials of B, and into none of A')
    expect(textOf('client-limited')).toContain('In 10 of 10 trials of A the load generator')
  })

  test('a quiet machine is no matter', async () => {
    const { notes } = await runCompare(
      request([A, arm('B', 'x', { ...storage('b'), voters: 5 })]),
      {},
      servers({}).tryOnce,
    )
    expect(notes).toEqual([])
  })
})
