/**
 * What is measured once, of the recommended configuration, when the search is over: what limits and the capacity card follow
 * from. Each figure is in the journal when it is there, so going on after a crash measures none twice.
 */
import { ZktuneError } from '../../kernel/errors.ts'
import { measureRecovery, RECOVERY_VOTERS_MIN } from '../../measure/recovery.ts'
import type { RecoveryResult, TreeSize } from '../../measure/recovery.ts'
import type { BenchProgress } from '../../measure/run-bench.ts'
import type { Threshold } from '../../measure/threshold.ts'
import type { Plan } from '../../profile/plan.ts'
import { measureKnee, measureLosses } from './capacity.ts'
import type { CarriedLoad, KneeResult } from './capacity.ts'
import type { Journal } from './journal.ts'

export type Measured<T> =
  | { readonly kind: 'measured'; readonly value: T }
  /** A clause without its full stop. */
  | { readonly kind: 'not-measured'; readonly why: string }

export interface Afterwards {
  /** How long a server takes to come back. */
  readonly recovery: Measured<RecoveryResult>
  /** What it carries, first with no server lost. */
  readonly losses: Measured<readonly CarriedLoad[]>
  /** Where more load brings latency and no throughput. */
  readonly knee: Measured<KneeResult>
}

export interface AfterwardsTask {
  /** That the recommended configuration boots. */
  readonly plan: Plan
  readonly tree: TreeSize
  /** Servers that are to be lost at once; null: as many as it bears. */
  readonly tolerate: number | null
  readonly constraints: readonly Threshold[]
}

export interface AfterwardsOptions {
  readonly signal: AbortSignal
  readonly onProgress: (progress: BenchProgress) => void
  readonly onLeftBehind: (error: Error) => void
}

/** Others in tests. */
export interface Measurements {
  readonly recovery: typeof measureRecovery
  readonly losses: typeof measureLosses
  readonly knee: typeof measureKnee
}

export const MEASUREMENTS: Measurements = {
  recovery: measureRecovery,
  losses: measureLosses,
  knee: measureKnee,
}

export async function measureAfterwards(
  { plan, tree, tolerate, constraints }: AfterwardsTask,
  kept: KeptMeasurements,
  measurements: Measurements,
  options: AfterwardsOptions,
): Promise<Afterwards> {
  const { signal } = options
  const recovery =
    plan.voters < RECOVERY_VOTERS_MIN
      ? notMeasured(`with fewer than ${RECOVERY_VOTERS_MIN} voters nobody decides while one is away`)
      : await kept.once('recovery', signal, () => measurements.recovery(plan, tree, options))
  // Another kind of client, which has no rate and cannot be told how much to keep in flight.
  const byHttp = plan.workload.shape.via === 'sessions' ? null : notMeasured('its clients come by HTTP')
  const lost = Math.min(tolerate ?? Infinity, Math.floor((plan.voters - 1) / 2))
  const losses =
    byHttp ?? (await kept.once('losses', signal, () => measurements.losses(plan, { lost, constraints }, options)))
  const knee = byHttp ?? (await kept.once('knee', signal, () => measurements.knee(plan, options)))
  return { recovery, losses, knee }
}

export function notMeasured(why: string): { readonly kind: 'not-measured'; readonly why: string } {
  return { kind: 'not-measured', why }
}

/** What the journal has of them. */
export class KeptMeasurements {
  readonly #journal: Pick<Journal, 'append'>
  readonly #known = new Map<string, unknown>()

  /** @param entries of the journal when it was opened */
  constructor(journal: Pick<Journal, 'append'>, entries: readonly unknown[]) {
    this.#journal = journal
    for (const entry of entries) {
      const { kind, name, outcome } = entry as { kind?: unknown; name?: unknown; outcome?: unknown }
      if (kind === 'measurement' && typeof name === 'string') this.#known.set(name, outcome)
    }
  }

  /**
   * A measurement that fails says why, and costs no more than itself.
   *
   * @throws ZktuneError Interrupted; then nothing is kept
   */
  async once<T>(name: string, signal: AbortSignal, measure: () => Promise<T>): Promise<Measured<T>> {
    if (this.#known.has(name)) return this.#known.get(name) as Measured<T>
    signal.throwIfAborted()
    const outcome = await attempted(measure, signal)
    this.#journal.append({ kind: 'measurement', name, outcome })
    this.#known.set(name, outcome)
    return outcome
  }
}

async function attempted<T>(measure: () => Promise<T>, signal: AbortSignal): Promise<Measured<T>> {
  try {
    return { kind: 'measured', value: await measure() }
  } catch (error) {
    if (signal.aborted || !(error instanceof ZktuneError)) throw error
    return notMeasured(`${error.where}: ${error.what}`)
  }
}
