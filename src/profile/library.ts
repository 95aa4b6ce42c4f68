import { didYouMean } from '../kernel/did-you-mean.ts'
import { ZktuneError } from '../kernel/errors.ts'
import { gather, throwFaults } from '../kernel/faults.ts'
import type { Fault } from '../kernel/faults.ts'
import { readProfile } from './profile-text.ts'
import type { ProfileText } from './profile-text.ts'
import { CONCERNS } from './profile.ts'
import type { Concern, Profile } from './profile.ts'

/** The profiles that can be named: the shipped ones. */
export class ProfileLibrary {
  readonly #byName: ReadonlyMap<string, Profile>

  /** @throws FaultyInput for two profiles of one name */
  constructor(profiles: readonly Profile[]) {
    const faults: Fault[] = []
    const byName = new Map<string, Profile>()
    for (const profile of profiles) {
      const other = byName.get(profile.name)
      if (other !== undefined) {
        const what = `the profile name "${profile.name}" is taken by ${other.file}`
        faults.push({ code: 'UsageConflict', where: profile.file, what, mend: 'Rename one of the two files.' })
      }
      byName.set(profile.name, profile)
    }
    throwFaults(faults)
    this.#byName = byName
  }

  /** @throws FaultyInput with every fault of every text */
  static read(texts: readonly ProfileText[]): ProfileLibrary {
    const faults: Fault[] = []
    const profiles = texts.map((text) => gather(faults, () => readProfile(text)))
    throwFaults(faults)
    return new ProfileLibrary(profiles.filter((profile) => profile !== null))
  }

  /** By concern, then by name. */
  get all(): readonly Profile[] {
    const order = ({ concern }: Profile): number => CONCERNS.indexOf(concern)
    return [...this.#byName.values()].sort(
      (one, other) => order(one) - order(other) || (one.name < other.name ? -1 : 1),
    )
  }

  /**
   * @param where the flag, or the file and key, that names it
   * @throws ZktuneError UnknownName
   */
  get(name: string, where: string, concern: Concern | null = null): Profile {
    const profile = this.#byName.get(name)
    if (profile !== undefined) return profile
    const names = this.all.filter((other) => concern === null || other.concern === concern).map((other) => other.name)
    throw new ZktuneError('UnknownName', {
      where,
      what: `there is no ${concern === null ? '' : `${concern} `}profile "${name}"`,
      mend: `${mendOf(concern, names)}; a path to a file has a / or ends in .ini.${didYouMean(name, names)}`,
    })
  }

  /**
   * What the profile extends, below the profile itself: the order in which they are laid over each other.
   *
   * @throws ZktuneError UnknownName, UsageConflict for a circle, BadConfigValue for a parent of another concern
   */
  lineage(profile: Profile): readonly Profile[] {
    const done: Profile[] = []
    this.#addLineage(profile, [], done)
    return done
  }

  #addLineage(profile: Profile, heirs: readonly Profile[], done: Profile[]): void {
    const where = `${profile.file} [profile] extends`
    const path = [...heirs, profile]
    for (const name of profile.parents) {
      const parent = this.get(name, where, profile.concern)
      if (path.includes(parent)) {
        throw new ZktuneError('UsageConflict', {
          where,
          what: `profiles extend each other in a circle: ${[...path, parent].map((each) => each.name).join(' > ')}`,
          mend: 'Let one of them extend nothing.',
        })
      }
      if (parent.concern !== profile.concern) {
        throw new ZktuneError('BadConfigValue', {
          where,
          what: `"${name}" is a ${parent.concern} profile, "${profile.name}" a ${profile.concern} profile`,
          mend: 'Extend a profile of the same concern.',
        })
      }
      this.#addLineage(parent, path, done)
    }
    if (!done.includes(profile)) done.push(profile)
  }
}

/** Those of one concern are few; all of them are a list of their own. */
function mendOf(concern: Concern | null, names: readonly string[]): string {
  return concern === null ? 'zktune profiles lists those that are there' : `There are ${names.join(', ')}`
}

/** Whether a profile argument means a file rather than a name. */
export function looksLikePath(argument: string): boolean {
  return argument.includes('/') || argument.includes('\\') || argument.endsWith('.ini')
}
