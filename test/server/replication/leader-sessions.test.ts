import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { LeaderSessions } from '../../../src/server/replication/leader-sessions.ts'

const TICK_MS = 1_000
const OPENING = 2 ** 32

function newSessions(nowMs = 0): LeaderSessions {
  return new LeaderSessions({ tickTimeMs: TICK_MS, openingZxid: OPENING, nowMs })
}

function create(sessions: LeaderSessions, low: number, timeoutMs: number, nowMs: number): void {
  sessions.onCreated({ high: 1, low, timeoutMs }, { replica: 1, connection: low, zxid: OPENING + low }, nowMs)
}

/** Ticks once a tick, as the leader does, and notes who expired when. */
function expiries(sessions: LeaderSessions, fromMs: number, toMs: number): { atMs: number; low: number }[] {
  const found: { atMs: number; low: number }[] = []
  for (let atMs = fromMs; atMs <= toMs; atMs += TICK_MS) {
    for (const session of sessions.tick(atMs)) found.push({ atMs, low: session.low })
  }
  return found
}

test('a session expires after its timeout, at most one tick and one look late', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2_000, max: 40_000 }), fc.integer({ min: 0, max: 999 }), (timeoutMs, createdMs) => {
      const sessions = newSessions()
      create(sessions, 1, timeoutMs, createdMs)
      const [expiry] = expiries(sessions, TICK_MS, 50_000)
      expect(expiry?.atMs).toBeGreaterThan(createdMs + timeoutMs)
      expect(expiry?.atMs).toBeLessThanOrEqual(createdMs + timeoutMs + TICK_MS)
    }),
  )
})

test('a touch gives the whole timeout again', () => {
  const sessions = newSessions()
  create(sessions, 1, 4_000, 0)
  expect(expiries(sessions, TICK_MS, 4_000)).toEqual([])
  sessions.touch(1, 1, 4_500)
  expect(expiries(sessions, 5_000, 8_000)).toEqual([])
  expect(expiries(sessions, 9_000, 12_000)).toEqual([{ atMs: 9_000, low: 1 }])
})

test('a session expires once, and is closing from then on: no write, no reattachment, no touch', () => {
  const sessions = newSessions()
  create(sessions, 1, 2_000, 0)
  expect(expiries(sessions, TICK_MS, 10_000)).toHaveLength(1)
  expect(sessions.checkOwner(1, 1, 1, 1)).toBe('closing')
  expect(sessions.attach({ high: 1, low: 1, timeoutMs: 2_000 }, { replica: 1, connection: 2 }, 10_000)).toBeNull()
  sessions.touch(1, 1, 10_000)
  expect(expiries(sessions, 11_000, 30_000)).toEqual([])
  sessions.onClosed(1, 1)
  expect(sessions.checkOwner(1, 1, 1, 1)).toBe('unknown')
  expect(sessions.count).toBe(0)
})

test('a session whose client closes it never expires', () => {
  const sessions = newSessions()
  create(sessions, 1, 2_000, 0)
  sessions.markClosing(1, 1)
  expect(sessions.checkOwner(1, 1, 1, 1)).toBe('closing')
  expect(expiries(sessions, TICK_MS, 10_000)).toEqual([])
})

test('a leader that did not run for a while moves all deadlines by its lateness', () => {
  const sessions = newSessions()
  create(sessions, 1, 4_000, 0)
  expect(expiries(sessions, TICK_MS, 3_000)).toEqual([])
  // The machine slept for a minute: the next look comes at 64 s instead of 4 s.
  expect(sessions.tick(64_000)).toEqual([])
  expect(sessions.tick(65_000).map((session) => session.low)).toEqual([1])
})

test('a look that is late by less than a tick moves nothing', () => {
  const sessions = newSessions()
  create(sessions, 1, 2_500, 0)
  expect(sessions.tick(1_900)).toEqual([])
  expect(sessions.tick(3_800)).toHaveLength(1)
})

test('no session expires by a deadline that lies after the last proof that the leader leads', () => {
  const sessions = newSessions()
  create(sessions, 1, 2_000, 0)
  for (let atMs = TICK_MS; atMs <= 10_000; atMs += TICK_MS) expect(sessions.tick(atMs, 2_500)).toEqual([])
  expect(sessions.tick(11_000, 11_000)).toHaveLength(1)
})

test('a new leader gives every session its full timeout and owns none of them to anyone', () => {
  const sessions = newSessions(100_000)
  sessions.restart([{ high: 1, low: 1, timeoutMs: 4_000, grant: 7 }], 100_000)
  expect(sessions.checkOwner(1, 1, 1, 1)).toBe('moved')
  expect(expiries(sessions, 101_000, 110_000)).toEqual([{ atMs: 105_000, low: 1 }])
})

