import { unreachable } from '../kernel/assert.ts'
import type { KnobRange } from '../tune/space/knob-range.ts'
import type { LeftKnob, SearchDimension, SearchSpace } from '../tune/space/search-space.ts'
import { strong } from './style.ts'
import type { Style } from './style.ts'
import { plainTable } from './table.ts'
import { wrapped } from './wrap.ts'

/** The least that a terminal has. */
const COLUMNS = 80

/** What a search would vary, and what it leaves alone and why; ends with what to do next and a newline. */
export function knobsText(space: SearchSpace, subject: string, style: Style): string {
  const lines = [strong(`Searched: ${space.dimensions.length} knobs of ${subject}`, style), '']
  if (space.dimensions.length > 0) {
    const columns = ['knob', 'start', 'range, or other words'].map((title) => ({ title, align: 'left' as const }))
    lines.push(plainTable(columns, space.dimensions.map(rowOf), style), '')
  }
  for (const { key, value } of space.pinned) lines.push(`Pinned: ${key}=${value}`, '')
  const left = groupedByReason(space.left)
  if (left.length > 0) lines.push(strong('Left as they are', style))
  for (const { because, keys } of left) {
    lines.push(...wrapped(`${because}:`, COLUMNS - 2).map((line) => `  ${line}`))
    lines.push(...wrapped(keys.join(', '), COLUMNS - 4).map((line) => `    ${line}`))
  }
  lines.push('', 'Next: zktune explain KNOB says what one of them does.')
  return `${lines.join('\n')}\n`
}

function rowOf({ key, start, range }: SearchDimension): readonly string[] {
  return [key, shortWord(start), rangeText(range, start)]
}

function rangeText(range: KnobRange, start: string): string {
  switch (range.kind) {
    case 'words':
      return range.words
        .filter((word) => word !== start)
        .map(shortWord)
        .join(', ')
    case 'whole': {
      const numbers = `${range.low} to ${range.high}`
      return range.beyond === null ? numbers : `${numbers}; ${range.beyond.text} ${range.beyond.says}`
    }
    default:
      return unreachable(range, 'the text of a range')
  }
}

/** A Java class without its package: the line stays readable. */
function shortWord(word: string): string {
  if (word === '') return '(none)'
  return /^[a-z]+(\.[a-z]+)+\.[A-Z]/.test(word) ? (word.split('.').at(-1) ?? word) : word
}

function groupedByReason(
  left: readonly LeftKnob[],
): readonly { readonly because: string; readonly keys: readonly string[] }[] {
  const groups = new Map<string, string[]>()
  for (const { key, because } of left) groups.set(because, [...(groups.get(because) ?? []), key])
  return [...groups].map(([because, keys]) => ({ because, keys }))
}
