import { leastPairs } from './paired-verdict.ts'

/**
 * When a comparison that goes on until it knows may look at its figures, and how sure each look must be. The looks share out the chance of a wrong
 * verdict evenly, so that however many of them there are, and whichever ends it, all verdicts together are wrong with that chance at
 * most (the union bound; docs/decisions/0008).
 */
export interface Looks {
  /** Pairs, ascending; the last is how many there can be. */
  readonly at: readonly number[]
  /** How likely one look may tell something wrong. */
  readonly alphaEach: number
}

/** A third more pairs from look to look: half an interval shrinks by an eighth, and a long run has not many more looks than a short one. */
const GROWTH = 1.35

/**
 * @param mostPairs how many the time allows
 * @param alpha of all looks together
 * @param figures that are judged together; no look comes before there are pairs enough to tell one of them from the others' chance
 */
export function planLooks(mostPairs: number, alpha: number, figures: number): Looks {
  for (let first = 1; ; first++) {
    const at = spaced(Math.min(first, mostPairs), mostPairs)
    const alphaEach = alpha / at.length
    if (first >= mostPairs || leastPairs(alphaEach / figures) <= first) return { at, alphaEach }
  }
}

function spaced(first: number, last: number): readonly number[] {
  const at: number[] = []
  for (let pairs = first; pairs < last; pairs = Math.ceil(pairs * GROWTH)) at.push(pairs)
  // A look shortly before the last one would only make all of them stricter.
  if (at.length > 1 && last < (at.at(-1) ?? 0) * Math.sqrt(GROWTH)) at.pop()
  return [...at, last]
}
