/** Settings as a person reads them: one knob, a whole file, the difference between two. */
import type { Consequence, EffectiveValue, Origin } from '../zoocfg/effective.ts'
import type { KnobExplanation } from '../zoocfg/explain.ts'
import type { ValueDifference } from '../zoocfg/value-diff.ts'
import type { Style } from './style.ts'
import { strong } from './style.ts'
import { wrapped } from './wrap.ts'

const LABEL_WIDTH = 9

export function knobText({ key, knob, text, onInvalid, where, engine }: KnobExplanation, style: Style): string {
  const facts: string[] = [knob.group, knob.type]
  if (knob.unit !== undefined) facts.push(`in ${knob.unit}`)
  if (text !== null) facts.push(`since ${text.since}`)
  const rows: (readonly [label: string, text: string | null | undefined])[] = [
    ['What', text?.summary],
    ['Default', knob.default === undefined ? 'none' : String(knob.default) || '(empty)'],
    ['Words', knob.words?.map((word) => word || '(empty)').join(', ')],
    ['Range', rangeText(knob.min, knob.max)],
    ['Trade', text?.trade],
    ['Risk', text?.risk],
    ['Note', text?.note],
    ['Instead', text?.deprecatedBy],
    ['Set in', where],
    ['Bad text', onInvalid],
    ['zktune', `The built-in engine ${engine}`],
    ['Source', text?.source],
  ]
  const lines = [`${strong(key, style)}  (${facts.join(', ')})`]
  for (const [label, content] of rows) {
    if (content === null || content === undefined) continue
    const [first = '', ...rest] = wrapped(content, Math.min(style.columns, 100) - LABEL_WIDTH - 2)
    lines.push(`  ${label.padEnd(LABEL_WIDTH)}${first}`, ...rest.map((line) => ' '.repeat(LABEL_WIDTH + 2) + line))
  }
  return `${lines.join('\n')}\n`
}

/** The settings that a file gives, those that follow from it, and what they come to. */
export function effectiveText(
  file: string,
  values: readonly EffectiveValue[],
  consequences: readonly Consequence[],
  style: Style,
): string {
  const shown = values.filter(({ origin }) => origin.kind !== 'default')
  const lines = [strong(file, style)]
  lines.push(
    ...columns(shown.map(({ key, value, knob, origin }) => [key, shownValue(value, knob.unit), originText(origin)])),
  )
  lines.push('', strong('What follows', style))
  lines.push(...columns(consequences.map(({ name, value, from }) => [name, value, from])))
  const left = values.length - shown.length
  lines.push(
    '',
    `${left} other settings have their defaults: --all shows them; zktune explain KEY says what one is for.`,
  )
  return `${lines.join('\n')}\n`
}

export function valueDiffText(
  names: readonly [string, string],
  differences: readonly ValueDifference[],
  style: Style,
): string {
  if (differences.length === 0) return 'No setting differs in what counts.\n'
  const lines: string[] = []
  let group: string | null = null
  for (const { key, group: own, unit, values, effect } of differences) {
    if (own !== group) {
      if (group !== null) lines.push('')
      lines.push(strong(own, style))
      group = own
    }
    lines.push(`  ${key}`)
    values.forEach(({ value, origin }, index) => {
      lines.push(`    ${names[index] ?? ''}: ${shownValue(value, unit)}  (${originText(origin)})`)
    })
    if (effect !== null) lines.push(...wrapped(effect, Math.min(style.columns, 100) - 4).map((line) => `    ${line}`))
  }
  const count = differences.length
  lines.push('', `${count} ${count === 1 ? 'difference' : 'differences'}.`)
  return `${lines.join('\n')}\n`
}

export function originText(origin: Origin): string {
  switch (origin.kind) {
    case 'file':
      if (origin.variable === undefined) return `line ${origin.line}`
      return origin.variable === null ? 'the image itself' : `${origin.variable} in line ${origin.line}`
    case 'jvm':
      return `-D${origin.property} in ${origin.file}:${origin.line}`
    case 'default':
      return 'default'
    case 'derived':
      return origin.rule
    case 'replaced':
      return `line ${origin.line} has "${origin.written}", but ${origin.because}`
  }
}

function shownValue(value: string | null, unit: string | null | undefined): string {
  if (value === null) return 'none'
  if (value === '') return '(empty)'
  const isPlain =
    unit === null ||
    unit === undefined ||
    ['port', 'java-class', 'csv', 'host', 'server-ids', 'user:base64'].includes(unit)
  return isPlain ? value : `${value} ${unit}`
}

function rangeText(min: number | undefined, max: number | undefined): string | null {
  if (min === undefined && max === undefined) return null
  if (max === undefined) return `${min} and up make sense`
  return min === undefined ? `up to ${max} makes sense` : `${min} to ${max} make sense`
}

function columns(rows: readonly (readonly [string, string, string])[]): readonly string[] {
  const widths = [0, 1].map((column) => Math.max(0, ...rows.map((row) => Math.min(40, (row[column] ?? '').length))))
  return rows.map(([first, second, third]) =>
    `  ${first.padEnd(widths[0] ?? 0)}  ${second.padEnd(widths[1] ?? 0)}  ${third}`.trimEnd(),
  )
}
