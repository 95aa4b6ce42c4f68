/**
 * A ballot is one leader's claim: a round, then the proposer's id, ordered as one number. Two proposers never share
 * one. Paxos Made Simple, §2.2 ("proposal number").
 */
export type Ballot = number & { readonly brand: 'ballot' }

/** One server of the ensemble: 1 to 255. */
export type ReplicaId = number

const PROPOSERS = 256

/** Below every claim: "none yet". */
export const NO_BALLOT = 0 as Ballot

export function ballotOf(round: number, proposer: ReplicaId): Ballot {
  return (round * PROPOSERS + proposer) as Ballot
}

export function roundOf(ballot: Ballot): number {
  return Math.floor(ballot / PROPOSERS)
}

export function proposerOf(ballot: Ballot): ReplicaId {
  return ballot % PROPOSERS
}

/** For logs and messages: `7.3` is round 7 of replica 3. */
export function ballotText(ballot: Ballot): string {
  return `${roundOf(ballot)}.${proposerOf(ballot)}`
}
