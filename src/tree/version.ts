const ANY_VERSION = -1

/** @param expected by the client; -1 takes any version, other negative numbers are compared like the rest */
export function versionMatches(expected: number, version: number): boolean {
  return expected === ANY_VERSION || expected === version
}

/** The next version, as a wrapping int32 that passes over -1: that would match everything. */
export function nextVersion(version: number): number {
  const next = (version + 1) | 0
  return next === ANY_VERSION ? 0 : next
}
