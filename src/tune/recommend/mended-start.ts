/** What lint can mend safely in a starting file is mended before the search: a slip is not what is to be measured. */
import { fixed } from '../../zoocfg/lint/fix.ts'
import { lint } from '../../zoocfg/lint/lint.ts'
import { readProperties } from '../../zoocfg/properties.ts'
import type { Release } from '../../zoocfg/release.ts'
import { shownValue } from '../../zoocfg/secrets.ts'

export interface Mend {
  /** Of lint. */
  readonly rule: string
  readonly key: string
  /** From 1, in the file as it was given. */
  readonly line: number
  /** Secrets are hidden. */
  readonly from: string
  /** Null: the line is a comment now. */
  readonly to: string | null
  /** What lint says is wrong, a clause without a full stop. */
  readonly why: string
}

export interface MendedStart {
  /** The lines are where they were: one that was taken away is a comment that says so. */
  readonly text: string
  readonly mends: readonly Mend[]
}

/** @param text decoded as latin1 */
export function mendedStart(file: string, text: string, release: Release): MendedStart {
  const mends: Mend[] = []
  let result = text
  // From the end on, so that what comes before a change stays where it is.
  for (const { line, column, key, value } of [...readProperties(text).entries].reverse()) {
    const here = lint([{ file, text: result }], release).filter(
      (each) => each.fix !== null && each.line === line && each.column === column,
    )
    const finding = here.find(({ fix }) => fix?.kind === 'delete') ?? here[0]
    if (finding?.fix === undefined || finding.fix === null) continue
    const { fix, rule, message: why } = finding
    const mend = { rule, key, line, from: shownValue(key, value), why }
    if (fix.kind === 'set') {
      result = fixed(file, result, [finding])
      mends.push({ ...mend, to: shownValue(key, fix.value) })
    } else {
      result = commentedOut(result, line, column, `# ${key} was taken away by zktune recommend: ${why}`)
      mends.push({ ...mend, to: null })
    }
  }
  return { text: result, mends: mends.reverse() }
}

function commentedOut(text: string, line: number, column: number, comment: string): string {
  const entry = readProperties(text).entries.find((each) => each.line === line && each.column === column)
  if (entry === undefined) return text
  return text.slice(0, entry.start) + comment.replaceAll(/[\r\n]+/g, ' ') + text.slice(entry.valueEnd)
}

/** `zoo.cfg:3: maxBatchSize is 0x; it is 0 now` */
export function mendText(file: string, { line, key, to, why }: Mend): string {
  return `${file}:${line}: ${why}; ${to === null ? 'the line is left out' : `taken as ${key}=${to}`}`
}
