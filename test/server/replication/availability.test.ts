import { expect, test } from 'vitest'
import { Summary } from '../../../src/server/admin/summary.ts'
import { Availability } from '../../../src/server/replication/availability.ts'
import { FakeClock } from '../fake-world.ts'

const TICK_MS = 1_000
const SYNC_LIMIT = 5

/** A server of which nobody has heard, its clock, and how often its clients had to go. */
function begun(settings: { readonly leaderServes?: boolean; readonly isReadOnlyModeEnabled?: boolean } = {}): {
  readonly availability: Availability
  readonly clock: FakeClock
  readonly dismissals: () => number
  readonly electionTime: Summary
} {
  const clock = new FakeClock()
  const electionTime = new Summary()
  let dismissals = 0
  const availability = new Availability({
    settings: {
      tickTimeMs: TICK_MS,
      syncLimitTicks: SYNC_LIMIT,
      leaderServes: settings.leaderServes ?? true,
      isReadOnlyModeEnabled: settings.isReadOnlyModeEnabled ?? false,
    },
    clock,
    electionTime,
    unavailableTime: new Summary(),
    onServing: () => undefined,
    onAudienceGone: () => dismissals++,
  })
  availability.start()
  return { availability, clock, dismissals: () => dismissals, electionTime }
}

test('clients that lose their leader stay for syncLimit ticks, and go once when none is found', () => {
  const { availability, clock, dismissals } = begun()
  availability.onLeaderFound(false)
  availability.onCaughtUp()
  expect(availability.audience).toBe('everybody')
  availability.onLooking()
  expect(availability.audience).toBe('nobody')
  clock.advance(SYNC_LIMIT * TICK_MS - 1)
  availability.onTurnEnd()
  expect(dismissals()).toBe(0)
  clock.advance(1)
  availability.onTurnEnd()
  availability.onTurnEnd()
  expect(dismissals()).toBe(1)
})

test('a leader found in time keeps them, and another loss begins to count anew', () => {
  const { availability, clock, dismissals } = begun()
  availability.onLeaderFound(false)
  availability.onLooking()
  clock.advance(SYNC_LIMIT * TICK_MS - 1)
  availability.onLeaderFound(false)
  clock.advance(1)
  availability.onTurnEnd()
  availability.onLooking()
  clock.advance(SYNC_LIMIT * TICK_MS - 1)
  availability.onTurnEnd()
  expect(dismissals()).toBe(0)
  clock.advance(1)
  availability.onTurnEnd()
  expect(dismissals()).toBe(1)
})

test('one more try of an election that is under way gives no more time, and is no election of its own', () => {
  const { availability, clock, dismissals, electionTime } = begun()
  availability.onLeaderFound(false)
  expect(availability.onLooking()).toBe(true)
  clock.advance(SYNC_LIMIT * TICK_MS - 1)
  expect(availability.onLooking()).toBe(false)
  clock.advance(1)
  availability.onTurnEnd()
  expect(dismissals()).toBe(1)
  availability.onLeaderFound(false)
  expect(electionTime.count).toBe(2)
  expect(electionTime.max).toBe(SYNC_LIMIT * TICK_MS)
})

test('a leader that takes no clients sends those away that it has', () => {
  const { availability, dismissals } = begun({ leaderServes: false })
  availability.onLeaderFound(true)
  availability.onCaughtUp()
  expect(dismissals()).toBe(1)
  expect(availability.isServing).toBe(true)
  expect(availability.audience).toBe('nobody')
})

test('after two seconds without a leader readers are served where that is allowed, and go when there is one', () => {
  const { availability, clock, dismissals } = begun({ isReadOnlyModeEnabled: true })
  clock.advance(1_999)
  expect(availability.audience).toBe('nobody')
  clock.advance(1)
  expect(availability.audience).toBe('readers')
  expect(dismissals()).toBe(1)
  availability.onLeaderFound(false)
  availability.onCaughtUp()
  expect(dismissals()).toBe(2)
  expect(availability.audience).toBe('everybody')
})
