import type { NumberedStep, Sequence } from './sequence.ts'

/**
 * Cuts a sequence down to what still fails: first whole stretches of steps, then steps, then the requests of a burst.
 *
 * @param stillFails runs a shorter sequence
 * @returns the parts that are left, none of which can go alone
 */
export async function shrink(
  sequence: Sequence,
  stillFails: (sequence: Sequence) => Promise<boolean>,
): Promise<readonly string[]> {
  let parts = partsOf(sequence)
  for (let size = Math.max(1, parts.length >> 1); ;) {
    let hasShrunk = false
    for (let at = 0; at < parts.length;) {
      const fewer = [...parts.slice(0, at), ...parts.slice(at + size)]
      if (fewer.length < parts.length && (await stillFails(withParts(sequence, fewer)))) {
        parts = fewer
        hasShrunk = true
      } else {
        at += size
      }
    }
    if (size === 1 && !hasShrunk) return parts
    if (size > 1) size >>= 1
  }
}

/**
 * A step that is no burst is one part, `3`; each request of a burst is one, `5.0`.
 *
 * @param sequence as it was made: what is left of one would give its parts new numbers
 */
export function partsOf(sequence: Sequence): string[] {
  return sequence.steps.flatMap((step) =>
    'frames' in step ? step.frames.map((_frame, index) => `${step.id}.${index}`) : [String(step.id)],
  )
}

/** The sequence with these parts only. */
export function withParts(sequence: Sequence, parts: readonly string[]): Sequence {
  const wanted = new Set(parts)
  const steps = sequence.steps.flatMap((step): NumberedStep[] => {
    if (!('frames' in step)) return wanted.has(String(step.id)) ? [step] : []
    const frames = step.frames.filter((_frame, index) => wanted.has(`${step.id}.${index}`))
    return frames.length === 0 ? [] : [{ ...step, frames }]
  })
  return { seed: sequence.seed, steps }
}
