/**
 * Every trial of a tuning, run once in its life: what the journal has is taken from there. A tuning asks for its trials in an
 * order that hangs on nothing but the trials before, so going on after an interruption is asking for all of them again.
 */
import { ZktuneError } from '../../kernel/errors.ts'
import type { Configuration } from '../space/configuration-space.ts'
import type { FailedTrial, Metrics } from '../trial.ts'

/**
 * - `given`: where the tuning starts, and what rules propose
 * - `search`: what the search proposes
 * - `ablation`: the winner, and the winner without one of its changes
 * - `validation`: the recommended and the starting configuration, in turns
 */
export type TrialPurpose = 'given' | 'search' | 'ablation' | 'validation'

export interface TrialRequest {
  readonly purpose: TrialPurpose
  readonly configuration: Configuration
  /** Of a trial of full length. */
  readonly fraction: number
}

export type TrialOutcome =
  | { readonly kind: 'measured'; readonly metrics: Metrics; readonly steady: boolean }
  /** Crashed, or broke a constraint: no figures, and never a slow one. */
  | {
      readonly kind: 'failed'
      readonly why: FailedTrial['why']
      readonly what: string
      readonly metrics: Metrics | null
    }
  /** Hopeless: what it had until then, over a share of its length. */
  | { readonly kind: 'stopped'; readonly what: string; readonly metrics: Metrics; readonly share: number }

export interface TrialRecord extends TrialRequest {
  /** From 1. */
  readonly number: number
  readonly outcome: TrialOutcome
  readonly startedAt: string
  readonly tookMs: number
}

/** Measures one configuration on a fresh ensemble; a fake in tests. */
export type RunTrial = (
  request: TrialRequest & { readonly number: number },
) => Promise<Pick<TrialRecord, 'outcome' | 'startedAt' | 'tookMs'>>

export interface TrialLogOptions {
  /** What an earlier process has written. */
  readonly known: readonly TrialRecord[]
  readonly run: RunTrial
  /** Makes the record durable before the next trial begins. */
  readonly keep: (record: TrialRecord) => void
  /** Also for what the journal had. */
  readonly onRecord?: (record: TrialRecord, isReplayed: boolean) => void
}

export class TrialLog {
  readonly #options: TrialLogOptions
  readonly #records: TrialRecord[] = []

  constructor(options: TrialLogOptions) {
    this.#options = options
  }

  get records(): readonly TrialRecord[] {
    return this.#records
  }

  /** Of all trials until now. */
  get tookMs(): number {
    return this.#records.reduce((sum, { tookMs }) => sum + tookMs, 0)
  }

  /** @throws ZktuneError UsageConflict when the journal has another trial in this place: it is of another tuning */
  async trial(request: TrialRequest): Promise<TrialRecord> {
    const number = this.#records.length + 1
    const known = this.#options.known[number - 1]
    if (known !== undefined) {
      if (!isSameRequest(known, request)) throw differs(number)
      this.#records.push(known)
      this.#options.onRecord?.(known, true)
      return known
    }
    const ended = await this.#options.run({ ...request, number })
    const record = { ...request, ...ended, number }
    this.#options.keep(record)
    this.#records.push(record)
    this.#options.onRecord?.(record, false)
    return record
  }
}

function isSameRequest(one: TrialRequest, other: TrialRequest): boolean {
  return (
    one.purpose === other.purpose &&
    one.fraction === other.fraction &&
    one.configuration.size === other.configuration.size &&
    [...one.configuration].every(([key, text]) => other.configuration.get(key) === text)
  )
}

function differs(number: number): ZktuneError {
  return new ZktuneError('UsageConflict', {
    where: `trial ${number} of the journal`,
    what: 'it is not the trial that this tuning makes in its place: flags, files, the machine or zktune are others now',
    mend: 'Begin anew in another folder, or resume with what it was begun with.',
  })
}

/** As the journal has it. */
export function recordJson({ configuration, ...rest }: TrialRecord): object {
  return { kind: 'trial', ...rest, configuration: Object.fromEntries(configuration) }
}

/** @param entry what `recordJson` made; @returns null for an entry of another kind */
export function readRecord(entry: unknown): TrialRecord | null {
  if (typeof entry !== 'object' || entry === null || !('kind' in entry) || entry.kind !== 'trial') return null
  const { configuration, kind, ...rest } = entry as Omit<TrialRecord, 'configuration'> & {
    readonly kind: unknown
    readonly configuration: Readonly<Record<string, string>>
  }
  void kind
  return { ...rest, configuration: new Map(Object.entries(configuration)) }
}
