import { expect, test } from 'vitest'
import { allKnobs, findKnob, ownKnobs, suggestKey } from '../../src/zoocfg/catalogue.ts'
import { engineSupport } from '../../src/zoocfg/engine-support.ts'

test('every key stands once', () => {
  const keys = allKnobs().map(({ key }) => key)
  expect(new Set(keys).size).toBe(keys.length)
  expect(keys).toHaveLength(278)
})

test('the own keys are none of Apache and carry the name of zktune', () => {
  for (const { key } of ownKnobs()) {
    expect(key).toMatch(/^zktune\./)
    expect(findKnob(key)?.group).toBe('zktune')
  }
})

test('an enum lists its words, and its default is one of them', () => {
  for (const knob of [...allKnobs(), ...ownKnobs()]) {
    if (knob.type !== 'enum') continue
    expect(knob.words?.length, knob.key).toBeGreaterThan(0)
    if (knob.default !== undefined) expect(knob.words, knob.key).toContain(String(knob.default))
  }
})

test('a numbered key is found by its family', () => {
  expect(findKnob('server.12')?.key).toBe('server.N')
  expect(findKnob('weight.3')?.key).toBe('weight.N')
  expect(findKnob('authProvider.1')?.key).toBe('authProvider.N')
  expect(findKnob('servers.1')).toBeNull()
})

test.each([
  ['ticktime', 'tickTime'],
  ['zookeeper.tickTime', 'tickTime'],
  ['zookeeper.ticktime', 'tickTime'],
  ['Server.1', 'server.1'],
  ['server_2', 'server.2'],
  ['connectionMaxTokens', 'connection_throttle_tokens'],
  ['autopurge.snapRetaincount', 'autopurge.snapRetainCount'],
  ['something.else.entirely', null],
])('%s was meant to be %s', (key, meant) => {
  expect(suggestKey(key)).toBe(meant)
})

test.each([
  ['tickTime', null],
  ['server.3', null],
  ['jute.maxbuffer', null],
  ['sasl.serverconfig', 'not-yet'],
  ['nio.numWorkerThreads', 'apache-internal'],
  ['netty.advancedFlowControl.enabled', 'netty'],
  ['jvm.pause.monitor', 'jvm'],
  ['httpVersion', 'no-effect'],
  ['oraclePath', 'by-design'],
  ['zktune.quorrum', 'unknown'],
  ['clientCnxnSocket', 'client-side'],
  ['tickTme', 'unknown'],
])('why the engine does not act on %s: %s', (key, why) => {
  const support = engineSupport(key)
  expect(support.honoured ? null : support.why).toBe(why)
})
