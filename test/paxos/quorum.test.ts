import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { QuorumSystem, VoterSet, WeightedVoter } from '../../src/paxos/quorum.ts'
import { bitOf, counted, hierarchical, majority, unanimous } from '../../src/paxos/quorum.ts'

const groupings = fc
  .array(fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 })
  .filter((groups) => groups.flat().some((weight) => weight > 0))
  .map((groups) => {
    let id = 0
    return groups.map((weights) => weights.map((weight): WeightedVoter => ({ id: ++id, weight })))
  })

function setOf(system: QuorumSystem, ids: readonly number[]): VoterSet {
  return ids.reduce((set, id) => set | bitOf(system, id), 0)
}

function subsetsOf(ids: readonly number[]): number[][] {
  return ids.reduce<number[][]>((sets, id) => [...sets, ...sets.map((set) => [...set, id])], [[]])
}

/** Every phase-1 quorum meets every phase-2 quorum: there is no set that is one while the rest is the other. */
function phasesMeet(system: QuorumSystem): boolean {
  const everybody = setOf(system, system.voters)
  return subsetsOf(system.voters).every((ids) => {
    const set = setOf(system, ids)
    return !(system.isPhase1(set) && system.isPhase2(everybody & ~set))
  })
}

/** QuorumHierarchical's rule, by names: more than half of the weight in more than half of the groups that have any. */
function isApacheQuorum(groups: readonly (readonly WeightedVoter[])[], ids: readonly number[]): boolean {
  const weighed = (voters: readonly WeightedVoter[]): number => voters.reduce((sum, { weight }) => sum + weight, 0)
  const counting = groups.filter((group) => weighed(group) > 0)
  const won = counting.filter((group) => weighed(group.filter(({ id }) => ids.includes(id))) > weighed(group) / 2)
  return won.length > counting.length / 2
}

test('a hierarchical quorum is a majority of the weight in a majority of the groups that have weight', () => {
  fc.assert(
    fc.property(groupings, (groups) => {
      const system = hierarchical(groups)
      for (const ids of subsetsOf(groups.flat().map(({ id }) => id))) {
        expect(system.isPhase2(setOf(system, ids))).toBe(isApacheQuorum(groups, ids))
      }
    }),
  )
})

test('any two quorums of any system that can be made have a voter in common', () => {
  fc.assert(fc.property(groupings, (groups) => phasesMeet(hierarchical(groups))))
  for (const count of [1, 2, 3, 4, 5]) {
    const voters = Array.from({ length: count }, (_, index) => index + 1)
    expect(phasesMeet(majority(voters))).toBe(true)
    expect(phasesMeet(unanimous(voters))).toBe(true)
    for (let phase1 = 1; phase1 <= count; phase1++) {
      expect(phasesMeet(counted(voters, phase1, count + 1 - phase1))).toBe(true)
      if (count - phase1 >= 1) expect(() => counted(voters, phase1, count - phase1)).toThrow('meets every phase-2')
    }
  }
})

test('the groups of the ZooKeeper guide: two whole groups of three decide, one and a half do not', () => {
  const one = { weight: 1 }
  const system = hierarchical(
    [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ].map((ids) => ids.map((id) => ({ id, ...one }))),
  )
  expect(system.isPhase2(setOf(system, [1, 2, 4, 5]))).toBe(true)
  expect(system.isPhase2(setOf(system, [1, 2, 3, 4, 7]))).toBe(false)
})

test('who weighs nothing is no voter, and a group without weight does not count', () => {
  const system = hierarchical([
    [
      { id: 1, weight: 1 },
      { id: 2, weight: 0 },
    ],
    [{ id: 3, weight: 0 }],
  ])
  expect(system.voters).toEqual([1])
  expect(bitOf(system, 2)).toBe(0)
  expect(system.isPhase1(setOf(system, [1]))).toBe(true)
})

test('unanimous: one voter may open a ballot, all must accept', () => {
  const system = unanimous([1, 2, 3])
  expect(system.isPhase1(setOf(system, [2]))).toBe(true)
  expect(system.isPhase2(setOf(system, [1, 3]))).toBe(false)
  expect(system.isPhase2(setOf(system, [1, 2, 3]))).toBe(true)
})
