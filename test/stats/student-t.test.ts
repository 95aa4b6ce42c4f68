import { expect, test } from 'vitest'
import { studentT } from '../../src/stats/student-t.ts'

test.each([
  // Two-sided: from printed tables of Student's t.
  [0.05, 1, 12.706],
  [0.05, 2, 4.303],
  [0.05, 3, 3.182],
  [0.05, 4, 2.776],
  [0.05, 8, 2.306],
  [0.05, 30, 2.042],
  [0.05, 1_000, 1.962],
  [0.01, 2, 9.925],
  [0.01, 5, 4.032],
  [0.01, 10, 3.169],
  [0.5, 10, 0.7],
])('t of %d with %d degrees of freedom', (twoSided, degrees, value) => {
  expect(studentT(twoSided, degrees)).toBeCloseTo(value, 2)
})

test('what does not exist is refused', () => {
  expect(() => studentT(0.05, 0)).toThrow(RangeError)
  expect(() => studentT(1, 3)).toThrow(RangeError)
})
