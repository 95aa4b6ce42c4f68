import { KNOB_TEXTS } from '../../zoocfg/knob-texts.ts'
import { isBefore, parseRelease } from '../../zoocfg/release.ts'
import type { Release } from '../../zoocfg/release.ts'

/** The release of Apache whose code first has the key; null for a key of the built-in engine itself. */
export function knownSince(key: string): string | null {
  return KNOB_TEXTS[key]?.since ?? null
}

/** Whether any server of the release line acts on the key; one of our own engine's says nothing about a release. */
export function isKnownTo(key: string, release: Release): boolean {
  const since = parseRelease(knownSince(key) ?? '')
  return since === null || !isBefore(release, since)
}
