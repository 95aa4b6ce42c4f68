import type { ErrorFacts } from '../kernel/errors.ts'
import type { Fault } from '../kernel/faults.ts'

export type RemarkKind =
  | 'unknown-key' // ZooKeeper takes it without a word, and nothing reads it
  | 'bad-value' // the default counts instead, as with Apache
  | 'clamped' // the nearest allowed value counts instead, as with Apache
  | 'duplicate-key' // the later line counts
  | 'members' // the list of servers is odd, though not refused
  | 'differs-from-apache' // the built-in engine does more or other than Apache with it

/** Something worth saying about a setting that stops nobody. */
export interface Remark extends ErrorFacts {
  readonly kind: RemarkKind
  readonly key: string
}

/** A setting that was given and that the built-in engine does not act on. */
export interface NotHonoured {
  readonly key: string
  readonly reason: string
}

/** What a reading of settings gathers. A value counts only when no fault came up. */
export interface Findings {
  readonly faults: Fault[]
  readonly remarks: Remark[]
}

export function noFindings(): Findings {
  return { faults: [], remarks: [] }
}

/** One setting with the place it came from: a line of zoo.cfg, a profile, a flag. */
export interface Setting {
  readonly key: string
  /** Trimmed as Apache trims it. */
  readonly value: string
  /** For errors: `zoo.cfg:3`. */
  readonly where: string
}
