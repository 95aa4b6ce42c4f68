/**
 * The lines that differ between two texts, as `diff -u` writes them, with three lines around each change.
 *
 * @returns '' for equal texts
 */
export function lineDiff(before: DiffSide, after: DiffSide): string {
  if (before.text === after.text) return ''
  const steps = stepsBetween(linesOf(before.text), linesOf(after.text))
  const lines = [`--- ${before.name}`, `+++ ${after.name}`]
  for (const hunk of hunksOf(steps)) {
    const count = (kinds: readonly string[]): number => hunk.filter(({ kind }) => kinds.includes(kind)).length
    const [first] = hunk
    if (first === undefined) continue
    const old = count([' ', '-'])
    const fresh = count([' ', '+'])
    lines.push(`@@ -${first.oldLine},${old} +${first.newLine},${fresh} @@`)
    for (const { kind, text } of hunk) lines.push(`${kind}${text}`)
  }
  return `${lines.join('\n')}\n`
}

export interface DiffSide {
  readonly name: string
  readonly text: string
}

interface Step {
  readonly kind: ' ' | '-' | '+'
  readonly text: string
  /** Where it stands, from 1; of an added line, where it would stand. */
  readonly oldLine: number
  readonly newLine: number
}

const CONTEXT = 3

/** By the longest common subsequence: configuration files are short. */
function stepsBetween(old: readonly string[], fresh: readonly string[]): readonly Step[] {
  const width = fresh.length + 1
  const common = new Uint32Array((old.length + 1) * width)
  const at = (row: number, column: number): number => common[row * width + column] ?? 0
  for (let row = old.length - 1; row >= 0; row--) {
    for (let column = fresh.length - 1; column >= 0; column--) {
      const isEqual = old[row] === fresh[column]
      common[row * width + column] = isEqual
        ? at(row + 1, column + 1) + 1
        : Math.max(at(row + 1, column), at(row, column + 1))
    }
  }
  const steps: Step[] = []
  let row = 0
  let column = 0
  while (row < old.length || column < fresh.length) {
    const place = { oldLine: row + 1, newLine: column + 1 }
    const [gone, came] = [old[row], fresh[column]]
    if (gone !== undefined && gone === came) {
      steps.push({ kind: ' ', text: gone, ...place })
      row++
      column++
    } else if (gone !== undefined && (came === undefined || at(row + 1, column) >= at(row, column + 1))) {
      steps.push({ kind: '-', text: gone, ...place })
      row++
    } else if (came !== undefined) {
      steps.push({ kind: '+', text: came, ...place })
      column++
    }
  }
  return steps
}

function hunksOf(steps: readonly Step[]): readonly (readonly Step[])[] {
  const isNear = steps.map((_, index) => steps.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(isChange))
  const hunks: Step[][] = []
  steps.forEach((step, index) => {
    if (isNear[index] !== true) return
    if (index === 0 || isNear[index - 1] !== true) hunks.push([])
    hunks.at(-1)?.push(step)
  })
  return hunks
}

function isChange({ kind }: Step): boolean {
  return kind !== ' '
}

function linesOf(text: string): readonly string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}
