import type { Disk } from '../../../src/kernel/ports.ts'
import { Prng } from '../../../src/kernel/prng.ts'
import { parseThreshold } from '../../../src/measure/threshold.ts'
import type { Recommendation } from '../../../src/tune/output/recommendation.ts'
import { parseObjective } from '../../../src/tune/recommend/objective.ts'
import { runRecommendation } from '../../../src/tune/recommend/run-recommendation.ts'
import { NO_WISHES, searchSpaceOf } from '../../../src/tune/space/search-space.ts'
import { DISK } from '../../report/bench-example.ts'
import { outcomeOf, planWith } from './synthetic.ts'

const TREE = { znodes: 1_000, valueBytes: 100 }
const RETURN = { server: 2, awayMs: 2_010, missedWrites: 3_456, startMs: 420 }

/** A whole tuning on ensembles that are an arithmetic, with its journal in `folder`; and how much of it really ran. */
export async function recommended(
  disk: Disk,
  folder: string,
  outcome: typeof outcomeOf = outcomeOf,
): Promise<{
  readonly recommendation: Recommendation
  readonly ran: { readonly trials: number; readonly measurements: number }
}> {
  const plan = planWith('tickTime=2000\nmaxBatchSize=20\n')
  const ran = { trials: 0, measurements: 0 }
  const measured = <T>(value: T): Promise<T> => {
    ran.measurements++
    return Promise.resolve(value)
  }
  const point = { concurrency: 16, opsPerSecond: 4_000, p99Ms: null }
  const recommendation = await runRecommendation(
    {
      plan,
      space: searchSpaceOf(plan, NO_WISHES, 2),
      objective: parseObjective('throughput'),
      constraints: [parseThreshold('errors==0')],
      budget: { kind: 'trials', count: 20 },
      seed: 3,
      line: 'zktune recommend --seed 3',
      zookeeperVersion: '3.8',
      mends: [],
      startFile: 'zoo.cfg',
      host: {
        cores: 2,
        memoryBytes: 2 ** 33,
        roomBytes: 2 ** 34,
        cgroup: { cores: null, memoryBytes: null },
        disks: [DISK],
      },
      tree: TREE,
      tolerate: null,
    },
    {
      disk,
      folder,
      session: { schemaVersion: 1 },
      signal: new AbortController().signal,
      keep: false,
      run: ({ configuration, fraction, number }) => {
        ran.trials++
        const ended = outcome(configuration, new Prng(3).fork(`noise ${number}`), fraction)
        return Promise.resolve({ outcome: ended, startedAt: '2026-11-23T00:00:00Z', tookMs: 10_000 })
      },
      measurements: {
        recovery: () => measured({ tree: TREE, returns: [{ ...RETURN, lost: 'data', syncMs: 900 }] }),
        losses: () => measured([{ lost: 1, slo: null, opsPerSecond: 9, writesPerSecond: null, p99Ms: 7 }]),
        knee: () => measured({ points: [point], knee: null, law: { law: null, refused: 'there is one point' } }),
      },
    },
  )
  return { recommendation, ran }
}
