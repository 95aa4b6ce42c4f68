import { overlaidPlan } from '../../profile/plan-overlay.ts'
import type { Plan } from '../../profile/plan.ts'
import { changedKeys } from '../space/configuration-space.ts'
import type { Configuration } from '../space/configuration-space.ts'

/**
 * What boots for a configuration.
 *
 * @param plan of the start
 * @param origin for reports and errors: `trial 7`
 * @throws FaultyInput for what the engine would refuse
 */
export function configuredPlan(plan: Plan, start: Configuration, configuration: Configuration, origin: string): Plan {
  const overlay = changedKeys(start, configuration).map((key) => [key, configuration.get(key) ?? ''] as const)
  return overlaidPlan(plan, Object.fromEntries(overlay), origin)
}
