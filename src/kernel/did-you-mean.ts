/**
 * The candidate that `name` was most likely meant to be, or null when none is close: at most one edit per three
 * characters, two at least for names of four and more. Letter case does not count as an edit.
 */
export function closestName(name: string, candidates: Iterable<string>): string | null {
  const wanted = name.toLowerCase()
  const editsMax = wanted.length < 4 ? 1 : Math.max(2, Math.floor(wanted.length / 3))
  let closest: string | null = null
  let editsLeast = editsMax + 1
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - wanted.length) >= editsLeast) continue
    const edits = editDistance(wanted, candidate.toLowerCase())
    // A guess that shares no more than it changes helps nobody: "xyz" is not "cat".
    if (edits < editsLeast && edits < Math.max(candidate.length, wanted.length)) {
      closest = candidate
      editsLeast = edits
    }
  }
  return closest
}

/** ` Did you mean "tickTime"?` with the blank before it, or nothing: to be put behind a sentence. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const closest = closestName(name, candidates)
  return closest === null ? '' : ` Did you mean "${closest}"?`
}

/**
 * Insertions, deletions, substitutions and swaps of neighbours that turn one text into the other; no letter is edited
 * twice (optimal string alignment, the restricted form of Damerau 1964).
 */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1]
      let edits = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (isSame ? 0 : 1))
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        edits = Math.min(edits, at(beforeLast, column - 2) + 1)
      }
      current.push(edits)
    }
    beforeLast = last
    last = current
  }
  return at(last, to.length)
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY
}
