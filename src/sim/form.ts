import type { Prng } from '../kernel/prng.ts'
import { quorumRuleText } from '../server/replication/quorum-of.ts'
import type { QuorumRule } from '../zoocfg/quorum-rule.ts'
import type { FaultKind, FaultPlan } from './faults.ts'

/** What kind of ensemble a world has. */
export interface Form {
  /** Their ids are 1 and up. */
  readonly voters: number
  /** Their ids follow those of the voters. */
  readonly observers: number
  readonly rule: QuorumRule
  /** False: `forceSync=no`, which loses nothing as long as no machine loses power. */
  readonly isSynced: boolean
}

const MAJORITY: QuorumRule = { kind: 'majority' }
/** So many worlds are plain ensembles, as most real ones are. */
const PLAIN_CHANCE = 0.6

/** What no plan may hold if acceptances are not synced: a machine that loses what its disk has not taken yet. */
const LOSES_UNSYNCED: readonly FaultKind[] = ['power', 'powerAll', 'wipe', 'bitRot', 'syncFailure']

/** @param faults null in a world whose disks take all or nothing */
export function drawForm(prng: Prng, replicas: 3 | 5, faults: FaultPlan | null): Form {
  if (prng.chance(PLAIN_CHANCE)) return plainForm(replicas)
  const voters = faults !== null && replicas === 5 && prng.chance(0.5) ? 3 : replicas
  const isHarmless = faults !== null && !LOSES_UNSYNCED.some((kind) => faults.has(kind))
  const isSynced = !isHarmless || prng.chance(0.3)
  const rule = prng.chance(0.75) ? drawRule(prng, voters) : MAJORITY
  if (voters < replicas) return { voters, observers: replicas - voters, rule, isSynced }
  const hasObserver = rule.kind === 'majority' || prng.chance(0.2)
  return { voters, observers: hasObserver ? 1 : 0, rule, isSynced }
}

export function plainForm(voters: number): Form {
  return { voters, observers: 0, rule: MAJORITY, isSynced: true }
}

/** For a person who reads a trace. */
export function formText({ voters, observers, rule, isSynced }: Form): string {
  return `${voters} voters, ${observers} observers, quorums ${quorumRuleText(rule)}${isSynced ? '' : ', not synced'}`
}

function drawRule(prng: Prng, voters: number): QuorumRule {
  switch (prng.below(3)) {
    case 0:
      return { kind: 'unanimous' }
    case 1: {
      const phase1 = prng.between(1, voters)
      return { kind: 'sizes', phase1, phase2: prng.between(voters + 1 - phase1, voters) }
    }
    default:
      return { kind: 'groups', groups: drawGroups(prng, voters) }
  }
}

/** Some voters may weigh nothing, but never all. */
function drawGroups(prng: Prng, voters: number): { readonly id: number; readonly weight: number }[][] {
  const ids = prng.shuffle(Array.from({ length: voters }, (_, index) => index + 1))
  const groups: { id: number; weight: number }[][] = Array.from({ length: prng.between(1, 3) }, () => [])
  for (const [index, id] of ids.entries()) {
    const weight = index === 0 ? 1 : prng.pick([0, 1, 1, 2, 3])
    groups[index % groups.length]?.push({ id, weight })
  }
  return groups
}
