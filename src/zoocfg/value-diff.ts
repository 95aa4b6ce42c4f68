import { consequencesOf, effectiveValues } from './effective.ts'
import type { EffectiveValue, Origin } from './effective.ts'
import { KNOB_TEXTS } from './knob-texts.ts'
import type { ServerView } from './lint/server-view.ts'
import { shownValue } from './secrets.ts'

export interface DifferingValue {
  readonly value: string | null
  readonly origin: Origin
}

/** One setting whose effective value differs, or one consequence of settings that does. */
export interface ValueDifference {
  readonly key: string
  /** The knob's group; `consequence` for what no key of the file has. */
  readonly group: string
  readonly unit: string | null
  readonly values: readonly [DifferingValue, DifferingValue]
  /** What hangs on it; null where nothing is known. */
  readonly effect: string | null
}

/** What differs in what counts, with secrets hidden: formatting, order, comments and lines that say the default make no difference. */
export function valueDifferences(one: ServerView, other: ServerView): readonly ValueDifference[] {
  const differences: ValueDifference[] = []
  const theirs = new Map(effectiveValues(other).map((value) => [value.key, value]))
  const own = effectiveValues(one)
  for (const value of own) {
    const counterpart = theirs.get(value.key) ?? null
    theirs.delete(value.key)
    if ((counterpart?.value ?? null) !== value.value) differences.push(differenceOf(value, value, counterpart))
  }
  // What only the other has: numbered lines.
  for (const value of theirs.values()) differences.push(differenceOf(value, null, value))
  const consequences = new Map(consequencesOf(other).map((each) => [each.name, each]))
  for (const { name, value, from } of consequencesOf(one)) {
    const counterpart = consequences.get(name)
    if (counterpart === undefined || counterpart.value === value) continue
    differences.push({
      key: name,
      group: 'consequence',
      unit: null,
      values: [
        { value, origin: { kind: 'derived', rule: from } },
        { value: counterpart.value, origin: { kind: 'derived', rule: counterpart.from } },
      ],
      effect: null,
    })
  }
  return inGroups(differences)
}

function differenceOf(
  { key, knob }: EffectiveValue,
  one: EffectiveValue | null,
  other: EffectiveValue | null,
): ValueDifference {
  const absent: DifferingValue = { value: null, origin: { kind: 'default' } }
  return {
    key,
    group: knob.group,
    unit: knob.unit ?? null,
    values: [one ?? absent, other ?? absent].map(({ value, origin }) => ({
      value: value === null ? null : shownValue(key, value),
      origin,
    })) as [DifferingValue, DifferingValue],
    effect: KNOB_TEXTS[knob.key]?.trade ?? KNOB_TEXTS[knob.key]?.summary ?? null,
  }
}

/** Groups in the order in which they first come up, consequences last. */
function inGroups(differences: readonly ValueDifference[]): readonly ValueDifference[] {
  const groups = [...new Set(differences.map(({ group }) => group))]
  return groups.flatMap((group) => differences.filter((each) => each.group === group))
}
