/** The tuning with its journal: begun in an empty folder, or taken up from one. */
import { ZktuneError } from '../../kernel/errors.ts'
import type { Disk } from '../../kernel/ports.ts'
import { writesOf } from '../../measure/disk-probe.ts'
import { FAILOVER_METRIC, metricName } from '../../measure/metric.ts'
import type { TreeSize } from '../../measure/recovery.ts'
import type { BenchProgress } from '../../measure/run-bench.ts'
import type { Threshold } from '../../measure/threshold.ts'
import { overlaidPlan } from '../../profile/plan-overlay.ts'
import type { Plan } from '../../profile/plan.ts'
import { shownPlan } from '../../profile/shown-plan.ts'
import type { Recommendation } from '../output/recommendation.ts'
import { ConfigurationSpace, changedKeys } from '../space/configuration-space.ts'
import type { Configuration } from '../space/configuration-space.ts'
import { fasterLog } from '../space/disk-bounds.ts'
import type { SearchSpace } from '../space/search-space.ts'
import { budgetText } from './budget.ts'
import { KeptMeasurements, measureAfterwards, MEASUREMENTS } from './afterwards.ts'
import type { Afterwards, Measurements } from './afterwards.ts'
import { configuredPlan } from './configured-plan.ts'
import { connectionLimit, derivedSettings } from './derived-settings.ts'
import type { DerivedFacts } from './derived-settings.ts'
import { ensembleTrials } from './ensemble-trials.ts'
import { Journal } from './journal.ts'
import { loadFor } from './objective.ts'
import type { Objective } from './objective.ts'
import { TrialLog, readRecord, recordJson } from './trial-log.ts'
import type { RunTrial, TrialRecord, TrialRequest } from './trial-log.ts'
import { runTuning } from './tuning.ts'
import type { Budget, TuningResult, TuningStage } from './tuning.ts'

export interface RecommendTask {
  readonly plan: Plan
  readonly space: SearchSpace
  readonly objective: Objective
  readonly constraints: readonly Threshold[]
  readonly budget: Budget
  readonly seed: number
  readonly line: string
  readonly zookeeperVersion: string
  readonly mends: Recommendation['mends']
  readonly startFile: string | null
  readonly host: Recommendation['host']
  readonly tree: TreeSize
  /** `--tolerate`; null: it was not given. */
  readonly tolerate: number | null
}

export interface RecommendOptions {
  readonly disk: Disk
  /** Of the journal. */
  readonly folder: string
  /** What the journal begins with: enough to make the task again. */
  readonly session: object
  readonly signal: AbortSignal
  /** Leaves the folders of the trials. */
  readonly keep: boolean
  readonly onStage?: (stage: TuningStage) => void
  readonly onRecord?: (record: TrialRecord, isReplayed: boolean) => void
  readonly onProgress?: (request: TrialRequest & { readonly number: number }, progress: BenchProgress) => void
  /** Of what is measured when the search is over. */
  readonly onAfterwards?: (progress: BenchProgress) => void
  readonly onLeftBehind?: (error: Error) => void
  /** Others in tests. */
  readonly run?: RunTrial
  readonly measurements?: Measurements
}

/** What does not shrink with a trial's length; measured: boot, connecting and warm-up of a default trial. */
const FIXED_COST = 0.3

