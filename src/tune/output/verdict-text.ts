import { gainText, keptChanges } from './recommendation.ts'
import type { Recommendation } from './recommendation.ts'
import type { RatioInterval } from '../recommend/ablation.ts'

/** A gain that an interval may hide before it has to be said. */
const HIDDEN = 1.1

/** The outcome in a sentence or two, for the page and the terminal. */
export function verdictText(recommendation: Recommendation): string {
  const { tuning, objective, plan, derived } = recommendation
  const { verdict } = tuning
  const kept = keptChanges(recommendation)
  const changes = `${kept.length} ${kept.length === 1 ? 'change' : 'changes'}`
  const on = `on the engine ${plan.engine}, on fresh ensembles`
  const more = derived.length === 0 ? '' : ` ${derived.length} more by rules.`
  switch (verdict.kind) {
    case 'better':
      return `${objective.text} is better by ${gainText(verdict.gain)} with ${changes}, measured ${on}; 95 % interval.${more}`
    case 'already-fine':
      return `${fineText(verdict.gain, on)}${more}`
    case 'start-fails':
      return (
        `The starting configuration does not do its work (${verdict.what}); with ${changes} it does. ` +
        `There is nothing to measure a gain against.${more}`
      )
    case 'nothing-works':
      return `No configuration ran and kept the constraints: ${verdict.what}. Nothing is recommended.`
  }
}

/** What is not there and what was not to be seen are two things. */
function fineText(gain: RatioInterval | null, on: string): string {
  if (gain === null) return 'The starting configuration is already fine: nothing that was tried is worth a change.'
  const found = `the best that was found came to ${gainText(gain)} ${on}`
  if (gain.high <= HIDDEN) return `The starting configuration is already fine: ${found}, which includes no gain.`
  return (
    `No gain was confirmed, so the starting configuration stays: ${found}. Trials varied so much that they ` +
    `cannot tell; a quieter machine, a longer --duration or a larger --budget could.`
  )
}
