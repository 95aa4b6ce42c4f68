import type { Prng } from '../kernel/prng.ts'
import type { QuorumRule } from '../zoocfg/quorum-rule.ts'

/** What kind of ensemble a world has. */
export interface Form {
  /** Their ids follow those of the voters. */
  readonly observers: number
  readonly rule: QuorumRule
}

const PLAIN: Form = { observers: 0, rule: { kind: 'majority' } }
/** So many worlds are plain ensembles, as most real ones are. */
const PLAIN_CHANCE = 0.6

/** @param voters ids from 1 */
export function drawForm(prng: Prng, voters: 3 | 5): Form {
  if (prng.chance(PLAIN_CHANCE)) return PLAIN
  const rule = prng.chance(0.75) ? drawRule(prng, voters) : PLAIN.rule
  const observers = rule.kind === 'majority' || prng.chance(0.2) ? prng.between(1, 2) : 0
  return { observers, rule }
}

/** For a person who reads a trace. */
export function formText({ observers, rule }: Form, voters: number): string {
  return `${voters} voters, ${observers} observers, quorums: ${JSON.stringify(rule)}`
}

function drawRule(prng: Prng, voters: 3 | 5): QuorumRule {
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
function drawGroups(prng: Prng, voters: 3 | 5): { readonly id: number; readonly weight: number }[][] {
  const ids = prng.shuffle(Array.from({ length: voters }, (_, index) => index + 1))
  const groups: { id: number; weight: number }[][] = Array.from({ length: prng.between(1, 3) }, () => [])
  for (const [index, id] of ids.entries()) {
    const weight = index === 0 ? 1 : prng.pick([0, 1, 1, 2, 3])
    groups[index % groups.length]?.push({ id, weight })
  }
  return groups
}
