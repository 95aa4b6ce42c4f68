import { expect, test } from 'vitest'
import { slotOf } from '../../../src/paxos/entry.ts'
import { DigestWatch } from '../../../src/server/replication/digest-watch.ts'

test('equal digests pass, whoever is ahead', () => {
  const watch = new DigestWatch()
  expect(watch.onApplied(slotOf(1024), 7)).toBeNull()
  expect(watch.onAnnounced(slotOf(1024), 7, slotOf(1030))).toBeNull()
  expect(watch.onAnnounced(slotOf(2048), 8, slotOf(1030))).toBeNull()
  expect(watch.onApplied(slotOf(2048), 8)).toBeNull()
})

test('a digest that differs is noticed, whoever is ahead', () => {
  const watch = new DigestWatch()
  watch.onApplied(slotOf(1024), 7)
  const found = { slot: 1024, own: 7, leaders: 9 }
  expect(watch.onAnnounced(slotOf(1024), 9, slotOf(1030))).toEqual(found)
  watch.onAnnounced(slotOf(2048), 9, slotOf(1030))
  expect(watch.onApplied(slotOf(2048), 7)).toEqual({ ...found, slot: 2048 })
})

test('what a deposed leader announced is not compared any more', () => {
  const watch = new DigestWatch()
  watch.onAnnounced(slotOf(1024), 9, slotOf(10))
  watch.forgetAnnounced()
  expect(watch.onApplied(slotOf(1024), 7)).toBeNull()
})
