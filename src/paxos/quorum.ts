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

/** Quorums by count. @throws AssertionFailure when the two phases could miss each other */
export function counted(voters: readonly ReplicaId[], phase1: number, phase2: number): QuorumSystem {
  const sorted = [...voters].sort((a, b) => a - b)
  assert(sorted.length >= 1 && sorted.length <= 31, 'an ensemble has 1 to 31 voters')
  assert(phase1 + phase2 > sorted.length, 'every phase-1 quorum meets every phase-2 quorum')
  return {
    voters: sorted,
    isPhase1: (set) => bitCount(set) >= phase1,
    isPhase2: (set) => bitCount(set) >= phase2,
  }
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

function bitCount(set: VoterSet): number {
  let count = 0
  for (let rest = set; rest !== 0; rest &= rest - 1) count++
  return count
}
