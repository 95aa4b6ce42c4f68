/**
 * The Java properties grammar, losslessly: what `java.util.Properties.load` (OpenJDK 17) makes of a text, and where each
 * key and value stands, so that one value can be changed while every other character stays.
 *
 *   text     (blank line | comment | entry)*        lines end with \n, \r or \r\n
 *   comment  blanks ('#' | '!') anything            never continued
 *   entry    blanks key [blanks] ['=' | ':'] [blanks] value
 *   line     an odd number of backslashes at its end joins the next line, without that line's leading blanks
 *   escapes  \t \n \r \f \uXXXX; a backslash before any other character vanishes
 *
 * Apache reads zoo.cfg as bytes, one character each (ISO 8859-1). Decode a file so (`latin1`), and what is written back
 * has every byte that was read, whatever its encoding.
 */

const BLANKS = ' \t\f'

export interface PropertyEntry {
  /** Unescaped. */
  readonly key: string
  /** Unescaped; blanks at its end belong to it. */
  readonly value: string
  /** Offset in the text of the key's first character. */
  readonly start: number
  /** Where the key stands: line and column from 1, the column in characters. */
  readonly line: number
  readonly column: number
  /** Where the value stands, or would stand when it is empty. */
  readonly valueLine: number
  readonly valueColumn: number
  /** The value as written, continuations included: offsets in the text, the end exclusive. */
  readonly valueStart: number
  readonly valueEnd: number
  /** False for a bare key, which a value needs a separator to follow. */
  readonly hasSeparator: boolean
}

/** A `\u` without four hexadecimal digits: `Properties.load` refuses the whole file. */
export interface MalformedEscape {
  readonly line: number
  readonly column: number
}

export interface Properties {
  readonly text: string
  /** In the order of the text, duplicates included: of two with one key the later counts. */
  readonly entries: readonly PropertyEntry[]
  readonly malformed: readonly MalformedEscape[]
}

export function readProperties(text: string): Properties {
  const entries: PropertyEntry[] = []
  const malformed: MalformedEscape[] = []
  const positions = new LinePositions(text)
  for (const line of logicalLines(text)) entries.push(readEntry(line, positions, malformed))
  return { text, entries, malformed }
}

/** The entry that counts for `key`: the last of that name. */
export function findEntry(properties: Properties, key: string): PropertyEntry | null {
  return properties.entries.findLast((entry) => entry.key === key) ?? null
}

/**
 * Sets the value that counts for `key`; every other character of the text stays. A key that is not there becomes a new
 * last line.
 *
 * @returns the new text
 */
export function setProperty(properties: Properties, key: string, value: string): string {
  const { text } = properties
  const entry = findEntry(properties, key)
  if (entry !== null) {
    const separator = entry.hasSeparator ? '' : '='
    return text.slice(0, entry.valueStart) + separator + escapeValue(value) + text.slice(entry.valueEnd)
  }
  const newline = /\r\n|\n|\r/.exec(text)?.[0] ?? '\n'
  const line = propertyLine(key, value) + newline
  // A last line may be open, or end in a backslash that would swallow the next line: the reader itself is asked.
  const closings = ['', newline, newline + newline]
  const closing = closings.find((candidate) => isOneMore(readProperties(text + candidate + line), properties))
  return text + (closing ?? newline + newline) + line
}

function isOneMore(properties: Properties, than: Properties): boolean {
  return properties.entries.length === than.entries.length + 1
}

/** One `key=value` line without its line break, which reads back as the same two texts. */
export function propertyLine(key: string, value: string): string {
  return `${escapeKey(key)}=${escapeValue(value)}`
}

/** What `String.trim` of Java takes away: Apache trims keys and values so. */
export function javaTrim(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && text.charCodeAt(start) <= 0x20) start++
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end--
  return text.slice(start, end)
}

/** A logical line: its characters, escapes untouched, and the offset in the text of each. */
interface LogicalLine {
  readonly characters: string
  readonly offsets: readonly number[]
}

/** Follows `Properties.LineReader.readLine` step by step: its corners are the grammar. */
function* logicalLines(text: string): Generator<LogicalLine> {
  let characters = ''
  let offsets: number[] = []
  let isSkippingBlanks = true
  let isContinued = false
  let isAfterBackslash = false
  for (let offset = 0; offset < text.length; offset++) {
    const character = text.charAt(offset)
    const isLineBreak = character === '\n' || character === '\r'
    if (isSkippingBlanks) {
      if (BLANKS.includes(character) || (isLineBreak && !isContinued)) continue
      isSkippingBlanks = false
      isContinued = false
    }
    if (characters === '' && (character === '#' || character === '!')) {
      offset = endOfLine(text, offset)
      isSkippingBlanks = true
    } else if (!isLineBreak) {
      characters += character
      offsets.push(offset)
      isAfterBackslash = character === '\\' && !isAfterBackslash
    } else if (characters === '') {
      isSkippingBlanks = true
    } else if (!isAfterBackslash || offset === text.length - 1) {
      // At the very end of the text a line break after a backslash joins nothing; the backslash is dropped below.
      yield lineOf(characters, offsets, isAfterBackslash)
      characters = ''
      offsets = []
      isSkippingBlanks = true
      isAfterBackslash = false
    } else {
      characters = characters.slice(0, -1)
      offsets.pop()
      isSkippingBlanks = true
      isContinued = true
      isAfterBackslash = false
      if (character === '\r' && text[offset + 1] === '\n') offset++
    }
  }
  if (characters !== '') yield lineOf(characters, offsets, isAfterBackslash)
}

