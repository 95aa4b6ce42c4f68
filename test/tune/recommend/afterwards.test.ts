import { expect, test } from 'vitest'

import { ZktuneError } from '../../../src/kernel/errors.ts'
import type { RecoveryResult } from '../../../src/measure/recovery.ts'
import { KeptMeasurements, measureAfterwards } from '../../../src/tune/recommend/afterwards.ts'
import type { Measurements } from '../../../src/tune/recommend/afterwards.ts'
import type { CarriedLoad } from '../../../src/tune/recommend/capacity.ts'
import { planWith } from './synthetic.ts'

const TREE = { znodes: 10, valueBytes: 100 }
const RECOVERY: RecoveryResult = { tree: TREE, returns: [] }
const PLAN = planWith('tickTime=2000\n')
function carried(lost: number): CarriedLoad {
  return { lost, slo: null, opsPerSecond: 9, writesPerSecond: 8, p99Ms: 7 }
}
const options = { signal: new AbortController().signal, onProgress: () => undefined, onLeftBehind: () => undefined }

/** A journal that is a list. */
class Lines {
  readonly entries: unknown[] = []
  append(entry: object): void {
    this.entries.push(JSON.parse(JSON.stringify(entry)))
  }
  get kept(): KeptMeasurements {
    return new KeptMeasurements(this, [...this.entries])
  }
}

const TASK = { plan: PLAN, tree: TREE, tolerate: null, constraints: [] }

function counted(recovery: Measurements['recovery']): { measurements: Measurements; times: () => number } {
  let times = 0
  return {
    measurements: {
      losses: (_, { lost }) => Promise.resolve([carried(lost)]),
      knee: () => Promise.resolve({ points: [], knee: null, law: { law: null, refused: 'why' } }),
      recovery: async (...given) => {
        times++
        return await recovery(...given)
      },
    },
    times: () => times,
  }
}

test('what was measured is taken from the journal when a tuning goes on', async () => {
  const lines = new Lines()
  const { measurements, times } = counted(() => Promise.resolve(RECOVERY))
  const first = await measureAfterwards(TASK, lines.kept, measurements, options)
  const again = await measureAfterwards(TASK, lines.kept, measurements, options)
  expect(first.recovery).toEqual({ kind: 'measured', value: RECOVERY })
  expect(again).toEqual(first)
  expect(times()).toBe(1)
})

test('one that fails says why, and the recommendation is there all the same', async () => {
  const failure = new ZktuneError('Timeout', { where: 'server 2', what: 'not serving after 9 ms', mend: 'Wait.' })
  const { measurements } = counted(() => Promise.reject(failure))
  const { recovery } = await measureAfterwards(TASK, new Lines().kept, measurements, options)
  expect(recovery).toEqual({ kind: 'not-measured', why: 'server 2: not serving after 9 ms' })
})

test('one that was interrupted is not kept, and is made again', async () => {
  const lines = new Lines()
  const controller = new AbortController()
  const { measurements } = counted(() => {
    controller.abort(new Error('enough'))
    return Promise.reject(new ZktuneError('Interrupted', { where: 'here', what: 'interrupted', mend: 'Again.' }))
  })
  const interrupted = { ...options, signal: controller.signal }
  const work = measureAfterwards(TASK, lines.kept, measurements, interrupted)
  await expect(work).rejects.toThrow('interrupted')
  expect(lines.entries).toEqual([])
})

test('a bug is no measurement that failed', async () => {
  const { measurements } = counted(() => Promise.reject(new TypeError('a bug')))
  const work = measureAfterwards(TASK, new Lines().kept, measurements, options)
  await expect(work).rejects.toThrow('a bug')
})

test('fewer than three servers are not stopped', async () => {
  const { measurements, times } = counted(() => Promise.resolve(RECOVERY))
  const plan = { ...PLAN, voters: 1 }
  const { recovery } = await measureAfterwards({ ...TASK, plan }, new Lines().kept, measurements, options)
  expect(recovery.kind).toBe('not-measured')
  expect(times()).toBe(0)
})

test.each([
  [null, 5, 2],
  [1, 5, 1],
  [4, 5, 2],
  [0, 5, 0],
  [null, 1, 0],
])('with --tolerate %s of %d voters %d are lost', async (tolerate, voters, lost) => {
  const { measurements } = counted(() => Promise.resolve(RECOVERY))
  const task = { ...TASK, plan: { ...PLAN, voters }, tolerate }
  const { losses } = await measureAfterwards(task, new Lines().kept, measurements, options)
  expect(losses).toEqual({ kind: 'measured', value: [carried(lost)] })
})

test('what comes by HTTP is not asked for rates', async () => {
  const { measurements } = counted(() => Promise.resolve(RECOVERY))
  const { workload } = PLAN
  const plan = { ...PLAN, workload: { ...workload, shape: { ...workload.shape, via: 'gateway' as const } } }
  const { losses, knee } = await measureAfterwards({ ...TASK, plan }, new Lines().kept, measurements, options)
  expect([losses.kind, knee.kind]).toEqual(['not-measured', 'not-measured'])
})
