import { ZktuneError } from '../kernel/errors.ts'
import type { Plan } from '../profile/plan.ts'

/** ZooKeeper's default. Source: QuorumPeerConfig, ServerCnxnFactory. */
const MAX_CLIENT_CNXNS_DEFAULT = 60

/**
 * Whether the servers let all sessions in: they come from one address, of which each server takes `maxClientCnxns`.
 *
 * @throws ZktuneError UsageConflict when they do not
 */
export function checkSessionRoom(plan: Pick<Plan, 'remote' | 'settings' | 'voters' | 'observers' | 'workload'>): void {
  if (plan.remote !== null) return // its settings are its own
  const setting = plan.settings.findLast(({ key }) => key === 'maxClientCnxns')
  const maxClientCnxns = setting === undefined ? MAX_CLIENT_CNXNS_DEFAULT : Number(setting.value)
  if (maxClientCnxns === 0) return // no limit
  const { inFlight, mix } = plan.workload
  // Each request may have a session of its own, which comes and goes.
  const visits = (mix.connect ?? 0) + (mix.close ?? 0) > 0 ? plan.workload.sessions * inFlight : 0
  const sessions = plan.workload.sessions + visits
  const servers = plan.voters + plan.observers - (servesNobody(plan) ? 1 : 0)
  if (sessions <= servers * maxClientCnxns) return
  throw new ZktuneError('UsageConflict', {
    where: 'workload.sessions',
    what:
      `${sessions} sessions from one address do not fit ${servers} ` +
      `${servers === 1 ? 'server' : 'servers'} with maxClientCnxns=${maxClientCnxns} each`,
    mend: `Ask for ${servers * maxClientCnxns} sessions at most, or set maxClientCnxns=0, which is no limit.`,
  })
}

/** Whether one of the servers, its leader, takes no clients. */
function servesNobody({ settings, voters }: Pick<Plan, 'settings' | 'voters'>): boolean {
  return voters > 1 && settings.findLast(({ key }) => key === 'leaderServes')?.value === 'no'
}