function lineOf(characters: string, offsets: number[], dropsLast: boolean): LogicalLine {
  return dropsLast ? { characters: characters.slice(0, -1), offsets } : { characters, offsets }
}

function endOfLine(text: string, from: number): number {
  for (let offset = from; offset < text.length; offset++) {
    if (text[offset] === '\n' || text[offset] === '\r') return offset
  }
  return text.length
}

function readEntry(line: LogicalLine, positions: LinePositions, malformed: MalformedEscape[]): PropertyEntry {
  const { characters, offsets } = line
  const keyEnd = endOfKey(characters)
  let valueFrom = keyEnd
  let isSeparated = false
  while (valueFrom < characters.length) {
    const character = characters.charAt(valueFrom)
    if (!BLANKS.includes(character)) {
      if (isSeparated || (character !== '=' && character !== ':')) break
      isSeparated = true
    }
    valueFrom++
  }
  const start = offsets[0] ?? 0
  const last = offsets[characters.length - 1]
  const end = last === undefined ? start : last + 1
  const valueStart = valueFrom < characters.length ? (offsets[valueFrom] ?? end) : end
  const unescape = (from: number, to: number): string =>
    unescapeJava(characters, from, to, (index) => malformed.push(positions.at(offsets[index] ?? start)))
  const valueAt = positions.at(valueStart)
  return {
    key: unescape(0, keyEnd),
    value: unescape(valueFrom, characters.length),
    start,
    ...positions.at(start),
    valueLine: valueAt.line,
    valueColumn: valueAt.column,
    valueStart,
    valueEnd: end,
    hasSeparator: valueFrom > keyEnd,
  }
}

function endOfKey(characters: string): number {
  let isEscaped = false
  for (let index = 0; index < characters.length; index++) {
    const character = characters.charAt(index)
    if (!isEscaped && ('=:'.includes(character) || BLANKS.includes(character))) return index
    isEscaped = character === '\\' && !isEscaped
  }
  return characters.length
}

const ESCAPED_LETTERS = new Map([
  ['t', '\t'],
  ['n', '\n'],
  ['r', '\r'],
  ['f', '\f'],
])

function unescapeJava(text: string, from: number, to: number, onMalformed: (index: number) => void): string {
  let result = ''
  for (let index = from; index < to; index++) {
    const character = text.charAt(index)
    if (character !== '\\') {
      result += character
      continue
    }
    index++
    const escaped = text.charAt(index)
    if (escaped !== 'u') {
      result += ESCAPED_LETTERS.get(escaped) ?? escaped
      continue
    }
    const digits = text.slice(index + 1, Math.min(index + 5, to))
    if (/^[0-9A-Fa-f]{4}$/.test(digits)) {
      result += String.fromCharCode(Number.parseInt(digits, 16))
      index += 4
    } else {
      onMalformed(index - 1)
    }
  }
  return result
}

function escapeKey(key: string): string {
  return escapeCharacters(key).replace(/[ =:]/g, '\\$&').replace(/^[#!]/, '\\$&')
}

/** Escapes no more than it must, so that `host:2888:3888;2181` stays readable. */
export function escapeValue(value: string): string {
  return escapeCharacters(value).replace(/^[ =:]/, '\\$&')
}

function escapeCharacters(text: string): string {
  let result = ''
  for (const unit of text.split('')) {
    const name = [...ESCAPED_LETTERS].find(([, character]) => character === unit)?.[0]
    if (name !== undefined) result += `\\${name}`
    else if (unit === '\\') result += '\\\\'
    else if (unit < ' ' || unit > '~') result += `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
    else result += unit
  }
  return result
}

/** Offsets to lines and columns. */
class LinePositions {
  readonly #starts: number[] = [0]

  constructor(text: string) {
    for (const match of text.matchAll(/\r\n|\n|\r/g)) this.#starts.push(match.index + match[0].length)
  }

  at(offset: number): { readonly line: number; readonly column: number } {
    let low = 0
    let high = this.#starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 }
  }
}
