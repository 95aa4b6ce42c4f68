/** Trials of a tuning on real ensembles. */
import { FaultyInput } from '../../kernel/faults.ts'
import { allMetrics, metricName } from '../../measure/metric.ts'
import type { BenchProgress } from '../../measure/run-bench.ts'
import type { Threshold } from '../../measure/threshold.ts'
import { changedKeys } from '../space/configuration-space.ts'
import { runTrial } from '../trial.ts'
import type { Trial, TrialSoFar } from '../trial.ts'
import { configuredPlan } from './configured-plan.ts'
import type { StartingPlan } from './configured-plan.ts'
import type { Objective } from './objective.ts'
import type { RunTrial, TrialOutcome, TrialRequest } from './trial-log.ts'

/** The plan of the start has the load that measures the objective. */
export interface EnsembleTrialOptions extends StartingPlan {
  readonly objective: Objective
  readonly constraints: readonly Threshold[]
  readonly signal: AbortSignal
  readonly keep: boolean
  readonly onProgress: (request: TrialRequest & { readonly number: number }, progress: BenchProgress) => void
  readonly onLeftBehind: (error: Error) => void
  /** The best figure of the objective so far; null: there is none. */
  readonly best: () => number | null
}

/** A trial is given up when it does less than this of the best after this part of its phase. */
const HOPELESS_SHARE = 0.4
const HOPELESS_AFTER = 0.35
/** Servers and clients that have just begun are slow by themselves. */
const HOPELESS_AFTER_MS = 1_000
/** With fewer voters nobody survives a leader. */
const FAILOVER_VOTERS_MIN = 3

export function ensembleTrials(options: EnsembleTrialOptions): RunTrial {
  const { start, objective, constraints, signal, keep, onProgress, onLeftBehind, best } = options
  return async (request) => {
    const { configuration, fraction, number, purpose } = request
    const startedAt = new Date().toISOString()
    let share = 0
    const giveUp = (soFar: TrialSoFar): string | null => {
      share = soFar.plannedMs === null ? 0 : soFar.phaseMs / soFar.plannedMs
      // What is to be compared, and what the search stands on, runs to its end.
      return purpose === 'search' ? hopeless(objective, soFar, share, best()) : null
    }
    // Its last trials show what the recommended configuration does when its leader is lost.
    const isRecommended = purpose === 'validation' && changedKeys(start, configuration).length > 0
    try {
      const own = configuredPlan(options, configuration, `trial ${number}`)
      const trial = await runTrial(own, {
        signal,
        keep,
        constraints,
        giveUp,
        lengthShare: fraction,
        // Once before the first one is enough.
        probesDisks: false,
        failover: isRecommended && own.voters >= FAILOVER_VOTERS_MIN,
        onProgress: (progress) => onProgress(request, progress),
        onLeftBehind,
      })
      return { outcome: outcomeOf(trial, share), startedAt: trial.startedAt, tookMs: trial.tookMs }
    } catch (error) {
      if (!(error instanceof FaultyInput)) throw error
      // The engine would have refused it at the start of a server.
      const outcome = { kind: 'failed', why: 'refused', what: error.what, metrics: null } as const
      return { outcome, startedAt, tookMs: 0 }
    }
  }
}

function hopeless(objective: Objective, soFar: TrialSoFar, share: number, best: number | null): string | null {
  if (metricName(objective.metric) !== 'all.opsPerSecond' || best === null) return null
  if (soFar.phase !== 'capacity' || soFar.opsPerSecond === null) return null
  if (share < HOPELESS_AFTER || soFar.phaseMs < HOPELESS_AFTER_MS) return null
  if (soFar.opsPerSecond >= HOPELESS_SHARE * best) return null
  return `${Math.round(soFar.opsPerSecond)} operations a second, where the best did ${Math.round(best)}`
}

/** @param share of its length that a trial had had when it was given up */
function outcomeOf(trial: Trial, share: number): TrialOutcome {
  switch (trial.kind) {
    case 'measured':
      return { kind: 'measured', metrics: trial.metrics, steady: trial.health.steady }
    case 'stopped':
      return { kind: 'stopped', what: trial.what, metrics: trial.metrics, share: Math.min(1, share) }
    case 'failed': {
      const metrics = trial.result === null || trial.why !== 'broke-constraint' ? null : allMetrics(trial.result)
      return { kind: 'failed', why: trial.why, what: trial.what, metrics }
    }
  }
}
