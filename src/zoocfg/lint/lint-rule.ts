import type { PropertyEntry } from '../properties.ts'

export type Severity = 'error' | 'warning' | 'info'

/** What Apache itself does about it; of a setting that only the built-in engine has, what that does. */
export type Enforcement =
  | 'startup-refusal' // ends with an error
  | 'own-refusal' // passes it by; the built-in engine ends with an error
  | 'runtime-crash' // starts, then ends
  | 'runtime-failure' // starts, then does not do its work
  | 'warning-log' // a line in its log
  | 'silent' // nothing, and the line does not do what it says
  | 'advice' // nothing: it does as told, and that is unwise

/** One rule in words. */
export interface RuleText {
  readonly id: string
  readonly severity: Severity
  readonly enforcement: Enforcement
  /** The condition, in terms of the settings. */
  readonly when: string
  readonly why: string
  readonly mend: string
  /** What Apache prints. */
  readonly says?: string
  /** `<3.10` or `>=3.6`; absent: every release. */
  readonly releases?: string
  /** The class that decides it. */
  readonly source: string
  /** The release on which it was tried; absent: read in the code only. */
  readonly tried?: string
}

/** A change of one line that takes the finding away and changes nothing else that Apache does. */
export type Fix = { readonly kind: 'set'; readonly value: string } | { readonly kind: 'delete' }

/** A place where a rule's condition holds. */
export interface Site {
  /** Null: the file as a whole, for what it lacks. */
  readonly entry: PropertyEntry | null
  /** The key at fault, or the one that is missing; null when it is about no single key. */
  readonly key: string | null
  /** Where there is no entry to point at. */
  readonly at?: { readonly line: number; readonly column: number }
  /** What is found there, a clause without a full stop. */
  readonly what: string
  /** Better than the rule's own, where the values are known. */
  readonly mend?: string
  /** Only where it is safe: Apache does the same afterwards, or what the line plainly meant. */
  readonly fix?: Fix
  /** Where it is another than zoo.cfg itself: the dynamic file, myid. */
  readonly file?: string
}

export interface LintFinding {
  readonly rule: string
  readonly severity: Severity
  readonly key: string | null
  readonly file: string
  /** From 1; the first line for a file as a whole. */
  readonly line: number
  readonly column: number
  /** What is found there. */
  readonly message: string
  /** What Apache really does with it. */
  readonly effect: string
  readonly mend: string
  readonly fix: Fix | null
}
