import { overlaidPlan } from '../../profile/plan-overlay.ts'
import type { Plan } from '../../profile/plan.ts'
import { changedKeys } from '../space/configuration-space.ts'
import type { Configuration } from '../space/configuration-space.ts'
import { chosenPlan } from '../space/plan-choice.ts'
import type { PlanChoice } from '../space/plan-choice.ts'

/** What boots for the start of a tuning, and what a configuration may change of it beside settings. */
export interface StartingPlan {
  readonly plan: Plan
  readonly start: Configuration
  readonly choices: readonly PlanChoice[]
}

/**
 * What boots for a configuration.
 *
 * @param origin for reports and errors: `trial 7`
 * @throws FaultyInput for what the engine would refuse
 */
export function configuredPlan(
  { plan, start, choices }: StartingPlan,
  configuration: Configuration,
  origin: string,
): Plan {
  const changed = changedKeys(start, configuration)
  const isChoice = (key: string): boolean => choices.some((choice) => choice.key === key)
  const booted = chosenPlan(plan, choices, (key) => (changed.includes(key) ? configuration.get(key) : undefined))
  const overlay = changed.filter((key) => !isChoice(key)).map((key) => [key, configuration.get(key) ?? ''] as const)
  return overlaidPlan(booted, Object.fromEntries(overlay), origin)
}
