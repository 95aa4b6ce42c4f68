/**
 * What is measured once, of the recommended configuration, when the search is over: what limits and the capacity card follow
 * from. Each figure is in the journal when it is there, so going on after a crash measures none twice.
 */
import { ZktuneError } from '../../kernel/errors.ts'
import { measureRecovery, RECOVERY_VOTERS_MIN } from '../../measure/recovery.ts'
import type { RecoveryResult, TreeSize } from '../../measure/recovery.ts'
import type { BenchProgress } from '../../measure/run-bench.ts'
import type { Plan } from '../../profile/plan.ts'
import type { Journal } from './journal.ts'

export type Measured<T> =
  | { readonly kind: 'measured'; readonly value: T }
  /** A clause without its full stop. */
  | { readonly kind: 'not-measured'; readonly why: string }

export interface Afterwards {
  /** How long a server takes to come back. */
  readonly recovery: Measured<RecoveryResult>
}

export interface AfterwardsTask {
  /** That the recommended configuration boots. */
  readonly plan: Plan
  readonly tree: TreeSize
}

export interface AfterwardsOptions {
  readonly signal: AbortSignal
  readonly onProgress: (progress: BenchProgress) => void
  readonly onLeftBehind: (error: Error) => void
}

/** Others in tests. */
export interface Measurements {
  readonly recovery: typeof measureRecovery
}

export const MEASUREMENTS: Measurements = { recovery: measureRecovery }

export async function measureAfterwards(
  { plan, tree }: AfterwardsTask,
  kept: KeptMeasurements,
  measurements: Measurements,
  options: AfterwardsOptions,
): Promise<Afterwards> {
  const recovery =
    plan.voters < RECOVERY_VOTERS_MIN
      ? notMeasured(`with fewer than ${RECOVERY_VOTERS_MIN} voters nobody decides while one is away`)
      : await kept.once('recovery', options.signal, () => measurements.recovery(plan, tree, options))
  return { recovery }
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
