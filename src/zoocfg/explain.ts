import { findKnob } from './catalogue.ts'
import { engineSupport } from './engine-support.ts'
import type { Knob, OnInvalid } from './knob.ts'
import { KNOB_TEXTS } from './knob-texts.ts'
import type { KnobText } from './knob-texts.ts'

/** All that is known of one setting. */
export interface KnobExplanation {
  readonly key: string
  readonly knob: Knob
  /** Null for a key of the built-in engine itself. */
  readonly text: KnobText | null
  /** What Apache does with a value that is none; null when any text is one. */
  readonly onInvalid: string | null
  /** Where it can be set. */
  readonly where: string
  /** What the built-in engine does with it. */
  readonly engine: string
}

const INVALID: Readonly<Record<OnInvalid, string>> = {
  refuse: 'Apache refuses to start',
  'refuse-below-min': 'Apache refuses to start with less than the least value',
  'refuse-on-use': 'Apache ends when it is first needed',
  'silent-default': 'the default counts, without a word',
  'silent-false': 'anything but true counts as false, without a word',
  'warn-default': 'the default counts, and Apache warns in its log',
  'connection-failure': 'connections fail',
  'class-load-failure': 'Apache ends, for it cannot load the class',
  'main-thread-death': "Apache's main thread ends while others go on",
  'election-loop-below-min': 'the server never gets out of its election',
}

/**
 * @param key as zoo.cfg has it, or the name of its JVM property
 * @returns null for a key that ZooKeeper does not know; `suggestKey` may know what was meant
 */
export function explainKnob(key: string): KnobExplanation | null {
  const knob = findKnob(key) ?? findKnob(key.replace(/^zookeeper\./, ''))
  if (knob === null) return null
  const text = KNOB_TEXTS[knob.key] ?? null
  const support = engineSupport(knob.key)
  return {
    key: knob.key,
    knob,
    text,
    onInvalid: knob.onInvalid === undefined ? null : INVALID[knob.onInvalid],
    where: whereText(knob, text),
    engine: support.honoured ? `acts on it: ${support.how}` : `does not act on it: ${support.reason}`,
  }
}

function whereText(knob: Knob, text: KnobText | null): string {
  const property = text?.property === undefined ? null : `-D${text.property}`
  if (knob.inZooCfg === false)
    return property === null ? 'the JVM only' : `${property} only; a line in zoo.cfg does nothing`
  return property === null ? 'zoo.cfg' : `zoo.cfg, which wins over ${property}`
}
