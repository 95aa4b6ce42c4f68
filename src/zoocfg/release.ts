/** A release line of Apache ZooKeeper, by which settings, defaults and rules differ. */
export interface Release {
  readonly major: number
  readonly minor: number
}

/** The lines that lint knows the rules of. */
export const KNOWN_RELEASES: readonly string[] = ['3.5', '3.6', '3.7', '3.8', '3.9', '3.10']

/** @param text `3.8` or `3.8.4`; @returns null when it is neither */
export function parseRelease(text: string): Release | null {
  const [, major, minor] = /^(\d+)\.(\d+)(\.\d+)?$/.exec(text) ?? []
  return major === undefined || minor === undefined ? null : { major: Number(major), minor: Number(minor) }
}

export function isBefore(release: Release, other: Release): boolean {
  return release.major < other.major || (release.major === other.major && release.minor < other.minor)
}

export function releaseText({ major, minor }: Release): string {
  return `${major}.${minor}`
}

/** @param range `<3.10` or `>=3.6`; absent: all */
export function isWithin(release: Release, range: string | undefined): boolean {
  const [, operator, text] = /^(<|>=)(.*)$/.exec(range ?? '') ?? []
  const bound = text === undefined ? null : parseRelease(text)
  if (bound === null) return true
  return operator === '<' ? isBefore(release, bound) : !isBefore(release, bound)
}
