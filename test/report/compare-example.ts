import { Prng } from '../../src/kernel/prng.ts'
import { judgeArms } from '../../src/tune/compare-judge.ts'
import { compareNotes } from '../../src/tune/compare-notes.ts'
import type { CompareResult, TrialRecord } from '../../src/tune/compare-result.ts'
import { usualMetrics } from '../../src/tune/compared-metric.ts'
import { normal } from '../stats/simulated-boots.ts'
import { arm } from '../tune/simulated-trial.ts'
import { RESULT } from './bench-example.ts'

const PAIRS = 12

/** Twelve simulated pairs of two files, of which the second is as fast as the first times `factor`. */
export function comparisonExample({ factor = 0.8, noise = 0.03 } = {}): CompareResult {
  const snapCount = (value: string, origin: string): Pick<typeof RESULT.plan, 'settings'> => ({
    settings: [
      { key: 'initLimit', value: '10', origin: 'profile small-cluster' },
      { key: 'snapCount', value, origin },
    ],
  })
  const arms = [
    arm('A', 'old.cfg', snapCount('100000', 'old.cfg:7')),
    arm('B', 'new.cfg', snapCount('1000', 'new.cfg:3')),
  ]
  const prng = new Prng(5)
  const trials = Array.from({ length: PAIRS }, (_, index) => index + 1).flatMap((block) =>
    arms.map(({ label }): TrialRecord => {
      const speed = (label === 'B' ? factor : 1) * Math.exp(noise * normal(prng))
      const metrics = {
        'all.opsPerSecond': 20_000 * speed,
        'all.p50': 700 * Math.exp(noise * normal(prng)),
        'all.p99': 5_000 * Math.exp(0.4 * normal(prng)),
        'all.errors': 0,
      }
      const snapshots = label === 'B' ? 2 : 0
      return {
        block,
        arm: label,
        startedAt: RESULT.startedAt,
        tookMs: 8_000,
        kind: 'measured',
        why: null,
        what: null,
        metrics,
        unsteadyBecause: null,
        clientLimited: null,
        snapshots,
        elections: 0,
        run: `run-${block}-${label}`,
      }
    }),
  )
  const metrics = usualMetrics(RESULT.plan.load)
  const rules = { minEffect: 0.05, alpha: 0.02, alphaShown: 0.05, resamples: 500 }
  return {
    schemaVersion: 1,
    command: 'compare',
    startedAt: RESULT.startedAt,
    tookMs: 192_000,
    seed: 42,
    environment: RESULT.environment,
    design: {
      pairs: PAIRS,
      untilConclusive: false,
      maxTimeMs: null,
      minEffect: 0.05,
      alpha: 0.02,
      confidence: 0.95,
      looks: [PAIRS],
      ratePerSecond: 11_200,
      rateFrom: '70 % of the 16,000 of B, the weakest in the block before the first',
    },
    arms: arms.map(({ label, name, plan }) => {
      return { label, name, plan, durability: 'synced', software: [], measured: PAIRS, failed: 0 }
    }),
    comparisons: judgeArms(arms, metrics, trials, rules, prng),
    notes: compareNotes(arms, metrics, trials, { alpha: 0.02, pairs: PAIRS }),
    trials,
    partial: false,
  }
}
