import type { LinksPart } from './links.ts'
import type { KeyOrder, OperationKind, ValueSizes, Via } from './plan.ts'
import type { Setting } from '../zoocfg/findings.ts'

/** What a profile is about. Names are unique over all of them. */
export type Concern = 'cluster' | 'storage' | 'security' | 'workload'

export const CONCERNS: readonly Concern[] = ['cluster', 'storage', 'security', 'workload']

/** What a workload profile says; null leaves a value to the profiles below it. */
export interface WorkloadPart {
  /** The whole mix: a profile that gives one weight gives all of them, the rest being 0. */
  readonly mix: Readonly<Partial<Record<OperationKind, number>>> | null
  readonly sessions: number | null
  readonly inFlight: number | null
  readonly valueSizes: readonly ValueSizes[] | null
  readonly keyCount: number | null
  readonly keyOrder: KeyOrder | null
  readonly folderSize: number | null
  readonly depth: number | null
  readonly multiSize: number | null
  readonly watchers: number | null
  readonly parties: number | null
  readonly stormSize: number | null
  readonly stormSpreadMs: number | null
  readonly via: Via | null
}

/** What a security profile says of the clients; null leaves a value to the profiles below it. */
export interface SecurityPart {
  readonly clientTls: boolean | null
  readonly clientAuth: 'none' | 'digest' | null
}

/** One profile as its file gives it, checked, without what it extends. */
export interface Profile {
  readonly name: string
  readonly concern: Concern
  /** The path, for errors. */
  readonly file: string
  /** One line for lists. */
  readonly description: string
  /** Whether it gives up safety for speed; null when it does not say, and takes that from what it extends. */
  readonly isUnsafe: boolean | null
  /** Names, the first applied first; below what the profile itself says. */
  readonly parents: readonly string[]
  readonly voters: number | null
  /** Null: none, where it gives the voters. */
  readonly observers: number | null
  /** Null: as near to each other as processes of one machine, where it gives the voters. */
  readonly links: LinksPart | null
  /** Whether each server keeps its log in a folder of its own; null leaves that to the profiles below it. */
  readonly splitsLog: boolean | null
  /** zoo.cfg settings, in the order of the file. */
  readonly settings: readonly Setting[]
  readonly workload: WorkloadPart
  readonly security: SecurityPart
}

export const WORKLOAD_LIMITS = {
  sessions: { min: 1, max: 10_000 },
  inFlight: { min: 1, max: 10_000 },
  valueSizeBytes: { min: 0, max: 2 ** 30 },
  keyCount: { min: 1, max: 10_000_000 },
  folderSize: { min: 1, max: 1_000_000 },
  depth: { min: 1, max: 100 },
  multiSize: { min: 1, max: 10_000 },
  watchers: { min: 1, max: 10_000 },
  parties: { min: 1, max: 1_000 },
  stormSize: { min: 1, max: 10_000 },
  // Back before the session expires, and before the end of a run is waited for in vain.
  stormSpreadMs: { min: 0, max: 4_000 },
} as const

/** More servers than that on one machine measure nothing but the machine. */
export const VOTERS_MAX = 31
export const OBSERVERS_MAX = 31
