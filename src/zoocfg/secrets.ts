/** Which settings are secrets: the one place that those ask who show settings to people or write them into reports. */
import { findKnob, suggestKey } from './catalogue.ts'
import { readProperties } from './properties.ts'

/** What stands where a secret would. */
export const HIDDEN = '(hidden)'

/** Of a key that nobody knows, and that is no misspelling of one that is known. */
const LOOKS_SECRET = /(password|passwd|passphrase|secret|superdigest|\.pass)$/i

/** Whether the value of a setting lets in whoever knows it. A key that is misspelt counts as what it was meant to be. */
export function isSecret(key: string): boolean {
  const knob = findKnob(key)
  if (knob !== null) return knob.isSecret === true
  const meant = suggestKey(key)
  return LOOKS_SECRET.test(key) || (meant !== null && findKnob(meant)?.isSecret === true)
}

/** The value as it may be shown; an empty one is no secret. */
export function shownValue(key: string, value: string): string {
  return value !== '' && isSecret(key) ? HIDDEN : value
}

/** The text of a zoo.cfg as it may be shown; all but the secrets in it is as it was. */
export function hideSecrets(text: string): string {
  let result = text
  for (const { key, value, valueStart, valueEnd } of readProperties(text).entries.toReversed()) {
    if (shownValue(key, value) === value) continue
    result = result.slice(0, valueStart) + HIDDEN + result.slice(valueEnd)
  }
  return result
}
