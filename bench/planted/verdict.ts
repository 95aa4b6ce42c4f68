/**
 * Whether a tuning undid what was planted, and nothing else.
 *
 * A pair of knobs that only act together (flushDelay and maxWriteQueuePollTime) counts as undone when one of them is.
 */
import type { PlantedFile } from './files.ts'

/** As much of result.json as this looks at. */
export interface PlantedResult {
  readonly verdict: { readonly kind: string; readonly gain?: { readonly ratio: number; readonly low: number } | null }
  readonly changes: readonly { readonly kind: string; readonly key: string }[]
  readonly derived: readonly { readonly key: string }[]
  readonly trials: number
}

const TOGETHER: Readonly<Record<string, string>> = { maxWriteQueuePollTime: 'flushDelay' }

export function judged(
  { harmful }: PlantedFile,
  result: PlantedResult,
): {
  readonly isSolved: boolean
  /** Harm that is still there. */
  readonly missed: readonly string[]
  /** What was changed besides. */
  readonly extra: readonly string[]
  readonly text: string
} {
  const { verdict, changes, derived, trials } = result
  const nameOf = (key: string): string => TOGETHER[key] ?? key
  const isRecommended = verdict.kind === 'better' || verdict.kind === 'start-fails'
  const kept = isRecommended ? changes.filter(({ kind }) => kind === 'kept').map(({ key }) => key) : []
  // Of the derived ones only those that were planted count: purging and the like are given to every file.
  const mended = derived.map(({ key }) => key).filter((key) => key in harmful)
  const changed = new Set([...kept, ...mended].map(nameOf))
  const planted = new Set(Object.keys(harmful).map(nameOf))
  const missed = [...planted].filter((key) => !changed.has(key))
  const extra = [...changed].filter((key) => !planted.has(key))
  const gain =
    verdict.gain === undefined || verdict.gain === null
      ? ''
      : `, x${verdict.gain.ratio.toFixed(2)} (at least x${verdict.gain.low.toFixed(2)})`
  const parts = [
    `${verdict.kind}${gain}, ${trials} trials`,
    ...(missed.length === 0 ? [] : [`left harm: ${missed.join(', ')}`]),
    ...(extra.length === 0 ? [] : [`changed besides: ${extra.join(', ')}`]),
  ]
  return { isSolved: missed.length === 0 && extra.length === 0, missed, extra, text: parts.join('; ') }
}
