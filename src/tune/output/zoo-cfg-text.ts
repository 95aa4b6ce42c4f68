import { readProperties, propertyLine } from '../../zoocfg/properties.ts'
import type { Properties } from '../../zoocfg/properties.ts'

/** A setting that a file is to have, with the lines of comment that go above it. */
export interface CommentedSetting {
  readonly key: string
  readonly value: string
  /** Without `#`. */
  readonly comment: readonly string[]
}

/** The head of what is added at the end of a file. */
const ADDED = 'Added by zktune recommend'

/**
 * The text with other values for some keys, each with its comment above; keys that it lacks go to its end. All else keeps
 * every character. Of duplicates the last is changed, for it counts.
 */
export function commentedText(text: string, settings: readonly CommentedSetting[]): string {
  let result = text
  const added: CommentedSetting[] = []
  for (const setting of settings) {
    const changed = changedInPlace(readProperties(result), setting)
    if (changed === null) added.push(setting)
    else result = changed
  }
  if (added.length === 0) return result
  const lines = added.flatMap(({ key, value, comment }) => ['', ...comment.map(commentLine), propertyLine(key, value)])
  const head = result === '' || /[\r\n]$/.test(result) ? result : `${result}\n`
  return `${head}\n# ${ADDED}\n${lines.slice(1).join('\n')}\n`
}

/** @returns null when the key is not there */
function changedInPlace({ text, entries }: Properties, { key, value, comment }: CommentedSetting): string | null {
  const entry = entries.findLast((each) => each.key.trim() === key)
  if (entry === undefined) return null
  let lineStart = entry.start
  while (lineStart > 0 && !'\r\n'.includes(text.charAt(lineStart - 1))) lineStart--
  const before = text.slice(0, lineStart)
  const comments = comment.map((line) => `${commentLine(line)}\n`).join('')
  return `${before}${comments}${propertyLine(key, value)}${text.slice(entry.valueEnd)}`
}

/** Backslashes do not continue a comment, so any text may stand in one; line breaks may not. */
function commentLine(line: string): string {
  return `# ${line.replaceAll(/[\r\n]+/g, ' ')}`
}
