/** What the flags of each command give, as written: `profile/` checks them, all in one pass. */

import type { OutputForms } from './output-form.ts'

export interface EnsembleFlags {
  readonly profile?: readonly string[]
  readonly config?: string
  readonly engine?: string
  readonly zookeeperHome?: string
  readonly heap?: string
  readonly linkDelay?: string
  readonly linkJitter?: string
  readonly linkLoss?: string
  readonly dataDir?: string
  readonly logDir?: string
  readonly keep?: boolean
  readonly json?: boolean
  readonly printConfig?: boolean
}

/** How to come to servers that run already. */
export interface AccessFlags {
  readonly connect?: string
  readonly tls?: boolean
  readonly tlsCa?: string
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly tlsPassphraseFile?: string
  readonly tlsVerifyHost?: boolean
  readonly authFile?: string
  readonly adminPort?: string
}

export interface BenchFlags extends EnsembleFlags, AccessFlags {
  readonly quiet?: boolean
  readonly plain?: boolean
  readonly chroot?: string
  readonly allowRemoteWrites?: boolean
  readonly workload?: string
  readonly duration?: string
  readonly warmup?: string
  readonly sessions?: string
  readonly inFlight?: string
  readonly size?: string
  readonly rate?: string
  readonly arrivals?: string
  readonly closed?: boolean
  readonly findRate?: string
  readonly sweep?: string
  readonly repeat?: string
  readonly thorough?: boolean
  readonly generators?: string
  readonly threshold?: readonly string[]
  readonly export?: readonly string[]
  /** False: `--no-results`. */
  readonly results?: string | false
  readonly seed?: string
}

/** Over all arms alike. */
export interface CompareFlags
  extends
    Omit<EnsembleFlags, 'config' | 'keep'>,
    Pick<
      BenchFlags,
      | 'workload'
      | 'duration'
      | 'warmup'
      | 'sessions'
      | 'inFlight'
      | 'size'
      | 'rate'
      | 'arrivals'
      | 'closed'
      | 'generators'
      | 'results'
      | 'seed'
    > {
  readonly pairs?: string
  readonly untilConclusive?: boolean
  readonly maxTime?: string
  readonly minEffect?: string
  readonly metric?: readonly string[]
  readonly failover?: boolean
  readonly acrossDurability?: boolean
  readonly failOn?: string
  readonly markdown?: boolean
  readonly plain?: boolean
  readonly export?: readonly string[]
}

export interface DiskFlags extends Pick<BenchFlags, 'workload' | 'size' | 'sessions' | 'inFlight' | 'json'> {
  readonly duration?: string
}

export interface UpFlags extends EnsembleFlags {
  readonly port?: string
  readonly data?: string
}

export interface LintFlags extends OutputForms {
  readonly fix?: boolean
  readonly inPlace?: boolean
  readonly failOn?: string
  readonly zookeeperVersion?: string
}

export interface ExplainFlags extends OutputForms {
  readonly all?: boolean
  readonly zookeeperVersion?: string
}

export interface DiffFlags extends OutputForms {
  readonly zookeeperVersion?: string
}

export type ProfilesFlags = OutputForms

export interface ReportFlags extends Pick<OutputForms, 'json' | 'csv' | 'markdown' | 'plain' | 'quiet'> {
  readonly against?: string
  readonly export?: readonly string[]
}

export interface HistoryFlags extends Pick<OutputForms, 'json' | 'plain'> {
  readonly results?: string
}

export type RerunFlags = Pick<BenchFlags, 'results' | 'repeat' | 'json' | 'keep'>

export interface CleanFlags {
  readonly dryRun?: boolean
  readonly json?: boolean
}

export interface InspectFlags extends AccessFlags {
  readonly json?: boolean
}

/** What may be varied, for `knobs` and `recommend`. */
export interface SpaceFlags {
  /** Keys with commas between them; each use adds. */
  readonly knobs?: readonly string[]
  readonly pin?: readonly string[]
  readonly allowUnsafe?: readonly string[]
  /** `size=3,5`; each use adds. */
  readonly search?: readonly string[]
}

export interface KnobsFlags extends SpaceFlags, Pick<EnsembleFlags, 'profile' | 'config' | 'engine' | 'json'> {
  readonly workload?: string
  readonly zookeeperVersion?: string
}

export interface ServerFlags {
  readonly reaches?: readonly string[]
}

export interface RecommendFlags extends Omit<EnsembleFlags, 'logDir'>, SpaceFlags, AccessFlags {
  /** With several the search chooses. */
  readonly logDir?: readonly string[]
  readonly chroot?: string
  readonly allowRemoteWrites?: boolean
  readonly workload?: string
  readonly duration?: string
  readonly warmup?: string
  readonly sessions?: string
  readonly inFlight?: string
  readonly size?: string
  readonly generators?: string
  readonly seed?: string
  readonly objective?: string
  readonly slo?: readonly string[]
  readonly tolerate?: string
  readonly tree?: string
  readonly budget?: string
  readonly zookeeperVersion?: string
  readonly output?: string
  readonly resume?: string
}
