import { Prng } from '../../src/kernel/prng.ts'
import type { Plan } from '../../src/profile/plan.ts'
import type { Arm } from '../../src/tune/arm.ts'
import { comparedMetric } from '../../src/tune/compared-metric.ts'
import type { CompareRequest, Try } from '../../src/tune/run-compare.ts'
import type { FailedTrial, MeasuredTrial, Trial } from '../../src/tune/trial.ts'
import { RESULT } from '../report/bench-example.ts'
import { normal } from '../stats/simulated-boots.ts'

export const THROUGHPUT = comparedMetric('throughput', 'test')

/** An arm that the others of a test are told from by its name; `settings` are laid over those of the example. */
export function arm(label: string, name: string, changes: Partial<Plan> = {}): Arm {
  return { label, name, plan: { ...RESULT.plan, durationMs: 6_000, ...changes } }
}

export function request(arms: readonly Arm[], changes: Partial<CompareRequest> = {}): CompareRequest {
  const length = { kind: 'pairs', pairs: 10 } as const
  return { arms, metrics: [THROUGHPUT], length, minEffect: 0.05, failover: false, acrossDurability: false, ...changes }
}

export function measured(
  metrics: MeasuredTrial['metrics'],
  health: Partial<MeasuredTrial['health']> = {},
): MeasuredTrial {
  return {
    kind: 'measured',
    startedAt: '2026-11-22T20:00:00.000Z',
    tookMs: 8_000,
    folder: null,
    durability: 'synced',
    metrics,
    health: { steady: true, unsteadyBecause: null, clientLimited: null, events: [], ...health },
    result: RESULT,
  }
}

export function failed(why: FailedTrial['why'], what: string): FailedTrial {
  const { startedAt, tookMs, folder, durability } = measured({})
  return { kind: 'failed', startedAt, tookMs, folder, durability, why, what, breaches: [], result: null }
}

/** Servers whose capacity is 10,000 by `factors`, told by the profile of storage, with noise from boot to boot. */
export function servers(
  factors: Readonly<Record<string, number>>,
  noise = 0.03,
  seed = 11,
): { readonly tryOnce: Try; readonly plans: Plan[] } {
  const prng = new Prng(seed)
  const plans: Plan[] = []
  const tryOnce: Try = (plan) => {
    plans.push(plan)
    const speed = (factors[plan.profiles.storage] ?? 1) * Math.exp(noise * normal(prng))
    const trial: Trial = measured({ 'all.opsPerSecond': 10_000 * speed, 'all.p50': 500 / speed, 'all.errors': 0 })
    return Promise.resolve(trial)
  }
  return { tryOnce, plans }
}

/** A plan whose storage profile is `name`, for `servers` to tell by. */
export function storage(name: string): Partial<Plan> {
  return { profiles: { ...RESULT.plan.profiles, storage: name } }
}
