import { expect, test } from 'vitest'
import { eventsInBuiltinLog } from '../../src/ensemble/builtin-log.ts'
import { inOrder, serverEvents } from '../../src/ensemble/server-event.ts'

const LOG = `2026-11-22T10:00:00.000Z serving as follower
2026-11-22T10:00:05.250Z wrote a snapshot of slot 120 in 250 ms
2026-11-22T10:00:06.000Z not serving
2026-11-22T10:00:06.001Z looks for a leader: the leader is silent
2026-11-22T10:00:06.900Z serving as leader
2026-11-22T10:00:08.500Z a sync of the log in /data took 1500 ms: this slows every write down
    at a line that is no note
2026-11-22T10:00:09.000Z not serving
`

test("a server's log tells when snapshots, slow syncs and times without a leader began, and how long they took", () => {
  const at = (time: string): number => Date.parse(`2026-11-22T${time}Z`)
  expect(eventsInBuiltinLog(LOG)).toEqual([
    { kind: 'snapshot', wallMs: at('10:00:05.000'), durationMs: 250, detail: 'wrote a snapshot of slot 120 in 250 ms' },
    { kind: 'election', wallMs: at('10:00:06.000'), durationMs: 900, detail: 'no leader, then serving as leader' },
    { kind: 'slow-sync', wallMs: at('10:00:07.000'), durationMs: 1500, detail: 'a sync took 1500 ms' },
    { kind: 'election', wallMs: at('10:00:09.000'), durationMs: null, detail: 'no leader' },
  ])
})

test('the first time that a server serves is no event', () => {
  expect(eventsInBuiltinLog('2026-11-22T10:00:00.000Z serving as leader\n')).toEqual([])
})

test('events of several servers come by time, on the clock of this process', () => {
  const wallMs = performance.timeOrigin + 5_000
  const snapshot = { kind: 'snapshot', durationMs: 1, detail: '' } as const
  const events = inOrder([
    ...serverEvents(1, [{ ...snapshot, wallMs: wallMs + 2 }]),
    ...serverEvents(2, [{ ...snapshot, wallMs }]),
  ])
  expect(events.map(({ server }) => server)).toEqual([2, 1])
  expect(events[0]?.atMs).toBeCloseTo(5_000)
})
