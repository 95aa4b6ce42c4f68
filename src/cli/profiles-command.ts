import { looksLikePath, ProfileLibrary } from '../profile/library.ts'
import { DEFAULT_PROFILES } from '../profile/plan-of.ts'
import type { Profile } from '../profile/profile.ts'
import { readProfile } from '../profile/profile-text.ts'
import { profileListText } from '../report/profile-list.ts'
import { shownValue } from '../zoocfg/secrets.ts'
import type { ExitCode } from './failure.ts'
import { EXIT } from './failure.ts'
import type { ProfilesFlags } from './options.ts'
import { recordsText, refuseTwoForms } from './output-form.ts'
import { readGivenFile, readProfileFile, readShippedProfiles } from './profile-files.ts'
import type { Shell } from './shell.ts'

/**
 * Lists the shipped profiles, or shows one as its file has it: that text is where a profile of one's own starts.
 *
 * @param name a shipped name or a path; null: all
 */
export function profiles(name: string | null, flags: ProfilesFlags, shell: Shell): ExitCode {
  refuseTwoForms(flags, 'zktune profiles')
  const library = ProfileLibrary.read(readShippedProfiles())
  const defaults = Object.values(DEFAULT_PROFILES)
  if (name === null) {
    if (flags.plain === true) {
      shell.print(recordsText(library.all.map(({ name: each, concern, description }) => [each, concern, description])))
    } else if (flags.json === true) shell.print(documentOf({ profiles: library.all.map(shown) }))
    else shell.print(profileListText(library.all, defaults, shell.terminal))
    return EXIT.done
  }
  const profile = looksLikePath(name) ? readProfile(readProfileFile(name)) : library.get(name, 'zktune profiles')
  shell.print(flags.json === true ? documentOf({ profile: shown(profile) }) : readGivenFile(profile.file, 'profile'))
  return EXIT.done
}

function documentOf(content: object): string {
  return `${JSON.stringify({ schemaVersion: 1, command: 'profiles', ...content }, null, 2)}\n`
}

/** A profile as JSON shows it, in the words of its file. */
function shown(profile: Profile): object {
  const { name, concern, description, file, parents, isUnsafe, voters, observers, settings, workload } = profile
  return {
    name,
    concern,
    description,
    file,
    extends: parents,
    isUnsafe,
    voters,
    observers,
    settings: Object.fromEntries(settings.map(({ key, value }) => [key, shownValue(key, value)])),
    workload: concern === 'workload' ? workload : null,
  }
}
