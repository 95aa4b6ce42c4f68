/** A plan with other settings than it was made with: what searches and comparisons vary. */
import { throwFaults, type Fault } from '../kernel/faults.ts'
import { apacheSupport } from '../zoocfg/apache-support.ts'
import { readEngineSettings } from '../zoocfg/engine-settings.ts'
import { engineSupport } from '../zoocfg/engine-support.ts'
import type { Findings, Setting } from '../zoocfg/findings.ts'
import { checkSetting } from '../zoocfg/setting-check.ts'
import { refuseUnlessCan } from './engine.ts'
import { checkLocalMembers } from './local-members.ts'
import { isPlacement, placementReason } from './placement.ts'
import type { Origin, Plan, PlannedSetting } from './plan.ts'

/** By key, as zoo.cfg has it; null takes the setting away, so that the engine's default counts. */
export type SettingOverlay = Readonly<Record<string, string | null>>

/**
 * Lays settings over those of a plan, as one more layer above all that it was made of. A setting that is there already keeps
 * its place among the others. The plan stays marked unsafe when it was; forceSync=no makes it so.
 *
 * @param origin of the settings laid over, for reports and errors: `trial 7`
 * @throws FaultyInput with all that is wrong: values that the engine refuses, settings that it does not act on, placement of the run's own
 */
export function overlaidPlan(plan: Plan, overlay: SettingOverlay, origin: Origin): Plan {
  const faults: Fault[] = []
  const findings: Findings = { faults, remarks: [] }
  refuseUnlessCan(plan.engine, 'settings', origin, faults)
  const settings = new Map<string, PlannedSetting>(plan.settings.map((setting) => [setting.key, setting]))
  for (const [key, value] of Object.entries(overlay)) {
    if (value === null) {
      settings.delete(key)
      continue
    }
    const setting: Setting = { key, value, where: origin }
    const reason = refusal(plan, key)
    if (reason !== null) {
      const mend = 'Leave it out: it could change nothing.'
      faults.push({ code: 'NotSupported', where: origin, what: `${key} cannot be laid over a plan: ${reason}`, mend })
      continue
    }
    checkSetting(setting, findings)
    settings.set(key, { key, value, origin })
  }
  throwFaults(faults)
  const all = [...settings.values()]
  checkTogether(plan, all, findings)
  throwFaults(faults)
  return {
    ...plan,
    settings: all,
    isUnsafe: plan.isUnsafe || settings.get('forceSync')?.value === 'no',
    remarks: [...plan.remarks, ...findings.remarks.map(({ where, what, mend }) => ({ where, what, mend }))],
  }
}

/** @returns why the setting may not be laid over; null: it may */
function refusal({ engine }: Plan, key: string): string | null {
  if (isPlacement(key)) return placementReason(key)
  const support = engine === 'apache' ? apacheSupport(key, false) : engineSupport(key)
  return support.honoured ? null : support.reason
}

/** What only all settings together can tell. Each has had its remarks when it was laid down. */
function checkTogether(plan: Plan, settings: readonly PlannedSetting[], findings: Findings): void {
  const byKey = new Map<string, Setting>(
    settings.map(({ key, value, origin }) => [key, { key, value, where: origin }] as const),
  )
  const { cluster } = readEngineSettings(byKey, { faults: findings.faults, remarks: [] })
  const size = { voters: plan.voters, observers: plan.observers }
  checkLocalMembers(size, cluster.quorum, byKey, plan.origins.voters, { faults: findings.faults, remarks: [] })
  if (plan.voters === 1) return
  const needed = { initLimit: cluster.initLimitTicks, syncLimit: cluster.syncLimitTicks }
  for (const [key, value] of Object.entries(needed)) {
    if (value !== null) continue
    const what = `${key} is taken away, and an ensemble needs it`
    findings.faults.push({ code: 'BadConfigValue', where: plan.origins.voters, what, mend: `Leave ${key} in.` })
  }
}
