import { expect, test } from 'vitest'
import { ballotOf } from '../../../src/paxos/ballot.ts'
import { ForwardedWrites } from '../../../src/server/replication/forwarded-writes.ts'

const BALLOT = ballotOf(3, 1)
const NEXT_BALLOT = ballotOf(4, 1)

test('writes to a leader are numbered from 1 in each ballot, and go on when the same leader is found again', () => {
  const writes = new ForwardedWrites()
  writes.onFollowing(1, BALLOT)
  expect([writes.next(BALLOT), writes.next(BALLOT)]).toEqual([1, 2])
  writes.onFollowing(1, BALLOT)
  expect(writes.next(BALLOT)).toBe(3)
  writes.onFollowing(1, NEXT_BALLOT)
  expect([writes.next(BALLOT), writes.next(NEXT_BALLOT)]).toEqual([null, 1])
})

test('nothing is sent behind the end of a link, even if the same leader comes back', () => {
  const writes = new ForwardedWrites()
  writes.onFollowing(1, BALLOT)
  writes.next(BALLOT)
  writes.onLinkChanged(2)
  expect(writes.next(BALLOT)).toBe(2)
  writes.onLinkChanged(1)
  expect(writes.next(BALLOT)).toBe(null)
})

test('a leader takes the write that is due, and neither one that came before nor one that skips', () => {
  const writes = new ForwardedWrites()
  expect(writes.onReceived(2, BALLOT, 1)).toBe(null)
  expect(writes.onReceived(2, BALLOT, 1)).toBe(2)
  expect(writes.onReceived(2, BALLOT, 3)).toBe(2)
  expect(writes.onReceived(2, BALLOT, 2)).toBe(null)
  expect(writes.onReceived(3, BALLOT, 1)).toBe(null)
  expect(writes.onReceived(2, NEXT_BALLOT, 3)).toBe(1)
  writes.onLinkChanged(2)
  expect(writes.onReceived(2, BALLOT, 1)).toBe(null)
})
