import { findKnob } from '../../src/zoocfg/catalogue.ts'
import type { Knob } from '../../src/zoocfg/knob.ts'
import { VERDICTS } from '../../src/zoocfg/verdict-data.ts'
import type { Verdict } from '../../src/zoocfg/verdict.ts'

const INTRODUCTION = `# Settings of the built-in engine

What \`zktune server\`, and every ensemble with \`--engine builtin\`, makes of each setting of a ZooKeeper server. Keys,
units and defaults are those of Apache ZooKeeper's zoo.cfg. Three things can be said of a setting:

- **acts**: it changes what the engine does, in the way that is said. A test changes it and sees the difference.
- not applicable: it configures something that the engine does not have, for the reason that is given.
- not yet: the engine takes no notice of it, and behaves as is said instead.

Whatever does not act is named wherever it is given: by \`zktune server\`, in the plan, and in every report.

A key with a † is no key of zoo.cfg for Apache, which takes it as a property of the JVM; the built-in engine takes it from
zoo.cfg, and says so when it is given.
`

/** docs/settings.md, from the verdicts and the catalogue. */
export function settingsPage(): string {
  const sections: string[] = []
  let group: string | null = null
  for (const verdict of VERDICTS) {
    const knob = knobOf(verdict.key)
    if (knob.group !== group) sections.push(`\n## ${knob.group}\n\n`)
    group = knob.group
    sections.push(`${line(verdict)}\n`)
  }
  return `${INTRODUCTION}${sections.join('')}`
}

function line(verdict: Verdict): string {
  const knob = knobOf(verdict.key)
  const mark = knob.inZooCfg === false && verdict.kind === 'honoured' ? ' †' : ''
  const key = `\`${verdict.key}\`${mark}${valueText(knob)}`
  switch (verdict.kind) {
    case 'honoured':
      return `- **${key}**: ${verdict.how}`
    case 'not-applicable':
      return `- ${key}: not applicable; ${verdict.reason}`
    case 'not-yet':
      return `- ${key}: not yet; ${verdict.instead}`
  }
}

/** The unit and the default, in brackets; nothing when there is neither. */
function valueText({ unit, default: fallback, words }: Knob): string {
  const kind = words === undefined ? (unit ?? '') : words.map((word) => (word === '' ? 'nothing' : word)).join(' or ')
  const shown = fallback === '' ? 'nothing' : fallback
  const parts = [kind, shown === undefined ? '' : `default ${shown}`].filter((part) => part !== '')
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}

function knobOf(key: string): Knob {
  const knob = findKnob(key)
  if (knob === null) throw new Error(`${key} is not in the catalogue`)
  return knob
}
