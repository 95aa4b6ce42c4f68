import { expect, test } from 'vitest'

import { agreementOf } from '../../bench/transfer/agreement.ts'
import { kendallTau } from '../../bench/transfer/kendall-tau.ts'

test('tau is 1 for one order, -1 for the reverse, and counts ties', () => {
  expect(kendallTau([1, 2, 3], [10, 20, 30])).toBe(1)
  expect(kendallTau([1, 2, 3], [3, 2, 1])).toBe(-1)
  // R: cor(c(1,2,2,3), c(1,3,2,4), method = "kendall") is 0.9128709.
  expect(kendallTau([1, 2, 2, 3], [1, 3, 2, 4])).toBeCloseTo(0.9128709, 6)
  expect(kendallTau([1], [1])).toBeNull()
})

test('pairs count as agreeing when what differs enough on one engine differs the same way on the other', () => {
  const three = [
    { builtin: 100, apache: 10 },
    { builtin: 200, apache: 9 },
    { builtin: 420, apache: 30 },
  ]
  expect(agreementOf(three, 1)).toEqual({ agreeing: 2, pairs: 3 })
  expect(agreementOf(three, 2.05)).toEqual({ agreeing: 2, pairs: 2 })
  expect(agreementOf(three.slice(0, 1), 1)).toEqual({ agreeing: 0, pairs: 0 })
})