/** @throws ZktuneError Interrupted; what is in the journal by then is not lost */
export async function runRecommendation(task: RecommendTask, options: RecommendOptions): Promise<Recommendation> {
  const { disk, folder, session, signal, onProgress, onLeftBehind } = options
  const opened = Journal.open(disk, folder)
  try {
    if (opened.entries.length === 0) opened.journal.append({ kind: 'session', ...session })
    const needed = connectionLimit(task.plan, task.plan.workload.sessions)
    const overlay = Object.fromEntries(needed.map(({ key, to }) => [key, to]))
    const plan = {
      ...overlaidPlan(task.plan, overlay, 'recommend'),
      load: loadFor(task.objective, task.constraints),
      repeats: 1,
    }
    const space = new ConfigurationSpace(task.space)
    const starting = { plan, start: space.start, choices: task.space.choices }
    const log: TrialLog = new TrialLog({
      known: opened.entries.flatMap((entry) => readRecord(entry) ?? []),
      keep: (record) => opened.journal.append(recordJson(record)),
      ...(options.onRecord === undefined ? {} : { onRecord: options.onRecord }),
      run:
        options.run ??
        ensembleTrials({
          ...starting,
          objective: task.objective,
          constraints: task.constraints,
          signal,
          keep: options.keep,
          onProgress: (request, progress) => onProgress?.(request, progress),
          onLeftBehind: (error) => onLeftBehind?.(error),
          best: () => bestFigure(log.records, task.objective),
        }),
    })
    const { objective, budget, seed } = task
    const tuning = await runTuning({
      space,
      objective,
      budget,
      seed,
      proposals: proposalsOf(space, task.host),
      fixedCost: FIXED_COST,
      log,
      ...(options.onStage === undefined ? {} : { onStage: options.onStage }),
    })
    const recommendedPlan = configuredPlan(starting, tuning.recommended, 'recommended')
    const afterwards: Afterwards | null =
      tuning.verdict.kind === 'nothing-works'
        ? null
        : await measureAfterwards(
            { plan: recommendedPlan, tree: task.tree, tolerate: task.tolerate, constraints: task.constraints },
            new KeptMeasurements(opened.journal, opened.entries),
            options.measurements ?? MEASUREMENTS,
            {
              signal,
              onProgress: (progress) => options.onAfterwards?.(progress),
              onLeftBehind: (error) => onLeftBehind?.(error),
            },
          )
    return {
      schemaVersion: 1,
      command: 'recommend',
      startedAt: tuning.records[0]?.startedAt ?? new Date().toISOString(),
      seed,
      line: task.line,
      plan: shownPlan(plan),
      recommendedPlan: shownPlan(recommendedPlan),
      objective,
      constraints: task.constraints.map(({ text }) => text),
      budget: budgetText(budget),
      tuning,
      derived: [...needed, ...derivedSettings(plan, factsOf(tuning, plan, task.host, afterwards))],
      tree: task.tree,
      afterwards,
      mends: task.mends,
      startFile: task.startFile,
      zookeeperVersion: task.zookeeperVersion,
      host: task.host,
    }
  } finally {
    opened.journal.close()
  }
}

/** The session that a journal begins with. @throws ZktuneError BadConfigValue where there is none to take up */
export function readSession(disk: Disk, folder: string): object {
  const opened = Journal.open(disk, folder)
  opened.journal.close()
  const [first] = opened.entries
  if (typeof first === 'object' && first !== null && 'kind' in first && first.kind === 'session') return first
  throw new ZktuneError('BadConfigValue', {
    where: `--resume ${folder}`,
    what: 'this folder has no journal of a tuning',
    mend: 'Name the folder that --output named, or begin anew without --resume.',
  })
}

/** A file that was made bad by hand is often mended by forgetting all of it; and a log belongs on the fastest disk. */
function proposalsOf(
  { fallbacks, start }: ConfigurationSpace,
  { disks }: Recommendation['host'],
): readonly Configuration[] {
  const faster = fasterLog(start, disks)
  return [...(faster === null ? [] : [faster]), ...(changedKeys(start, fallbacks).length === 0 ? [] : [fallbacks])]
}

function bestFigure(records: readonly TrialRecord[], { metric }: Objective): number | null {
  const figures = records.flatMap(({ outcome }) => {
    return outcome.kind === 'measured' ? (outcome.metrics[metricName(metric)] ?? []) : []
  })
  return figures.length === 0 ? null : Math.max(...figures)
}

/** From the trials of what is recommended: medians, so that no single one decides. */
function factsOf(
  { records, recommended }: TuningResult,
  { workload }: Plan,
  { roomBytes }: Recommendation['host'],
  afterwards: Afterwards | null,
): DerivedFacts {
  const own = records.flatMap(({ outcome, configuration }) => {
    return outcome.kind === 'measured' && changedKeys(configuration, recommended).length === 0 ? [outcome.metrics] : []
  })
  const medianOf = (name: string): number | null => {
    const values = own.flatMap((metrics) => metrics[name] ?? []).sort((one, other) => one - other)
    return values[Math.floor((values.length - 1) / 2)] ?? null
  }
  const stalls = own.flatMap((metrics) => metrics['write.max'] ?? [])
  const gaps = own.flatMap((metrics) => metrics[FAILOVER_METRIC] ?? [])
  return {
    writesPerSecond: medianOf('write.opsPerSecond'),
    writesFrom: 'measured',
    bytesPerWrite: writesOf(workload).bytes,
    // A session must outlive the longest one.
    roomBytes,
    stallMs: stalls.length === 0 ? null : Math.max(...stalls) / 1_000,
    recovery: afterwards?.recovery.kind === 'measured' ? afterwards.recovery.value : null,
    failoverMs: gaps.length === 0 ? null : Math.max(...gaps),
  }
}
