import fc from 'fast-check'
import { expect, test } from 'vitest'
import { halvesOf, sessionIdOf, sessionKey, sessionText } from '../../src/kernel/session-id.ts'

test('an id survives being split into halves', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (id) => {
      const { high, low } = halvesOf(id)
      expect(sessionIdOf(high, low)).toBe(id)
    }),
  )
})

test('the key is a safe integer that tells ids apart by their low 53 bits', () => {
  expect(sessionKey(-1, -1)).toBe(Number.MAX_SAFE_INTEGER)
  expect(sessionKey(0x01000000, 5)).toBe(sessionKey(0x02000000, 5))
  expect(sessionKey(0x01000001, 5)).not.toBe(sessionKey(0x01000000, 5))
})

test('the text is that of the four letter words', () => {
  const { high, low } = halvesOf(0x1000013da5a000an)
  expect(sessionText(high, low)).toBe('0x1000013da5a000a')
  expect(sessionText(-1, -2)).toBe('0xfffffffffffffffe')
})
