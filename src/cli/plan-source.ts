import { randomInt } from 'node:crypto'

import { gather, throwFaults } from '../kernel/faults.ts'
import type { Fault } from '../kernel/faults.ts'
import { looksLikePath, ProfileLibrary } from '../profile/library.ts'
import { planOf } from '../profile/plan-of.ts'
import type { ProfileChoice } from '../profile/plan-of.ts'
import type { Plan } from '../profile/plan.ts'
import { readProfile } from '../profile/profile-text.ts'
import type { BenchFlags, EnsembleFlags } from './options.ts'
import type { AppliedSetting } from './settings.ts'
import { readGivenFile, readProfileFile, readShippedProfiles, requireFolder } from './profile-files.ts'

/** Short enough to be typed again by whoever wants to repeat a run. */
const FRESH_SEED_END = 1_000_000_000

/** Flags of both commands; those that only `bench` has are absent from `up`. */
export type PlanSource = EnsembleFlags & Omit<BenchFlags, keyof EnsembleFlags>

/** Where a value came from that came by a flag: the flag, or the place where it stands in no line. */
export function sourceOf(flag: string, settings: readonly AppliedSetting[]): string {
  return settings.find((setting) => setting.flag === flag)?.origin ?? flag
}

/** The plan with the true origin of what no flag on the line has set. An origin may be several flags, with commas between them. */
export function withSources(plan: Plan, settings: readonly AppliedSetting[]): Plan {
  if (settings.length === 0) return plan
  const sources = (origin: string): string =>
    origin
      .split(', ')
      .map((flag) => sourceOf(flag, settings))
      .join(', ')
  const origins = Object.fromEntries(Object.entries(plan.origins).map(([name, origin]) => [name, sources(origin)]))
  return { ...plan, origins: origins as Plan['origins'] }
}

/**
 * Reads every file that the flags name, and nothing else, and makes the plan of it.
 *
 * @param faults what is wrong with the flags already
 * @param mended of the zoo.cfg: the text that counts in its place
 * @throws FaultyInput with these and all that is wrong with the rest
 */
export function readPlan(flags: PlanSource, faults: Fault[] = [], mended: string | null = null): Plan {
  const library = ProfileLibrary.read(readShippedProfiles())
  const choices: ProfileChoice[] = []
  const choose = (flag: ProfileChoice['flag'], profile: string): void => {
    if (!looksLikePath(profile)) choices.push({ flag, profile })
    else gather(faults, () => choices.push({ flag, profile: readProfile(readProfileFile(profile)) }))
  }
  for (const profile of flags.profile ?? []) choose('--profile', profile)
  if (flags.workload !== undefined) choose('--workload', flags.workload)
  gather(faults, () => requireFolder('--data-dir', flags.dataDir))
  gather(faults, () => requireFolder('--log-dir', flags.logDir))
  const file = flags.config ?? null
  const text = file === null ? null : (mended ?? gather(faults, () => readGivenFile(file, 'configuration')))
  const config = file === null || text === null ? null : { file, text }
  const plan = gather(faults, () =>
    planOf({ library, profiles: choices, config, flags, freshSeed: randomInt(FRESH_SEED_END) }),
  )
  throwFaults(faults)
  if (plan === null) throw new TypeError('a plan without faults is there')
  return plan
}
