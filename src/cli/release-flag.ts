import { ZktuneError } from '../kernel/errors.ts'
import { RELEASE_DEFAULT } from '../zoocfg/lint/lint.ts'
import { KNOWN_RELEASES, parseRelease, releaseText } from '../zoocfg/release.ts'
import type { Release } from '../zoocfg/release.ts'

/** @param text the value of --zookeeper-version; @throws ZktuneError BadConfigValue for a release that is not known */
export function releaseOf(text: string | undefined): Release {
  if (text === undefined) return RELEASE_DEFAULT
  const release = parseRelease(text)
  if (release !== null && KNOWN_RELEASES.includes(releaseText(release))) return release
  throw new ZktuneError('BadConfigValue', {
    where: '--zookeeper-version',
    what: `"${text}" is no release that zktune knows`,
    mend: `Give one of ${KNOWN_RELEASES.join(', ')}.`,
  })
}
