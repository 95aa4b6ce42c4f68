/**
 * Whether the built-in engine acts on a setting, and why not on each of the others: what a report lists as not honoured.
 */
import { assert } from '../kernel/assert.ts'
import { findKnob, suggestKey } from './catalogue.ts'
import { VERDICTS } from './verdict-data.ts'
import type { NotApplicableWhy, Verdict } from './verdict.ts'

export type NotHonouredWhy =
  | NotApplicableWhy
  | 'not-yet' // the engine has the thing to configure, or will; it takes no notice of the setting so far
  | 'unknown' // no setting of ZooKeeper

export type Support =
  | { readonly honoured: true; readonly how: string }
  | { readonly honoured: false; readonly why: NotHonouredWhy; readonly reason: string }

const byKey: ReadonlyMap<string, Verdict> = new Map(VERDICTS.map((verdict) => [verdict.key, verdict]))

/** @param key as zoo.cfg has it, so `server.3` and not `server.N` */
export function engineSupport(key: string): Support {
  const knob = findKnob(key)
  if (knob === null) {
    const meant = suggestKey(key)
    const guess = meant === null ? '' : `; did you mean "${meant}"?`
    return { honoured: false, why: 'unknown', reason: `ZooKeeper has no setting of this name${guess}` }
  }
  const verdict = byKey.get(knob.key)
  assert(verdict !== undefined, 'every setting of the catalogue has a verdict')
  switch (verdict.kind) {
    case 'honoured':
      return { honoured: true, how: verdict.how }
    case 'not-applicable':
      return { honoured: false, why: verdict.why, reason: verdict.reason }
    case 'not-yet':
      return {
        honoured: false,
        why: 'not-yet',
        reason: `the built-in engine does not act on it yet: ${verdict.instead}`,
      }
  }
}
