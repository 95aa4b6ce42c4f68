import { Prng } from '../../../src/kernel/prng.ts'
import { ProfileLibrary } from '../../../src/profile/library.ts'
import { planOf } from '../../../src/profile/plan-of.ts'
import type { Plan } from '../../../src/profile/plan.ts'
import { parseObjective } from '../../../src/tune/recommend/objective.ts'
import { TrialLog } from '../../../src/tune/recommend/trial-log.ts'
import type { TrialOutcome, TrialRecord } from '../../../src/tune/recommend/trial-log.ts'
import { runTuning } from '../../../src/tune/recommend/tuning.ts'
import type { TuningResult } from '../../../src/tune/recommend/tuning.ts'
import { normal } from '../../../src/tune/search/coded-space.ts'
import { ConfigurationSpace } from '../../../src/tune/space/configuration-space.ts'
import type { Configuration } from '../../../src/tune/space/configuration-space.ts'
import { NO_WISHES, searchSpaceOf } from '../../../src/tune/space/search-space.ts'
import { shippedProfiles } from '../../profile/shipped-profiles.ts'

const library = ProfileLibrary.read(shippedProfiles())

export function planWith(text: string): Plan {
  const profiles = [{ flag: '--workload', profile: 'write-heavy' }] as const
  return planOf({ library, profiles, config: { file: 'zoo.cfg', text }, flags: { closed: true }, freshSeed: 1 })
}

/** An ensemble that is an arithmetic: small batches and frequent snapshots hurt, a queue of one hurts most. */
export function outcomeOf(configuration: Configuration, prng: Prng, fraction: number): TrialOutcome {
  const number = (key: string): number => Number(configuration.get(key))
  const batch = number('maxBatchSize') === 0 ? 10_000 : number('maxBatchSize')
  if (number('globalOutstandingLimit') < 3)
    return { kind: 'failed', why: 'crashed', what: 'a server ended', metrics: null }
  const log =
    9 +
    0.35 * Math.log(Math.min(batch, 500) / 500) +
    0.2 * Math.log(Math.min(number('snapCount'), 60_000) / 60_000) -
    0.01 * Math.abs(number('flushDelay'))
  const seen = Math.exp(log + (0.04 * normal(prng)) / Math.sqrt(fraction))
  return { kind: 'measured', metrics: { 'all.opsPerSecond': seen }, steady: true }
}

export interface SyntheticOptions {
  readonly seed?: number
  readonly trials?: number
  readonly known?: readonly TrialRecord[]
  /** Gets each trial that really ran. */
  readonly kept?: TrialRecord[]
  /** Dies while this trial runs. */
  readonly dieIn?: number
  readonly outcome?: typeof outcomeOf
}

export async function tuned(text: string, options: SyntheticOptions = {}): Promise<TuningResult> {
  const { seed = 1, trials = 60, known = [], kept = [], dieIn, outcome = outcomeOf } = options
  const space = new ConfigurationSpace(searchSpaceOf(planWith(text), NO_WISHES, 2))
  const log = new TrialLog({
    known,
    keep: (record) => kept.push(record),
    run: ({ configuration, fraction, number }) => {
      if (number === dieIn) return Promise.reject(new Error('killed'))
      const ended = outcome(configuration, new Prng(seed).fork(`noise ${number}`), fraction)
      return Promise.resolve({ outcome: ended, startedAt: '2026-11-22T00:00:00Z', tookMs: 10_000 })
    },
  })
  return await runTuning({
    space,
    objective: parseObjective('throughput'),
    budget: { kind: 'trials', count: trials },
    seed,
    proposals: [],
    fixedCost: 0.3,
    log,
  })
}
