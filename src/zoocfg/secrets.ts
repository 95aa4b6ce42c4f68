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

/**
 * The text of a zoo.cfg as it may be shown: all but the secrets in it is as it was. What stands in a comment is hidden
 * too, for a setting that was once in use is often still the password.
 */
export function hideSecrets(text: string): string {
  let result = ''
  let shownTo = 0
  for (const { key, value, start, valueStart, valueEnd } of readProperties(text).entries) {
    result += hideInComments(text.slice(shownTo, start))
    result += shownValue(key, value) === value ? text.slice(start, valueEnd) : text.slice(start, valueStart) + HIDDEN
    shownTo = valueEnd
  }
  return result + hideInComments(text.slice(shownTo))
}

/** A word with something behind it: `ssl.keyStore.password=x`, `-Dzookeeper.ssl.keyStore.password=x`, `Password: x`. */
const SAID = /([\w.-]*\w)([ \t]*[=:][ \t]*|[ \t]+)(?=\S)/g

/** @param gap what stands between two entries: comments and blanks */
function hideInComments(gap: string): string {
  return gap.replace(/^[ \t\f]*[#!].*/gm, (comment) => {
    for (const { index, 0: said, 1: word = '', 2: separator = '' } of comment.matchAll(SAID)) {
      // In prose a blank separates words; only behind a whole key it can be what separates a value.
      const isSaid = /[=:]/.test(separator) || word.includes('.')
      if (isSaid && isSecret(word.replace(/^-D/, ''))) return comment.slice(0, index + said.length) + HIDDEN
    }
    return comment
  })
}
