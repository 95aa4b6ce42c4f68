import { ProfileLibrary } from '../../../src/profile/library.ts'
import type { PlanFlags } from '../../../src/profile/plan-flags.ts'
import { planOf } from '../../../src/profile/plan-of.ts'
import type { OperationKind, Plan, Workload } from '../../../src/profile/plan.ts'
import { shippedProfiles } from '../../profile/shipped-profiles.ts'

const library = ProfileLibrary.read(shippedProfiles())

/** Few enough requests that a leak in any of them shows soon. */
const SESSIONS_MAX = 4
const IN_FLIGHT_MAX = 2
const KEYS_MAX = 100

export const WORKLOADS: readonly string[] = library.all
  .filter(({ concern }) => concern === 'workload')
  .map(({ name }) => name)

/** As shipped, with fewer sessions, requests and znodes. */
export function smallPlan(workload: string, flags: PlanFlags = {}, cluster: string | null = null): Plan {
  const profiles = [
    ...(cluster === null ? [] : [{ flag: '--profile' as const, profile: cluster }]),
    { flag: '--workload' as const, profile: workload },
  ]
  const plan = planOf({ library, profiles, config: null, flags, freshSeed: 1 })
  return { ...plan, workload: smaller(plan.workload) }
}

function smaller(workload: Workload): Workload {
  return {
    ...workload,
    sessions: Math.min(workload.sessions, SESSIONS_MAX),
    inFlight: Math.min(workload.inFlight, IN_FLIGHT_MAX),
    keyCount: Math.min(workload.keyCount, KEYS_MAX),
  }
}

const MADE: Readonly<Partial<Record<OperationKind, (parties: number) => number>>> = {
  create: () => 1,
  ephemeral: () => 1,
  sequential: () => 1,
  watch: () => 1,
  lock: (parties) => parties + 1,
  election: (parties) => parties + 1,
  barrier: (parties) => parties + 3,
  queue: () => 2,
}

/** How many znodes may lie about at any time: what each request makes for itself and has not removed yet. */
export function znodesInHand({ mix, sessions, inFlight, shape }: Workload): number {
  const each = Object.keys(mix).map((kind) => MADE[kind as OperationKind]?.(shape.parties) ?? 0)
  return sessions * inFlight * each.reduce((sum, count) => sum + count, 0)
}
