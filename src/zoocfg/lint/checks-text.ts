/** Rules on what the grammar of properties files makes of a text: marks, backslashes, comments, duplicates. */
import { findKnob } from '../catalogue.ts'
import { unknownVariable } from '../container.ts'
import { shownValue } from '../secrets.ts'
import type { Checks } from './check.ts'
import type { Site } from './lint-rule.ts'
import type { Line, ServerView } from './server-view.ts'

/** UTF-8's mark, a byte a character. */
const BYTE_ORDER_MARK = '\u00ef\u00bb\u00bf'
const DRIVE = /^[A-Za-z]:/
const CONTROLS: ReadonlyMap<string, string> = new Map([
  ['\t', '<tab>'],
  ['\n', '<line feed>'],
  ['\r', '<return>'],
  ['\f', '<form feed>'],
])

export const TEXT_CHECKS: Checks = {
  'malformed-escape': function* (server) {
    for (const { line, column } of server.properties.malformed) {
      yield { entry: null, key: null, what: 'a \\u is not followed by four hexadecimal digits', at: { line, column } }
    }
  },
  'byte-order-mark': function* (server) {
    const [first] = server.lines
    if (first === undefined || !hasMark(first)) return
    const word = first.key.slice(BYTE_ORDER_MARK.length)
    const what = `the file begins with a byte order mark, which becomes a part of "${word}"`
    yield { entry: first.entry, key: null, what }
  },
  'duplicate-key': function* (server) {
    yield* duplicates(server.lines, server.files.file)
    if (server.memberFile !== null) yield* duplicates(server.dynamicLines, server.memberFile)
  },
  'unknown-variable': function* ({ files }) {
    for (const { name, place } of files.made?.variables ?? []) {
      const unknown = unknownVariable(name)
      if (unknown === undefined) continue
      const mend =
        unknown.meant === null ? 'Delete it, or put the setting into ZOO_CFG_EXTRA.' : `Did you mean ${unknown.meant}?`
      yield { entry: null, key: null, at: place, what: `the image has no variable ${name}`, mend }
    }
  },
  'backslash-vanishes': function* (server) {
    for (const line of server.lines) {
      const raw = rawValue(server, line)
      const isPath = findKnob(line.key)?.type === 'path' || DRIVE.test(raw)
      if (!isPath || /[\r\n]/.test(raw) || !hasVanishing(raw)) continue
      const fix = raw.includes('\\\\') ? {} : { fix: { kind: 'set', value: raw } as const }
      yield { entry: line.entry, key: line.key, what: `${line.key} becomes "${visible(line.value)}"`, ...fix }
    }
  },
  'line-continued': function* (server) {
    for (const line of server.lines) {
      for (const [, swallowed = ''] of rawValue(server, line).matchAll(/\\(?:\r\n|\n|\r)[ \t\f]*([\w.]+)[ \t]*[=:]/g)) {
        if (findKnob(swallowed) === null) continue
        const what = `a backslash ends the line, so ${swallowed} in the next line is a part of ${line.key}`
        yield { entry: line.entry, key: line.key, what }
      }
    }
  },
  'comment-in-value': function* (server) {
    for (const { key, value, entry } of server.lines) {
      const type = findKnob(key)?.type
      const [, before = ''] = /^(.*?)\s+#/.exec(value) ?? []
      if ((type !== 'path' && type !== 'string') || before === '') continue
      yield {
        entry,
        key,
        what: `${key} is "${shownValue(key, value)}", comment and all`,
        fix: { kind: 'set', value: before },
      }
    }
  },
}

/** Of the first key of a file, which is no misspelling then. */
export function hasMark({ key }: Line): boolean {
  return key.startsWith(BYTE_ORDER_MARK)
}

function* duplicates(lines: readonly Line[], file: string): Iterable<Site> {
  const counting = new Map(lines.map((line) => [line.key, line]))
  for (const line of lines) {
    const last = counting.get(line.key)
    if (last === undefined || last === line) continue
    const what = `${line.key} is given again in line ${last.entry.line}, and only that one counts`
    const mend = `Delete this line; ${line.key}=${shownValue(line.key, last.value)} counts.`
    yield { entry: line.entry, key: line.key, what, file, mend, fix: { kind: 'delete' } }
  }
}

function rawValue({ properties }: ServerView, { entry }: Line): string {
  return properties.text.slice(entry.valueStart, entry.valueEnd)
}

/** A backslash where nobody writes one on purpose: `\z`, `\t`, but not `\\`, `\:` nor `\u0041`. */
function hasVanishing(raw: string): boolean {
  return [...raw.matchAll(/\\(u[\dA-Fa-f]{4}|.)/g)].some(([, escaped = '']) => /^[\w.-]$/.test(escaped))
}

function visible(value: string): string {
  return value.replaceAll(/[\t\n\r\f]/g, (control) => CONTROLS.get(control) ?? control)
}
