import { ZktuneError } from '../kernel/errors.ts'
import type { OperationKind, Plan } from '../profile/plan.ts'

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
  const { parties, stormSize } = plan.workload.shape
  const has = (...kinds: readonly OperationKind[]): boolean => kinds.some((kind) => (mix[kind] ?? 0) > 0)
  // Each request may have sessions of its own, which come and go.
  const own =
    (has('connect', 'close') ? 1 : 0) + (has('election') ? parties : 0) + (has('storm', 'reconnect') ? stormSize : 0)
  const sessions = plan.workload.sessions * (1 + own * inFlight)
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
