/** Settings as a person reads them: one knob, a whole file, the difference between two. */
import type { Consequence, EffectiveValue, Origin } from '../zoocfg/effective.ts'
import type { KnobExplanation } from '../zoocfg/explain.ts'
import type { ValueDifference } from '../zoocfg/value-diff.ts'
import type { Style } from './style.ts'
import { strong } from './style.ts'
import { wrapped } from './wrap.ts'

const LABEL_WIDTH = 9
/** Of a column; what is longer pushes the rest of its line aside. */
const WIDEST = 44

export function knobText(explanation: KnobExplanation, style: Style): string {
  const { key, knob, text } = explanation
  const facts: string[] = [knob.group, knob.type]
  if (knob.unit !== undefined) facts.push(`in ${knob.unit}`)
  if (text !== null) facts.push(`since ${text.since}`)
  const lines = [`${strong(key, style)}  (${facts.join(', ')})`]
  for (const [label, content] of knobRecords(explanation)) {
    const [first = '', ...rest] = wrapped(content, Math.min(style.columns, 100) - LABEL_WIDTH - 2)
    lines.push(`  ${label.padEnd(LABEL_WIDTH)}${first}`, ...rest.map((line) => ' '.repeat(LABEL_WIDTH + 2) + line))
  }
  return `${lines.join('\n')}\n`
}

/** What is known of a setting, by labels; what is not known is left out. */
export function knobRecords({
  knob,
  text,
  onInvalid,
  where,
  engine,
}: KnobExplanation): readonly (readonly [string, string])[] {
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
  return rows.flatMap(([label, content]) =>
    content === null || content === undefined ? [] : [[label, content] as const],
  )
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
    ...columns(
      shown.map(({ key, value, knob, origin }) => [key, shownValue(value, knob.unit), originText(origin)]),
      style,
    ),
  )
  lines.push('', strong('What follows', style))
  lines.push(
    ...columns(
      consequences.map(({ name, value, from }) => [name, value, from]),
      style,
    ),
  )
  const left = values.length - shown.length
  const more = `${left} other settings have their defaults: --all shows them; zktune explain KEY says what one is for.`
  lines.push('', ...wrapped(more, Math.min(style.columns, 100)))
  return `${lines.join('\n')}\n`
}

export function valueDiffText(
  names: readonly [string, string],
  differences: readonly ValueDifference[],
  style: Style,
): string {
  if (differences.length === 0) return `${differenceCountText(0)}\n`
  const lines: string[] = []
  const columns = Math.min(style.columns, 100)
  let group: string | null = null
  for (const { key, group: own, unit, values, effect } of differences) {
    if (own !== group) {
      if (group !== null) lines.push('')
      lines.push(strong(own, style))
      group = own
    }
    lines.push(`  ${key}`)
    values.forEach(({ value, origin }, index) => {
      const line = `${names[index] ?? ''}: ${shownValue(value, unit)}  (${originText(origin)})`
      lines.push(...wrapped(line, style.columns - 6).map((part, at) => `${at === 0 ? '    ' : '      '}${part.trim()}`))
    })
    if (effect !== null) lines.push(...wrapped(effect, columns - 4).map((line) => `    ${line}`))
  }
  lines.push('', differenceCountText(differences.length), ...nextLines(names))
  return `${lines.join('\n')}\n`
}

/** What the differences are worth is measured; that takes two files, and stdin is read by now. */
function nextLines(names: readonly [string, string]): string[] {
  const isComparable = names.every(
    (name) => /^[\w./@%+,:=-]+$/.test(name) && name !== '-' && !/\.(env|ya?ml)$/.test(name),
  )
  return isComparable ? [`Next: zktune compare ${names.join(' ')}`] : []
}

export function differenceCountText(count: number): string {
  if (count === 0) return 'No setting differs in what counts.'
  return `${count} ${count === 1 ? 'difference' : 'differences'}.`
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

/** Three columns; a last one that does not fit stands below the others. */
function columns(rows: readonly (readonly [string, string, string])[], style: Style): readonly string[] {
  const widths = [0, 1].map((column) => Math.max(0, ...rows.map((row) => Math.min(WIDEST, (row[column] ?? '').length))))
  const [first = 0, second = 0] = widths
  return rows.flatMap(([key, value, from]) => {
    const line = `  ${key.padEnd(first)}  ${value.padEnd(second)}`
    if (line.length + 2 + from.length <= style.columns) return [`${line}  ${from}`.trimEnd()]
    return [line.trimEnd(), ...wrapped(from, style.columns - 6).map((more) => `      ${more}`)]
  })
}
