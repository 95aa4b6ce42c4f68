import type { RuleId } from './rule-texts.ts'
import type { ServerView } from './server-view.ts'
import type { Site } from './lint-rule.ts'

/** Finds where a rule's condition holds in one server's files. */
export type Check = (server: ServerView) => Iterable<Site>

export type Checks = Partial<Record<RuleId, Check>>

/** A check of one condition on one key: `what` gives the words when it holds, and null when it does not. */
export function onKey(key: string, what: (server: ServerView) => string | null): Check {
  return function* (server) {
    const text = what(server)
    if (text !== null) yield server.at(key, text)
  }
}

/** A check of the effective number of one key. */
export function onNumber(key: string, isBad: (value: number, server: ServerView) => boolean, than = ''): Check {
  return onKey(key, (server) => {
    const value = server.written(key) === null ? null : server.number(key)
    return value !== null && isBad(value, server) ? `${key} is ${value}${than === '' ? '' : `, ${than}`}` : null
  })
}

/** A check that a key has exactly one of some values, any case. */
export function onWord(key: string, words: readonly string[], what = ''): Check {
  return onKey(key, (server) => {
    const value = server.written(key)
    if (value === null || !words.includes(value.toLowerCase())) return null
    return `${key} is ${value}${what === '' ? '' : `, ${what}`}`
  })
}
