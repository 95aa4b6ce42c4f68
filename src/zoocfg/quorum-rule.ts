/**
 * Which servers suffice for a decision, as configured: Apache's majority or its groups (QuorumMaj, QuorumHierarchical), or
 * one of our own keys' systems. What the rule means is for the consensus to say.
 */
import type { Findings, Setting } from './findings.ts'
import type { Members } from './members.ts'
import type { SettingReader } from './setting-reader.ts'

/** How many of the voters must promise (phase 1), and how many must accept (phase 2). */
export interface QuorumSizes {
  readonly kind: 'sizes'
  readonly phase1: number
  readonly phase2: number
}

/** A majority of the weight in a majority of the groups that have any. */
export interface QuorumGroups {
  readonly kind: 'groups'
  readonly groups: readonly (readonly { readonly id: number; readonly weight: number }[])[]
}

/** What `zktune.quorum` can say. */
export type CountedQuorum = { readonly kind: 'majority' } | { readonly kind: 'unanimous' } | QuorumSizes
export type QuorumRule = CountedQuorum | QuorumGroups

export const QUORUM_KEY = 'zktune.quorum'
const MAJORITY: CountedQuorum = { kind: 'majority' }

/** `zktune.quorum`: majority, unanimous, or `p1:p2`. Whether the sizes fit depends on the number of voters. */
export function readCountedQuorum(from: SettingReader): CountedQuorum {
  const setting = from.get(QUORUM_KEY)
  if (setting === null || setting.value === 'majority') return MAJORITY
  if (setting.value === 'unanimous') return { kind: 'unanimous' }
  const [, phase1, phase2] = /^(\d{1,3}):(\d{1,3})$/.exec(setting.value) ?? []
  if (phase1 !== undefined && phase2 !== undefined) {
    return { kind: 'sizes', phase1: Number(phase1), phase2: Number(phase2) }
  }
  from.fault(
    setting,
    `${QUORUM_KEY} is "${setting.value}", which names no quorums`,
    'Write majority, unanimous, or two sizes such as 4:2: how many must promise, and how many must accept.',
  )
  return MAJORITY
}

/**
 * The rule of one ensemble, with a fault when two of its quorums could miss each other or none could ever form.
 *
 * @param where for errors about the whole
 */
export function quorumRuleOf(
  members: Members,
  counted: CountedQuorum,
  setting: Setting | null,
  where: string,
  findings: Findings,
): QuorumRule {
  const fault = (what: string, mend: string): void => {
    findings.faults.push({ code: 'BadConfigValue', where: setting?.where ?? where, what, mend })
  }
  const groups = groupsOf(members)
  if (groups === null) {
    const voters = members.servers.filter(({ role }) => role === 'participant').length
    if (counted.kind === 'sizes' && voters > 0) checkSizes(counted, voters, fault)
    if (counted.kind === 'unanimous' && voters > 1) {
      findings.remarks.push({
        kind: 'members',
        key: QUORUM_KEY,
        where: setting?.where ?? where,
        what: `each of the ${voters} voters must accept a write: when one is gone, writes stop until it is back`,
        mend: 'With readonlymode.enabled=true reads go on meanwhile, for clients that ask for them.',
      })
    }
    return counted
  }
  if (setting !== null) {
    fault(`${QUORUM_KEY} stands beside group or weight lines, and each says what a quorum is`, 'Keep one of the two.')
  }
  if (groups.every((group) => group.every(({ weight }) => weight === 0))) {
    fault('every voter has the weight 0, so no leader could ever be elected', 'Give some voters a weight above 0.')
  }
  return { kind: 'groups', groups }
}

/** Of participants only; null without any group or weight line. */
function groupsOf({ servers, groups, weights }: Members): QuorumGroups['groups'] | null {
  if (groups.size === 0) return null
  const voters = new Set(servers.filter(({ role }) => role === 'participant').map(({ id }) => id))
  return [...groups.entries()]
    .sort(([one], [other]) => one - other)
    .map(([, ids]) => ids.filter((id) => voters.has(id)).map((id) => ({ id, weight: weights.get(id) ?? 1 })))
}

function checkSizes(
  { phase1, phase2 }: QuorumSizes,
  voters: number,
  fault: (what: string, mend: string) => void,
): void {
  const text = `${QUORUM_KEY} is ${phase1}:${phase2}`
  const least = voters + 1
  if (phase1 < 1 || phase2 < 1 || phase1 > voters || phase2 > voters) {
    fault(
      `${text}, but there are ${voters} voters`,
      `Write two numbers from 1 to ${voters} whose sum is at least ${least}.`,
    )
  } else if (phase1 + phase2 <= voters) {
    const apart = `${phase1} of ${voters} voters could promise while ${phase2} others accept`
    fault(`${text}: ${apart}, and what was chosen would be lost`, `Write two numbers whose sum is at least ${least}.`)
  }
}
