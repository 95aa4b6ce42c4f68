import type { QuorumSystem } from '../../paxos/quorum.ts'
import { counted, hierarchical, majority, unanimous } from '../../paxos/quorum.ts'
import type { QuorumRule } from '../../zoocfg/quorum-rule.ts'

/** @param voters the ids of all participants */
export function quorumOf(rule: QuorumRule, voters: readonly number[]): QuorumSystem {
  switch (rule.kind) {
    case 'majority':
      return majority(voters)
    case 'unanimous':
      return unanimous(voters)
    case 'sizes':
      return counted(voters, rule.phase1, rule.phase2)
    case 'groups':
      return hierarchical(rule.groups)
  }
}

/** For the hello between servers, which must agree on it, and for people. */
export function quorumRuleText(rule: QuorumRule): string {
  switch (rule.kind) {
    case 'majority':
    case 'unanimous':
      return rule.kind
    case 'sizes':
      return `${rule.phase1}:${rule.phase2}`
    case 'groups':
      return rule.groups.map((group) => group.map(({ id, weight }) => `${id}*${weight}`).join(':')).join(' ')
  }
}
