import { assert } from '../kernel/assert.ts'
import type { ReplicaId } from './ballot.ts'

/** A set of voters as bits: bit i stands for the i-th voter of the quorum system. */
export type VoterSet = number

/**
 * Which sets of voters suffice for phase 1 (promises) and for phase 2 (choosing, staying leader, sync rounds). Safe when
 * each phase-1 quorum meets each phase-2 quorum. Howard, Malkhi, Spiegelman, *Flexible Paxos* (2016), §3.
 */
export interface QuorumSystem {
  /** Ascending; at most 31. */
  readonly voters: readonly ReplicaId[]
  isPhase1(set: VoterSet): boolean
  isPhase2(set: VoterSet): boolean
}

/** @param voters ids, any order */
export function majority(voters: readonly ReplicaId[]): QuorumSystem {
  const needed = Math.floor(voters.length / 2) + 1
  return counted(voters, needed, needed)
}

/**
 * Every voter must accept, so any single one knows all that is chosen: writes stop when one is gone.
 *
 * @param voters ids, any order
 */
export function unanimous(voters: readonly ReplicaId[]): QuorumSystem {
  return counted(voters, 1, voters.length)
}

/** Quorums by count. @throws AssertionFailure when the two phases could miss each other */
export function counted(voters: readonly ReplicaId[], phase1: number, phase2: number): QuorumSystem {
  assert(phase1 >= 1 && phase2 >= 1, 'a quorum has a member')
  assert(phase1 + phase2 > voters.length, 'every phase-1 quorum meets every phase-2 quorum')
  const sorted = inOrder(voters)
  return {
    voters: sorted,
    isPhase1: (set) => bitCount(set) >= phase1,
    isPhase2: (set) => bitCount(set) >= phase2,
  }
}

/** What one server's word weighs in its group. */
export interface WeightedVoter {
  readonly id: ReplicaId
  /** A whole number from 0. */
  readonly weight: number
}

/**
 * More than half of the weight in more than half of the groups, as Apache's QuorumHierarchical counts: any two quorums
 * share a group, and in it a voter. Who weighs nothing is no voter, and groups without weight do not count.
 */
export function hierarchical(groups: readonly (readonly WeightedVoter[])[]): QuorumSystem {
  const weighty = groups.map((group) => group.filter(({ weight }) => weight > 0)).filter((group) => group.length > 0)
  const voters = inOrder(weighty.flat().map(({ id }) => id))
  const weights = weighty.map((group) => voters.map((id) => group.find((voter) => voter.id === id)?.weight ?? 0))
  const isQuorum = (set: VoterSet): boolean => {
    const won = weights.filter((group) => 2 * weightOf(group, set) > sum(group))
    return 2 * won.length > weights.length
  }
  return { voters, isPhase1: isQuorum, isPhase2: isQuorum }
}

/** @returns the voter's bit; 0 for a replica that does not vote */
export function bitOf(system: QuorumSystem, replica: ReplicaId): VoterSet {
  const position = system.voters.indexOf(replica)
  return position === -1 ? 0 : 1 << position
}

/**
 * The highest number that a phase-2 quorum has reached.
 *
 * @param reached one number per voter, in the order of `system.voters`
 * @returns 0 when no quorum has reached anything
 */
export function reachedByPhase2(system: QuorumSystem, reached: readonly number[]): number {
  let best = 0
  for (const candidate of reached) {
    if (candidate <= best) continue
    let set = 0
    for (let position = 0; position < reached.length; position++) {
      if ((reached[position] as number) >= candidate) set |= 1 << position
    }
    if (system.isPhase2(set)) best = candidate
  }
  return best
}

function inOrder(voters: readonly ReplicaId[]): readonly ReplicaId[] {
  assert(voters.length >= 1 && voters.length <= 31, 'an ensemble has 1 to 31 voters')
  return [...voters].sort((a, b) => a - b)
}

/** @param weights by position */
function weightOf(weights: readonly number[], set: VoterSet): number {
  return weights.reduce((total, weight, position) => ((set >>> position) & 1 ? total + weight : total), 0)
}

function sum(weights: readonly number[]): number {
  return weights.reduce((total, weight) => total + weight, 0)
}

function bitCount(set: VoterSet): number {
  let count = 0
  for (let rest = set; rest !== 0; rest &= rest - 1) count++
  return count
}
