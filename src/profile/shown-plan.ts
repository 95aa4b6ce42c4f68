import { shownValue } from '../zoocfg/secrets.ts'
import type { Plan } from './plan.ts'

/** The plan as it may be printed and kept: the secrets among its settings are hidden. Servers start from the other one. */
export function shownPlan(plan: Plan): Plan {
  const settings = plan.settings.map((setting) => ({ ...setting, value: shownValue(setting.key, setting.value) }))
  return { ...plan, settings }
}
