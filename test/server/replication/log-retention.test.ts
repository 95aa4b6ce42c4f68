import { expect, test } from 'vitest'
import { slotOf } from '../../../src/paxos/entry.ts'
import { trimThrough, type MeasuredLog } from '../../../src/server/replication/log-retention.ts'
import { serverSettings } from '../fake-world.ts'

const KIB = 1024

/** Entries of 100 KiB each. */
function logOf(from: number, through: number): MeasuredLog {
  const bytesBetween = (low: number, high: number): number => (high - low) * 100 * KIB
  return { start: slotOf(from), end: slotOf(through), sizeBytes: bytesBetween(from, through), bytesBetween }
}

const storage = { ...serverSettings({}).storage, commitLogCount: 10, snapshotSizeFactor: null }
const NOTHING = { oldestNeeded: null, newestSnapshotBytes: null }

test('a log of up to 32 MiB stays', () => {
  expect(trimThrough(logOf(0, 320), { applied: slotOf(320), ...NOTHING }, storage)).toBe(null)
})

test('a longer one goes down to half of that', () => {
  expect(trimThrough(logOf(0, 400), { applied: slotOf(400), ...NOTHING }, storage)).toBe(400 - 163)
})

test('what a snapshot on its way to a peer leads up to stays', () => {
  const state = { ...NOTHING, applied: slotOf(400), oldestNeeded: slotOf(50) }
  expect(trimThrough(logOf(0, 400), state, storage)).toBe(50)
})

test('the last commitLogCount entries stay, however long they are', () => {
  const patient = { ...storage, commitLogCount: 390 }
  expect(trimThrough(logOf(0, 400), { applied: slotOf(400), ...NOTHING }, patient)).toBe(null)
  expect(trimThrough(logOf(0, 800), { applied: slotOf(800), ...NOTHING }, patient)).toBe(410)
})
