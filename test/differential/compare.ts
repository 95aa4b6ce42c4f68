import type { Line, Lines } from './lines.ts'

/** The first place at which two transcripts part. */
export interface Difference {
  readonly connection: string
  /** Null: there is no such line. */
  readonly reference: Line | null
  readonly ours: Line | null
}

/** @returns null when both are the same, or differ on purpose only */
export function firstDifference(reference: Lines, ours: Lines): Difference | null {
  const found: Difference[] = []
  for (const connection of new Set([...reference.keys(), ...ours.keys()])) {
    const difference = differenceOf(connection, reference.get(connection) ?? [], ours.get(connection) ?? [])
    if (difference !== null) found.push(difference)
  }
  // The audit looks at what the steps have done, so what another connection saw tells more.
  const rank = ({ connection, reference, ours }: Difference): number =>
    (connection === 'audit' ? 1e9 : 0) + Math.min(reference?.step ?? Infinity, ours?.step ?? Infinity)
  return found.sort((a, b) => rank(a) - rank(b))[0] ?? null
}

/** One transcript, step by step as it happened within each connection, with the line of the difference marked. */
export function transcriptText(lines: Lines, difference: Difference | null): string {
  const text: string[] = []
  for (const [connection, all] of lines) {
    text.push(`  ${connection}`)
    for (const line of all) {
      const isIt = line === difference?.reference || line === difference?.ours
      text.push(`${isIt ? '=>' : '  '} ${String(line.step).padStart(4)} ${line.text}`)
    }
  }
  return text.join('\n')
}

function differenceOf(connection: string, reference: readonly Line[], ours: readonly Line[]): Difference | null {
  const left = reference.filter(isSeen)
  const right = ours.filter(isSeen)
  const count = Math.max(left.length, right.length)
  for (let index = 0; index < count; index++) {
    const one = left[index] ?? null
    const other = right[index] ?? null
    if (one === null || other === null) return { connection, reference: one, ours: other }
    if (one.text !== other.text) return { connection, reference: one, ours: other }
  }
  return null
}

/** What was sent is the same, but an event may come before it or after. */
function isSeen({ text }: Line): boolean {
  return text.startsWith('<')
}
