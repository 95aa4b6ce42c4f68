import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Prng } from '../../../src/kernel/prng.ts'
import { ConnectionThrottle } from '../../../src/server/clients/connection-throttle.ts'
import { FakeServer, serverSettings } from '../fake-world.ts'

function throttle(lines: Readonly<Record<string, string>>): ConnectionThrottle {
  const prefixed = Object.fromEntries(
    Object.entries(lines).map(([name, value]) => [`connection_throttle_${name}`, value]),
  )
  return new ConnectionThrottle(serverSettings(prefixed).throttle.connections, new Prng(1), 0)
}

/** How many of `count` handshakes at one moment pass. */
function admitted(
  of: ConnectionThrottle,
  kind: 'newGlobal' | 'newLocal' | 'renewed',
  count: number,
  nowMs = 0,
): number {
  return Array.from({ length: count }, () => of.admits(kind, nowMs)).filter((isAdmitted) => isAdmitted).length
}

test('without tokens every handshake passes', () => {
  expect(admitted(throttle({}), 'newGlobal', 10_000)).toBe(10_000)
})

test('a full bucket lets as many pass as it holds, an empty one none, and it fills at its rate', () => {
  const bucket = throttle({ tokens: '10', fill_time: '100', fill_count: '2' })
  expect(admitted(bucket, 'newGlobal', 20)).toBe(10)
  expect(bucket.deficit).toBe(10)
  expect(admitted(bucket, 'newGlobal', 20, 99)).toBe(0)
  expect(admitted(bucket, 'newGlobal', 20, 350)).toBe(6)
  expect(admitted(bucket, 'newGlobal', 20, 400)).toBe(2)
  expect(admitted(bucket, 'newGlobal', 20, 1_000_000)).toBe(10)
})

test('however time is cut, no more pass than the bucket held and what has come since', () => {
  const steps = fc.array(fc.record({ stepMs: fc.nat(50), count: fc.nat(30) }), { maxLength: 40 })
  fc.assert(
    fc.property(steps, (moments) => {
      const bucket = throttle({ tokens: '20', fill_time: '7', fill_count: '3' })
      let nowMs = 0
      let passed = 0
      for (const { stepMs, count } of moments) {
        nowMs += stepMs
        passed += admitted(bucket, 'newGlobal', count, nowMs)
      }
      expect(passed).toBeLessThanOrEqual(20 + Math.floor(nowMs / 7) * 3)
    }),
  )
})

test('with weights a new session of all servers costs most, and the bucket grows by the same measure', () => {
  const weights = { tokens: '10', weight_enabled: 'true', fill_time: '1000000' }
  expect(admitted(throttle(weights), 'newGlobal', 100)).toBe(10)
  expect(admitted(throttle(weights), 'renewed', 100)).toBe(15)
  expect(admitted(throttle(weights), 'newLocal', 100)).toBe(30)
  const own = { ...weights, global_session_weight: '5', renew_session_weight: '4', local_session_weight: '2' }
  expect(admitted(throttle(own), 'newGlobal', 100)).toBe(10)
  expect(admitted(throttle(own), 'renewed', 100)).toBe(12)
  expect(admitted(throttle(own), 'newLocal', 100)).toBe(25)
})

test('a local weight above the others raises them', () => {
  const lines = { tokens: '10', weight_enabled: 'true', local_session_weight: '10', fill_time: '1000000' }
  expect(admitted(throttle(lines), 'renewed', 100)).toBe(10)
})

test('with a freeze time the chance of failing rises while the bucket is empty, and falls when it is full again', () => {
  const lines = { tokens: '1', fill_time: '1000', freeze_time: '10', drop_increase: '0.25', drop_decrease: '0.125' }
  const bucket = throttle(lines)
  expect(bucket.admits('newGlobal', 0)).toBe(true)
  expect(bucket.dropProbability).toBe(0)
  bucket.admits('newGlobal', 11)
  expect(bucket.dropProbability).toBe(0.25)
  bucket.admits('newGlobal', 15) // not frozen for long enough
  expect(bucket.dropProbability).toBe(0.25)
  bucket.admits('newGlobal', 27)
  expect(bucket.dropProbability).toBe(0.5)
  bucket.admits('newGlobal', 5_000)
  expect(bucket.dropProbability).toBe(0.375)
})

test('while the chance of failing is certain nobody passes, though the bucket has filled', () => {
  const bucket = throttle({ tokens: '5', fill_time: '100', fill_count: '5', freeze_time: '10', drop_increase: '1' })
  expect(admitted(bucket, 'newGlobal', 5)).toBe(5)
  bucket.admits('newGlobal', 50)
  expect(bucket.dropProbability).toBe(1)
  expect(bucket.admits('newGlobal', 55)).toBe(false) // not adapted so soon
  expect(bucket.admits('newGlobal', 101)).toBe(false) // full, but the chance falls by little
})

test('decrease_ratio says how much may be missing when the chance falls', () => {
  const lines = {
    tokens: '10',
    fill_time: '100',
    fill_count: '5',
    freeze_time: '1',
    drop_increase: '1',
    drop_decrease: '1',
  }
  for (const [ratio, probability] of [
    ['0', 1],
    ['0.5', 0],
  ] as const) {
    const bucket = throttle({ ...lines, decrease_ratio: ratio })
    admitted(bucket, 'newGlobal', 10)
    bucket.admits('newGlobal', 50)
    expect(bucket.dropProbability).toBe(1)
    bucket.admits('newGlobal', 101) // half full
    expect(bucket.dropProbability).toBe(probability)
  }
})

test('a handshake that is turned away closes without a byte and counts as a rejected connection', () => {
  const server = new FakeServer({ connection_throttle_tokens: '1', connection_throttle_fill_time: '60000' })
  server.connect()
  const client = server.accept()
  client.sendConnect({})
  server.apply()
  expect(client.connection.closed).toBe('destroyed')
  expect(client.connection.written).toEqual([])
  expect(server.sessions.statistics.counters.connectionsRejected).toBe(1)
})
