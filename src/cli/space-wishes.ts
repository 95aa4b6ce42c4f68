/** What the flags say of a search: which knobs, and what beside settings. */
import { assert } from '../kernel/assert.ts'
import { gather, throwFaults } from '../kernel/faults.ts'
import type { Fault } from '../kernel/faults.ts'
import type { Plan } from '../profile/plan.ts'
import { planChoices } from '../tune/space/plan-choice.ts'
import type { PlanChoice } from '../tune/space/plan-choice.ts'
import type { SpaceWishes } from '../tune/space/search-space.ts'
import type { Release } from '../zoocfg/release.ts'
import type { RecommendFlags, SpaceFlags } from './options.ts'
import { readPlan } from './plan-source.ts'
import type { PlanSource } from './plan-source.ts'
import { requireFolder } from './profile-files.ts'

export function wishesOf(
  { knobs: keys, pin, allowUnsafe }: SpaceFlags,
  release: Release,
  choices: readonly PlanChoice[],
): SpaceWishes {
  return { knobs: keys ?? null, pins: pin ?? [], allowUnsafe: allowUnsafe ?? [], choices, release }
}

/** The flags of one plan: of several folders for the log the first. */
export function placed({ logDir, ...flags }: Omit<PlanSource, 'logDir'> & Pick<RecommendFlags, 'logDir'>): PlanSource {
  const [first] = logDir ?? []
  return { ...flags, ...(first === undefined ? {} : { logDir: first }) }
}

/**
 * What is varied beside settings.
 *
 * @param plan that these flags give
 * @param mended of the zoo.cfg: the text that counts in its place
 */
export function choicesOf(
  plan: Plan,
  flags: Omit<PlanSource, 'logDir'> & Pick<RecommendFlags, 'logDir' | 'search'>,
  mended: string | null,
  faults: Fault[],
): readonly PlanChoice[] {
  const { search = [], logDir = [] } = flags
  for (const folder of logDir.slice(1)) gather(faults, () => requireFolder('--log-dir', folder))
  const withSecurity = (name: string): Plan => {
    // In the place of the one that was given: laid over it, lines of that one would stay.
    const others = (flags.profile ?? []).filter((profile) => profile !== plan.profiles.security)
    const changed = { ...placed(flags), profile: [...others, name], seed: String(plan.seed) }
    const own: Fault[] = []
    const secured = gather(own, () => readPlan(changed, [], mended))
    // The other profiles have been read before: what is wrong is the name that was searched.
    throwFaults(
      own.map((fault) => (fault.where === '--profile' ? { ...fault, where: `--search security=${name}` } : fault)),
    )
    assert(secured !== null, 'a plan without faults is there')
    return secured
  }
  return gather(faults, () => planChoices(plan, { search, logDirs: logDir }, withSecurity)) ?? []
}
