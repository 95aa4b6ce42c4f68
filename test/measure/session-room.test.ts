import { plainShape } from '../../src/profile/workload-shape.ts'
import type { Workload } from '../../src/profile/plan.ts'
import { expect, test } from 'vitest'
import { checkSessionRoom } from '../../src/measure/session-room.ts'

function check(sessions: number, voters: number, maxClientCnxns: string | null): void {
  const setting = { key: 'maxClientCnxns', value: maxClientCnxns ?? '', origin: 'test' }
  checkSessionRoom({
    remote: null,
    settings: maxClientCnxns === null ? [] : [setting],
    voters,
    observers: 0,
    workload: {
      name: 'test',
      mix: { get: 1 },
      sessions,
      inFlight: 1,
      valueSizeBytes: 1,
      keyCount: 1,
      shape: plainShape(1),
    },
  })
}

test('each server takes 60 sessions from this machine unless told otherwise', () => {
  check(180, 3, null)
  expect(() => check(181, 3, null)).toThrow(/181 sessions .* 3 servers with maxClientCnxns=60/)
  check(10_000, 1, '0')
  check(100, 1, '100')
  expect(() => check(101, 1, '100')).toThrow(expect.objectContaining({ code: 'UsageConflict' }))
})

test('observers take sessions, and a leader that serves nobody takes none', () => {
  const workload = {
    name: 'test',
    mix: { get: 1 },
    sessions: 300,
    inFlight: 1,
    valueSizeBytes: 1,
    keyCount: 1,
    shape: plainShape(1),
  }
  const leaderServes = { key: 'leaderServes', value: 'no', origin: 'test' }
  checkSessionRoom({ remote: null, settings: [], voters: 3, observers: 2, workload })
  const check = (): void =>
    checkSessionRoom({ remote: null, settings: [leaderServes], voters: 3, observers: 2, workload })
  expect(check).toThrow(/300 sessions .* 4 servers/)
})

test('sessions that come and go as a part of the load need room, too', () => {
  const room = (mix: Workload['mix']): void => {
    const shape = { ...plainShape(1), parties: 3, stormSize: 25 }
    const workload = { name: 'test', mix, sessions: 2, inFlight: 2, valueSizeBytes: 1, keyCount: 1, shape }
    const setting = { key: 'maxClientCnxns', value: '1', origin: 'test' }
    checkSessionRoom({ remote: null, settings: [setting], voters: 1, observers: 0, workload })
  }
  expect(() => room({ connect: 1 })).toThrow(/^workload.sessions: 6 sessions/)
  expect(() => room({ election: 1 })).toThrow(/^workload.sessions: 14 sessions/)
  expect(() => room({ storm: 1, get: 9 })).toThrow(/^workload.sessions: 102 sessions/)
})
