import { expect, test } from 'vitest'
import { slotOf } from '../../../src/paxos/entry.ts'
import { SyncRounds } from '../../../src/server/replication/sync-rounds.ts'

test('each round belongs to who began it, once', () => {
  const rounds = new SyncRounds()
  const one = rounds.begin({ replica: 1, requestNumber: 10 })
  const other = rounds.begin({ replica: 2, requestNumber: 10 })
  expect(rounds.underWayCount).toBe(2)
  expect(rounds.end(other)).toEqual({ replica: 2, requestNumber: 10 })
  expect(rounds.end(other)).toBe(null)
  expect(rounds.end(one)).toEqual({ replica: 1, requestNumber: 10 })
  expect(rounds.underWayCount).toBe(0)
})

test('a sync is through when its slot is applied, and not before', () => {
  const rounds = new SyncRounds()
  const done: number[] = []
  rounds.awaitSlot(slotOf(5), 1)
  rounds.awaitSlot(slotOf(5), 2)
  rounds.awaitSlot(slotOf(9), 3)
  for (const applied of [4, 5, 8]) rounds.onApplied(slotOf(applied), (requestNumber) => done.push(requestNumber))
  expect(done).toEqual([1, 2])
  rounds.onApplied(slotOf(20), (requestNumber) => done.push(requestNumber))
  expect(done).toEqual([1, 2, 3])
})

test('who leads no more answers no round that it began', () => {
  const rounds = new SyncRounds()
  const token = rounds.begin({ replica: 1, requestNumber: 10 })
  rounds.forgetAll()
  expect(rounds.end(token)).toBe(null)
  expect(rounds.begin({ replica: 1, requestNumber: 11 })).not.toBe(token)
})