test('the connection that created a session may write in it, another one may not', () => {
  const sessions = newSessions()
  create(sessions, 7, 4_000, 0)
  expect(sessions.checkOwner(1, 7, 1, 7)).toBe('ok')
  expect(sessions.checkOwner(1, 7, 2, 7)).toBe('moved')
  expect(sessions.checkOwner(1, 7, 1, 8)).toBe('moved')
  expect(sessions.checkOwner(1, 8, 1, 8)).toBe('unknown')
})

test('an attachment moves the session and replaces its timeout', () => {
  const sessions = newSessions()
  create(sessions, 1, 4_000, 0)
  const grant = sessions.attach({ high: 1, low: 1, timeoutMs: 10_000 }, { replica: 2, connection: 5 }, 0)
  expect(grant).toBeGreaterThan(OPENING + 1)
  expect(sessions.checkOwner(1, 1, 1, 1)).toBe('moved')
  expect(sessions.checkOwner(1, 1, 2, 5)).toBe('ok')
  expect(expiries(sessions, TICK_MS, 20_000)).toEqual([{ atMs: 11_000, low: 1 }])
})

test('of several servers that report a session, the one with the highest grant owns it, in any order of the reports', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([1, 2, 3, 4], { minLength: 4 }), (order) => {
      const sessions = newSessions()
      sessions.restart([{ high: 1, low: 1, timeoutMs: 4_000, grant: 7 }], 0)
      for (const replica of order) {
        sessions.report(replica, [{ high: 1, low: 1, timeoutMs: 4_000, connection: 9, grant: replica * 10 }], 0)
      }
      for (const replica of order) {
        expect(sessions.checkOwner(1, 1, replica, 9)).toBe(replica === 4 ? 'ok' : 'moved')
      }
    }),
  )
})

test('a new leader gives no session to a connection that moved away before the last write', () => {
  const sessions = newSessions()
  sessions.restart([{ high: 1, low: 1, timeoutMs: 4_000, grant: 7 }], 0)
  sessions.report(1, [{ high: 1, low: 1, timeoutMs: 4_000, connection: 3, grant: 6 }], 0)
  expect(sessions.checkOwner(1, 1, 1, 3)).toBe('moved')
  sessions.report(2, [{ high: 1, low: 1, timeoutMs: 4_000, connection: 5, grant: 7 }], 0)
  expect(sessions.checkOwner(1, 1, 2, 5)).toBe('ok')
  expect(sessions.grantOf(1, 1)).toBe(7)
})

test('a late report of an old connection does not take the session from the one that was attached meanwhile', () => {
  const sessions = newSessions()
  sessions.restart([{ high: 1, low: 1, timeoutMs: 4_000, grant: 7 }], 0)
  sessions.attach({ high: 1, low: 1, timeoutMs: 4_000 }, { replica: 2, connection: 5 }, 0)
  // Grants of earlier leaders lie below this leader's opening.
  sessions.report(1, [{ high: 1, low: 1, timeoutMs: 4_000, connection: 3, grant: OPENING - 1 }], 0)
  expect(sessions.checkOwner(1, 1, 2, 5)).toBe('ok')
})

test('a report names sessions that are gone without harm', () => {
  const sessions = newSessions()
  sessions.report(1, [{ high: 1, low: 1, timeoutMs: 4_000, connection: 3, grant: 1 }], 0)
  expect(sessions.count).toBe(0)
})

test('deadlines agree with a model that looks at every session at every tick', () => {
  const step = fc.record({ low: fc.integer({ min: 1, max: 5 }), afterMs: fc.integer({ min: 1, max: 1_500 }) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const sessions = newSessions()
      const deadlines = new Map<number, number>()
      let nowMs = 0
      let lookMs = TICK_MS
      for (const { low, afterMs } of steps) {
        nowMs += afterMs
        while (lookMs <= nowMs) {
          const due = [...deadlines].filter(([, deadlineMs]) => deadlineMs <= lookMs).map(([session]) => session)
          expect(new Set(sessions.tick(lookMs).map((session) => session.low))).toEqual(new Set(due))
          for (const session of due) {
            deadlines.delete(session)
            sessions.onClosed(1, session)
          }
          lookMs += TICK_MS
        }
        if (deadlines.has(low)) sessions.touch(1, low, nowMs)
        else create(sessions, low, low * 1_000, nowMs)
        deadlines.set(low, (Math.floor((nowMs + low * 1_000) / TICK_MS) + 1) * TICK_MS)
      }
    }),
  )
})
